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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TensorialResNet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A training of a residual network with batch normalisation on photographs. Gammas start at 1 and
 * the last layer as it is drawn: the runs differ in what draws the cores alone.
 *
 * @param network the name of a network of the zoo, or {@link #ODD}
 * @param initializer what draws its cores
 * @param rate the rate of the first two thirds of the steps; it falls to 0 from there on
 * @param seed the seed of cores and of the order of photographs
 */
record PhotographRun(String network, NamedInitializer initializer, double rate, int seed) {

    /** A network of a graph that has no name. */
    static final String ODD = "odd";

    /** Photographs of one step. */
    static final int BATCH = 50;

    /** Losses are means over so many steps. */
    static final int EVERY = 10;

    private static final String GRAPH = "i r1=10 r2=4, r1 h r3=4, r2 w r3, r1 r3 o";
    private static final int CLASSES = 10;
    private static final float MOMENTUM = 0.9f;
    private static final float DECAY = 5e-4f;
    private static final int TESTED_AT_ONCE = 250;

    /**
     * What came out.
     *
     * @param losses the mean training loss over each ten steps; ends early at the first number that
     *     is none
     * @param accuracies the share of the test photographs that are recognised, after each epoch
     */
    record Result(List<Float> losses, List<Double> accuracies) {}

    /** Returns the first cells of a line of the file of results. */
    String key(int epochs, int photographs) {
        return String.format(
                Locale.ROOT,
                "%s,%s,%s,%d,%d,%d",
                network,
                initializer,
                rate,
                seed,
                epochs,
                photographs);
    }

    /** Reads a run off the first cells of a line. */
    static PhotographRun parse(String... cells) {
        return new PhotographRun(
                cells[0],
                NamedInitializer.valueOf(cells[1]),
                Double.parseDouble(cells[2]),
                Integer.parseInt(cells[3]));
    }

    /** The builder of the network. */
    TensorialResNet.Builder builder() {
        if (network.equals(ODD)) {
            return TensorialResNet.cifar(20)
                    .setOutSize(CLASSES)
                    .optFormat(TensorFormats.graph(GRAPH))
                    .optDenseStem()
                    .optDenseHead();
        }
        return ResNetSpec.parse(network).withOutSize(CLASSES).newBuilder();
    }

    /**
     * Trains.
     *
     * @param epochs the passes over the training photographs
     */
    Result run(Photographs train, Photographs test, int epochs) {
        Engine.getInstance().setRandomSeed(seed);
        int batches = train.count() / BATCH;
        Shape input = new Shape(BATCH, 3, Photographs.SIZE, Photographs.SIZE);
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.sgd()
                                        .setLearningRateTracker(schedule(epochs * batches))
                                        .optMomentum(MOMENTUM)
                                        .optWeightDecays(DECAY)
                                        .build());
        try (Model model = Model.newInstance("photographs")) {
            Block block = builder().optResidualGamma(1).optHeadScale(1).build();
            model.setBlock(block);
            block.setInitializer(initializer.create(seed), Parameter.Type.WEIGHT);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(input);
                try (NDManager manager = trainer.getManager().newSubManager()) {
                    NDList seen = train.batch(manager, IntStream.range(0, BATCH).toArray());
                    initializer.finish(block, new NDList(seen.get(0)), seed);
                }
                return train(trainer, train, test, epochs);
            }
        }
    }

    /** The rate of each update: even for two thirds of them, then in a line to 0. */
    private ParameterTracker schedule(int steps) {
        return (parameter, update) ->
                (float) (rate * Math.min(1, 3 * Math.max(0, 1 - (update - 1) / (double) steps)));
    }

    private Result train(Trainer trainer, Photographs train, Photographs test, int epochs) {
        List<Float> losses = new ArrayList<>();
        List<Double> accuracies = new ArrayList<>();
        Random order = new Random(seed);
        int[] indices = IntStream.range(0, train.count()).toArray();
        float sum = 0;
        int steps = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            shuffle(indices, order);
            for (int at = 0; at + BATCH <= indices.length; at += BATCH) {
                float loss = step(trainer, train, indices, at);
                if (!Float.isFinite(loss)) {
                    return new Result(losses, accuracies);
                }
                sum += loss;
                steps++;
                if (steps % EVERY == 0) {
                    losses.add(sum / EVERY);
                    sum = 0;
                }
            }
            accuracies.add(accuracy(trainer, test));
        }
        if (steps % EVERY > 0) {
            losses.add(sum / (steps % EVERY));
        }
        return new Result(losses, accuracies);
    }

    private static void shuffle(int[] indices, Random random) {
        for (int n = indices.length - 1; n > 0; n--) {
            int other = random.nextInt(n + 1);
            int kept = indices[n];
            indices[n] = indices[other];
            indices[other] = kept;
        }
    }

    private static float step(Trainer trainer, Photographs train, int[] indices, int at) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            NDList batch = train.batch(manager, Arrays.copyOfRange(indices, at, at + BATCH));
            float value;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList out = trainer.forward(new NDList(batch.get(0)));
                NDArray loss = trainer.getLoss().evaluate(new NDList(batch.get(1)), out);
                collector.backward(loss);
                value = loss.getFloat();
                out.close();
                loss.close();
            }
            trainer.step();
            return value;
        }
    }

    private static double accuracy(Trainer trainer, Photographs test) {
        int right = 0;
        for (int from = 0; from < test.count(); from += TESTED_AT_ONCE) {
            int to = Math.min(test.count(), from + TESTED_AT_ONCE);
            try (NDManager manager = trainer.getManager().newSubManager()) {
                NDList batch = test.batch(manager, IntStream.range(from, to).toArray());
                NDList out = trainer.evaluate(new NDList(batch.get(0)));
                long[] guesses = out.singletonOrThrow().argMax(1).toLongArray();
                for (int n = 0; n < guesses.length; n++) {
                    right += guesses[n] == (long) test.label(from + n) ? 1 : 0;
                }
                out.close();
            }
        }
        return (double) right / test.count();
    }
}
