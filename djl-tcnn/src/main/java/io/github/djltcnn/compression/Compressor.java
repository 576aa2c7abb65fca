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

import ai.djl.Model;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.statistics.ModelStatistics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Compresses a trained model in one call: its kernels are decomposed, batch normalisation is
 * measured anew, the result learns the answers of the dense model, and all of it is measured.
 *
 * <pre>{@code
 * Compressor compressor =
 *         Compressor.builder()
 *                 .setModel(model)
 *                 .optTarget(CompressionTarget.PARAMETERS, 0.25)
 *                 .optImages(folder)
 *                 .optDistil(2)
 *                 .build();
 * logger.info("{}", compressor.plan());
 * try (CompressionResult result = compressor.run(step -> logger.info("{}", step))) {
 *     TensorialModels.save(result.model(), target);
 *     result.report().write(target);
 * }
 * }</pre>
 *
 * <p>The given model is read and never changed: what is compressed is a copy of it. A failure, an
 * interrupt or a cancellation at any moment leaves nothing behind.
 *
 * <p>Images need no labels. Without images the kernels are decomposed and no more: batch
 * normalisation then keeps the statistics of the dense model, which costs much accuracy. For one
 * thread at a time; nothing else should run on the machine while times are measured.
 *
 * <p>Longer than 400 lines: the options of the builder, and what each of them means, are most of
 * it.
 *
 * @since 0.1.0
 */
public final class Compressor {

    private final Settings settings;
    private CompressionPlan plan;
    private ModelStatistics statistics;

    private Compressor(Builder builder) {
        settings =
                new Settings(
                        builder.model,
                        builder.format,
                        builder.formatName,
                        builder.target,
                        builder.share,
                        builder.images,
                        builder.folder,
                        builder.test,
                        builder.epochs,
                        builder.distillation,
                        builder.mode,
                        builder.batch,
                        builder.measureSeconds,
                        builder.calibrationImages,
                        builder.byAnswers,
                        builder.keepFirst,
                        builder.filter,
                        builder.decomposer,
                        builder.cancelled);
    }

    /**
     * Says what {@link #run} is going to do: formats and ranks of each layer, the time that the
     * result takes, the seconds that the run takes. The plan is kept for the run.
     *
     * @return the plan
     * @throws IOException if images cannot be read
     * @throws TranslateException if images cannot be made into arrays
     * @throws IllegalArgumentException if model, images and target do not fit one another
     * @throws CancellationException if the thread is interrupted or the work cancelled
     */
    public CompressionPlan plan() throws IOException, TranslateException {
        return plan(progress -> {});
    }

    /**
     * Says what {@link #run} is going to do.
     *
     * @param listener is told how far the planning is
     * @return the plan
     * @throws IOException if images cannot be read
     * @throws TranslateException if images cannot be made into arrays
     * @throws IllegalArgumentException if model, images and target do not fit one another
     * @throws CancellationException if the thread is interrupted or the work cancelled
     */
    public CompressionPlan plan(CompressionListener listener)
            throws IOException, TranslateException {
        Pace pace = new Pace(listener, settings.cancelled());
        return guarded(
                () -> {
                    makePlan(pace);
                    pace.end();
                    return plan;
                });
    }

    private void makePlan(Pace pace) throws IOException, TranslateException {
        Planner planner = new Planner(settings, pace);
        plan = planner.plan();
        statistics = planner.statistics();
    }

    private interface Work<T> {
        T run() throws IOException, TranslateException;
    }

