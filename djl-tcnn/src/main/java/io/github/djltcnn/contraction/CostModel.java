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

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import java.util.Random;

/**
 * How long a step takes on a device: for each kind of step and each direction a time per call, per
 * multiply-add, per byte, and per byte that does not fit the cache. Immutable.
 *
 * @since 0.1.0
 */
public final class CostModel {

    /** Bytes of one step that stay in cache; what is above counts as spilled. */
    static final double CACHE = 2 << 20;

    private static final String FORWARD = ".forward";
    private static final String BACKWARD = ".backward";

    private final Map<Operation, Rate> forward;
    private final Map<Operation, Rate> backward;

    CostModel(Map<Operation, Rate> forward, Map<Operation, Rate> backward) {
        this.forward = new EnumMap<>(forward);
        this.backward = new EnumMap<>(backward);
    }

    /** The measured default, kept as it is read once. */
    private static final class Standard {
        private static final CostModel CPU = load("cost-cpu.properties");

        private static CostModel load(String resource) {
            Properties properties = new Properties();
            try (InputStream stream = CostModel.class.getResourceAsStream(resource)) {
                properties.load(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return fromProperties(properties);
        }
    }

    /**
     * Returns the coefficients measured on one core of an AVX2 machine.
     *
     * @return the model
     */
    public static CostModel standard() {
        return Standard.CPU;
    }

    /**
     * The coefficients of one kind of step in one direction.
     *
     * @param call seconds per call
     * @param mac seconds per multiply-add
     * @param cached seconds per byte
     * @param spilled further seconds per byte beyond the cache
     */
    record Rate(double call, double mac, double cached, double spilled) {

        double seconds(double macs, double bytes) {
            return call + mac * macs + cached * bytes + spilled * Math.max(0, bytes - CACHE);
        }

        Rate times(double factor) {
            return new Rate(call * factor, mac * factor, cached * factor, spilled * factor);
        }

        Rate faster(double arithmetic, double memory) {
            return new Rate(call, mac / arithmetic, cached / memory, spilled / memory);
        }
    }

    /**
     * Reads coefficients.
     *
     * @param properties what {@link #toProperties()} has written
     * @return the model
     * @throws IllegalArgumentException if one is missing or is no number
     */
    public static CostModel fromProperties(Properties properties) {
        Map<Operation, Rate> forward = new EnumMap<>(Operation.class);
        Map<Operation, Rate> backward = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            forward.put(operation, read(properties, operation.name() + FORWARD));
            backward.put(operation, read(properties, operation.name() + BACKWARD));
        }
        return new CostModel(forward, backward);
    }

    private static Rate read(Properties properties, String key) {
        String value = properties.getProperty(key);
        String[] parts = value == null ? new String[0] : value.trim().split("\\s+");
        if (parts.length != 4) {
            throw new IllegalArgumentException(
                    "A cost model needs \""
                            + key
                            + "\" as four numbers (seconds per call, per multiply-add, per byte,"
                            + " per spilled byte), got "
                            + value);
        }
        try {
            return new Rate(
                    Double.parseDouble(parts[0]),
                    Double.parseDouble(parts[1]),
                    Double.parseDouble(parts[2]),
                    Double.parseDouble(parts[3]));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "\"" + key + "\" has something else than numbers: " + value, e);
        }
    }

    /**
     * Returns the coefficients as text.
     *
     * @return one entry per kind of step and direction
     */
    public Properties toProperties() {
        Properties properties = new Properties();
        for (Operation operation : Operation.values()) {
            properties.setProperty(operation.name() + FORWARD, write(forward.get(operation)));
            properties.setProperty(operation.name() + BACKWARD, write(backward.get(operation)));
        }
        return properties;
    }

    private static String write(Rate rate) {
        return rate.call + " " + rate.mac + " " + rate.cached + " " + rate.spilled;
    }

    /** A model whose rates are off by random factors, each kind of step by one of its own. */
    CostModel perturbed(Random random, double deviation) {
        return new CostModel(
                perturbed(forward, random, deviation), perturbed(backward, random, deviation));
    }

    private static Map<Operation, Rate> perturbed(
            Map<Operation, Rate> rates, Random random, double deviation) {
        Map<Operation, Rate> others = new EnumMap<>(Operation.class);
        rates.forEach(
                (operation, rate) ->
                        others.put(
                                operation,
                                rate.times(Math.exp(deviation * random.nextGaussian()))));
        return others;
    }

    /** The predicted seconds of a step, with its share of the backward pass if training. */
    double seconds(Work work, boolean training) {
        double seconds = forward.get(work.operation()).seconds(work.forward(), work.bytes());
        if (training) {
            seconds += backward.get(work.operation()).seconds(work.backward(), work.bytes());
        }
        return seconds;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CostModel that
                && forward.equals(that.forward)
                && backward.equals(that.backward);
    }

    @Override
    public int hashCode() {
        return 31 * forward.hashCode() + backward.hashCode();
    }

    @Override
    public String toString() {
        return toProperties().toString();
    }
}
