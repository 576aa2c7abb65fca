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
import ai.djl.nn.Block;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import io.github.djltcnn.checkpoint.Checkpoints;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How a model is trained: steps and their rates, what is frozen, what is random, what is written
 * down on the way, and who is told.
 *
 * @param <B> the builder that has these options among its own
 */
abstract class TrainingOptions<B extends TrainingOptions<B>> {

    int epochs = 10;
    int batchSize = 32;
    float learningRate = 0.02f;
    Function<Block, Optimizer> optimizer;
    Predicate<String> trains;
    boolean freezeStatistics;
    Augmentation augmentation = Augmentation.none();
    long seed;
    Path checkpoints;
    int checkpointSteps = 100;
    Consumer<FineTuningProgress> listener;
    Device device;
    final List<TrainingListener> listeners = new ArrayList<>();
    final List<Evaluator> evaluators = new ArrayList<>();

    TrainingOptions() {}

    /** This builder. */
    abstract B self();

    /**
     * Sets how often each picture is seen, 10 times by default.
     *
     * @param epochs the number of epochs
     * @return this builder
     */
    public B optEpochs(int epochs) {
        this.epochs = positive("The number of epochs", epochs);
        return self();
    }

    /**
     * Sets the pictures of one step, 32 by default.
     *
     * @param batchSize the number of pictures
     * @return this builder
     */
    public B optBatchSize(int batchSize) {
        this.batchSize = positive("The batch size", batchSize);
        return self();
    }

    /**
     * Sets the largest rate of the schedule, 0.02 by default. It rises to it over a quarter of the
     * steps, then falls along half a cosine to nothing; steps are stochastic gradient descent with
     * momentum 0.9 and weight decay 5e-4.
     *
     * @param learningRate the rate, above 0
     * @return this builder
     */
    public B optLearningRate(float learningRate) {
        if (!(learningRate > 0) || Float.isInfinite(learningRate)) {
            throw new IllegalArgumentException(
                    "The learning rate is above 0 and finite, got " + learningRate);
        }
        this.learningRate = learningRate;
        return self();
    }

    /**
     * Sets another optimizer, with a schedule of its own.
     *
     * @param optimizer makes it for the block that is trained, whose parameters are there; {@code
     *     block -> Optimizer.adam().build()}, say. Checkpoints know {@code Sgd}, {@code Adam} and
     *     {@code AdamW}, and those of {@code FusedOptimizers}, which are faster; with these the
     *     numbers of tensorial layers may differ in the last digit after a restart
     * @return this builder
     */
    public B optOptimizer(Function<Block, Optimizer> optimizer) {
        this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
        return self();
    }

    /**
     * Chooses the parameters that train, all by default; the others are frozen.
     *
     * @param trains true for the path of a parameter that trains, {@code path ->
     *     path.startsWith("head.")}, say
     * @return this builder
     */
    public B optTrains(Predicate<String> trains) {
        this.trains = Objects.requireNonNull(trains, "trains");
        return self();
    }

    /**
     * Sets whether batch normalisations keep their running statistics and normalise by them. Do so
     * where the layers before the head are frozen, so that what they see does not drift.
     *
     * @param freeze whether to keep them; false by default
     * @return this builder
     */
    public B optFreezeStatistics(boolean freeze) {
        freezeStatistics = freeze;
        return self();
    }

    /**
     * Sets how pictures are changed in training, {@link Augmentation#none} by default: what may be
     * flipped depends on the pictures.
     *
     * @param augmentation the changes
     * @return this builder
     */
    public B optAugmentation(Augmentation augmentation) {
        this.augmentation = Objects.requireNonNull(augmentation, "augmentation");
        return self();
    }

    /**
     * Sets the seed of all random numbers, 0 by default: the head, what is held out, the order of
     * the pictures, their augmentation, dropout.
     *
     * @param seed the seed
     * @return this builder
     */
    public B optSeed(long seed) {
        this.seed = seed;
        return self();
    }

    /**
     * Sets a folder for checkpoints. A run that finds one of the same fine-tuning goes on from it.
     *
     * @param folder a folder for this fine-tuning alone
     * @return this builder
     */
    public B optCheckpoints(Path folder) {
        checkpoints = Objects.requireNonNull(folder, "folder");
        return self();
    }

    /**
     * Sets after how many steps a checkpoint is written, 100 by default, besides that at the end of
     * each epoch.
     *
     * @param steps the number of steps
     * @return this builder
     */
    public B optCheckpointSteps(int steps) {
        checkpointSteps = positive("The steps between checkpoints", steps);
        return self();
    }

    /**
     * Sets who is told the progress, after each step, on the thread that trains.
     *
     * @param listener takes it, quickly
     * @return this builder
     */
    public B optProgress(Consumer<FineTuningProgress> listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return self();
    }

    /**
     * Adds listeners of DJL's trainer.
     *
     * @param listeners the listeners
     * @return this builder
     */
    public B addListeners(TrainingListener... listeners) {
        this.listeners.addAll(Arrays.asList(listeners));
        return self();
    }

    /**
     * Adds evaluators of DJL's trainer, for its metrics and listeners.
     *
     * @param evaluators the evaluators
     * @return this builder
     */
    public B addEvaluators(Evaluator... evaluators) {
        this.evaluators.addAll(Arrays.asList(evaluators));
        return self();
    }

    /**
     * Sets the device; by default the first GPU, or the CPU where there is none.
     *
     * @param device the device
     * @return this builder
     */
    public B optDevice(Device device) {
        this.device = Objects.requireNonNull(device, "device");
        return self();
    }

    /** Gives another builder the same options. */
    final void copyTo(TrainingOptions<?> copy) {
        copy.epochs = epochs;
        copy.batchSize = batchSize;
        copy.learningRate = learningRate;
        copy.optimizer = optimizer;
        copy.trains = trains;
        copy.freezeStatistics = freezeStatistics;
        copy.augmentation = augmentation;
        copy.seed = seed;
        copy.checkpoints = checkpoints;
        copy.checkpointSteps = checkpointSteps;
        copy.listener = listener;
        copy.device = device;
        copy.listeners.addAll(listeners);
        copy.evaluators.addAll(evaluators);
    }

    /** A folder of checkpoints among those of the classes would be taken for one of them. */
    final void checkApart(Path pictures) {
        if (pictures != null
                && checkpoints != null
                && checkpoints
                        .toAbsolutePath()
                        .normalize()
                        .startsWith(pictures.toAbsolutePath().normalize())) {
            throw new IllegalArgumentException(
                    "The checkpoints in "
                            + checkpoints
                            + " would lie among the pictures in "
                            + pictures
                            + ", where folders are classes; give another folder");
        }
    }

    Checkpoints checkpoints() {
        return checkpoints == null ? null : new Checkpoints(checkpoints);
    }

    /** Refuses what is not above zero. */
    static int positive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " is at least 1, got " + value);
        }
        return value;
    }
}
