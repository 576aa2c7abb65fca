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
package io.github.djltcnn.tuning;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.Arrangement;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.PrepareStep;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import io.github.djltcnn.contraction.internal.execution.Workspace;
import io.github.djltcnn.runtime.internal.PyTorch;
import io.github.djltcnn.runtime.internal.Stopwatch;
import io.github.djltcnn.tuning.internal.StepSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;

/**
 * Times single steps on random numbers: one evaluation, and the backward pass through it. Where a
 * device computes beside its caller, a step is repeated until the time it takes to wait for the
 * device hardly counts.
 */
final class StepStopwatch implements AutoCloseable {

    private static final int LEAST_ROUNDS = 5;
    private static final int MOST_ROUNDS = 31;
    private static final float SPREAD = 0.3f;

    /** On a device that is waited for, at some 1e-5 seconds each time, a region lasts so long. */
    private static final double REGION_SECONDS = 2e-3;

    private static final int MOST_REPETITIONS = 512;

    /** What a clock can tell apart. */
    private static final double LEAST_SECONDS = 1e-9;

    /** Results and gradients of all repetitions of a region have room in so many bytes. */
    private static final double REGION_BYTES = 1L << 30;

    /** The result, its gradient, and those of the operands, in results. */
    private static final double ARRAYS = 6;

    private final NDManager manager;
    private final Stopwatch watch;
    private final double budget;

    /**
     * Creates a stopwatch.
     *
     * @param device where to run
     * @param budget the seconds to spend on one measurement, more or less
     */
    StepStopwatch(Device device, double budget) {
        this(device, budget, !device.equals(Device.cpu()));
    }

    /** A stopwatch that treats a CPU as it would a device that computes beside its caller. */
    StepStopwatch(Device device, double budget, boolean asynchronous) {
        manager = NDManager.newBaseManager(device, PyTorch.ENGINE);
        watch = asynchronous ? Stopwatch.asynchronous(manager) : new Stopwatch(manager);
        this.budget = budget;
    }

    /** Whether the device computes beside its caller. */
    boolean isAsynchronous() {
        return watch.isAsynchronous();
    }

    /** The seconds of one evaluation, and those that a backward pass adds. */
    record Time(double forward, double backward) {

        Time least(Time other) {
            return new Time(Math.min(forward, other.forward), Math.min(backward, other.backward));
        }
    }

    /** Times a step of an activation. */
    Time time(StepSample sample) {
        try (NDManager scope = manager.newSubManager()) {
            ActivationStep.Passage passage = sample.passage();
            boolean last = passage.channelsLast();
            NDArray input = random(scope, passage.before());
            NDList leaves =
                    new NDList(
                            last
                                    ? AxisOrder.lastToSecond(passage.before().dimension())
                                            .permute(input)
                                    : input);
            boolean weighted = sample.prepared() != null;
            if (weighted) {
                leaves.add(weight(scope, sample.prepared()));
            }
            int numWeights = sample.step().weight() + 1;
            return measure(
                    scope,
                    leaves,
                    last,
                    pass -> new Workspace(pass, DataType.FLOAT32, 0, numWeights, null),
                    (space, arrays) -> {
                        if (weighted) {
                            space.lendWeight(sample.step().weight(), arrays.get(1));
                        }
                        space.lendActivation(arrays.get(0), last);
                        sample.step().run(space);
                        if (passage.after() == null) {
                            return space.activation();
                        }
                        return last
                                ? space.activationChannelsLast(passage.after())
                                : space.activation(passage.after());
                    });
        }
    }

    /** Times a program of one weight. */
    Time time(WeightProgram program, List<Shape> coreShapes) {
        try (NDManager scope = manager.newSubManager()) {
            NDList cores = new NDList();
            coreShapes.forEach(shape -> cores.add(random(scope, shape)));
            return measure(
                    scope,
                    cores,
                    false,
                    pass -> new Workspace(pass, DataType.FLOAT32, program.numTensors(), 1, null),
                    (space, arrays) -> {
                        program.run(space, arrays);
                        return space.weight(0);
                    });
        }
    }

    /** A weight in the memory order that a plan would make it in. */
    private static NDArray weight(NDManager scope, PrepareStep prepared) {
        Arrangement arrangement = prepared.arrangement();
        return arrangement.seen().permute(random(scope, arrangement.shape()));
    }

    private static NDArray random(NDManager scope, Shape shape) {
        return scope.randomNormal(0, SPREAD, shape, DataType.FLOAT32);
    }

