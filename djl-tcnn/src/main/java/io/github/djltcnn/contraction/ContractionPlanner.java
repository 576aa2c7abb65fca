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
import io.github.djltcnn.contraction.internal.cost.Scoring;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.contraction.internal.lowering.WeightLowering;
import io.github.djltcnn.contraction.internal.search.MergeSearch;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.PathFilter;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.contraction.internal.search.StepOptions;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the order in which a tensorial convolution is computed. For every input shape it compares
 * all ways to pass the input through pairwise contractions of the cores, contracting the whole
 * kernel first among them, in either memory layout. Immutable but for the cache of its plans; may
 * be shared by threads.
 *
 * @since 0.1.0
 */
public final class ContractionPlanner {

    /** DJL's property for the number of threads that libtorch computes with. */
    private static final String THREADS = "ai.djl.pytorch.num_threads";

    /** Prices of a byte, in the unit of the objective: from nothing to all that counts. */
    private static final double MIN_BYTE_PRICE = 1e-13;

    private static final double MAX_BYTE_PRICE = 1;
    private static final double PRICE_STEP = 10;

    /** How far predictions of different plans may be apart and still mean the same. */
    private static final double DENSE_TOLERANCE = 1.05;

    /** So many plans are kept. */
    static final int MAX_PLANS = 512;

    private final TensorNetwork network;
    private final ConvolutionGeometry geometry;
    private final PlannerOptions options;
    private final ModeTable table;
    private final BoundedCache<PlanRequest, ContractionPlan> plans = new BoundedCache<>(MAX_PLANS);
    private final BoundedCache<PlanRequest, ContractionPlan> tuned = new BoundedCache<>(MAX_PLANS);

    private ContractionPlanner(
            TensorNetwork network, ConvolutionGeometry geometry, PlannerOptions options) {
        this.network = Objects.requireNonNull(network, "network");
        this.geometry = Objects.requireNonNull(geometry, "geometry");
        this.options = Objects.requireNonNull(options, "options");
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
        return timed == null ? plans.get(request, this::best) : timed;
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
        return search(request, PathFilter.only(PathFilter.NONE, Layout.CHANNELS_FIRST))
                .map(plan -> safer(request, plan))
                .orElseGet(() -> kernelFirst(request));
    }

    /** The cost model for a request: the one that was set, or the one that came along. */
    private CostModel costs(PlanRequest request) {
        if (options.costModel() != null) {
            return options.costModel();
        }
        int cores = Runtime.getRuntime().availableProcessors();
        Device device = request.gpu() ? Device.gpu() : Device.cpu();
        return CostModel.standard(device, Integer.getInteger(THREADS, cores));
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
                        .filter(plan -> plan.peakBytes() <= options.memoryLimit())
                        .toList();
        return allowed.isEmpty()
                ? best(request)
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
        return search(request, PathFilter.kernelFirst(table)).orElseThrow();
    }

    /** The best plan of several kinds, the best of all first. */
    List<ContractionPlan> candidates(PlanRequest request) {
        List<PathFilter> kinds = new ArrayList<>();
        kinds.add(PathFilter.NONE);
        List<PathFilter> bases = new ArrayList<>(List.of(PathFilter.kernelFirst(table)));
        if (table.numCores() > 1) {
            bases.add(PathFilter.notKernelFirst(table));
        }
        for (PathFilter base : bases) {
            kinds.add(base);
            kinds.add(PathFilter.only(base, Layout.CHANNELS_FIRST));
            kinds.add(PathFilter.only(base, Layout.CHANNELS_LAST));
        }
        Map<List<ActivationStep>, ContractionPlan> distinct = new LinkedHashMap<>();
        for (PathFilter kind : kinds) {
            search(request, kind).ifPresent(plan -> distinct.putIfAbsent(plan.steps(), plan));
        }
        return List.copyOf(distinct.values());
    }

