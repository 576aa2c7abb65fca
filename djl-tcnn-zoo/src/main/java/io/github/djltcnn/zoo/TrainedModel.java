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
import ai.djl.repository.Artifact;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.models.ModelInfo;
import java.util.List;
import java.util.Map;

/**
 * What is known of a model that ships with the zoo.
 *
 * @param name the name, for {@link TcnnZoo#load}
 * @param dataset the short name of what it was trained on, the filter {@code dataset} of {@code
 *     Criteria}, such as {@code fashionmnist}
 * @param data what it was trained on, in words
 * @param input the shape of an input, a batch of one
 * @param labels its classes
 * @param accuracy the share of test pictures that it recognises
 * @param accuracyOn which test pictures
 * @param parameters the number of parameters, running statistics included
 * @param multiplyAdds the multiply-adds of a prediction of one picture
 * @param bytes the bytes of its files
 * @param latency the time of a prediction of one picture on one thread of a CPU, as a multiple of
 *     that of the dense ResNet-20 on the same picture; measured when the model was shipped; NaN if
 *     nobody measured it
 * @param recipe the program that trained it, and its options
 * @param seed the seed of the training
 * @param version the version of the artifact
 * @since 0.1.0
 */
public record TrainedModel(
        String name,
        String dataset,
        String data,
        Shape input,
        List<String> labels,
        double accuracy,
        String accuracyOn,
        long parameters,
        long multiplyAdds,
        long bytes,
        double latency,
        String recipe,
        String seed,
        String version) {

    private static final double FAST = 0.8;
    private static final double SLOW = 1.25;

    /**
     * Makes the list unmodifiable.
     *
     * @param name the name, for {@link TcnnZoo#load}
     * @param dataset the short name of what it was trained on
     * @param data what it was trained on, in words
     * @param input the shape of an input, a batch of one
     * @param labels its classes
     * @param accuracy the share of test pictures that it recognises
     * @param accuracyOn which test pictures
     * @param parameters the number of parameters, running statistics included
     * @param multiplyAdds the multiply-adds of a prediction of one picture
     * @param bytes the bytes of its files
     * @param latency the time of a prediction, as a multiple of that of the dense ResNet-20
     * @param recipe the program that trained it, and its options
     * @param seed the seed of the training
     * @param version the version of the artifact
     */
    public TrainedModel {
        labels = List.copyOf(labels);
    }

    /**
     * Returns the class of its latency: {@code fast} below 0.8 of the time of the dense ResNet-20,
     * {@code slow} above 1.25, {@code medium} between; {@code ?} if nobody measured it.
     *
     * @return the class
     */
    public String latencyClass() {
        if (Double.isNaN(latency)) {
            return "?";
        }
        return latency < FAST ? "fast" : latency > SLOW ? "slow" : "medium";
    }

    static TrainedModel of(Artifact artifact, Model model) {
        ModelInfo info = ModelInfo.of(model);
        ModelSummary summary = ModelSummary.of(model.getBlock(), info.input());
        Map<String, String> provenance = info.provenance();
        String accuracy = provenance.getOrDefault("accuracy", "");
        int end = accuracy.indexOf(" on ");
        return new TrainedModel(
                info.name(),
                artifact.getProperties().getOrDefault("dataset", "?"),
                provenance.getOrDefault("data", "?"),
                info.input(),
                info.labels(),
                number(end < 0 ? accuracy : accuracy.substring(0, end)),
                end < 0 ? "?" : accuracy.substring(end + 4),
                summary.parameters(),
                summary.macs(),
                artifact.getFiles().values().stream().mapToLong(Artifact.Item::getSize).sum(),
                number(provenance.getOrDefault("latency", "")),
                program(provenance),
                provenance.getOrDefault("seed", "?"),
                artifact.getVersion());
    }

    /** What nobody measured is no number. */
    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static String program(Map<String, String> provenance) {
        String program = provenance.getOrDefault("program", "?");
        return program.substring(program.lastIndexOf('.') + 1)
                + " "
                + provenance.getOrDefault("options", "");
    }
}
