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

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What evaluations are planned by: the objective, a limit of memory, the cost model, whether
 * candidates are timed, and how much is kept between predictions. Immutable, equal by value; every
 * {@code with} returns another one.
 *
 * @since 0.1.0
 */
public final class PlannerOptions {

    private static final String OBJECTIVE = "objective";
    private static final String MEMORY_LIMIT = "memoryLimit";
    private static final String AUTOTUNE = "autotune";
    private static final String KEPT_BYTES = "keptBytes";
    private static final String COST_MODEL = "costModel";
    private static final String COSTS = COST_MODEL + ".";

    private static final List<String> NAMES =
            List.of(OBJECTIVE, MEMORY_LIMIT, AUTOTUNE, KEPT_BYTES);

    private static final PlannerOptions STANDARD =
            new PlannerOptions(Objective.TIME, Long.MAX_VALUE, null, false, Long.MAX_VALUE);

    private final Objective objective;
    private final long memoryLimit;
    private final CostModel costs;
    private final boolean autotuned;
    private final long keptBytes;

    private PlannerOptions(
            Objective objective,
            long memoryLimit,
            CostModel costs,
            boolean autotuned,
            long keptBytes) {
        this.objective = objective;
        this.memoryLimit = memoryLimit;
        this.costs = costs;
        this.autotuned = autotuned;
        this.keptBytes = keptBytes;
    }

    /**
     * Returns the default: the least predicted time, whatever memory that needs, by the cost model
     * that comes with the library for the device and the number of threads.
     *
     * @return the default
     */
    public static PlannerOptions standard() {
        return STANDARD;
    }

    /**
     * Sets what is minimised.
     *
     * @param value the objective
     * @return the options with it
     * @throws IllegalArgumentException if it is null
     */
    public PlannerOptions withObjective(Objective value) {
        if (value == null) {
            throw new IllegalArgumentException(
                    "An objective is required: Objective.TIME, MACS or MEMORY");
        }
        return new PlannerOptions(value, memoryLimit, costs, autotuned, keptBytes);
    }