    @FunctionalInterface
    private interface Evaluation {
        NDArray run(Workspace space, NDList arrays);
    }

    private Time measure(
            NDManager scope,
            NDList leaves,
            boolean channelsLast,
            Function<NDManager, Workspace> workspaces,
            Evaluation evaluation) {
        Shape shape;
        try (Workspace space = workspaces.apply(scope)) {
            shape = evaluation.run(space, leaves).getShape();
        }
        int dimension = shape.dimension();
        AxisOrder lying = channelsLast ? AxisOrder.secondToLast(dimension) : AxisOrder.SAME;
        AxisOrder seen = channelsLast ? AxisOrder.lastToSecond(dimension) : AxisOrder.SAME;
        int most = (int) Math.max(1, REGION_BYTES / (ARRAYS * Float.BYTES * shape.size()));
        double forward = median(most, n -> evaluations(n, scope, leaves, workspaces, evaluation));
        // The gradient of the result, as a next step would give it, lies as the result does.
        Evaluation whole = (s, arrays) -> lying.permute(s, evaluation.run(s, arrays));
        double both = median(most, n -> withGradient(n, scope, leaves, workspaces, whole));
        // What the collector takes, and making that gradient.
        NDArray result = seen.permute(scope.zeros(lying.permute(shape), DataType.FLOAT32));
        Evaluation nothing = (s, arrays) -> lying.permute(s, arrays.get(0));
        double frame =
                median(most, n -> withGradient(n, scope, new NDList(result), workspaces, nothing));
        return new Time(forward, Math.max(0, both - frame - forward));
    }

    private double evaluations(
            int repetitions,
            NDManager scope,
            NDList leaves,
            Function<NDManager, Workspace> workspaces,
            Evaluation evaluation) {
        List<Workspace> spaces = new ArrayList<>();
        try (NDManager pass = scope.newSubManager()) {
            for (int n = 0; n < repetitions; n++) {
                spaces.add(workspaces.apply(pass));
            }
            Iterator<Workspace> next = spaces.iterator();
            double seconds = watch.seconds(repetitions, () -> evaluation.run(next.next(), leaves));
            spaces.forEach(Workspace::close);
            return seconds;
        }
    }

    private double withGradient(
            int repetitions,
            NDManager scope,
            NDList leaves,
            Function<NDManager, Workspace> workspaces,
            Evaluation evaluation) {
        List<Workspace> spaces = new ArrayList<>();
        List<NDList> operands = new ArrayList<>();
        try (NDManager pass = scope.newSubManager()) {
            for (int n = 0; n < repetitions; n++) {
                spaces.add(workspaces.apply(pass));
                operands.add(fresh(leaves, pass));
            }
            double seconds;
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                Iterator<Workspace> space = spaces.iterator();
                Iterator<NDList> arrays = operands.iterator();
                seconds =
                        watch.seconds(
                                repetitions,
                                () ->
                                        collector.backward(
                                                evaluation.run(space.next(), arrays.next())));
            }
            spaces.forEach(Workspace::close);
            return seconds;
        }
    }

    /** Leaves without a gradient: libtorch then keeps what it computes and adds nothing. */
    private static NDList fresh(NDList leaves, NDManager pass) {
        NDList fresh = new NDList();
        for (NDArray leaf : leaves) {
            NDArray copy = leaf.stopGradient();
            copy.attach(pass);
            copy.setRequiresGradient(true);
            fresh.add(copy);
        }
        return fresh;
    }

    /** The median of several measurements, each of so many repetitions as make it long enough. */
    private double median(int mostRepetitions, IntToDoubleFunction once) {
        int repetitions = 1;
        double first = once.applyAsDouble(repetitions);
        while (watch.isAsynchronous()
                && repetitions < mostRepetitions
                && repetitions < MOST_REPETITIONS
                && first * repetitions < REGION_SECONDS) {
            repetitions *= 2;
            first = once.applyAsDouble(repetitions);
        }
        double region = Math.max(first, LEAST_SECONDS) * repetitions;
        int rounds = (int) Math.max(LEAST_ROUNDS, Math.min(MOST_ROUNDS, budget / region));
        double[] seconds = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            seconds[round] = once.applyAsDouble(repetitions);
        }
        Arrays.sort(seconds);
        return seconds[rounds / 2];
    }

    @Override
    public void close() {
        watch.close();
        manager.close();
    }
}
