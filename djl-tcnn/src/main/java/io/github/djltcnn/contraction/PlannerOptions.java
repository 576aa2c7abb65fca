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

/**
 * What a {@link ContractionPlanner} goes by. Immutable; every {@code with} returns another one.
 *
 * @since 0.1.0
 */
public final class PlannerOptions {

    private static final PlannerOptions STANDARD =
            new PlannerOptions(Objective.TIME, Long.MAX_VALUE, null, false);

    private final Objective objective;
    private final long memoryLimit;
    private final CostModel costs;
    private final boolean autotuned;

    private PlannerOptions(
            Objective objective, long memoryLimit, CostModel costs, boolean autotuned) {
        this.objective = objective;
        this.memoryLimit = memoryLimit;
        this.costs = costs;
        this.autotuned = autotuned;
    }

    /**
     * Returns the default: the least predicted time, whatever memory that takes, by the cost model
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
        return new PlannerOptions(value, memoryLimit, costs, autotuned);
    }

    /**
     * Bounds {@link ContractionPlan#peakBytes()}; of the plans within it the best is taken.
     *
     * @param bytes the limit for float32, above 0
     * @return the options with it
     * @throws IllegalArgumentException if it is not above 0
     */
    public PlannerOptions withMemoryLimit(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(
                    "A memory limit is a number of bytes above 0, got " + bytes);
        }
        return new PlannerOptions(objective, bytes, costs, autotuned);
    }

    /**
     * Sets the cost model that times are predicted by, on every device.
     *
     * @param value the cost model, or null for the one that comes along
     * @return the options with it
     */
    public PlannerOptions withCostModel(CostModel value) {
        return new PlannerOptions(objective, memoryLimit, value, autotuned);
    }

    /**
     * Sets whether the first prediction for a shape times the best few candidates and keeps the
     * fastest. Predictions may then differ in the last digits from one process to the next.
     *
     * @param value whether to
     * @return the options with it
     */
    public PlannerOptions withAutotuning(boolean value) {
        return new PlannerOptions(objective, memoryLimit, costs, value);
    }

    Objective objective() {
        return objective;
    }

    long memoryLimit() {
        return memoryLimit;
    }

    /** The cost model, or null for the one that comes along. */
    CostModel costs() {
        return costs;
    }

    boolean isAutotuned() {
        return autotuned;
    }
}
