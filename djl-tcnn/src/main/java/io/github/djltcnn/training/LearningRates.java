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
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Learning rates that differ by parameter: one schedule for all, and a factor for each.
 *
 * <p>{@link #transfer} finds the factors under which one rate fits every format and rank, that of
 * the dense network: the gradient reaches a kernel through the product of its cores, so with one
 * rate for all parameters the kernels of different formats, ranks and scales move by different
 * steps. With {@link #of} the factors are chosen by hand.
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

    /** Factors are taken anew at the updates 1, 2, 4, 8 .. up to this, then every so many. */
    private static final int PERIOD = 64;

    private final ParameterTracker base;
    private final Supplier<Map<String, Float>> source;
    private volatile Map<String, Float> factors;
    private int last;

    private LearningRates(ParameterTracker base, Supplier<Map<String, Float>> source) {
        this.base = base;
        this.source = source;
        this.factors = source.get();
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
        Map<String, Float> fixed = Map.copyOf(factors);
        return new LearningRates(base, () -> fixed);
    }

    /**
     * Creates rates under which a step does to the kernels of tensorial layers what the same rate
     * does to those of dense layers, whatever their formats, ranks and scales: the rate that fits
     * the dense network fits the tensorial one. For gradients the length of a kernel's step times
     * its part along the gradient is that of a dense kernel, for signs its length.
     *
     * <p>The factor of a core follows from the norms of the kernel's derivatives, which are
     * contracted from the cores as they are: drawn, decomposed or trained. It is taken anew while
     * the cores change: at the updates 1, 2, 4, 8 up to 64 and every 64 from there on. All other
     * parameters keep the rate: weights of dense layers, biases, batch normalisations. Frozen cores
     * leave their part of the step to the others of their layer.
     *
     * @param block an initialised model
     * @param base the schedule for all: one that suits the dense network
     * @param kind what the optimizer makes of a gradient
     * @return the rates, for this model and one optimizer alone
     * @throws IllegalArgumentException if the model is not initialised
     */
    public static LearningRates transfer(Block block, ParameterTracker base, StepKind kind) {
        Objects.requireNonNull(kind, "kind");
        // Refuses a model that is not initialised.
        of(block, base, path -> 1);
        return new LearningRates(base, new KernelSteps(block, kind)::factors);
    }

    /**
     * Returns the factor that the rate of a parameter is multiplied by now.
     *
     * @param parameterId the identifier of the parameter
     * @return the factor; 1 for parameters that are unknown here
     */
    public float factor(String parameterId) {
        return factors.getOrDefault(parameterId, 1f);
    }

    private synchronized void refresh(int update) {
        boolean due = update <= PERIOD ? Integer.bitCount(update) == 1 : update % PERIOD == 0;
        if (due && update != last) {
            last = update;
            factors = source.get();
        }
    }

    /** {@inheritDoc} */
    @Override
    public float getNewValue(String parameterId, int numUpdate) {
        refresh(numUpdate);
        return base.getNewValue(parameterId, numUpdate) * factor(parameterId);
    }
}
