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
package io.github.djltcnn.compression;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.compression.internal.Images;
import io.github.djltcnn.training.FusedOptimizer;
import io.github.djltcnn.training.FusedOptimizers;
import io.github.djltcnn.training.FusedTrainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CancellationException;

/** The steps of a {@link Distillation}. */
final class DistillationRun {

    /** The rate rises over this share of the images. */
    private static final double RISE = 0.05;

    /** What the rate is divided by where the loss rises, and how often. */
    private static final float LESS = 3;

    private static final int MOST_LOWERED = 5;

    /** The loss of so many last steps is compared with that of so many first ones. */
    private static final int RECENT = 6;

    private static final int FIRST = 2;

    /** A loss so many times that of the first steps has risen; less is chance. */
    private static final double RISEN = 1.5;

    /** The share of the images in which that is looked for. */
    private static final double WATCHED = 0.3;

    private final Distillation settings;
    private final Model student;
    private final IdentityHashMap<Parameter, Boolean> frozen;
    private int lowered;
    private double told;

    DistillationRun(
            Distillation settings, Model student, IdentityHashMap<Parameter, Boolean> frozen) {
        this.settings = settings;
        this.student = student;
        this.frozen = frozen;
    }

    /** Takes all steps, from the beginning again with a smaller rate where the loss rises. */
    Distillation.Outcome train(Dataset dataset) throws IOException, TranslateException {
        dataset.prepare(); // some do not know how many they are before
        Shape[] inputs = student.getBlock().getInputShapes();
        Images images =
                new Images(
                        dataset, inputs[0], DataType.FLOAT32, settings.imagesPerEpoch, this::check);
        long total = (long) settings.epochs * count(images, dataset, student.getNDManager());
        try (Snapshot start = Snapshot.ofAll(student.getBlock(), student.getNDManager())) {
            for (float rate = settings.rate; ; rate /= LESS) {
                try {
                    return attempt(images, inputs, new Schedule(rate, total));
                } catch (Diverging e) {
                    start.restore();
                    lowered++;
                }
            }
        }
    }

