/*
 * Copyright 2026 The djl-tcnn authors
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package io.github.djltcnn.models.internal;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.common.internal.GivenArray;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.nn.TensorialBlock;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The arrays of a saved folder, which become the parameters of the model that is built of it. */
public final class SavedArrays {

    private final Structure structure;
    private final Safetensors tensors;

    SavedArrays(Structure structure, Safetensors tensors) {
        this.structure = structure;
        this.tensors = tensors;
    }

    /**
     * Initializes a tree with the arrays of the file, each of the shape that its parameter has,
     * none left over.
     *
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if a number is of another type, or not finite
     * @throws StructureBuilder.BadLayerException if a parameter has no array of its shape
     */
    void fill(Block block, NDManager manager) throws IOException, MalformedModelException {
        Map<String, NDArray> arrays = new HashMap<>();
        Set<Parameter> given = Collections.newSetFromMap(new IdentityHashMap<>());
        try {
            for (String name : tensors.names()) {
                NDArray array = widened(tensors.read(name, manager));
                arrays.put(name, array);
                checkValues(name, array);
            }
            Map<String, NDArray> left = new TreeMap<>(arrays);
            give("", block, left, given);
            block.initialize(manager, structure.dataType(), structure.input());
            if (!left.isEmpty()) {
                throw new StructureBuilder.BadLayerException(
                        left.keySet().iterator().next(), "the model has no parameter of this name");
            }
            forget(block);
        } catch (IOException | MalformedModelException | RuntimeException e) {
            arrays.values().forEach(NDArray::close);
            throw e;
        }
    }

    /** A file may keep in half precision what the model has in full. */
    private NDArray widened(NDArray array) {
        if (array.getDataType() != DataType.FLOAT16 || structure.dataType() == DataType.FLOAT16) {
            return array;
        }
        try (array) {
            return array.toType(structure.dataType(), true);
        }
    }

    private void checkValues(String name, NDArray array) throws MalformedModelException {
        String problem = null;
        if (array.getDataType() != structure.dataType()) {
            problem = " is " + array.getDataType() + ", the model " + structure.dataType();
        } else if (structure.finite() && !isFinite(array)) {
            problem = " has values that are not finite";
        }
        if (problem != null) {
            throw new MalformedModelException(
                    structure.parameterFile() + ": layer " + name + problem);
        }
    }

    /** Whether all numbers of an array are finite. */
    public static boolean isFinite(NDArray array) {
        if (array.size() == 0) {
            return true;
        }
        try (NDArray most = array.abs();
                NDArray scalar = most.max();
                NDArray wide = scalar.toType(DataType.FLOAT64, true)) {
            return Double.isFinite(wide.getDouble());
        }
    }

    /** Lets every parameter be initialised with its array, and with nothing else. */
    private static void give(
            String path, Block block, Map<String, NDArray> arrays, Set<Parameter> given) {
        for (Parameter parameter : block.getDirectParameters().values()) {
            if (given.add(parameter)) {
                String name = path.isEmpty() ? "" : path + ".";
                if (isPlaceholder(block, parameter)) {
                    // It stands for all cores, which ask for their arrays in order.
                    AtomicInteger core = new AtomicInteger();
                    GivenArray next =
                            (m, shape, type) ->
                                    take(name + "core" + core.incrementAndGet(), shape, arrays);
                    parameter.setInitializer(next);
                } else {
                    GivenArray own =
                            (m, shape, type) -> take(name + parameter.getName(), shape, arrays);
                    parameter.setInitializer(own);
                }
            }
        }
        for (Pair<String, Block> child : block.getChildren()) {
            give(BlockTree.path(path, block, child.getKey()), child.getValue(), arrays, given);
        }
    }

    private static boolean isPlaceholder(Block block, Parameter parameter) {
        return block instanceof TensorialBlock && parameter.getType() == Parameter.Type.WEIGHT;
    }

    private static NDArray take(String name, Shape shape, Map<String, NDArray> arrays) {
        NDArray array = arrays.remove(name);
        if (array == null) {
            throw new StructureBuilder.BadLayerException(
                    name, "the file has no parameter of this name");
        }
        if (!array.getShape().equals(shape)) {
            throw new StructureBuilder.BadLayerException(
                    name,
                    "has shape " + array.getShape() + " in the file, the model needs " + shape);
        }
        return array;
    }

    /** Later initialisations, of cleared parameters, draw as usual. */
    private static void forget(Block block) {
        for (Parameter parameter : block.getDirectParameters().values()) {
            parameter.setInitializer(
                    isPlaceholder(block, parameter)
                            ? TensorialInitializer.fanIn()
                            : parameter.getType().getInitializer());
        }
        block.getChildren().values().forEach(SavedArrays::forget);
    }
}
