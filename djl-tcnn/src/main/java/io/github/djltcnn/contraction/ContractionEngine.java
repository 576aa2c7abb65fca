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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.contraction.internal.execution.WeightCache;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.internal.LibtorchQuirks;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a layer holds to evaluate itself: a planner, and the weights kept between predictions. Safe
 * for any number of threads.
 *
 * <p>In {@link #predict} whatever depends on the cores alone is computed once and kept; the cores
 * then get no gradient. It is computed anew when the cores are other arrays or hold other numbers
 * than before, after a call of {@link #train}, and after {@link #invalidate()}. On a CPU a change
 * of the numbers is noticed by itself; on other devices, whose memory is not looked at, numbers
 * that change in place without training need a call of {@link #invalidate()}.
 *
 * <p>What is kept belongs to the cores: it is closed with the manager that owns them, and bounded
 * by {@link PlannerOptions#withKeptBytes}, least recently used first. Equal inputs may differ in
 * the last digits from one call to another, where the layout of the inputs was found out in
 * between.
 *
 * @since 0.1.0
 */
public final class ContractionEngine {

    /** The layout of an input is looked at again after so many calls. */
    private static final int CALLS_BETWEEN_LOOKS = 64;

    private final ContractionPlanner planner;
    private final WeightCache cache;
    private volatile Layout layoutInTraining;
    private final BoundedCache<Call, Seen> seen = new BoundedCache<>(ContractionPlanner.MAX_PLANS);

    /**
     * Creates an engine.
     *
     * @param planner plans the evaluation
     */
    public ContractionEngine(ContractionPlanner planner) {
        this.planner = planner;
        cache = new WeightCache(planner.options().keptBytes());
    }

    /**
     * Creates an engine whose planner minimises the predicted time.
     *
     * @param network the network whose contraction is the kernel
     * @param geometry window, stride, padding and dilation; no dimension for a linear layer
     * @return the engine
     * @throws IllegalArgumentException if the window is not that of the network
     */
    public static ContractionEngine create(TensorNetwork network, ConvolutionGeometry geometry) {
        return new ContractionEngine(ContractionPlanner.create(network, geometry));
    }

    /**
     * Creates an engine.
     *
     * @param network the network whose contraction is the kernel
     * @param geometry window, stride, padding and dilation; no dimension for a linear layer
     * @param options what its planner goes by
     * @return the engine
     * @throws IllegalArgumentException if the window is not that of the network
     */
    public static ContractionEngine create(
            TensorNetwork network, ConvolutionGeometry geometry, PlannerOptions options) {
        return new ContractionEngine(ContractionPlanner.create(network, geometry, options));
    }

    /** What calls have in common whose inputs lie alike. */
    private record Call(Shape shape, boolean training) {}

    /** The layout inputs were last seen in, and how many there were. */
    private static final class Seen {
        private final AtomicInteger calls = new AtomicInteger();
        private volatile Layout layout;
    }

    /**
     * Returns the planner.
     *
     * @return the planner
     */
    public ContractionPlanner planner() {
        return planner;
    }

    /**
     * Evaluates the layer for a prediction. Whatever depends on the cores alone is kept.
     *
     * @param x the input, (batch, channels, spatial...), in either memory layout
     * @param cores the cores in notation order; they get no gradient
     * @param bias one number per output channel, or null
     * @return the output, which belongs to the manager of {@code x}; nothing else is left behind
     * @throws IllegalArgumentException if a shape or data type does not fit
     */
    public NDArray predict(NDArray x, NDList cores, NDArray bias) {
        Checks.dataType(x.getDataType());
        ContractionPlan plan = plan(x, false);
        plan.check(x, cores, bias);
        return cache.with(plan.program(), cores, weights -> plan.execute(x, cores, weights, bias));
    }

    /**
     * Evaluates the layer in training: differentiable with respect to the cores. Drops what was
     * kept for predictions.
     *
     * @param x the input, (batch, channels, spatial...), in either memory layout
     * @param cores the cores in notation order
     * @param bias one number per output channel, or null
     * @param ahead the weights of this pass, which know this layer with these cores; or null
     * @return the output, which belongs to the manager of {@code x}; nothing else is left behind
     * @throws IllegalArgumentException if a shape or data type does not fit
     */
    public NDArray train(NDArray x, NDList cores, NDArray bias, ContractedWeights ahead) {
        Checks.dataType(x.getDataType());
        ContractionPlan plan = plan(x, true);
        plan.check(x, cores, bias);
        cache.clear();
        layoutInTraining = plan.inputLayout();
        List<NDArray> weights = ahead == null ? null : ahead.of(this, plan, x.getDevice());
        return weights == null
                ? plan.execute(x, cores, bias)
                : plan.execute(x, cores, weights, bias);
    }

    /**
     * Tells how an activation lies in memory, which plans are made for.
     *
     * @param x (batch, channels, spatial...), of the engine
     * @return the layout
     */
    public static Layout layoutOf(NDArray x) {
        return MemoryLayouts.of(x);
    }

    /** The layout of the inputs of the last pass in training; before the first, as guessed. */
    Layout layoutInTraining(Layout guess) {
        Layout last = layoutInTraining;
        return last == null ? guess : last;
    }

    /**
     * Drops the weights kept: for cores that were changed in place on another device than a CPU,
     * and for cores that are no longer used.
     */
    public void invalidate() {
        cache.clear();
    }

    /**
     * Returns the bytes of the weights that are kept between predictions now.
     *
     * @return the bytes, of all copies of the cores and all input shapes
     */
    public long keptBytes() {
        return cache.bytes();
    }

    /** The number of sets of weights kept. */
    int numKept() {
        return cache.size();
    }

    /** Whether weights are kept for cores as they are, for an input. */
    boolean keeps(NDArray x, NDList cores) {
        return cache.keeps(plan(x, false).program(), cores);
    }

    private ContractionPlan plan(NDArray x, boolean training) {
        if (x.getDevice().equals(Device.cpu())) {
            LibtorchQuirks.checkConvolutions(x.getManager().getEngine().getEngineName());
        }
        Layout layout = layout(x, training);
        return planner.options().isAutotuned() && !training
                ? planner.tuned(x, layout)
                : planner.plan(x.getShape(), training, layout, x.getDevice());
    }

    private Layout layout(NDArray x, boolean training) {
        Seen inputs = seen.get(new Call(x.getShape(), training), call -> new Seen());
        // A wrong guess costs time and not correctness, and what comes before a layer does not
        // change its layout.
        if (Math.floorMod(inputs.calls.getAndIncrement(), CALLS_BETWEEN_LOOKS) <= 1
                || inputs.layout == null) {
            inputs.layout = MemoryLayouts.of(x);
        }
        return inputs.layout;
    }
}
