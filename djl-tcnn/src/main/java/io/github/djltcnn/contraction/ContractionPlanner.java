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
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the order in which a tensorial convolution is computed. For every input shape it compares
 * all ways to pass the input through pairwise contractions of the cores, contracting the whole
 * kernel first among them, in either memory layout. Immutable but for the cache of its plans; may
 * be shared by threads.
 *
 * @since 0.1.0
 */
public final class ContractionPlanner {

    private final TensorNetwork network;
    private final ConvolutionGeometry geometry;
    private final Objective objective;
    private final CostModel costs;
    private final ModeTable table;
    private final Map<PlanRequest, ContractionPlan> plans = new ConcurrentHashMap<>();

    private ContractionPlanner(Builder builder) {
        network = builder.network;
        geometry = builder.geometry;
        objective = builder.objective;
        costs = builder.costs;
        if (!geometry.kernel().equals(network.kernelShape(geometry.numDimensions()))) {
            throw new IllegalArgumentException(
                    "The geometry has kernel "
                            + geometry.kernel()
                            + ", the network \""
                            + network
                            + "\" "
                            + network.kernelShape(geometry.numDimensions()));
        }
        table = new ModeTable(network);
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
        return builder(network, geometry).build();
    }

    /**
     * Creates a builder of a planner.
     *
     * @param network the network whose contraction is the kernel
     * @param geometry window, stride, padding and dilation; no dimension for a linear layer
     * @return the builder
     */
    public static Builder builder(TensorNetwork network, ConvolutionGeometry geometry) {
        return new Builder(network, geometry);
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
        PlanRequest request = new PlanRequest(inputShape, layout, training);
        ContractionPlan plan = plans.get(request);
        return plan != null ? plan : plans.computeIfAbsent(request, this::search);
    }

    /**
     * Tells how channels-first inputs of one shape are evaluated, next to what the dense
     * convolution and the kernel contracted first would take.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed
     * @return a table to print
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public String explain(Shape inputShape, boolean training) {
        PlanRequest request = new PlanRequest(inputShape, Layout.CHANNELS_FIRST, training);
        ContractionPlan chosen = plan(inputShape, training);
        return PlanTable.of(chosen) + PlanTable.comparison(chosen, kernelFirst(request));
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
        PlanRequest request = new PlanRequest(inputShape, layout, training);
        ContractionPlan fastest = Autotuning.fastest(candidates(request), network, request, device);
        plans.put(request, fastest);
        return fastest;
    }

    /** The plan that contracts the kernel first, then convolves once. */
    ContractionPlan kernelFirst(PlanRequest request) {
        return search(request, Restriction.kernelFirst(table)).orElseThrow();
    }

    /** The best plan of several kinds, the best of all first. */
    List<ContractionPlan> candidates(PlanRequest request) {
        List<Restriction> kinds = new ArrayList<>();
        kinds.add(Restriction.NONE);
        List<Restriction> bases = new ArrayList<>(List.of(Restriction.kernelFirst(table)));
        if (table.numCores() > 1) {
            bases.add(Restriction.notKernelFirst(table));
        }
        for (Restriction base : bases) {
            kinds.add(base);
            kinds.add(Restriction.only(base, Layout.CHANNELS_FIRST));
            kinds.add(Restriction.only(base, Layout.CHANNELS_LAST));
        }
        Map<List<Step>, ContractionPlan> distinct = new LinkedHashMap<>();
        for (Restriction kind : kinds) {
            search(request, kind).ifPresent(plan -> distinct.putIfAbsent(plan.steps(), plan));
        }
        return List.copyOf(distinct.values());
    }

    private ContractionPlan search(PlanRequest request) {
        return search(request, Restriction.NONE).orElseThrow();
    }

    /** The best plan of those that a restriction allows. */
    Optional<ContractionPlan> search(PlanRequest request, Restriction restriction) {
        checkInput(request.inputShape());
        Sliding sliding = new Sliding(table, geometry, request.inputShape());
        Moves moves = new Moves(table, sliding, request.bytesPerNumber());
        Scoring scoring = Scoring.by(objective, costs, request.training());
        MergeSearch merges =
                new MergeSearch(
                        table,
                        (t, left, right) ->
                                scoring.of(
                                        WeightLowering.merge(
                                                t, request.bytesPerNumber(), left, right)));
        return new PathSearch(table, merges, moves, sliding, scoring, restriction)
                .best(request.layout())
                .map(path -> new ContractionPlan(table, sliding, request, path, costs));
    }

    private void checkInput(Shape inputShape) {
        int dimensions = geometry.numDimensions() + 2;
        if (inputShape.dimension() != dimensions || inputShape.get(1) != network.inputChannels()) {
            throw new IllegalArgumentException(
                    "Expected an input of "
                            + dimensions
                            + " axes with "
                            + network.inputChannels()
                            + " channels on the second, got shape "
                            + inputShape);
        }
    }

    /** Builds a {@link ContractionPlanner}. */
    public static final class Builder {

        private final TensorNetwork network;
        private final ConvolutionGeometry geometry;
        private Objective objective = Objective.TIME;
        private CostModel costs = CostModel.standard();

        private Builder(TensorNetwork network, ConvolutionGeometry geometry) {
            this.network = network;
            this.geometry = geometry;
        }

        /**
         * Sets what is minimised, the predicted time by default.
         *
         * @param objective the objective
         * @return this builder
         */
        public Builder optObjective(Objective objective) {
            this.objective = objective;
            return this;
        }

        /**
         * Sets the cost model that times are predicted by.
         *
         * @param costs the cost model
         * @return this builder
         */
        public Builder optCostModel(CostModel costs) {
            this.costs = costs;
            return this;
        }

        /**
         * Builds the planner.
         *
         * @return the planner
         * @throws IllegalArgumentException if the window is not that of the network
         */
        public ContractionPlanner build() {
            return new ContractionPlanner(this);
        }
    }
}