    /**
     * Bounds {@link ContractionPlan#heldBytes()}, which counts the weights that are kept between
     * predictions too; of the plans within it the best is taken.
     *
     * @param bytes the limit for float32, above 0; {@link Long#MAX_VALUE} for none
     * @return the options with it
     * @throws IllegalArgumentException if it is not above 0
     */
    public PlannerOptions withMemoryLimit(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(
                    "A memory limit is a number of bytes above 0, got " + bytes);
        }
        return new PlannerOptions(objective, bytes, costs, autotuned, keptBytes);
    }

    /**
     * Sets the cost model that times are predicted by, on every device.
     *
     * @param value the cost model, or null for the one that comes along
     * @return the options with it
     */
    public PlannerOptions withCostModel(CostModel value) {
        return new PlannerOptions(objective, memoryLimit, value, autotuned, keptBytes);
    }

    /**
     * Sets whether the first prediction for a shape times the best few candidates and keeps the
     * fastest. Predictions may then differ in the last digits from one process to the next.
     *
     * @param value whether to
     * @return the options with it
     */
    public PlannerOptions withAutotuning(boolean value) {
        return new PlannerOptions(objective, memoryLimit, costs, value, keptBytes);
    }

    /**
     * Bounds the contracted weights that one layer keeps from one prediction to the next.
     *
     * @param bytes the limit, at least 0; 0 keeps none, {@link Long#MAX_VALUE} sets no limit
     * @return the options with it
     * @throws IllegalArgumentException if it is below 0
     */
    public PlannerOptions withKeptBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "The bytes of kept weights are at least 0, got " + bytes);
        }
        return new PlannerOptions(objective, memoryLimit, costs, autotuned, bytes);
    }

    /**
     * Returns what is minimised.
     *
     * @return the objective
     */
    public Objective objective() {
        return objective;
    }

    /**
     * Returns the limit of memory.
     *
     * @return the bytes; {@link Long#MAX_VALUE} without a limit
     */
    public long memoryLimit() {
        return memoryLimit;
    }

    /**
     * Returns the cost model that was set.
     *
     * @return the cost model, or null for the one that comes along
     */
    public CostModel costModel() {
        return costs;
    }

    /**
     * Returns whether the first prediction for a shape times candidates.
     *
     * @return whether it does
     */
    public boolean isAutotuned() {
        return autotuned;
    }

    /**
     * Returns the limit of what a layer keeps between predictions.
     *
     * @return the bytes; {@link Long#MAX_VALUE} without a limit
     */
    public long keptBytes() {
        return keptBytes;
    }

    /**
     * Returns the keys of the options, for messages; a cost model has keys of its own.
     *
     * @return {@code objective}, {@code memoryLimit}, {@code autotune}, {@code keptBytes}
     */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * Returns whether a key is one that {@link #toMap()} writes and {@link #fromMap} reads.
     *
     * @param key a key
     * @return true for {@code objective}, {@code memoryLimit}, {@code autotune}, {@code keptBytes}
     *     and everything that begins with {@code costModel.}
     */
    public static boolean isOption(String key) {
        return NAMES.contains(key) || key.startsWith(COSTS);
    }

    /**
     * Returns what differs from {@link #standard()} as text, for files and model arguments: {@code
     * objective}, {@code memoryLimit}, {@code autotune}, {@code keptBytes}, and every coefficient
     * of a cost model behind {@code costModel.}.
     *
     * @return values by key, in a fixed order; empty for the default
     */
    public Map<String, String> toMap() {
        Map<String, String> values = new LinkedHashMap<>();
        if (objective != STANDARD.objective) {
            values.put(OBJECTIVE, objective.name().toLowerCase(Locale.ROOT));
        }
        if (memoryLimit != STANDARD.memoryLimit) {
            values.put(MEMORY_LIMIT, Long.toString(memoryLimit));
        }
        if (autotuned) {
            values.put(AUTOTUNE, "true");
        }
        if (keptBytes != STANDARD.keptBytes) {
            values.put(KEPT_BYTES, Long.toString(keptBytes));
        }
        if (costs != null) {
            Properties properties = costs.toProperties();
            properties.stringPropertyNames().stream()
                    .sorted()
                    .forEach(key -> values.put(COSTS + key, properties.getProperty(key)));
        }
        return values;
    }

    /**
     * Reads what {@link #toMap()} wrote, or a user has written.
     *
     * @param values values by key: texts, or numbers and booleans as JSON has them; what is left
     *     out is as in {@link #standard()}
     * @return the options
     * @throws IllegalArgumentException if a key is unknown or a value is not one of its key
     */
    public static PlannerOptions fromMap(Map<String, ?> values) {
        PlannerOptions options = STANDARD;
        Properties costs = new Properties();
        for (Map.Entry<String, ?> entry : new TreeMap<>(values).entrySet()) {
            String key = entry.getKey();
            Object value = entry.getValue();
            if (key.startsWith(COSTS)) {
                costs.setProperty(key.substring(COSTS.length()), String.valueOf(value));
                continue;
            }
            options =
                    switch (key) {
                        case OBJECTIVE -> options.withObjective(readObjective(value));
                        case MEMORY_LIMIT -> options.withMemoryLimit(readLong(key, value));
                        case AUTOTUNE -> options.withAutotuning(readBoolean(key, value));
                        case KEPT_BYTES -> options.withKeptBytes(readLong(key, value));
                        default ->
                                throw new IllegalArgumentException(
                                        "Unknown planner option \""
                                                + key
                                                + "\"; the options are "
                                                + String.join(
                                                        ", ",
                                                        OBJECTIVE,
                                                        MEMORY_LIMIT,
                                                        AUTOTUNE,
                                                        KEPT_BYTES,
                                                        COSTS + "*"));
                    };
        }
        return costs.isEmpty() ? options : options.withCostModel(CostModel.fromProperties(costs));
    }

    private static Objective readObjective(Object value) {
        for (Objective known : Objective.values()) {
            if (known.name().equalsIgnoreCase(String.valueOf(value))) {
                return known;
            }
        }
        throw new IllegalArgumentException(
                OBJECTIVE
                        + " is one of "
                        + Arrays.toString(Objective.values()).toLowerCase(Locale.ROOT)
                        + ", got \""
                        + value
                        + "\"");
    }

    private static boolean readBoolean(String key, Object value) {
        String text = String.valueOf(value);
        if ("true".equalsIgnoreCase(text) || "false".equalsIgnoreCase(text)) {
            return Boolean.parseBoolean(text);
        }
        throw new IllegalArgumentException(key + " is true or false, got \"" + value + "\"");
    }

    /** JSON makes every number a double, a query every number a text. */
    private static long readLong(String key, Object value) {
        String text = String.valueOf(value);
        try {
            BigDecimal number = new BigDecimal(text.length() > 40 ? "" : text);
            // A number of a million digits takes long to become a long.
            if (Math.abs((long) number.precision() - number.scale()) <= 19) {
                return number.longValueExact();
            }
        } catch (ArithmeticException | NumberFormatException ignore) {
            // told below, with the text
        }
        throw new IllegalArgumentException(
                key + " is a whole number of bytes, got \"" + text + "\"");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PlannerOptions that
                && objective == that.objective
                && memoryLimit == that.memoryLimit
                && autotuned == that.autotuned
                && keptBytes == that.keptBytes
                && Objects.equals(costs, that.costs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(objective, memoryLimit, autotuned, keptBytes, costs);
    }

    /** Returns what differs from the default, as {@code {objective=memory, keptBytes=0}}. */
    @Override
    public String toString() {
        Map<String, String> values = toMap();
        boolean measured = values.keySet().removeIf(key -> key.startsWith(COSTS));
        if (measured) {
            values.put(COST_MODEL, "its own");
        }
        return values.toString();
    }
}
