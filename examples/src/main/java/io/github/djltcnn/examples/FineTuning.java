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
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.training.FusedOptimizers;
import io.github.djltcnn.training.FusedTrainer;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
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

    /** The first learning rate; it falls to nothing. */
    static final float RATE = 0.002f;

    private static final int BATCH = 64;
    private static final int EVALUATED_AT_ONCE = 200;
    private static final int CALIBRATION_BATCHES = 10;

    private FineTuning() {}

    /** Converts all layers but the first and the head, with a decomposer that is soon done. */
    static Tensorizer.Builder tensorizer(String format, Rank rank, long seed) {
        return Tensorizer.builder()
                .setFormat(FORMATS.get(format))
                .optRank(rank)
                .optKeepFirst(true)
                .optFilter(path -> !path.startsWith("head"))
                .optDecomposer(
                        Decomposer.builder()
                                .optSeed(seed)
                                .optStarts(1)
                                .optMaxSweeps(60)
                                .optMaxMacs(3e9)
                                .build());
    }

    /** The share of images whose likeliest class is their label. */
    static double accuracy(Model model, LabelledImages images) {
        int[] right = {0};
        forward(
                model,
                images,
                (start, scores) -> {
                    long[] answers = scores.argMax(1).toLongArray();
                    for (int i = 0; i < answers.length; i++) {
                        right[0] += answers[i] == images.label(start + i) ? 1 : 0;
                    }
                });
        return (double) right[0] / images.count();
    }

    /** What a model makes of each image: the probabilities of the classes, image by image. */
    static float[] answers(Model model, LabelledImages images) {
        List<float[]> parts = new ArrayList<>();
        forward(model, images, (start, scores) -> parts.add(scores.softmax(1).toFloatArray()));
        int classes = parts.get(0).length / Math.min(EVALUATED_AT_ONCE, images.count());
        FloatBuffer all = FloatBuffer.allocate(classes * images.count());
        parts.forEach(all::put);
        return all.array();
    }

    private static void forward(
            Model model, LabelledImages images, BiConsumer<Integer, NDArray> taker) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray all = images.toPixels(manager);
            for (int start = 0; start < images.count(); start += EVALUATED_AT_ONCE) {
                int end = Math.min(start + EVALUATED_AT_ONCE, images.count());
                try (NDManager step = manager.newSubManager()) {
                    NDArray batch = all.get(start + ":" + end);
                    batch.attach(step);
                    NDList scores =
                            model.getBlock()
                                    .forward(
                                            new ParameterStore(step, false),
                                            new NDList(batch),
                                            false);
                    taker.accept(start, scores.singletonOrThrow());
                }
            }
        }
    }

    /** Measures the statistics of batch normalisation anew on some training images. */
    static void recalibrate(Model model, LabelledImages images)
            throws IOException, TranslateException {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ArrayDataset data = images.toPixelDataset(manager, EVALUATED_AT_ONCE, true);
            BatchNorms.recalibrate(model, data, CALIBRATION_BATCHES);
        }
    }

    /**
     * Trains all parameters on, with a learning rate that falls to nothing, towards the answers of
     * the dense network rather than the labels: they say more about each image, and leave the
     * network where it was if it answers so already (Hinton, Vinyals and Dean, "Distilling the
     * knowledge in a neural network", arXiv:1503.02531, 2015).
     *
     * @param answers what {@link #answers} gave for the dense network
     */
    static void tune(
            Model model,
            LabelledImages images,
            float[] answers,
            int epochs,
            float rate,
            TrainingListener... listeners)
            throws IOException, TranslateException {
        int steps = epochs * ((images.count() + BATCH - 1) / BATCH);
        Tracker tracker =
                Tracker.cosine()
                        .setBaseValue(rate)
                        .optFinalValue(rate / 1000)
                        .setMaxUpdates(steps)
                        .build();
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(
                                new SoftmaxCrossEntropyLoss("answers", 1, -1, false, true))
                        .optOptimizer(
                                FusedOptimizers.sgd()
                                        .setLearningRateTracker(tracker)
                                        .optMomentum(0.9f)
                                        .build())
                        .addTrainingListeners(new EvaluatorTrainingListener())
                        .addTrainingListeners(listeners);
        try (Trainer trainer = FusedTrainer.of(model, config);
                NDManager manager = trainer.getManager().newSubManager()) {
            trainer.initialize(model.getBlock().getInputShapes());
            Shape shape = new Shape(images.count(), answers.length / images.count());
            ArrayDataset data =
                    new ArrayDataset.Builder()
                            .setData(images.toPixels(manager))
                            .optLabels(manager.create(answers, shape))
                            .setSampling(BATCH, true)
                            .build();
            EasyTrain.fit(trainer, epochs, data, null);
        }
    }
}