    /** Says of whatever ends the work that the model is as it was. */
    private static <T> T guarded(Work<T> work) throws IOException, TranslateException {
        try {
            return work.run();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (CancellationException e) {
            if (String.valueOf(e.getMessage()).contains(Pace.AS_BEFORE)) {
                throw e;
            }
            CancellationException ended =
                    new CancellationException(e.getMessage() + "; " + Pace.AS_BEFORE);
            ended.initCause(e);
            throw ended;
        }
    }

    /**
     * Compresses the model, by the plan that was made last.
     *
     * @return another model and the report, to be closed
     * @throws IOException if images cannot be read
     * @throws TranslateException if images cannot be made into arrays
     * @throws IllegalArgumentException if model, images and target do not fit one another
     * @throws CancellationException if the thread is interrupted or the work cancelled
     */
    public CompressionResult run() throws IOException, TranslateException {
        return run(progress -> {});
    }

    /**
     * Compresses the model, by the plan that was made last.
     *
     * @param listener is told how far the work is; what it throws ends the work
     * @return another model and the report, to be closed
     * @throws IOException if images cannot be read
     * @throws TranslateException if images cannot be made into arrays
     * @throws IllegalArgumentException if model, images and target do not fit one another
     * @throws CancellationException if the thread is interrupted or the work cancelled
     */
    public CompressionResult run(CompressionListener listener)
            throws IOException, TranslateException {
        Pace pace = new Pace(listener, settings.cancelled());
        return guarded(
                () -> {
                    if (plan == null) {
                        makePlan(pace);
                    }
                    return new Run(settings, plan, statistics, pace).run();
                });
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Builds a {@link Compressor}.
     *
     * @since 0.1.0
     */
    public static final class Builder {

        private Model model;
        private Function<Rank, ? extends TensorFormat> format;
        private String formatName = FormatNames.AUTO;
        private CompressionTarget target = CompressionTarget.PARAMETERS;
        private double share = 0.5;
        private Dataset images;
        private Path folder;
        private Dataset test;
        private int epochs;
        private Distillation.Builder distillation;
        private PredictionMode mode = PredictionMode.COMPILED;
        private int batch = 1;
        private double measureSeconds = 1;
        private int calibrationImages = 1000;
        private boolean byAnswers = true;
        private boolean keepFirst = true;
        private Predicate<String> filter = path -> true;
        private Decomposer decomposer =
                Decomposer.builder().optStarts(1).optMaxSweeps(100).optMaxMacs(1e10).build();
        private BooleanSupplier cancelled = () -> false;

        private Builder() {}

        /**
         * Sets the <b>required</b> model.
         *
         * @param model a trained model, loaded or initialised
         * @return this builder
         */
        public Builder setModel(Model model) {
            this.model = Objects.requireNonNull(model, "model");
            return this;
        }

        /**
         * Sets the format by its name: {@code cp}, {@code cp-joint}, {@code tucker2}, {@code htk2},
         * {@code tt}, {@code ttm}, {@code tr}, {@code channels} ({@code i h w r, r o}), {@code
         * axes} ({@code i h r, r w o}), or {@code auto}, the default: the best of several for each
         * layer.
         *
         * @param name the name
         * @return this builder
         * @throws IllegalArgumentException if there is no such format
         */
        public Builder optFormat(String name) {
            FormatNames.of(name, target);
            this.formatName = name;
            this.format = null;
            return this;
        }

        /**
         * Sets the format.
         *
         * @param format makes the format for a rank, such as {@code TensorFormats::tensorRing}
         * @return this builder
         */
        public Builder optFormat(Function<Rank, ? extends TensorFormat> format) {
            this.format = Objects.requireNonNull(format, "format");
            this.formatName = "";
            return this;
        }

        /**
         * Sets what falls, and to which share; half of the parameters by default.
         *
         * @param target the parameters, the multiply-adds or the time of the whole model
         * @param share the share that is left, above 0 and below 1
         * @return this builder
         * @throws IllegalArgumentException if the share is out of range
         */
        public Builder optTarget(CompressionTarget target, double share) {
            if (!(share > 0 && share < 1)) {
                throw new IllegalArgumentException(
                        "A share is above 0 and below 1, such as 0.25 for a quarter; got " + share);
            }
            this.target = Objects.requireNonNull(target, "target");
            this.share = share;
            return this;
        }

        /**
         * Sets images like those that the model was trained on. Labels are not needed; where there
         * are some, accuracies are measured.
         *
         * @param images batches as the model takes them; it can be read several times
         * @return this builder
         */
        public Builder optImages(Dataset images) {
            this.images = Objects.requireNonNull(images, "images");
            this.folder = null;
            return this;
        }

        /**
         * Sets a folder of images like those that the model was trained on. They are fitted to the
         * size and the channels of the model; pixels are from 0 to 1. If the folder has one folder
         * for each class, these are labels.
         *
         * @param folder the folder
         * @return this builder
         */
        public Builder optImages(Path folder) {
            this.folder = Objects.requireNonNull(folder, "folder");
            this.images = null;
            return this;
        }

        /**
         * Sets the images on which answers are compared. By default they are the first thousand of
         * those of {@code optImages}.
         *
         * @param test batches as the model takes them
         * @return this builder
         */
        public Builder optTestImages(Dataset test) {
            this.test = Objects.requireNonNull(test, "test");
            return this;
        }

        /**
         * Sets how often the images are passed over to learn the answers of the dense model; 0 by
         * default, which leaves that out.
         *
         * @param epochs the number, at least 0
         * @return this builder
         */
        public Builder optDistil(int epochs) {
            if (epochs < 0) {
                throw new IllegalArgumentException("Epochs are at least 0, got " + epochs);
            }
            this.epochs = epochs;
            return this;
        }

        /**
         * Sets how the answers are learnt, in the place of the defaults of {@link Distillation}.
         * Teacher, epochs and progress are set by the compression.
         *
         * @param distillation the settings
         * @return this builder
         */
        public Builder optDistillation(Distillation.Builder distillation) {
            this.distillation = Objects.requireNonNull(distillation, "distillation");
            return this;
        }

        /**
         * Sets what times are wanted for: {@link PredictionMode#COMPILED} and a batch of one image
         * by default. The report has the times of both modes.
         *
         * @param mode how the model will predict
         * @param batch the images of a prediction, at least 1
         * @return this builder
         */
        public Builder optPrediction(PredictionMode mode, int batch) {
            if (batch < 1) {
                throw new IllegalArgumentException("A batch has at least one image, got " + batch);
            }
            this.mode = Objects.requireNonNull(mode, "mode");
            this.batch = batch;
            return this;
        }

        /**
         * Sets about how long each time of the whole model is measured, 1 second by default. On a
         * busy machine longer is more exact.
         *
         * @param seconds the time, at least 0
         * @return this builder
         */
        public Builder optMeasureSeconds(double seconds) {
            if (!(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "A measurement takes at least 0 seconds, got " + seconds);
            }
            this.measureSeconds = seconds;
            return this;
        }

        /**
         * Sets whether ranks and cores are chosen by what the layers answer to the images, as
         * {@code Tensorizer.optImages} does; true by default. Otherwise, without images and for
         * float16 it is the kernels that are approximated.
         *
         * @param byAnswers false for kernels
         * @return this builder
         */
        public Builder optByAnswers(boolean byAnswers) {
            this.byAnswers = byAnswers;
            return this;
        }

        /**
         * Sets on how many images layers are fitted and batch normalisation is measured anew, 1,000
         * by default, or fewer where they are large.
         *
         * @param images the number, at least 1
         * @return this builder
         */
        public Builder optCalibrationImages(int images) {
            if (images < 1) {
                throw new IllegalArgumentException("At least 1 image is needed, got " + images);
            }
            this.calibrationImages = images;
            return this;
        }

        /**
         * Sets whether the first layer stays dense, true by default.
         *
         * @param keepFirst whether it stays
         * @return this builder
         */
        public Builder optKeepFirst(boolean keepFirst) {
            this.keepFirst = keepFirst;
            return this;
        }

        /**
         * Sets which layers may be converted; all by default.
         *
         * @param filter true for the path of a layer that may
         * @return this builder
         */
        public Builder optFilter(Predicate<String> filter) {
            this.filter = Objects.requireNonNull(filter, "filter");
            return this;
        }

        /**
         * Sets how kernels are decomposed: seed, starts, sweeps.
         *
         * @param decomposer the decomposer; by default one start, 100 sweeps at most
         * @return this builder
         */
        public Builder optDecomposer(Decomposer decomposer) {
            this.decomposer = Objects.requireNonNull(decomposer, "decomposer");
            return this;
        }

        /**
         * Sets what is asked now and then whether the work is to end, beside the interruption of
         * the thread.
         *
         * @param cancelled true to end the work, such as {@code AtomicBoolean::get}
         * @return this builder
         */
        public Builder optCancelled(BooleanSupplier cancelled) {
            this.cancelled = Objects.requireNonNull(cancelled, "cancelled");
            return this;
        }

        /**
         * Builds the compressor.
         *
         * @return a compressor
         * @throws IllegalArgumentException if the model is missing, or answers are to be learnt
         *     without images
         */
        public Compressor build() {
            if (model == null) {
                throw new IllegalArgumentException("setModel is required: the model to compress");
            }
            if (epochs > 0 && images == null && folder == null) {
                throw new IllegalArgumentException(
                        "optDistil("
                                + epochs
                                + ") needs images to learn from; give them by optImages");
            }
            return new Compressor(this);
        }
    }
}
