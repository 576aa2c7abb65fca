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
package io.github.djltcnn.zoo;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.models.ModelInfo;
import java.util.List;
import java.util.Map;

/**
 * What is known of a model that ships with the zoo.
 *
 * @param name the name, for {@link TcnnZoo#load}
 * @param data what it was trained on
 * @param input the shape of an input, a batch of one
 * @param labels its classes
 * @param accuracy the share of test pictures that it recognises
 * @param accuracyOn which test pictures
 * @param parameters the number of parameters, running statistics included
 * @param multiplyAdds the multiply-adds of a prediction of one picture
 * @param recipe the program that trained it, and its options
 * @param seed the seed of the training
 * @param version the version of the artifact
 * @since 0.1.0
 */
public record TrainedModel(
        String name,
        String data,
        Shape input,
        List<String> labels,
        double accuracy,
        String accuracyOn,
        long parameters,
        long multiplyAdds,
        String recipe,
        String seed,
        String version) {

    /**
     * Makes the list unmodifiable.
     *
     * @param name the name, for {@link TcnnZoo#load}
     * @param data what it was trained on
     * @param input the shape of an input, a batch of one
     * @param labels its classes
     * @param accuracy the share of test pictures that it recognises
     * @param accuracyOn which test pictures
     * @param parameters the number of parameters, running statistics included
     * @param multiplyAdds the multiply-adds of a prediction of one picture
     * @param recipe the program that trained it, and its options
     * @param seed the seed of the training
     * @param version the version of the artifact
     */
    public TrainedModel {
        labels = List.copyOf(labels);
    }

    static TrainedModel of(String version, Model model) {
        ModelInfo info = ModelInfo.of(model);
        ModelSummary summary = ModelSummary.of(model.getBlock(), info.input());
        Map<String, String> provenance = info.provenance();
        String accuracy = provenance.getOrDefault("accuracy", "");
        int end = accuracy.indexOf(" on ");
        double share = Double.NaN;
        try {
            share = Double.parseDouble(end < 0 ? accuracy : accuracy.substring(0, end));
        } catch (NumberFormatException e) {
            // nobody measured it
        }
        return new TrainedModel(
                info.name(),
                provenance.getOrDefault("data", "?"),
                info.input(),
                info.labels(),
                share,
                end < 0 ? "?" : accuracy.substring(end + 4),
                summary.parameters(),
                summary.macs(),
                program(provenance),
                provenance.getOrDefault("seed", "?"),
                version);
    }

    private static String program(Map<String, String> provenance) {
        String program = provenance.getOrDefault("program", "?");
        return program.substring(program.lastIndexOf('.') + 1)
                + " "
                + provenance.getOrDefault("options", "");
    }
}
