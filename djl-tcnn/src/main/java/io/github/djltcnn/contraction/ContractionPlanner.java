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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.contraction.internal.search.PathFilter;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the order in which a tensorial convolution is computed. For every input shape it compares
 * all ways to pass the input through pairwise contractions of the cores, contracting the whole
 * kernel first among them, in either memory layout. Immutable but for the cache of its plans; may
 * be shared by threads.
 *
 * @since 0.1.0
 */
public final class ContractionPlanner {

    /** So many plans are kept. */
    static final int MAX_PLANS = 512;

    private final TensorNetwork network;
    private final PlannerOptions options;
    private final PlanChoice choice;
    private final BoundedCache<PlanRequest, ContractionPlan> plans = new BoundedCache<>(MAX_PLANS);
    private final BoundedCache<PlanRequest, ContractionPlan> tuned = new BoundedCache<>(MAX_PLANS);

    private ContractionPlanner(
            TensorNetwork network, ConvolutionGeometry geometry, PlannerOptions options) {
        this.network = Objects.requireNonNull(network, "network");
        this.options = Objects.requireNonNull(options, "options");
        Objects.requireNonNull(geometry, "geometry");
        if (!geometry.kernel().equals(network.kernelShape(geometry.numDimensions()))) {
            throw new IllegalArgumentException(
                    "The geometry has kernel "
                            + geometry.kernel()
                            + ", the network \""
                            + network
                            + "\" "
                            + network.kernelShape(geometry.numDimensions()));
        }
        choice = new PlanChoice(network, geometry, options);
    }

    /**
     * Creates a planner that minimises the predicted time.
     *
     * @param network the network whose contraction is the kernel
     * @param geometry window, stride, padding and dilation; no dimension for a linear layer
     * @return the planner
     * @throws IllegalArgumentException if the window is not that of the network
     */
    public static ContractionPlanner create(TensorNetwork network, ConvolutionGeometry geometry) {
        return create(network, geometry, PlannerOptions.standard());
    }

    /**
     * Creates a planner.
     *
     * @param network the network whose contraction is the kernel
     * @param geometry window, stride, padding and dilation; no dimension for a linear layer
     * @param options what it goes by
     * @return the planner
     * @throws IllegalArgumentException if the window is not that of the network
     */
    public static ContractionPlanner create(
            TensorNetwork network, ConvolutionGeometry geometry, PlannerOptions options) {
        return new ContractionPlanner(network, geometry, options);
    }

    /** The network whose contraction is the kernel. */
    TensorNetwork network() {
        return network;
    }

    /** Refuses cores that are not those of the network. */
    void check(NDList cores) {
        Checks.cores(
                network, cores, cores.isEmpty() ? DataType.FLOAT32 : cores.head().getDataType());
    }

    /**
     * Returns what the planner goes by.
     *
     * @return the options
     */
    public PlannerOptions options() {
        return options;
    }

