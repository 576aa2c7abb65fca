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
package io.github.djltcnn.finetuning;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.runtime.ThreadAdvice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Trains a model on, for a folder of pictures.
 *
 * <pre>{@code
 * try (Model clothes = TcnnZoo.load("resnet20_fashionmnist");
 *         FineTuningResult result =
 *                 FineTuner.builder()
 *                         .setModel(clothes)
 *                         .setImages(Path.of("animals")) // animals/cat/1.jpg, animals/dog/1.jpg, ..
 *                         .optChannels(3)
 *                         .optEpochs(10)
 *                         .build()
 *                         .run()) {
 *     TensorialModels.save(result.model(), Path.of("my-model"));
 *     result.write(Path.of("report")); // curves.csv, curves.png, confusion.csv, confusion.png, ..
 * }
 * }</pre>
 *
 * <p>The given model stays as it is: {@link Transfer} makes the one that is trained, with the names
 * of the folders as its classes. A share of every class is held out; after each epoch the accuracy
 * on it is measured, and the parameters of the best epoch are those of the result. Pictures are
 * read as the model will see them in predictions. DJL's {@code Trainer} does the steps, so
 * listeners and evaluators of DJL work.
 *
 * <p>Equal settings give equal numbers, on a CPU with one torch thread to the last digit. With
 * {@link Builder#optCheckpoints} a run that was killed at any moment goes on when it is started
 * again with the same settings, and ends with the numbers of an unbroken one. For that every step
 * seeds the engine's random numbers.
 *
 * <p>{@link #run} works on the thread that calls it; {@link #cancel} and {@link #progress} are for
 * other threads. DJL trains one model at a time in a process.
 *
 * @since 0.1.0
 */
public final class FineTuner {

    final Builder settings;
    private volatile boolean cancelled;
    private volatile boolean interrupted;
    private volatile FineTuningProgress progress;

    private FineTuner(Builder settings) {
        this.settings = settings;
        progress = at(FineTuningProgress.Phase.READING);
    }

    private FineTuningProgress at(FineTuningProgress.Phase phase) {
        return new FineTuningProgress(
                phase,
                1,
                settings.epochs,
                0,
                0,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Duration.ZERO,
                null,
                List.of());
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
     * Trains. Called a second time, it starts anew, or goes on from its checkpoint.
     *
     * @return what came out; the caller closes it, and with it the new model
     * @throws IOException if pictures or checkpoints cannot be read or written
     * @throws MalformedModelException if a checkpoint was changed
     * @throws TranslateException if a dataset cannot make its pictures
     * @throws IllegalArgumentException if the pictures are not enough, the model is none of images,
     *     or a checkpoint is of another fine-tuning: says what differs
     */
    public FineTuningResult run() throws IOException, MalformedModelException, TranslateException {
        ThreadAdvice.forWorkers(1).warnIfWorse();
        report(at(FineTuningProgress.Phase.READING));
        ModelInfo info = ModelInfo.of(settings.model);
        if (info.input().dimension() != 4 || info.output().dimension() != 2) {
            throw new IllegalArgumentException(
                    "A fine-tuner trains models that classify pictures, (batch, channels, height,"
                            + " width) to (batch, classes); this one takes "
                            + info.input()
                            + " to "
                            + info.output());
        }
        PictureSource source = PictureSource.of(settings, info);
        Transferred made = transfer(source.classes());
        try {
            TrainingData data = source.data(settings, made.model(), this::isCancelled);
            if (data == null) {
                return FineTuningResult.cancelled(made);
            }
            return new TrainingRun(this, made, data).run();
        } catch (IOException
                | MalformedModelException
                | TranslateException
                | RuntimeException
                | Error e) {
            made.close();
            throw e;
        } finally {
            cancelled = false;
            if (interrupted) {
                interrupted = false;
                Thread.currentThread().interrupt();
            }
            FineTuningProgress last = progress;
            report(
                    new FineTuningProgress(
                            FineTuningProgress.Phase.DONE,
                            last.epoch(),
                            last.epochs(),
                            last.step(),
                            last.steps(),
                            last.loss(),
                            last.accuracy(),
                            last.bestAccuracy(),
                            last.elapsed(),
                            Duration.ZERO,
                            last.curves()));
        }
    }

    private Transferred transfer(List<String> classes) throws IOException {
        Transfer.Builder transfer =
                Transfer.builder()
                        .optLabels(classes)
                        .optSeed(settings.seed)
                        .optDevice(settings.device != null ? settings.device : defaultDevice());
        if (settings.channels > 0) {
            transfer.optChannels(settings.channels);
        }
        if (settings.height > 0) {
            transfer.optImageSize(settings.height, settings.width);
        }
        if (settings.name != null) {
            transfer.optName(settings.name);
        }
        return transfer.build().apply(settings.model);
    }

    private static Device defaultDevice() {
        return Engine.getInstance().getGpuCount() > 0 ? Device.gpu() : Device.cpu();
    }

    /**
     * Asks a run to stop, from any thread. It does so after the step it is at, writes a checkpoint
     * if it has a folder for it, and returns what it has. Interrupting its thread does the same.
     */
    public void cancel() {
        cancelled = true;
    }

    /**
     * Whether somebody asked to stop. An interrupt is noted and taken back until the end: channels
     * of an interrupted thread are closed, and with them the files of a checkpoint.
     */
    boolean isCancelled() {
        if (Thread.interrupted()) {
            interrupted = true;
        }
        return cancelled || interrupted;
    }

    /**
     * Says how far the run is, to any thread.
     *
     * @return the progress
     */
    public FineTuningProgress progress() {
        return progress;
    }

    void report(FineTuningProgress now) {
        progress = now;
        if (settings.listener != null) {
            settings.listener.accept(now);
        }
    }

    /**
     * Builds a {@link FineTuner}: what is trained, on which pictures, and how.
     *
     * @since 0.1.0
     */
    public static final class Builder extends TrainingOptions<Builder> {

        Model model;
        Path folder;
        Path heldOutFolder;
        RandomAccessDataset train;
        RandomAccessDataset heldOut;
        List<String> labels;
        double share = 0.2;
        int channels;
        int height;
        int width;
        String name;

        private Builder() {}

        /**
         * Sets the model to start from: one of the zoo, or a saved one. It stays as it is.
         *
         * @param model an initialised model of images
         * @return this builder
         */
        public Builder setModel(Model model) {
            this.model = Objects.requireNonNull(model, "model");
            return this;
        }

        /**
         * Sets the pictures: a folder with one folder per class, whose name is that of the class.
         * Files that are no pictures by their names are not looked at; pictures that cannot be read
         * are left out, and listed in the result.
         *
         * @param folder the folder
         * @return this builder
         */
        public Builder setImages(Path folder) {
            this.folder = Objects.requireNonNull(folder, "folder");
            train = null;
            return this;
        }

        /**
         * Sets the pictures: two datasets of DJL, such as {@code Cifar10} or {@code ImageFolder} of
         * its {@code basicdataset}, or {@code ArrayDataset}. Each picture is (channels, height,
         * width) as the model takes it, from 0 to 1, so the last transform is {@code ToTensor};
         * each label the number of a class. Their own samplers are not used. For checkpoints, a
         * dataset gives the same picture under the same index whenever it is asked.
         *
         * @param train the pictures to train on
         * @param heldOut the pictures to measure the accuracy on
         * @param labels the names of the classes
         * @return this builder
         */
        public Builder setImages(
                RandomAccessDataset train, RandomAccessDataset heldOut, List<String> labels) {
            this.train = Objects.requireNonNull(train, "train");
            this.heldOut = Objects.requireNonNull(heldOut, "heldOut");
            this.labels = List.copyOf(labels);
            folder = null;
            return this;
        }

        /**
         * Sets the share of every class of the folder that is held out, 0.2 by default.
         *
         * @param share from 0.01 to 0.9
         * @return this builder
         */
        public Builder optHeldOut(double share) {
            if (!(share >= 0.01 && share <= 0.9)) {
                throw new IllegalArgumentException(
                        "The share that is held out is from 0.01 to 0.9, got " + share);
            }
            this.share = share;
            return this;
        }

        /**
         * Sets a folder of other pictures to measure the accuracy on, so that none of the first is
         * held out.
         *
         * @param folder a folder of the same classes, or some of them
         * @return this builder
         */
        public Builder optHeldOutImages(Path folder) {
            heldOutFolder = Objects.requireNonNull(folder, "folder");
            return this;
        }

        /**
         * Sets the channels of the new model, those of the old one by default.
         *
         * @param channels 1 for grey pictures, 3 for colours
         * @return this builder
         */
        public Builder optChannels(int channels) {
            this.channels = positive("The number of channels", channels);
            return this;
        }

        /**
         * Sets the size of the pictures that the new model takes, that of the old one by default.
         *
         * @param height pixels from top to bottom
         * @param width pixels from left to right
         * @return this builder
         */
        public Builder optImageSize(int height, int width) {
            this.height = positive("The height", height);
            this.width = positive("The width", width);
            return this;
        }

        /**
         * Sets the name of the new model.
         *
         * @param name letters, digits, dots, dashes and underscores
         * @return this builder
         */
        public Builder optName(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Builds the fine-tuner.
         *
         * @return the fine-tuner, for one run at a time
         * @throws IllegalArgumentException if there is no model or there are no pictures, or
         *     checkpoints would lie among them
         */
        public FineTuner build() {
            if (model == null || (folder == null && train == null)) {
                throw new IllegalArgumentException(
                        "A fine-tuner needs " + (model == null ? "setModel" : "setImages"));
            }
            if (heldOutFolder != null && folder == null) {
                throw new IllegalArgumentException(
                        "optHeldOutImages is for setImages(folder); datasets come with their own");
            }
            checkApart(folder);
            checkApart(heldOutFolder);
            return new FineTuner(copy());
        }

        private Builder copy() {
            Builder copy = new Builder();
            copy.model = model;
            copy.folder = folder;
            copy.heldOutFolder = heldOutFolder;
            copy.train = train;
            copy.heldOut = heldOut;
            copy.labels = labels;
            copy.share = share;
            copy.channels = channels;
            copy.height = height;
            copy.width = width;
            copy.name = name;
            copyTo(copy);
            return copy;
        }

        @Override
        Builder self() {
            return this;
        }
    }
}
