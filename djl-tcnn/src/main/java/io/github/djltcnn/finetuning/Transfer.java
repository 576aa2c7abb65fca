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
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.common.internal.Texts;
import io.github.djltcnn.initializer.TensorialInitializer;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/**
 * Makes a model for other classes, other channels or another image size out of a trained one. The
 * old model stays as it is.
 *
 * <pre>{@code
 * try (Model clothes = TcnnZoo.load("resnet20_fashionmnist");
 *         Transferred mine =
 *                 Transfer.builder()
 *                         .optLabels(List.of("cat", "dog", "horse"))
 *                         .optChannels(3)
 *                         .optImageSize(48, 48)
 *                         .build()
 *                         .apply(clothes)) {
 *     logger.info("{}", mine.report());
 *     // taken over: 270,160 parameters
 *     // adapted to the channels: 432 parameters (stem.conv.weight)
 *     // fresh: 195 parameters (head.linear.weight, head.linear.bias)
 * }
 * }</pre>
 *
 * <p>A parameter whose path and shape are the same is taken over. Of the two layers that change:
 *
 * <ul>
 *   <li>The <em>head</em>, the last layer, is drawn anew by the initializer when the number or the
 *       names of the classes change.
 *   <li>The <em>stem</em>, the first convolution, gets its kernels from the old ones when a grey
 *       model becomes one of colours, or the other way round. To colours: every channel has a share
 *       {@code 1/C} of the grey kernel. To grey: the kernels of the channels are added. Either way
 *       a grey picture gives the answer that it gave before, up to rounding. Where the channels are
 *       normalised by different means, the running mean behind the stem takes up the difference;
 *       the outermost pixels, which are padded, then differ a little. A tensorial stem is adapted
 *       in the core that has the channels.
 * </ul>
 *
 * <p>Labels, normalisation and size are those of the new model, and saved with it. A model can be
 * transferred if it can be saved: if it says what builds it, as the models of the zoo and loaded
 * ones do. Layers may have been converted, and batch normalisations folded.
 *
 * @since 0.1.0
 */
public final class Transfer {

    private static final int MOST_CLASSES = 100_000;
    private static final int MOST_CHANNELS = 4096;
    private static final int MOST_PIXELS = 8192;

    final int classes;
    final List<String> labels;
    final int channels;
    final int height;
    final int width;
    final boolean freshHead;
    final TensorialInitializer initializer;
    final String name;
    final Device device;

    private Transfer(Builder builder) {
        classes = builder.labels == null ? builder.classes : builder.labels.size();
        labels = builder.labels;
        channels = builder.channels;
        height = builder.height;
        width = builder.width;
        freshHead = builder.freshHead;
        initializer = builder.initializer.withSeed(builder.seed);
        name = builder.name;
        device = builder.device;
    }

    /**
     * Creates a builder of a transfer that changes nothing unless it is told to.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes the new model.
     *
     * @param model an initialised model that says what builds it; it stays as it is
     * @return the new model and a report; all its parameters train
     * @throws IOException if its block factory cannot build the new model
     * @throws IllegalArgumentException if the model has no layer to change, or does not take the
     *     new size: says which
     */
    public Transferred apply(Model model) throws IOException {
        return new TransferRun(this, model).run();
    }

    /** The image shape in the place of another. */
    Shape input(Shape old) {
        if (old.dimension() != 4) {
            if (channels != 0 || height != 0) {
                throw new IllegalArgumentException(
                        "Other channels or sizes are for models of images, (batch, channels,"
                                + " height, width); the input of this one is "
                                + old);
            }
            return old;
        }
        return new Shape(
                old.get(0),
                channels == 0 ? old.get(1) : channels,
                height == 0 ? old.get(2) : height,
                width == 0 ? old.get(3) : width);
    }

    /**
     * Builds a {@link Transfer}.
     *
     * @since 0.1.0
     */
    public static final class Builder {

        private int classes;
        private List<String> labels;
        private int channels;
        private int height;
        private int width;
        private boolean freshHead;
        private long seed;
        private TensorialInitializer initializer = TensorialInitializer.fanIn();
        private String name;
        private Device device;

        private Builder() {}

        /**
         * Sets the number of classes, without names for them.
         *
         * @param classes the number, from 1 to 100,000; the head stays if it is the old one
         * @return this builder
         */
        public Builder optClasses(int classes) {
            this.classes = between("The number of classes", classes, MOST_CLASSES);
            labels = null;
            return this;
        }

        /**
         * Sets the names of the classes, and with them their number. The head stays if they are the
         * old ones in the old order.
         *
         * @param labels the names in the order of the outputs, each once; one line of text each,
         *     without blanks around it
         * @return this builder
         */
        public Builder optLabels(List<String> labels) {
            List<String> copy = List.copyOf(labels);
            between("The number of labels", copy.size(), MOST_CLASSES);
            copy.forEach(Texts::checkLabel);
            if (new HashSet<>(copy).size() != copy.size()) {
                throw new IllegalArgumentException("A label stands twice in " + copy);
            }
            this.labels = copy;
            return this;
        }

        /**
         * Sets the number of channels.
         *
         * @param channels 1 for grey pictures, 3 for colours
         * @return this builder
         */
        public Builder optChannels(int channels) {
            this.channels = between("The number of channels", channels, MOST_CHANNELS);
            return this;
        }

        /**
         * Sets the size of the pictures that the model takes. Convolutions do not mind; layers
         * whose parameters depend on the size start fresh.
         *
         * @param height pixels from top to bottom
         * @param width pixels from left to right
         * @return this builder
         */
        public Builder optImageSize(int height, int width) {
            this.height = between("The height", height, MOST_PIXELS);
            this.width = between("The width", width, MOST_PIXELS);
            return this;
        }

        /**
         * Sets whether the head is drawn anew in any case.
         *
         * @param freshHead true to forget the old head, also where it would fit
         * @return this builder
         */
        public Builder optFreshHead(boolean freshHead) {
            this.freshHead = freshHead;
            return this;
        }

        /**
         * Sets the seed of what starts fresh, 0 by default.
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets the rule that draws what starts fresh, {@link TensorialInitializer#fanIn} by
         * default. Its seed is that of {@link #optSeed}.
         *
         * @param initializer the rule
         * @return this builder
         */
        public Builder optInitializer(TensorialInitializer initializer) {
            this.initializer = Objects.requireNonNull(initializer, "initializer");
            return this;
        }

        /**
         * Sets the name of the new model, that of the old one by default.
         *
         * @param name letters, digits, dots, dashes and underscores
         * @return this builder
         */
        public Builder optName(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the device of the new model, that of the old one by default.
         *
         * @param device the device
         * @return this builder
         */
        public Builder optDevice(Device device) {
            this.device = Objects.requireNonNull(device, "device");
            return this;
        }

        /**
         * Builds the transfer.
         *
         * @return the transfer
         */
        public Transfer build() {
            return new Transfer(this);
        }

        private static int between(String what, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(
                        what + " is from 1 to " + most + ", got " + value);
            }
            return value;
        }
    }
}
