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
package io.github.djltcnn.finetuning;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What became of the parameters of a model that was made for other pictures or classes.
 *
 * @param parameters every parameter of the new model, in the order in which they run
 * @param notes what else to know, one sentence each
 * @since 0.1.0
 */
public record TransferReport(List<Part> parameters, List<String> notes) {

    /**
     * What a parameter starts with.
     *
     * @since 0.1.0
     */
    public enum Start {
        /** The numbers of the old model. */
        TAKEN,
        /** Numbers that were made of those of the old model, for another number of channels. */
        ADAPTED,
        /** Numbers drawn by the initializer, as if there had been no old model. */
        FRESH
    }

    /**
     * A parameter.
     *
     * @param path its path, such as {@code head.linear.weight}
     * @param start what it starts with
     * @param shape its shape now
     * @since 0.1.0
     */
    public record Part(String path, Start start, Shape shape) {}

    /**
     * Makes the lists unmodifiable.
     *
     * @param parameters every parameter of the new model, in the order in which they run
     * @param notes what else to know, one sentence each
     */
    public TransferReport {
        parameters = List.copyOf(parameters);
        notes = List.copyOf(notes);
    }

    /**
     * Counts numbers.
     *
     * @param start what they start with
     * @return how many numbers of the new model start so
     */
    public long count(Start start) {
        return parameters.stream()
                .filter(part -> part.start() == start)
                .mapToLong(part -> part.shape().size())
                .sum();
    }

    /**
     * Lists paths.
     *
     * @param start what the parameters start with
     * @return the paths of the parameters that start so
     */
    public List<String> paths(Start start) {
        return parameters.stream().filter(part -> part.start() == start).map(Part::path).toList();
    }

    /** Returns the report in a few lines. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Start start : Start.values()) {
            long count = count(start);
            if (count > 0) {
                String how =
                        switch (start) {
                            case TAKEN -> "taken over";
                            case ADAPTED -> "adapted to the channels";
                            case FRESH -> "fresh";
                        };
                text.append(String.format(Locale.ROOT, "%s: %,d parameters", how, count));
                if (start != Start.TAKEN) {
                    text.append(paths(start).stream().collect(Collectors.joining(", ", " (", ")")));
                }
                text.append('\n');
            }
        }
        notes.forEach(note -> text.append(note).append('\n'));
        return text.toString().stripTrailing();
    }
}
