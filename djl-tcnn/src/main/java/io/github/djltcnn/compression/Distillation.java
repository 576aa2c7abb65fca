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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.training.Trainable;
import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleConsumer;

/**
 * Trains a model towards the answers of another one, on images without labels. After a
 * decomposition the dense model is the teacher: what it makes of each image says more than a label
 * (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", arXiv:1503.02531,
 * 2015).
 *
 * <pre>{@code
 * Distillation.builder()
 *         .setTeacher(dense)
 *         .optEpochs(1)
 *         .build()
 *         .train(compressed, images);
 * }</pre>
 *
 * <p>With {@code T} the temperature, {@code t} and {@code s} the outputs of teacher and student,
 * (batch, classes), the loss is
 *
 * <pre>T^2 KL(softmax(t / T) || softmax(s / T)) + w mean((t - s)^2)</pre>
 *
 * <p>the mean over the batch; for outputs of another shape the second part alone. Adam takes the
 * steps, its rate rises over the first steps and falls to nothing along a cosine. If the loss rises
 * meanwhile to half as much again, all begins anew with a third of the rate: cores of large terms
 * that cancel, as those of CP, bear far smaller steps than others. Running statistics of batch
 * normalisations move as in any training.
 *
 * <p>Immutable. DJL has one gradient collector per process, so that one thread trains at a time.
 *
 * @since 0.1.0
 */
public final class Distillation {

    final Block teacher;
    final int epochs;
    final int batch;
    final int imagesPerEpoch;
    final float rate;
    final float temperature;
    final float squares;
    final boolean keepStatistics;
    final Runnable between;
    final DoubleConsumer progress;

    private Distillation(Builder builder) {
        teacher = builder.teacher;
        epochs = builder.epochs;
        batch = builder.batch;
        imagesPerEpoch = builder.imagesPerEpoch;
        rate = builder.rate;
        temperature = builder.temperature;
        squares = builder.squares;
        keepStatistics = builder.keepStatistics;
        between = builder.between;
        progress = builder.progress;
    }

    /**
     * What a training did.
     *
     * @param steps how many steps there were
     * @param images how many images they saw, each pass counted
     * @param firstLoss the mean loss of the first tenth of the steps
     * @param lastLoss the mean loss of the last tenth
     * @param rate the largest rate, which is smaller than the one asked for if the loss rose
     * @since 0.1.0
     */
    public record Outcome(int steps, long images, double firstLoss, double lastLoss, float rate) {}

    /**
     * Trains a model in place. What is frozen stays so.
     *
     * @param student the model, initialised
     * @param images the images, of any batch size; their labels are not looked at
     * @return what was done
     * @throws IOException if the images cannot be read
     * @throws TranslateException if they cannot be made into arrays
     * @throws IllegalArgumentException if student and teacher do not fit each other or the images,
     *     there are no images, or the student is of a type that does not train
     * @throws IllegalStateException if the loss is not finite, or another training is going on in
     *     this process
     * @throws CancellationException if the thread is interrupted; the student is partly trained
     */
    public Outcome train(Model student, Dataset images) throws IOException, TranslateException {
        Block block = student.getBlock();
        if (block == null || !block.isInitialized()) {
            throw new IllegalArgumentException(
                    "The model " + student.getName() + " has no parameters yet; load it first");
        }
        if (block == teacher) {
            throw new IllegalArgumentException(
                    "Student and teacher are the same; the teacher is another model, such as the"
                            + " dense one before its conversion");
        }
        DataType type =
                BlockTree.parameters(block).values().iterator().next().getArray().getDataType();
        if (type != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "The model is of "
                            + type
                            + ", and DJL's trainer takes steps in FLOAT32; convert the model to"
                            + " that first");
        }
        IdentityHashMap<Parameter, Boolean> frozen = new IdentityHashMap<>();
        IdentityHashMap<Parameter, Boolean> gradients = new IdentityHashMap<>();
        for (Parameter parameter : BlockTree.parameters(block).values()) {
            frozen.put(parameter, !parameter.requiresGradient());
            gradients.put(parameter, parameter.getArray().hasGradient());
        }
        Set<NDArray> before = Collections.newSetFromMap(new IdentityHashMap<>());
        before.addAll(student.getNDManager().getManagedArrays());
        if (keepStatistics) {
            Trainable.freezeStatistics(block);
        }
        try {
            return new DistillationRun(this, student, frozen).train(images);
        } finally {
            if (keepStatistics) {
                Trainable.thawStatistics(block);
            }
            frozen.forEach(Parameter::freeze);
            gradients.forEach((p, needs) -> p.getArray().setRequiresGradient(needs));
            // DJL's trainer leaves the gradients of its first step with the model.
            frozen.keySet().forEach(parameter -> before.add(parameter.getArray()));
            for (NDArray array : List.copyOf(student.getNDManager().getManagedArrays())) {
                if (!before.contains(array)) {
                    array.close();
                }
            }
        }
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
     * Builds a {@link Distillation}.
     *
     * @since 0.1.0
     */
    public static final class Builder {

