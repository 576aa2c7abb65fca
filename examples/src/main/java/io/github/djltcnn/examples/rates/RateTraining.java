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
package io.github.djltcnn.examples.rates;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.examples.data.HalvedImages;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.training.LearningRates;
import io.github.djltcnn.training.StepKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Trains one cell at one rate after another, from the same start each time. */
final class RateTraining implements AutoCloseable {

    private static final int BATCH = 64;
    private static final Shape INPUT = new Shape(BATCH, 1, HalvedImages.SIZE, HalvedImages.SIZE);

    /** The loss of a run is the mean over so many last steps. */
    private static final int LAST = 20;

    /**
     * A dense network takes so many times the steps of a run before it is decomposed, with momentum
     * at this rate.
     */
    private static final int BEFORE = 3;

    private static final float DENSE_RATE = 0.04f;

    private final RateCell cell;
    private final HalvedImages images;
    private final int steps;
    private final Model model;
    private final List<float[]> start = new ArrayList<>();

    /**
     * Makes the start.
     *
     * @param cell what is trained
     * @param images the training images
     * @param channels the channels of the first convolutions
     * @param steps the steps of a run
     */
    RateTraining(RateCell cell, HalvedImages images, int channels, int steps) {
        this.cell = cell;
        this.steps = steps;
        this.images = images;
        Engine.getInstance().setRandomSeed(cell.seed());
        model = Model.newInstance("rates");
        model.setBlock(cell.build(channels));
        model.getBlock()
                .setInitializer(
                        TensorialInitializer.fanIn().withSeed(cell.seed()), Parameter.Type.WEIGHT);
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
        if (cell.start() == RateCell.Start.DECOMPOSED) {
            run(sgd(Tracker.fixed(DENSE_RATE), 0.9f), BEFORE * steps, -cell.seed());
            if (!cell.isDense()) {
                decompose();
            }
        }
        for (var parameter : model.getBlock().getParameters().values()) {
            start.add(parameter.getArray().toFloatArray());
        }
    }

    private void decompose() {
        Tensorizer.builder()
                .setFormat(cell.format().of(cell.rank()))
                .optKeepFirst(true)
                .optEvenIfLarger(true)
                .optFilter(path -> path.contains("Conv"))
                .optDecomposer(
                        Decomposer.builder()
                                .optSeed(cell.seed())
                                .optStarts(1)
                                .optMaxSweeps(60)
                                .build())
                .build()
                .convert(model.getBlock(), INPUT);
    }

    /**
     * Trains at a rate.
     *
     * @return the mean loss of the last 20 steps; infinite if a loss was no number
     */
    double train(double rate) {
        int at = 0;
        for (var parameter : model.getBlock().getParameters().values()) {
            NDArray array = parameter.getArray();
            // A leaf that gradients are kept for must not be changed in place.
            array.setRequiresGradient(false);
            array.set(start.get(at++));
        }
        return run(optimizer((float) rate), steps, cell.seed());
    }

    private Optimizer optimizer(float rate) {
        ParameterTracker rates = Tracker.fixed(rate);
        boolean adam = cell.optimizer() == RateCell.Method.ADAM;
        if (cell.rule() == RateCell.Rule.TRANSFER) {
            rates =
                    LearningRates.transfer(
                            model.getBlock(), rates, adam ? StepKind.SIGN : StepKind.GRADIENT);
        }
        return adam
                ? Optimizer.adam().optLearningRateTracker(rates).build()
                : sgd(rates, cell.optimizer() == RateCell.Method.SGD ? 0 : 0.9f);
    }

    private static Optimizer sgd(ParameterTracker rates, float momentum) {
        return Optimizer.sgd().setLearningRateTracker(rates).optMomentum(momentum).build();
    }

    private double run(Optimizer optimizer, int count, int seed) {
        Random order = new Random(seed);
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()).optOptimizer(optimizer);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(INPUT);
            double sum = 0;
            int last = Math.min(LAST, count);
            for (int step = 0; step < count; step++) {
                float loss = images.step(trainer, order.ints(BATCH, 0, images.count()).toArray());
                if (!Float.isFinite(loss)) {
                    return Double.POSITIVE_INFINITY;
                }
                sum += step >= count - last ? loss / last : 0;
            }
            return sum;
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
