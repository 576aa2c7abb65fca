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
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.github.djltcnn.models.internal.ModelFolder;
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.models.internal.Roots;
import io.github.djltcnn.models.internal.Structure;
import io.github.djltcnn.nn.NormalizedInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a model says of itself: what its inputs and outputs mean, and where it comes from. All of it
 * goes from loading through conversion and training to saving, and is changed by {@link
 * TensorialModels#setLabels}, {@link TensorialModels#setNormalization} and {@link SaveOptions}.
 *
 * @param name the name
 * @param input the shape of an input, a batch of one
 * @param output the shape of its output
 * @param labels the names of the classes; empty if there are none
 * @param mean what the model subtracts from pixels between 0 and 1, per channel or one number for
 *     all; empty if it takes its input as it is
 * @param deviation what it divides by
 * @param provenance where the model comes from: what {@link SaveOptions#optProvenance} said. Each
 *     entry is also a property of the model, {@code provenance.KEY}
 * @since 0.1.0
 */
public record ModelInfo(
        String name,
        Shape input,
        Shape output,
        List<String> labels,
        List<Float> mean,
        List<Float> deviation,
        Map<String, String> provenance) {

    /**
     * Makes lists and map unmodifiable.
     *
     * @param name the name
     * @param input the shape of an input
     * @param output the shape of its output
     * @param labels the names of the classes
     * @param mean the means
     * @param deviation the standard deviations
     * @param provenance where the model comes from
     */
    public ModelInfo {
        labels = List.copyOf(labels);
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        provenance = java.util.Collections.unmodifiableMap(new TreeMap<>(provenance));
    }

    /**
     * Asks a model.
     *
     * @param model an initialised model
     * @return what it says
     * @throws IllegalArgumentException if it has no initialised block of one input
     */
    public static ModelInfo of(Model model) {
        Block block = model.getBlock();
        if (block == null || !block.isInitialized() || block.getInputShapes() == null) {
            throw new IllegalArgumentException(
                    "The model " + model.getName() + " has no initialised block");
        }
        long[] sizes = block.getInputShapes()[0].getShape().clone();
        if (sizes.length > 1) {
            sizes[0] = 1;
        }
        Shape input = new Shape(sizes);
        NormalizedInput normalised = Roots.normalised(block);
        return new ModelInfo(
                model.getName(),
                input,
                new Shape(block.getOutputShapes(new Shape[] {input})[0].getShape()),
                ModelProperties.labels(model),
                normalised == null ? List.of() : list(normalised.getMean()),
                normalised == null ? List.of() : list(normalised.getDeviation()),
                ModelProperties.provenance(model));
    }

    /**
     * Asks a saved folder. Its files are checked, no model is built.
     *
     * @param folder the folder
     * @return what the model says
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if a file was changed
     */
    public static ModelInfo read(Path folder) throws IOException, MalformedModelException {
        try (ModelFolder.Opened opened = ModelFolder.open(folder)) {
            Structure structure = opened.structure();
            return new ModelInfo(
                    structure.name(),
                    structure.input(),
                    structure.output(),
                    opened.labels(),
                    structure.mean(),
                    structure.deviation(),
                    structure.provenance());
        }
    }

    /** The number of classes; -1 if the model cannot say. */
    static long outputs(Model model) {
        Block block = model.getBlock();
        if (block == null || !block.isInitialized() || block.getInputShapes() == null) {
            return -1;
        }
        Shape output = block.getOutputShapes(block.getInputShapes())[0];
        return output.dimension() == 2 ? output.get(1) : -1;
    }

    private static List<Float> list(float[] numbers) {
        List<Float> list = new ArrayList<>();
        for (float number : numbers) {
            list.add(number);
        }
        return list;
    }
}
