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

import ai.djl.Device;
import io.github.djltcnn.contraction.internal.cost.Filling;
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
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Predicts how long a step takes on a device. For each kind of step and each direction it has a
 * time per call, per multiply-add, per byte, and per byte that does not fit the cache:
 *
 * <pre>seconds = call + mac * multiply-adds + byte * bytes + spilled * max(0, bytes - 2 MiB)</pre>
 *
 * times a correction from steps of that kind that were timed and are near in size. A device that
 * computes in blocks of channels, as tensor cores do, has its multiply-adds counted in whole
 * blocks. Immutable; two models are equal if all their numbers are.
 *
 * <p>As a file a model is a list of properties, for each kind of step {@code KIND.forward} and
 * {@code KIND.backward} with the four coefficients in the order above, in seconds, and, where there
 * is something to say, {@code KIND.filling} (channels in and out of a block, what both must be
 * multiples of, what a multiply-add counts if they are not) and {@code KIND.timed} (rows of nine
 * numbers, separated by semicolons: channels in, channels out, groups, batch, positions, taps,
 * whether small, and the logarithms of measured over predicted seconds, forward and backward).
 *
 * @since 0.1.0
 */
public final class CostModel {

    private static final String FORWARD = ".forward";
    private static final String BACKWARD = ".backward";
    private static final String FILLING = ".filling";
    private static final String TIMED = ".timed";

    /** The largest file that is read, in bytes; those that come along have 100 thousand. */
    private static final long MOST_BYTES = 32L << 20;

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
     * cores, whichever is nearer; for every other device those fitted to plans that were measured
     * on an NVIDIA H200, whose convolutions compute in TF32 and whose matrix products do not, as
     * torch has it by default. With TF32 switched off, and on other devices, nothing was measured:
     * {@link io.github.djltcnn.tuning.CostCalibration} measures the device as it is set.
     *
     * @param device the device
     * @param threads the number of threads, if it is a CPU
     * @return the model
     */
    public static CostModel standard(Device device, int threads) {
        boolean cpu = device.equals(Device.cpu());
        return !cpu ? Shipped.GPU : threads > 1 ? Shipped.TWO_CORES : Shipped.ONE_CORE;
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
     * @throws IllegalArgumentException if it is no cost model: a coefficient is missing, is no
     *     time, or belongs to no kind of step
     */
    public static CostModel load(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MOST_BYTES) {
            throw new IllegalArgumentException(
                    file + " is no cost model: it has " + size + " bytes, at most " + MOST_BYTES);
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            return load(reader);
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " is no cost model: " + e.getMessage(), e);
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
     * @throws IllegalArgumentException if one is missing, is no time, or belongs to no kind of step
     */
    public static CostModel fromProperties(Properties properties) {
        Set<String> unknown = new TreeSet<>(properties.stringPropertyNames());
        Map<Operation, StepCost> entries = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            String forward = operation.name() + FORWARD;
            String backward = operation.name() + BACKWARD;
            String filling = operation.name() + FILLING;
            String timed = operation.name() + TIMED;
            entries.put(
                    operation,
                    new StepCost(
                            Rate.parse(forward, properties.getProperty(forward)),
                            Rate.parse(backward, properties.getProperty(backward)),
                            Filling.parse(filling, properties.getProperty(filling)),
                            Neighbours.parse(timed, properties.getProperty(timed, ""))));
            unknown.removeAll(Set.of(forward, backward, filling, timed));
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "A cost model has nothing named \""
                            + unknown.iterator().next()
                            + "\"; its kinds of steps are "
                            + Stream.of(Operation.values()).map(Enum::name).toList());
        }
        return new CostModel(entries);
    }

    /**
     * Returns the coefficients as text.
     *
     * @return for each kind of step the rate of each direction, how its multiply-adds are counted
     *     and the steps that were timed, exactly: {@link #fromProperties} makes an equal model of
     *     them
     */
    public Properties toProperties() {
        Properties properties = new Properties();
        entries.forEach(
                (operation, entry) -> {
                    properties.setProperty(operation.name() + FORWARD, entry.forward().toString());
                    properties.setProperty(
                            operation.name() + BACKWARD, entry.backward().toString());
                    if (!entry.filling().equals(Filling.NONE)) {
                        properties.setProperty(
                                operation.name() + FILLING, entry.filling().toString());
                    }
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
        return other instanceof CostModel that && entries.equals(that.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    /** Returns how many kinds of steps and timed steps the model is made of. */
    @Override
    public String toString() {
        int timed = entries.values().stream().mapToInt(e -> e.timed().rows().size()).sum();
        return "CostModel[" + entries.size() + " kinds of steps, " + timed + " timed steps]";
    }
}