    /**
     * Returns the plan for channels-first inputs of one shape.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed, which costs too
     * @return the plan, the same object for the same request
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public ContractionPlan plan(Shape inputShape, boolean training) {
        return plan(inputShape, training, Layout.CHANNELS_FIRST);
    }

    /**
     * Returns the plan for inputs of one shape and layout.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed, which costs too
     * @param layout how the inputs lie in memory
     * @return the plan, the same object for the same request
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public ContractionPlan plan(Shape inputShape, boolean training, Layout layout) {
        return plan(inputShape, training, layout, Device.cpu());
    }

    /**
     * Returns the plan for inputs of one shape and layout on a device.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed, which costs too
     * @param layout how the inputs lie in memory
     * @param device where the inputs are
     * @return the plan, the same object for the same request
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public ContractionPlan plan(Shape inputShape, boolean training, Layout layout, Device device) {
        PlanRequest request = PlanRequest.of(inputShape, layout, training, device);
        ContractionPlan timed = tuned.peek(request);
        return timed == null ? plans.get(request, choice::best) : timed;
    }

    /**
     * Returns the plan for predictions that keeps channels before the axes in every step, for
     * targets that lay out memory themselves.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param device where the inputs are
     * @return the plan
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public ContractionPlan channelsFirstPlan(Shape inputShape, Device device) {
        PlanRequest request = PlanRequest.of(inputShape, Layout.CHANNELS_FIRST, false, device);
        return choice.channelsFirst(request);
    }

    /**
     * Explains how channels-first inputs of one shape are evaluated on a CPU, next to the dense
     * convolution and to the kernel contracted first.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed
     * @return a table to print
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public String explain(Shape inputShape, boolean training) {
        return explain(inputShape, training, Layout.CHANNELS_FIRST, Device.cpu());
    }

    /**
     * Explains how inputs of one shape and layout are evaluated on a device, next to the dense
     * convolution and to the kernel contracted first. Changes nothing of what is evaluated: where
     * candidates are timed at the first prediction, they still are.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed
     * @param layout the layout of the inputs in memory
     * @param device the device of the inputs
     * @return a table to print
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public String explain(Shape inputShape, boolean training, Layout layout, Device device) {
        ContractionPlan chosen = plan(inputShape, training, layout, device);
        return PlanTable.of(chosen)
                + PlanTable.comparison(chosen, kernelFirst(inputShape, training, layout, device));
    }

    /**
     * Times the best few candidates for inputs of one shape and layout on random numbers, and
     * remembers the fastest as the plan for them. Not while gradients are being collected.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed; they are timed too then
     * @param layout how the inputs lie in memory
     * @param device where to run
     * @return the fastest plan, which {@link #plan(Shape, boolean, Layout)} answers from now on
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public ContractionPlan autotune(
            Shape inputShape, boolean training, Layout layout, Device device) {
        PlanRequest request = PlanRequest.of(inputShape, layout, training, device);
        ContractionPlan fastest = timed(request, device, null);
        tuned.put(request, fastest);
        return fastest;
    }

    /** The fastest plan for predictions; timed when first asked for, by one thread if many ask. */
    ContractionPlan tuned(NDArray x, Layout layout) {
        Device device = x.getDevice();
        PlanRequest request = PlanRequest.of(x.getShape(), layout, false, device);
        String engine = x.getManager().getEngine().getEngineName();
        return tuned.get(request, r -> timed(r, device, engine));
    }

    /** The plan for predictions that was the fastest where it was timed, or null. */
    ContractionPlan timedPlan(Shape inputShape, Layout layout, Device device) {
        return tuned.peek(PlanRequest.of(inputShape, layout, false, device));
    }

    private ContractionPlan timed(PlanRequest request, Device device, String engine) {
        List<ContractionPlan> allowed =
                candidates(request).stream()
                        .filter(plan -> plan.heldBytes() <= options.memoryLimit())
                        .toList();
        return allowed.isEmpty()
                ? choice.best(request)
                : Autotuning.fastest(allowed, network, request, device, engine);
    }

    /**
     * Returns the plan that contracts the kernel first, then convolves once.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed, which costs too
     * @param layout how the inputs lie in memory
     * @param device where the inputs are
     * @return the plan
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public ContractionPlan kernelFirst(
            Shape inputShape, boolean training, Layout layout, Device device) {
        return kernelFirst(PlanRequest.of(inputShape, layout, training, device));
    }

    /** The plan that contracts the kernel first, then convolves once. */
    ContractionPlan kernelFirst(PlanRequest request) {
        return choice.kernelFirst(request);
    }

    /** The best plan of several kinds, the best of all first. */
    List<ContractionPlan> candidates(PlanRequest request) {
        return choice.candidates(request);
    }

    /** The best plan of those that a restriction allows. */
    Optional<ContractionPlan> search(PlanRequest request, PathFilter filter) {
        return choice.search(request, filter);
    }
}