        private Block teacher;
        private int epochs = 1;
        private int batch = 32;
        private int imagesPerEpoch = Integer.MAX_VALUE;
        private float rate = 3e-3f;
        private float temperature = 4;
        private float squares;
        private boolean keepStatistics;
        private Runnable between = () -> {};
        private DoubleConsumer progress = share -> {};

        private Builder() {}

        /**
         * Sets the <b>required</b> teacher, by its block: a compiled one answers faster.
         *
         * @param teacher an initialised block, on the device of the student
         * @return this builder
         */
        public Builder setTeacher(Block teacher) {
            this.teacher = teacher;
            return this;
        }

        /**
         * Sets the <b>required</b> teacher.
         *
         * @param teacher a model, loaded or initialised
         * @return this builder
         */
        public Builder setTeacher(Model teacher) {
            return setTeacher(teacher.getBlock());
        }

        /**
         * Sets how often the images are passed over, once by default.
         *
         * @param epochs the number, at least 1
         * @return this builder
         */
        public Builder optEpochs(int epochs) {
            this.epochs = atLeastOne("epoch", epochs);
            return this;
        }

        /**
         * Sets how many images a step sees, 32 by default; the batches of the dataset are cut.
         *
         * @param batch the number, at least 1
         * @return this builder
         */
        public Builder optBatchSize(int batch) {
            this.batch = atLeastOne("image", batch);
            return this;
        }

        /**
         * Sets how many images a pass sees at most; all by default.
         *
         * @param images the number, at least 1
         * @return this builder
         */
        public Builder optImagesPerEpoch(int images) {
            this.imagesPerEpoch = atLeastOne("image", images);
            return this;
        }

        /**
         * Sets the largest rate of Adam, {@code 3e-3} by default; it is lowered where the loss
         * rises.
         *
         * @param rate the rate, above 0
         * @return this builder
         */
        public Builder optRate(float rate) {
            if (!(rate > 0 && rate < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("A rate is above 0, got " + rate);
            }
            this.rate = rate;
            return this;
        }

        /**
         * Sets the temperature, 4 by default.
         *
         * @param temperature the temperature, above 0
         * @return this builder
         */
        public Builder optTemperature(float temperature) {
            if (!(temperature > 0 && temperature < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("A temperature is above 0, got " + temperature);
            }
            this.temperature = temperature;
            return this;
        }

        /**
         * Sets the weight of the mean square of the difference of the outputs, 0 by default.
         *
         * @param weight the weight, at least 0
         * @return this builder
         */
        public Builder optSquares(float weight) {
            if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("A weight is at least 0, got " + weight);
            }
            this.squares = weight;
            return this;
        }

        /**
         * Sets whether batch normalisations keep their running statistics and normalise by them;
         * false by default.
         *
         * @param keep whether to keep them
         * @return this builder
         */
        public Builder optKeepStatistics(boolean keep) {
            this.keepStatistics = keep;
            return this;
        }

        /**
         * Sets what is told the share of the steps that are done. What it throws ends the training.
         *
         * @param progress takes a number up to 1
         * @return this builder
         */
        public Builder optProgress(DoubleConsumer progress) {
            this.progress = progress;
            return this;
        }

        /** What is called before each step and batch. */
        Builder between(Runnable task) {
            this.between = task;
            return this;
        }

        private static int atLeastOne(String what, int number) {
            if (number < 1) {
                throw new IllegalArgumentException(
                        "At least 1 " + what + " is needed, got " + number);
            }
            return number;
        }

        /**
         * Builds the distillation.
         *
         * @return a distillation
         * @throws IllegalArgumentException if there is no teacher
         */
        public Distillation build() {
            if (teacher == null) {
                throw new IllegalArgumentException(
                        "setTeacher is required: the model whose answers are to be learnt");
            }
            return new Distillation(this);
        }
    }
}
