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
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Brings weights of other frameworks into a model.
 *
 * @since 0.1.0
 */
public final class WeightImport {

    private WeightImport() {}

    /**
     * Copies the weights of a safetensors file into a model. Every parameter must be in the file
     * with its shape, and nothing else; if anything does not fit, no parameter changes.
     *
     * @param block an initialised model
     * @param file the file
     * @param names how the file calls the parameters
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not well-formed, or does not fit: names that are
     *     missing, unexpected, or of another shape are listed together
     */
    public static void fromSafetensors(Block block, Path file, NameMap names)
            throws IOException, MalformedModelException {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(block).entrySet()) {
            parameters.put(
                    names.fileName(entry.getKey(), entry.getValue().getType()), entry.getValue());
        }
        try (Safetensors tensors = Safetensors.open(file)) {
            check(file, tensors, parameters, names);
            for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
                NDArray target = entry.getValue().getArray();
                try (NDManager manager = target.getManager().newSubManager()) {
                    NDArray values = tensors.read(entry.getKey(), manager);
                    values.toType(target.getDataType(), false)
                            .toDevice(target.getDevice(), false)
                            .copyTo(target);
                }
            }
        }
    }

    private static void check(
            Path file, Safetensors tensors, Map<String, Parameter> parameters, NameMap names)
            throws MalformedModelException {
        List<String> missing = new ArrayList<>();
        List<String> shapes = new ArrayList<>();
        for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
            Shape found = tensors.shape(entry.getKey());
            Shape expected = entry.getValue().getArray().getShape();
            if (found == null) {
                missing.add(entry.getKey());
            } else if (!found.equals(expected)) {
                shapes.add(entry.getKey() + " " + found + " instead of " + expected);
            }
        }
        Set<String> unexpected = new TreeSet<>(tensors.names());
        unexpected.removeAll(parameters.keySet());
        unexpected.removeIf(names::isIgnored);
        if (!missing.isEmpty() || !shapes.isEmpty() || !unexpected.isEmpty()) {
            throw new MalformedModelException(
                    file.getFileName()
                            + " does not fit the model. Missing: "
                            + missing
                            + "; of another shape: "
                            + shapes
                            + "; unexpected: "
                            + unexpected);
        }
    }
}
