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
package io.github.djltcnn.benchmarks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.training.FusedOptimizers;
import io.github.djltcnn.training.FusedTrainer;
import io.github.djltcnn.zoo.ResNetSpec;
import java.util.ArrayList;
import java.util.List;

/** A model that is trained with one of three optimizers that compute the same. */
final class StepContestant implements AutoCloseable {

    /** DJL's optimizer; ours in DJL's trainer; ours in its own. */
    enum Update {
        DJL,
        DROP_IN,
        FUSED
    }

    static final int CLASSES = 10;

    private final Model model;
    private final Trainer trainer;
    private final NDArray input;
    private final NDArray labels;
    private final List<Double> updates = new ArrayList<>();

    /**
     * Makes a model.
     *
     * @param network {@code stock}, for DJL's own blocks, or a name of the zoo
     * @param batch the number of images
     * @param update who updates
     */
    StepContestant(String network, int batch, Update update) {
        Shape image = new Shape(3, 32, 32);
        model = Model.newInstance(network);
        model.setBlock(block(network, image));
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(optimizer(update));
        trainer =
                update == Update.FUSED ? FusedTrainer.of(model, config) : model.newTrainer(config);
        trainer.initialize(new Shape(batch).addAll(image));
        NDManager manager = model.getNDManager();
        input = manager.randomNormal(new Shape(batch).addAll(image));
        labels = manager.zeros(new Shape(batch), DataType.INT64);
    }

    private static Block block(String network, Shape image) {
        return network.equals("stock")
                ? StockResNet.cifar(32, CLASSES)
                : ResNetSpec.parse(network).withOutSize(CLASSES).withImage(image).newBlock();
    }

    private static Optimizer optimizer(Update update) {
        Tracker rate = Tracker.fixed(1e-3f);
        return update == Update.DJL
                ? Optimizer.sgd()
                        .setLearningRateTracker(rate)
                        .optMomentum(0.9f)
                        .optWeightDecays(1e-4f)
                        .build()
                : FusedOptimizers.sgd()
                        .setLearningRateTracker(rate)
                        .optMomentum(0.9f)
                        .optWeightDecays(1e-4f)
                        .build();
    }

    /** Makes a step; returns its milliseconds. */
    double once() {
        long start = Rounds.CLOCK.getAsLong();
        backward();
        long middle = Rounds.CLOCK.getAsLong();
        update();
        long end = Rounds.CLOCK.getAsLong();
        updates.add(Rounds.millis(middle, end));
        return Rounds.millis(start, end);
    }

    /** The forward and backward pass; what was made on the way is closed within the time. */
    void backward() {
        try (NDManager scope = model.getNDManager().newSubManager();
                GradientCollector collector = trainer.newGradientCollector()) {
            input.attach(scope);
            NDList output = trainer.forward(new NDList(input));
            NDArray loss = trainer.getLoss().evaluate(new NDList(labels), output);
            collector.backward(loss);
            input.attach(model.getNDManager());
        }
    }

    void update() {
        trainer.step();
    }

    /** The median milliseconds of the update, of the last rounds. */
    double medianUpdate(int rounds) {
        int from = Math.max(0, updates.size() - rounds);
        return Rounds.median(updates.subList(from, updates.size()));
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
    }
}
