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
import io.github.djltcnn.contraction.internal.cost.Scoring;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.lowering.WeightLowering;
import io.github.djltcnn.contraction.internal.operations.PlanOperations;
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
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chooses the plan for a request: searches paths under the options of a planner, by its objective,
 * within its memory limit.
 */
final class PlanChoice {

    /** DJL's property for the number of threads that libtorch computes with. */
    private static final String THREADS = "ai.djl.pytorch.num_threads";

    /** Prices of a byte, in the unit of the objective: from nothing to all that counts. */
    private static final double MIN_BYTE_PRICE = 1e-13;

    private static final double MAX_BYTE_PRICE = 1;
    private static final double PRICE_STEP = 10;

    /** How far predictions of different plans may be apart and still mean the same. */
    private static final double DENSE_TOLERANCE = 1.05;

    private final TensorNetwork network;
    private final ConvolutionGeometry geometry;
    private final PlannerOptions options;
    private final ModeTable table;

    PlanChoice(TensorNetwork network, ConvolutionGeometry geometry, PlannerOptions options) {
        this.network = network;
        this.geometry = geometry;
        this.options = options;
        table = new ModeTable(network);
    }

    /** The plan that contracts the kernel first, then convolves once. */
    ContractionPlan kernelFirst(PlanRequest request) {
        return search(request, PathFilter.kernelFirst(table)).orElseThrow();
    }

    /** The plan that keeps channels before the axes in every step. */
    ContractionPlan channelsFirst(PlanRequest request) {
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

    /** The plan by the objective, within the limit of memory. */
    ContractionPlan best(PlanRequest request) {
        ContractionPlan best =
                options.objective() == Objective.MEMORY
                        ? smallest(request)
                        : search(request, PathFilter.NONE).orElseThrow();
        if (options.objective() == Objective.TIME && !request.training()) {
            best = safer(request, best);
        }
        return best.heldBytes() <= options.memoryLimit() ? best : within(request, best);
    }

    /**
     * One convolution with a kernel kept from before, if that is predicted to take hardly longer: a
     * sum of several predictions is less certain, and so no prediction is slower than dense.
     */
    private ContractionPlan safer(PlanRequest request, ContractionPlan best) {
        ContractionPlan dense = kernelFirst(request);
        boolean isNear = dense.predictedSeconds() <= DENSE_TOLERANCE * best.predictedSeconds();
        return isNear && dense.heldBytes() <= options.memoryLimit() ? dense : best;
    }

    /** The plan that holds least: the search adds up or compares steps, which is nearly that. */
    private ContractionPlan smallest(PlanRequest request) {
        CostModel model = costs(request);
        Scoring bytes = Scoring.memory(request.training());
        return Stream.concat(
                        search(request, PathFilter.NONE, bytes, model).stream(),
                        candidates(request).stream())
                .min(Comparator.comparingLong(ContractionPlan::heldBytes))
                .orElseThrow();
    }

    /** The best plan within the limit of memory: bytes get a price, and the price goes up. */
    private ContractionPlan within(PlanRequest request, ContractionPlan unlimited) {
        CostModel model = costs(request);
        long least = unlimited.heldBytes();
        for (double price = MIN_BYTE_PRICE; price <= MAX_BYTE_PRICE; price *= PRICE_STEP) {
            Scoring priced = scoring(model, request.training()).withPrice(price);
            ContractionPlan plan = search(request, PathFilter.NONE, priced, model).orElseThrow();
            if (plan.heldBytes() <= options.memoryLimit()) {
                return plan;
            }
            least = Math.min(least, plan.heldBytes());
        }
        ContractionPlan smallest = smallest(request);
        if (smallest.heldBytes() <= options.memoryLimit()) {
            return smallest;
        }
        least = Math.min(least, smallest.heldBytes());
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
        StepOptions stepOptions =
                new StepOptions(PlanOperations.ALL, table, schedule, request.bytesPerNumber());
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
