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
package io.github.djltcnn.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.conversion.BatchNorms;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;

/** The steps that the programs about compression share. */
final class FineTuning {

    /** The formats to choose from, by the name of an option. */
    static final Map<String, Function<Rank, TensorFormat>> FORMATS =
            Map.of(
                    "tr", TensorFormats::tensorRing,
                    "tt", TensorFormats::tensorTrain,
                    "tk2", TensorFormats::tucker2,
                    "cp", TensorFormats::cp);

    private static final int EVALUATED_AT_ONCE = 200;
    private static final int CALIBRATION_BATCHES = 10;

    private FineTuning() {}

    /** A decomposer for programs that somebody waits for: one start, few sweeps. */
    static Decomposer decomposer(long seed) {
        return Decomposer.builder()
                .optSeed(seed)
                .optStarts(1)
                .optMaxSweeps(20)
                .optMaxMacs(1e9)
                .build();
    }

    /** The share of images whose likeliest class is their label. */
    static double accuracy(Model model, LabelledImages images) {
        int right = 0;
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray all = images.toArray(manager);
            for (int start = 0; start < images.count(); start += EVALUATED_AT_ONCE) {
                int end = Math.min(start + EVALUATED_AT_ONCE, images.count());
                try (NDManager step = manager.newSubManager()) {
                    NDArray batch = all.get(start + ":" + end);
                    batch.attach(step);
                    NDArray scores =
                            model.getBlock()
                                    .forward(
                                            new ParameterStore(step, false),
                                            new NDList(batch),
                                            false)
                                    .singletonOrThrow();
                    long[] answers = scores.argMax(1).toLongArray();
                    for (int i = start; i < end; i++) {
                        right += answers[i - start] == images.label(i) ? 1 : 0;
                    }
                }
            }
        }
        return (double) right / images.count();
    }

    /** Measures the statistics of batch normalisation anew on some training images. */
    static void recalibrate(Model model, LabelledImages images)
            throws IOException, TranslateException {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ArrayDataset data = images.toDataset(manager, EVALUATED_AT_ONCE, true);
            BatchNorms.recalibrate(model, data, CALIBRATION_BATCHES);
        }
    }

    /** Trains all parameters on, with a learning rate that falls to nothing. */
    static void tune(
            Model model,
            LabelledImages images,
            int epochs,
            int batch,
            float rate,
            TrainingListener... listeners)
            throws IOException, TranslateException {
        int steps = epochs * ((images.count() + batch - 1) / batch);
        Tracker tracker =
                Tracker.cosine()
                        .setBaseValue(rate)
                        .optFinalValue(rate / 1000)
                        .setMaxUpdates(steps)
                        .build();
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .addEvaluator(new Accuracy())
                        .optOptimizer(
                                Optimizer.sgd()
                                        .setLearningRateTracker(tracker)
                                        .optMomentum(0.9f)
                                        .build())
                        .addTrainingListeners(new EvaluatorTrainingListener())
                        .addTrainingListeners(listeners);
        try (Trainer trainer = model.newTrainer(config);
                NDManager manager = trainer.getManager().newSubManager()) {
            trainer.initialize(model.getBlock().getInputShapes());
            EasyTrain.fit(trainer, epochs, images.toDataset(manager, batch, true), null);
        }
    }
}