    private ContractionPlan best(PlanRequest request) {
        ContractionPlan best =
                options.objective() == Objective.MEMORY
                        ? smallest(request)
                        : search(request, PathFilter.NONE).orElseThrow();
        if (options.objective() == Objective.TIME && !request.training()) {
            best = safer(request, best);
        }
        return best.peakBytes() <= options.memoryLimit() ? best : within(request, best);
    }

    /**
     * One convolution with a kernel kept from before, if that is predicted to take hardly longer: a
     * sum of several predictions is less certain, and so no prediction is slower than dense.
     */
    private ContractionPlan safer(PlanRequest request, ContractionPlan best) {
        ContractionPlan dense = kernelFirst(request);
        boolean isNear = dense.predictedSeconds() <= DENSE_TOLERANCE * best.predictedSeconds();
        return isNear && dense.peakBytes() <= options.memoryLimit() ? dense : best;
    }

    /** The plan of the least peak: the search adds up or compares steps, which is nearly that. */
    private ContractionPlan smallest(PlanRequest request) {
        CostModel model = costs(request);
        Scoring bytes = Scoring.memory(request.training());
        return Stream.concat(
                        search(request, PathFilter.NONE, bytes, model).stream(),
                        candidates(request).stream())
                .min(Comparator.comparingLong(ContractionPlan::peakBytes))
                .orElseThrow();
    }

    /** The best plan within the limit of memory: bytes get a price, and the price goes up. */
    private ContractionPlan within(PlanRequest request, ContractionPlan unlimited) {
        CostModel model = costs(request);
        long least = unlimited.peakBytes();
        for (double price = MIN_BYTE_PRICE; price <= MAX_BYTE_PRICE; price *= PRICE_STEP) {
            Scoring priced = scoring(model, request.training()).withPrice(price);
            ContractionPlan plan = search(request, PathFilter.NONE, priced, model).orElseThrow();
            if (plan.peakBytes() <= options.memoryLimit()) {
                return plan;
            }
            least = Math.min(least, plan.peakBytes());
        }
        ContractionPlan smallest = smallest(request);
        if (smallest.peakBytes() <= options.memoryLimit()) {
            return smallest;
        }
        least = Math.min(least, smallest.peakBytes());
        throw new IllegalArgumentException(
                "No order of \""
                        + network
                        + "\" for input "
                        + request.inputShape()
                        + " was found within "
                        + options.memoryLimit()
                        + " bytes; the least found needs "
                        + least
                        + ": allow as much, or use a smaller batch");
    }

    /** The best plan of those that a restriction allows. */
    Optional<ContractionPlan> search(PlanRequest request, PathFilter filter) {
        CostModel model = costs(request);
        return search(request, filter, scoring(model, request.training()), model);
    }

    private Optional<ContractionPlan> search(
            PlanRequest request, PathFilter filter, Scoring scoring, CostModel model) {
        checkInput(request.inputShape());
        SpatialSchedule schedule = new SpatialSchedule(table, geometry, request.inputShape());
        StepOptions stepOptions = new StepOptions(table, schedule, request.bytesPerNumber());
        MergeSearch merges =
                new MergeSearch(
                        table,
                        (t, left, right) ->
                                scoring.of(
                                        WeightLowering.merge(
                                                t, request.bytesPerNumber(), left, right)));
        return new PathSearch(table, merges, stepOptions, schedule, scoring, filter)
                .best(request.layout())
                .map(path -> new ContractionPlan(table, schedule, request, path, model));
    }

    private Scoring scoring(CostModel model, boolean training) {
        return switch (options.objective()) {
            case TIME -> Scoring.time(work -> model.seconds(work, training), training);
            case MACS -> Scoring.macs();
            case MEMORY -> Scoring.memory(training);
        };
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
        for (long size : inputShape.getShape()) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "A plan is for an input whose sizes are all known, its batch included; got"
                                + " shape "
                                + inputShape);
            }
        }
    }
}