    private Distillation.Outcome attempt(Images images, Shape[] inputs, Schedule schedule)
            throws IOException, TranslateException {
        FusedOptimizer optimizer = FusedOptimizers.adam().optLearningRateTracker(schedule).build();
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.l2Loss())
                        .optOptimizer(optimizer)
                        .optDevices(new Device[] {student.getNDManager().getDevice()});
        List<Double> losses = new ArrayList<>();
        long seen = 0;
        try (optimizer;
                Trainer trainer = FusedTrainer.of(student, config)) {
            trainer.initialize(inputs);
            // DJL's trainer lets everything train that was frozen.
            frozen.forEach(Parameter::freeze);
            for (int epoch = 0; epoch < settings.epochs; epoch++) {
                int got =
                        images.forEach(
                                trainer.getManager(),
                                (x, labels) -> batch(trainer, x, losses, schedule));
                if (got == 0) {
                    throw new IllegalArgumentException(
                            epoch == 0
                                    ? "There are no images to learn from"
                                    : "The images gave "
                                            + seen
                                            + " in the passes so far and none in pass "
                                            + (epoch + 1)
                                            + "; give a dataset that can be read again");
                }
                seen += got;
            }
        }
        int tenth = Math.max(1, losses.size() / 10);
        return new Distillation.Outcome(
                losses.size(),
                seen,
                mean(losses.subList(0, tenth)),
                mean(losses.subList(losses.size() - tenth, losses.size())),
                schedule.rate);
    }

    /**
     * Ends an attempt whose loss is well above that of the first steps: the rate is too large for
     * cores that cancel each other, as those of CP do.
     */
    private void checkFalls(List<Double> losses, Schedule schedule) {
        int n = losses.size();
        if (lowered == MOST_LOWERED || n < RECENT + FIRST || schedule.share() > WATCHED) {
            return;
        }
        double first = mean(losses.subList(0, FIRST));
        if (!(mean(losses.subList(n - RECENT, n)) < RISEN * first)) {
            throw new Diverging();
        }
    }

    /** Ends an attempt. */
    private static final class Diverging extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static double mean(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    private void check() {
        settings.between.run();
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("The thread was interrupted while distilling");
        }
    }

    /** The images of a pass; a dataset that does not say how many has to be read for it. */
    private long count(Images images, Dataset dataset, NDManager manager)
            throws IOException, TranslateException {
        return dataset instanceof RandomAccessDataset known && known.size() > 0
                ? Math.min(known.size(), settings.imagesPerEpoch)
                : images.forEach(manager, (x, labels) -> {});
    }

    /** Takes steps on equal parts of a batch. */
    private void batch(Trainer trainer, NDArray x, List<Double> losses, Schedule schedule) {
        long size = x.getShape().get(0);
        long parts = (size + settings.batch - 1) / settings.batch;
        for (long part = 0; part < parts; part++) {
            check();
            long from = part * size / parts;
            long to = (part + 1) * size / parts;
            schedule.seen(to - from);
            try (NDManager scope = trainer.getManager().newSubManager()) {
                NDArray images = x.get(from + ":" + to);
                images.attach(scope);
                losses.add(step(trainer, images, schedule.rate));
            }
            checkFalls(losses, schedule);
            told = Math.max(told, schedule.share()); // an attempt more does not take it back
            settings.progress.accept(told);
        }
    }

    private double step(Trainer trainer, NDArray x, float rate) {
        NDArray answers =
                settings.teacher
                        .forward(
                                new ParameterStore(x.getManager(), false),
                                new NDList(x.stopGradient()),
                                false)
                        .head()
                        .stopGradient();
        double value;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDArray given = trainer.forward(new NDList(x)).head();
            if (!given.getShape().equals(answers.getShape())) {
                throw new IllegalArgumentException(
                        "The teacher answers "
                                + answers.getShape()
                                + ", the student "
                                + given.getShape()
                                + "; the two have the same outputs");
            }
            NDArray loss = loss(given, answers);
            value = loss.toType(DataType.FLOAT64, false).getDouble();
            if (!Double.isFinite(value)) {
                if (lowered < MOST_LOWERED) {
                    throw new Diverging();
                }
                throw new IllegalStateException(
                        "The loss is "
                                + value
                                + "; the rate "
                                + rate
                                + " is too large for this model, or its weights or images are not"
                                + " finite");
            }
            collector.backward(loss);
        }
        trainer.step();
        return value;
    }

    private NDArray loss(NDArray given, NDArray answers) {
        NDArray mean = answers.sub(given).square().mean();
        if (given.getShape().dimension() != 2) {
            return mean;
        }
        NDArray soft = answers.div(settings.temperature).logSoftmax(1);
        NDArray own = given.div(settings.temperature).logSoftmax(1);
        NDArray divergence = soft.exp().mul(soft.sub(own)).sum(new int[] {1}).mean();
        NDArray loss = divergence.mul(settings.temperature * settings.temperature);
        return settings.squares == 0 ? loss : loss.add(mean.mul(settings.squares));
    }

    /** Up along a line, down along a cosine, by the images that were seen. */
    private static final class Schedule implements Tracker {

        private final float rate;
        private final long images;
        private long seen;

        Schedule(float rate, long images) {
            this.rate = rate;
            this.images = Math.max(1, images);
        }

        void seen(long more) {
            seen += more;
        }

        double share() {
            return Math.min(1, (double) seen / images);
        }

        @Override
        public float getNewValue(int numUpdate) {
            double share = share();
            return (float)
                    (share < RISE
                            ? rate * share / RISE
                            : rate * (0.5 + 0.5 * Math.cos(Math.PI * (share - RISE) / (1 - RISE))));
        }
    }
}
