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
package io.github.djltcnn.models;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.models.internal.Safetensors;
import io.github.djltcnn.models.internal.SavedArrays;
import io.github.djltcnn.nn.TensorialBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Brings weights of other frameworks into a model.
 *
 * @since 0.1.0
 */
public final class WeightImport {

    private WeightImport() {}

    /**
     * Copies the weights of a safetensors file into a model. Every parameter must be in the file
     * with its shape, and nothing else; if anything does not fit or cannot be read, no parameter
     * changes. Numbers of other types become those of the parameter; bfloat16 is read too.
     *
     * @param block an initialised model
     * @param file the file
     * @param names how the file calls the parameters; one array may fill several parameters
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not well-formed, or does not fit: names that are
     *     missing, unexpected, or of another shape or an unreadable type are listed together
     */
    public static void fromSafetensors(Block block, Path file, NameMap names)
            throws IOException, MalformedModelException {
        fromSafetensors(block, file, names, path -> false);
    }

    /**
     * Copies the weights of a safetensors file into a part of a model, as when the model has
     * another head or other input channels than the one in the file.
     *
     * <pre>{@code
     * WeightImport.fromSafetensors(block, file, names, path -> path.startsWith("head."));
     * }</pre>
     *
     * @param block an initialised model
     * @param file the file
     * @param names how the file calls the parameters; one array may fill several parameters
     * @param skip the paths of the parameters that stay as they are; the file may have arrays of
     *     their names, of any shape
     * @return the paths of the parameters that were filled
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException as for a whole model
     */
    public static List<String> fromSafetensors(
            Block block, Path file, NameMap names, Predicate<String> skip)
            throws IOException, MalformedModelException {
        Map<String, List<Parameter>> targets = new LinkedHashMap<>();
        List<String> filled = new ArrayList<>();
        Set<String> skipped = new TreeSet<>();
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(block).entrySet()) {
            Parameter parameter = entry.getValue();
            String name = names.fileName(entry.getKey(), parameter.getType());
            if (skip.test(entry.getKey())) {
                skipped.add(name);
            } else if (!parameter.isInitialized()) {
                throw new IllegalArgumentException(
                        "The parameter " + entry.getKey() + " is not initialised");
            } else {
                targets.computeIfAbsent(name, n -> new ArrayList<>()).add(parameter);
                filled.add(entry.getKey());
            }
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "Nothing is left to import: every parameter is skipped");
        }
        try (Safetensors tensors = Safetensors.open(file)) {
            check(file, tensors, targets, skipped, names);
            copy(file, tensors, targets);
        }
        changed(block);
        return filled;
    }

    private static void check(
            Path file,
            Safetensors tensors,
            Map<String, List<Parameter>> targets,
            Set<String> skipped,
            NameMap names)
            throws MalformedModelException {
        List<String> missing = new ArrayList<>();
        List<String> shapes = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (Map.Entry<String, List<Parameter>> entry : targets.entrySet()) {
            String name = entry.getKey();
            Shape found = tensors.shape(name);
            if (found == null) {
                missing.add(name);
                continue;
            }
            for (Parameter parameter : entry.getValue()) {
                Shape expected = parameter.getArray().getShape();
                if (!found.equals(expected)) {
                    shapes.add(name + " " + found + " instead of " + expected);
                }
            }
            if (tensors.unreadable(name) != null) {
                types.add(name + " " + tensors.unreadable(name));
            }
        }
        Set<String> unexpected = new TreeSet<>(tensors.names());
        unexpected.removeAll(targets.keySet());
        unexpected.removeAll(skipped);
        unexpected.removeIf(names::isIgnored);
        if (!missing.isEmpty() || !shapes.isEmpty() || !types.isEmpty() || !unexpected.isEmpty()) {
            throw new MalformedModelException(
                    file.getFileName()
                            + " does not fit the model. Missing: "
                            + missing
                            + "; of another shape: "
                            + shapes
                            + (types.isEmpty() ? "" : "; of a type that cannot be read: " + types)
                            + "; unexpected: "
                            + unexpected
                            + ". Parameters that are to stay as they are can be skipped, names of"
                            + " the file that are of no use ignored by the NameMap");
        }
    }

    /** Everything is read before anything is written, so that a file that ends early harms none. */
    private static void copy(Path file, Safetensors tensors, Map<String, List<Parameter>> targets)
            throws IOException, MalformedModelException {
        NDManager owner = targets.values().iterator().next().get(0).getArray().getManager();
        try (NDManager manager = owner.newSubManager()) {
            Map<String, NDArray> values = new LinkedHashMap<>();
            for (String name : targets.keySet()) {
                values.put(name, tensors.read(name, manager));
            }
            for (Map.Entry<String, NDArray> entry : values.entrySet()) {
                for (Parameter parameter : targets.get(entry.getKey())) {
                    checkRange(file, entry.getKey(), entry.getValue(), parameter.getArray());
                }
            }
            for (Map.Entry<String, NDArray> entry : values.entrySet()) {
                for (Parameter parameter : targets.get(entry.getKey())) {
                    NDArray target = parameter.getArray();
                    entry.getValue()
                            .toType(target.getDataType(), false)
                            .toDevice(target.getDevice(), false)
                            .copyTo(target);
                }
            }
        }
    }

    /** A finite number may be infinite in a smaller type. */
    private static void checkRange(Path file, String name, NDArray value, NDArray target)
            throws MalformedModelException {
        DataType type = target.getDataType();
        if (!value.getDataType().isFloating() || value.getDataType() == type) {
            return;
        }
        try (NDArray converted = value.toType(type, true)) {
            if (SavedArrays.isFinite(value) && !SavedArrays.isFinite(converted)) {
                throw new MalformedModelException(
                        file.getFileName()
                                + ": "
                                + name
                                + " has numbers that are too large for "
                                + type
                                + ", the type of the model; make the model of a larger type");
            }
        }
    }

    /** Weights that were kept for predictions are of the old numbers. */
    private static void changed(Block block) {
        if (block instanceof TensorialBlock tensorial) {
            tensorial.coresChanged();
        }
        for (Pair<String, Block> child : block.getChildren()) {
            changed(child.getValue());
        }
    }
}
