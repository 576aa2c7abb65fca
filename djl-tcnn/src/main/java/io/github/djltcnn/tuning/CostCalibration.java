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
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.contraction.CostModel;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.Step;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.tuning.internal.StepSample;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleConsumer;

/**
 * Measures a {@link CostModel} on the machine it runs on: draws layers, plans them with rates that
 * are off at random so that every kind of step comes up, times the steps one by one, and fits.
 *
 * <p>The thread count is that of the process; nothing else should run meanwhile. Not while
 * gradients are being collected.
 *
 * @since 0.1.0
 */
public final class CostCalibration {

    /** Multiply-adds of the largest layer on a CPU, where that takes some 5e-3 seconds. */
    private static final double CPU_MACS = 3e8;

    /** On other devices layers grow until a convolution takes so many seconds. */
    private static final double LARGE_SECONDS = 1e-3;

    /** No device is given layers of more multiply-adds. */
    private static final double MOST_MACS = 2e11;

    /** No device but a CPU is given plans that hold more bytes; a CPU's layers hold far less. */
    private static final long MOST_BYTES = 8L << 30;

    /** Rates are off by e to the power of so many standard normal numbers, so that plans differ. */
    private static final double DEVIATION = 1.2;

    /** Seconds to spend on one measurement. */
    private static final double BUDGET = 0.01;

    private static final double NANO = 1e-9;

    /** A fraction of the layers also have the contraction of their kernel timed. */
    private static final int PROGRAMS = 4;

    private final Device device;
    private final double seconds;
    private final Random random;
    private final DoubleConsumer progress;

    private CostCalibration(Builder builder) {
        device = builder.device;
        seconds = builder.seconds;
        random = new Random(builder.seed);
        progress = builder.progress;
    }

    /**
     * Creates a builder.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Measures, for about as long as it was told to. On a device that computes beside its caller
     * every measurement waits for the device, and layers are so large that it is busy.
     *
     * @return the model
     * @throws CancellationException if the thread is interrupted meanwhile; it stays so
     */
    public CostModel measure() {
        CostModel start = CostModel.standard(device, 1);
        TimedSteps steps = new TimedSteps(start);
        long begin = System.nanoTime();
        try (StepStopwatch watch = new StepStopwatch(device, BUDGET)) {
            CalibrationLayers layers = new CalibrationLayers(random, mostMacs(watch));
            double spent = 0;
            while (spent < seconds) {
                stopIfInterrupted(spent);
                layer(layers.next(), PerturbedCosts.of(start, random, DEVIATION), steps, watch);
                spent = (System.nanoTime() - begin) * NANO;
                progress.accept(Math.min(1, spent / seconds));
            }
            steps.repeatDisturbed(watch);
            steps.repeatStrange(watch);
        }
        return CostModel.of(steps.fit());
    }

    private static void stopIfInterrupted(double spent) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException(
                    String.format(
                            Locale.ROOT,
                            "The calibration was interrupted after %.0f seconds; no model was made",
                            spent));
        }
    }

    private double mostMacs(StepStopwatch watch) {
        return watch.isAsynchronous()
                ? CalibrationLayers.grow(
                        CPU_MACS, MOST_MACS, LARGE_SECONDS, macs -> convolution(macs, watch))
                : CPU_MACS;
    }

    private double convolution(double macs, StepStopwatch watch) {
        long batch = (long) Math.ceil(macs / CalibrationLayers.DENSE_MACS);
        CalibrationLayers.Layer layer = CalibrationLayers.dense(batch);
        ContractionPlan plan =
                ContractionPlanner.create(layer.network(), layer.geometry())
                        .plan(layer.inputShape(), false, Layout.CHANNELS_LAST, device);
        return watch.time(StepSample.of(plan.steps().get(0), plan.program())).forward();
    }

    private void layer(
            CalibrationLayers.Layer layer, CostModel costs, TimedSteps steps, StepStopwatch watch) {
        ContractionPlanner planner =
                ContractionPlanner.create(
                        layer.network(),
                        layer.geometry(),
                        PlannerOptions.standard().withCostModel(costs));
        Layout layout = random.nextBoolean() ? Layout.CHANNELS_FIRST : Layout.CHANNELS_LAST;
        boolean training = random.nextBoolean();
        ContractionPlan plan = planner.plan(layer.inputShape(), training, layout, device);
        if (watch.isAsynchronous() && plan.peakBytes() > MOST_BYTES) {
            return;
        }
        for (ActivationStep step : plan.steps()) {
            steps.time(StepSample.of(step, plan.program()), watch);
        }
        if (random.nextInt(PROGRAMS) == 0) {
            WeightProgram program =
                    planner.kernelFirst(layer.inputShape(), training, layout, device).program();
            List<Shape> shapes = layer.network().cores().stream().map(Core::shape).toList();
            List<Work> works = program.steps().stream().map(Step::work).toList();
            if (works.stream().anyMatch(work -> work.operation() == Operation.MERGE)) {
                steps.add(works, watch.time(program, shapes));
            }
        }
    }

    /** Builds a {@link CostCalibration}. */
    public static final class Builder {

        private static final double STANDARD_SECONDS = 120;

        private Device device = Device.cpu();
        private double seconds = STANDARD_SECONDS;
        private long seed = 1;
        private DoubleConsumer progress = done -> {};

        private Builder() {}

        /**
         * Sets the device, the CPU by default.
         *
         * @param device the device
         * @return this builder
         */
        public Builder optDevice(Device device) {
            this.device = Objects.requireNonNull(device, "device");
            return this;
        }

        /**
         * Sets how long to measure, 120 s by default.
         *
         * @param seconds the seconds, above 0
         * @return this builder
         */
        public Builder optSeconds(double seconds) {
            if (!(seconds > 0) || Double.isInfinite(seconds)) {
                throw new IllegalArgumentException(
                        "A calibration takes a time above 0 seconds, got " + seconds);
            }
            this.seconds = seconds;
            return this;
        }

        /**
         * Sets the seed of the layers that are drawn, 1 by default.
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets who is told how far the measuring is.
         *
         * @param progress takes the fraction that is done, between 0 and 1
         * @return this builder
         */
        public Builder optProgress(DoubleConsumer progress) {
            this.progress = Objects.requireNonNull(progress, "progress");
            return this;
        }

        /**
         * Builds the calibration.
         *
         * @return the calibration
         * @throws IllegalArgumentException if the machine does not have the device
         */
        public CostCalibration build() {
            int gpus = Engine.getInstance().getGpuCount();
            if (device.isGpu() && device.getDeviceId() >= gpus) {
                throw new IllegalArgumentException(
                        "There is no device "
                                + device
                                + " to measure: this machine has "
                                + gpus
                                + " GPUs that the engine can use");
            }
            return new CostCalibration(this);
        }
    }
}
