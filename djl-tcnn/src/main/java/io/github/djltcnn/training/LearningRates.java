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
package io.github.djltcnn.training;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.tracker.ParameterTracker;
import io.github.djltcnn.blocks.internal.BlockTree;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Learning rates that differ by parameter: one schedule for all, and a factor for each.
 *
 * <pre>{@code
 * Optimizer.sgd()
 *         .setLearningRateTracker(
 *                 LearningRates.of(
 *                         model.getBlock(),
 *                         Tracker.fixed(0.01f),
 *                         path -> path.matches(".*core\\d+") ? 1 : 0.1))
 *         .build();
 * }</pre>
 *
 * @since 0.1.0
 */
public final class LearningRates implements ParameterTracker {

    private final ParameterTracker base;
    private final Map<String, Float> factors;

    private LearningRates(ParameterTracker base, Map<String, Float> factors) {
        this.base = base;
        this.factors = factors;
    }

    /**
     * Creates rates for the parameters of a model.
     *
     * @param block an initialised model; a tensorial layer has its cores only then
     * @param base the schedule for all
     * @param factor the factor for the path of a parameter, such as {@code
     *     stage1.unit1.body.conv1.core2}; at least 0
     * @return the rates, for this model alone
     * @throws IllegalArgumentException if the model is not initialised or a factor is out of range
     */
    public static LearningRates of(
            Block block, ParameterTracker base, ToDoubleFunction<String> factor) {
        Objects.requireNonNull(base, "base");
        Map<String, Float> factors = new HashMap<>();
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(block).entrySet()) {
            if (!entry.getValue().isInitialized()) {
                throw new IllegalArgumentException(
                        entry.getKey()
                                + " is not initialised; learning rates are for the parameters of"
                                + " an initialised model");
            }
            double value = factor.applyAsDouble(entry.getKey());
            if (!(value >= 0 && value < Float.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        "The factor of "
                                + entry.getKey()
                                + " is to be finite and at least 0, got "
                                + value);
            }
            factors.put(entry.getValue().getId(), (float) value);
        }
        return new LearningRates(base, Map.copyOf(factors));
    }

    /** {@inheritDoc} */
    @Override
    public float getNewValue(String parameterId, int numUpdate) {
        return base.getNewValue(parameterId, numUpdate) * factors.getOrDefault(parameterId, 1f);
    }
}
