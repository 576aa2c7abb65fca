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
package io.github.djltcnn.contraction;

import io.github.djltcnn.contraction.internal.cost.Neighbours;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Rate;
import io.github.djltcnn.contraction.internal.cost.StepCost;
import io.github.djltcnn.contraction.internal.cost.Work;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * How long a step takes on a device: for each kind of step and each direction a time per call, per
 * multiply-add, per byte, and per byte that does not fit the cache, and what steps that were timed
 * took more or less than that. Immutable.
 *
 * @since 0.1.0
 */
public final class CostModel {

    private static final String FORWARD = ".forward";
    private static final String BACKWARD = ".backward";
    private static final String TIMED = ".timed";

    private final Map<Operation, StepCost> entries;

    private CostModel(Map<Operation, StepCost> entries) {
        this.entries = new EnumMap<>(entries);
    }

    /**
     * Creates a model. Of types internal to the library; others read models from properties.
     *
     * @param entries what is known of each kind of step, of all kinds
     * @return the model
     */
    public static CostModel of(Map<Operation, StepCost> entries) {
        return new CostModel(entries);
    }

    /**
     * Returns the coefficients that come with the library: for a CPU those measured on one or two
     * cores, whichever is nearer; for a GPU what the published peaks of the hardware let expect.
     *
     * @param gpu whether for a GPU
     * @param threads the number of threads of the CPU
     * @return the model
     */
    public static CostModel standard(boolean gpu, int threads) {
        return gpu ? Shipped.GPU : threads > 1 ? Shipped.TWO_CORES : Shipped.ONE_CORE;
    }

    /** The models in the jar, read when first asked for. */
    private static final class Shipped {
        private static final CostModel ONE_CORE = read("cost-cpu-1.properties");
        private static final CostModel TWO_CORES = read("cost-cpu-2.properties");
        private static final CostModel GPU = read("cost-gpu.properties");

        private static CostModel read(String resource) {
            try (InputStream stream = CostModel.class.getResourceAsStream(resource)) {
                return load(new InputStreamReader(stream, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Reads coefficients from a file that {@link io.github.djltcnn.tuning.CostCalibration} or
     * {@link #save(Path)} wrote.
     *
     * @param file the file
     * @return the model
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if a coefficient is missing or is no time
     */
    public static CostModel load(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file)) {
            return load(reader);
        }
    }

    private static CostModel load(Reader reader) throws IOException {
        Properties properties = new Properties();
        properties.load(reader);
        return fromProperties(properties);
    }

    /**
     * Writes the coefficients to a file, whole or not at all.
     *
     * @param file the file
     * @throws IOException if it cannot be written
     */
    public void save(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path aside = Files.createTempFile(file.toAbsolutePath().getParent(), "costs", ".part");
        try {
            Properties properties = toProperties();
            StringBuilder text = new StringBuilder();
            properties.stringPropertyNames().stream()
                    .sorted()
                    .forEach(
                            key ->
                                    text.append(key)
                                            .append(" = ")
                                            .append(properties.getProperty(key))
                                            .append(System.lineSeparator()));
            Files.writeString(aside, text);
            Files.move(
                    aside,
                    file,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /**
     * Reads coefficients.
     *
     * @param properties what {@link #toProperties()} has written
     * @return the model
     * @throws IllegalArgumentException if one is missing or is no time
     */
    public static CostModel fromProperties(Properties properties) {
        Map<Operation, StepCost> entries = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            String forward = operation.name() + FORWARD;
            String backward = operation.name() + BACKWARD;
            String timed = operation.name() + TIMED;
            entries.put(
                    operation,
                    new StepCost(
                            Rate.parse(forward, properties.getProperty(forward)),
                            Rate.parse(backward, properties.getProperty(backward)),
                            Neighbours.parse(timed, properties.getProperty(timed, ""))));
        }
        return new CostModel(entries);
    }

    /**
     * Returns the coefficients as text.
     *
     * @return for each kind of step the rate of each direction and the steps that were timed
     */
    public Properties toProperties() {
        Properties properties = new Properties();
        entries.forEach(
                (operation, entry) -> {
                    properties.setProperty(operation.name() + FORWARD, entry.forward().toString());
                    properties.setProperty(
                            operation.name() + BACKWARD, entry.backward().toString());
                    if (!entry.timed().rows().isEmpty()) {
                        properties.setProperty(operation.name() + TIMED, entry.timed().toString());
                    }
                });
        return properties;
    }

    /**
     * Returns what is known of one kind of step. Of types internal to the library.
     *
     * @param operation the kind
     * @return its rates and what timed steps took next to them
     */
    public StepCost stepCost(Operation operation) {
        return entries.get(operation);
    }

    /** The predicted seconds of a step, with its share of the backward pass if training. */
    double seconds(Work work, boolean training) {
        return entries.get(work.operation()).seconds(work, training);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CostModel that && toProperties().equals(that.toProperties());
    }

    @Override
    public int hashCode() {
        return Objects.hash(toProperties());
    }

    @Override
    public String toString() {
        return toProperties().toString();
    }
}
