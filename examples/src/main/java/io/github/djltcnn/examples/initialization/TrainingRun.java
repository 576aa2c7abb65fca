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
package io.github.djltcnn.examples.initialization;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.examples.data.HalvedImages;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * One cell of the comparison: a network trained for a number of steps from one start.
 *
 * @param network the network
 * @param format the format of its convolutions
 * @param initializer how its weights start
 * @param rate the learning rate
 * @param seed the seed of weights and batches
 */
record TrainingRun(
        NamedNetwork network,
        NamedFormat format,
        NamedInitializer initializer,
        double rate,
        int seed) {

    private static final int BATCH = 64;
    private static final double CHANCE = 0.1;

    /** Losses are means over so many steps. */
    static final int EVERY = 10;

    /** Reads a run off the first cells of a line of the file of results. */
    static TrainingRun parse(List<String> cells) {
        return new TrainingRun(
                NamedNetwork.valueOf(cells.get(0)),
                NamedFormat.valueOf(cells.get(1)),
                NamedInitializer.valueOf(cells.get(2)),
                Double.parseDouble(cells.get(3)),
                Integer.parseInt(cells.get(4)));
    }

    /** Returns the first cells of a line of the file of results. */
    String key() {
        return String.join(
                ",",
                network.name(),
                format.name(),
                initializer.name(),
                Double.toString(rate),
                Integer.toString(seed));
    }

    /**
     * What came out.
     *
     * @param losses the mean training loss over each ten steps; ends early at the first number that
     *     is none
     * @param accuracy the share of test images that are classified correctly; that of a guess where
     *     training broke off
     */
    record Result(List<Float> losses, double accuracy) {}

    /**
     * Trains with SGD and momentum 0.9, batches of 64.
     *
     * @param train the training images
     * @param test the test images
     * @param steps the number of steps
     * @return losses and accuracy
     */
    Result run(HalvedImages train, HalvedImages test, int steps) {
        Engine.getInstance().setRandomSeed(seed);
        Random order = new Random(seed);
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.sgd()
                                        .setLearningRateTracker(Tracker.fixed((float) rate))
                                        .optMomentum(0.9f)
                                        .build());
        try (Model model = Model.newInstance("comparison")) {
            model.setBlock(network.build(format.format()));
            model.getBlock().setInitializer(initializer.create(seed), Parameter.Type.WEIGHT);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(BATCH, 1, 14, 14));
                try (NDManager manager = trainer.getManager().newSubManager()) {
                    NDList seen = train.batch(manager, IntStream.range(0, BATCH).toArray());
                    initializer.finish(model.getBlock(), new NDList(seen.get(0)), seed);
                }
                List<Float> losses = new ArrayList<>();
                float sum = 0;
                for (int step = 1; step <= steps; step++) {
                    float loss = train.step(trainer, order.ints(BATCH, 0, train.count()).toArray());
                    if (!Float.isFinite(loss)) {
                        return new Result(losses, CHANCE);
                    }
                    sum += loss;
                    if (step % EVERY == 0) {
                        losses.add(sum / EVERY);
                        sum = 0;
                    }
                }
                return new Result(losses, accuracy(trainer, test));
            }
        }
    }

    private static double accuracy(Trainer trainer, HalvedImages test) {
        int right = 0;
        int chunk = 250;
        for (int from = 0; from < test.count(); from += chunk) {
            int[] indices = new int[Math.min(chunk, test.count() - from)];
            for (int n = 0; n < indices.length; n++) {
                indices[n] = from + n;
            }
            try (NDManager manager = trainer.getManager().newSubManager()) {
                NDList batch = test.batch(manager, indices);
                NDList out = trainer.evaluate(new NDList(batch.get(0)));
                long[] guesses = out.singletonOrThrow().argMax(1).toLongArray();
                float[] truth = batch.get(1).toFloatArray();
                for (int n = 0; n < guesses.length; n++) {
                    right += guesses[n] == (long) truth[n] ? 1 : 0;
                }
                out.close();
            }
        }
        return (double) right / test.count();
    }
}
