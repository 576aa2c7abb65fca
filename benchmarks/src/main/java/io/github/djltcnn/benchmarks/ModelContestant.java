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
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import io.github.djltcnn.batchnorm.BatchNormFolding;
import io.github.djltcnn.nn.TensorialConv2d;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A whole model that trains or predicts, with its input in one memory layout. */
final class ModelContestant implements AutoCloseable {

    private final String name;
    private final Model model;
    private final Trainer trainer;
    private final NDArray input;
    private final NDArray labels;
    private final Map<String, List<Double>> parts = new LinkedHashMap<>();

    /**
     * Makes a model.
     *
     * @param name its name in the tables
     * @param block the network, not initialised
     * @param shape the shape of its input
     * @param channelsLast whether its input lies with channels last
     * @param training whether it trains or predicts
     * @param folded whether batch normalisations are folded into the layers before them
     */
    ModelContestant(
            String name,
            Block block,
            Shape shape,
            boolean channelsLast,
            boolean training,
            boolean folded) {
        this.name = name;
        model = Model.newInstance(name);
        model.setBlock(block);
        NDManager manager = model.getNDManager();
        if (training) {
            trainer = model.newTrainer(config());
            trainer.initialize(shape);
        } else {
            trainer = null;
            block.initialize(manager, DataType.FLOAT32, shape);
            if (folded) {
                model.setBlock(BatchNormFolding.fold(block, shape, manager));
            }
        }
        input =
                channelsLast
                        ? manager.randomNormal(
                                        new Shape(
                                                shape.get(0),
                                                shape.get(2),
                                                shape.get(3),
                                                shape.get(1)))
                                .transpose(0, 3, 1, 2)
                        : manager.randomNormal(shape);
        labels = manager.zeros(new Shape(shape.get(0)), DataType.INT64);
    }

    /** Times the orders of every convolution for the shape that reaches it. */
    void autotune() {
        autotune(model.getBlock());
    }

    private static void autotune(Block block) {
        if (block instanceof TensorialConv2d layer) {
            layer.autotune(layer.getInputShapes()[0], false);
        } else {
            block.getChildren().values().forEach(ModelContestant::autotune);
        }
    }

    private static DefaultTrainingConfig config() {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(
                        Optimizer.sgd()
                                .setLearningRateTracker(Tracker.fixed(1e-3f))
                                .optMomentum(0.9f)
                                .optWeightDecays(1e-4f)
                                .build());
    }

    String name() {
        return name;
    }

    /** Runs once; what was made on the way is closed within the time. */
    double once() {
        NDManager manager = model.getNDManager();
        long start = Rounds.CLOCK.getAsLong();
        try (NDManager scope = manager.newSubManager()) {
            // Results belong to the manager of the input, so that they go with the scope.
            input.attach(scope);
            if (trainer == null) {
                model.getBlock()
                        .forward(new ParameterStore(scope, false), new NDList(input), false);
            } else {
                step();
            }
            input.attach(manager);
        }
        return Rounds.millis(start, Rounds.CLOCK.getAsLong());
    }

    private void step() {
        long start = Rounds.CLOCK.getAsLong();
        long forward;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDList output = trainer.forward(new NDList(input));
            NDArray loss = trainer.getLoss().evaluate(new NDList(labels), output);
            forward = Rounds.CLOCK.getAsLong();
            collector.backward(loss);
        }
        long backward = Rounds.CLOCK.getAsLong();
        trainer.step();
        add("forward", start, forward);
        add("backward", forward, backward);
        add("update", backward, Rounds.CLOCK.getAsLong());
    }

    private void add(String part, long start, long end) {
        parts.computeIfAbsent(part, p -> new ArrayList<>()).add(Rounds.millis(start, end));
    }

    /** Predicts once, stage by stage. */
    double stages() {
        NDManager manager = model.getNDManager();
        long start = Rounds.CLOCK.getAsLong();
        try (NDManager scope = manager.newSubManager()) {
            input.attach(scope);
            ParameterStore store = new ParameterStore(scope, false);
            NDList signal = new NDList(input);
            for (Pair<String, Block> stage : model.getBlock().getChildren()) {
                long before = Rounds.CLOCK.getAsLong();
                signal = stage.getValue().forward(store, signal, false);
                add(stage.getKey().replaceFirst("^\\d+", ""), before, Rounds.CLOCK.getAsLong());
            }
            input.attach(manager);
        }
        return Rounds.millis(start, Rounds.CLOCK.getAsLong());
    }

    /** The median times of the parts of a training step, or of the stages of a prediction. */
    Map<String, Double> parts() {
        Map<String, Double> medians = new LinkedHashMap<>();
        parts.forEach((part, times) -> medians.put(name + ": " + part, Rounds.median(times)));
        return medians;
    }

    @Override
    public void close() {
        if (trainer != null) {
            trainer.close();
        }
        model.close();
    }
}
