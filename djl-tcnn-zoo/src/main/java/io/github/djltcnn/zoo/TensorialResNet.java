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
package io.github.djltcnn.zoo;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.ConstantInitializer;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.TensorFormat;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Residual networks (<a href="https://arxiv.org/abs/1512.03385">He et al., <i>Deep Residual
 * Learning for Image Recognition</i></a>) whose convolutions are dense or tensorial.
 *
 * <ul>
 *   <li>{@link #cifar}: for small images, 6n+2 layers of 16, 32 and 64 filters, shortcuts without
 *       parameters.
 *   <li>{@link #imageNet}: 18, 34 (basic units) or 50 layers (bottlenecks) of 64 to 512 (2048)
 *       filters, a 7x7 stem with max pooling, 1x1 projection shortcuts.
 * </ul>
 *
 * Batch normalisation follows every convolution, so none has a bias. Input is (batch, channels,
 * height, width) of any size that the strides leave something of; output is (batch, outSize),
 * without softmax. In memory the channels lie last from the entrance on ({@link
 * Builder#optChannelsLast}), which no shape shows.
 *
 * <p>The network is an ordinary tree of sequential and parallel blocks; a layer is named by its
 * path in it, such as {@code stage2.unit3.body.conv1}. A file of other layers, sizes or ranks is
 * refused on load by the path of the first layer that does not fit.
 *
 * <pre>{@code
 * TensorialResNet net =
 *         TensorialResNet.cifar(20)
 *                 .setOutSize(10)
 *                 .optFormat(TensorFormats.tensorRing(Rank.of(10)))
 *                 .build();
 * }</pre>
 *
 * @since 0.1.0
 */
public final class TensorialResNet extends NamedSequential {

    /** Units per stage by number of layers, as published. */
    private static final Map<Integer, List<Integer>> IMAGE_NET =
            new TreeMap<>(
                    Map.of(
                            18, List.of(2, 2, 2, 2),
                            34, List.of(3, 4, 6, 3),
                            50, List.of(3, 4, 6, 3)));

    private final int layers;

    private TensorialResNet(Builder builder) {
        super("");
        this.layers = builder.layers;
        add("stem", builder.stem());
        for (int stage = 1; stage <= builder.units.size(); stage++) {
            add("stage" + stage, builder.stage(stage));
        }
        add("head", builder.head());
    }

    /**
     * Creates a builder of a network for small images, such as those of CIFAR-10 and Fashion-MNIST.
     *
     * @param layers the depth 6n+2: 20, 32, 44, 56, 110, or another
     * @return a new builder
     * @throws IllegalArgumentException if the depth is not 6n+2 with n at least 1
     */
    public static Builder cifar(int layers) {
        if (layers < 8 || layers > 1202 || layers % 6 != 2) {
            throw new IllegalArgumentException(
                    "A CIFAR ResNet has 6n+2 layers (20, 32, 44, 56, 110; from 8 to 1202), got "
                            + layers);
        }
        int units = (layers - 2) / 6;
        return new Builder(layers, List.of(units, units, units), 16, Style.CIFAR);
    }

    /**
     * Creates a builder of a network for large images, such as those of ImageNet.
     *
     * @param layers the depth: 18, 34 or 50
     * @return a new builder
     * @throws IllegalArgumentException if the depth is another
     */
    public static Builder imageNet(int layers) {
        List<Integer> units = IMAGE_NET.get(layers);
        if (units == null) {
            throw new IllegalArgumentException(
                    "An ImageNet ResNet has one of "
                            + IMAGE_NET.keySet()
                            + " layers, got "
                            + layers);
        }
        return new Builder(layers, units, 64, layers < 50 ? Style.BASIC : Style.BOTTLENECK);
    }

    /**
     * Returns the number of layers with weights on the longest path.
     *
     * @return the depth the builder was made for
     */
    public int getLayers() {
        return layers;
    }

    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        try {
            super.loadParameters(manager, is);
        } catch (LayerLoading.MisfitException e) {
            throw e; // names the layer
        } catch (EOFException | MalformedModelException | RuntimeException e) {
            throw new MalformedModelException(
                    "Not the parameters of a residual network: " + e.getMessage(), e);
        }
    }

    /** The three kinds of residual network. */
    private enum Style {
        CIFAR,
        BASIC,
        BOTTLENECK
    }

    /**
     * The builder of a {@link TensorialResNet}. Layers are DJL's dense ones unless a format is
     * given.
     */
    public static final class Builder {

        /** The largest that starts every network of the zoo within 5 % of ln(classes). */
        private static final double HEAD = 0.9;

        private static final int EXPANSION = 4;

        private final int layers;
        private final List<Integer> units;
        private final int width;
        private final Style style;
        private int outSize;
        private float momentum = 0.8f;
        private float residualGamma;
        private float headScale;
        private boolean channelsLast = true;
        private PlannerOptions planner = PlannerOptions.standard();
        private Layers body = options -> ConvolutionFactory.dense();
        private Layers stem;
        private Layers head;

        private Builder(int layers, List<Integer> units, int width, Style style) {
            this.layers = layers;
            this.units = units;
            this.width = width;
            this.style = style;
            int all = units.stream().mapToInt(Integer::intValue).sum();
            this.residualGamma = (float) (1 / Math.sqrt(all));
            this.headScale = (float) Math.min(1, HEAD / Math.sqrt(all));
        }

        /**
         * Sets the number of outputs of the network. Required.
         *
         * @param outSize the number of classes
         * @return this builder
         */
        public Builder setOutSize(int outSize) {
            if (outSize < 1) {
                throw new IllegalArgumentException(
                        "outSize, the number of classes, is at least 1, got " + outSize);
            }
            this.outSize = outSize;
            return this;
        }

        /**
         * Sets the format of all layers: stem, body and head.
         *
         * @param format the format
         * @return this builder
         */
        public Builder optFormat(TensorFormat format) {
            body = Layers.of(format);
            return this;
        }

        /**
         * Sets another format for the first convolution.
         *
         * @param format the format
         * @return this builder
         */
        public Builder optStemFormat(TensorFormat format) {
            stem = Layers.of(format);
            return this;
        }

        /**
         * Sets another format for the last, linear layer.
         *
         * @param format the format
         * @return this builder
         */
        public Builder optHeadFormat(TensorFormat format) {
            head = Layers.of(format);
            return this;
        }

        /**
         * Makes the first convolution an ordinary {@code Conv2d}.
         *
         * @return this builder
         */
        public Builder optDenseStem() {
            stem = options -> ConvolutionFactory.dense();
            return this;
        }

        /**
         * Makes the last layer an ordinary {@code Linear}.
         *
         * @return this builder
         */
        public Builder optDenseHead() {
            head = options -> ConvolutionFactory.dense();
            return this;
        }

        /**
         * Sets what the evaluation of all tensorial layers is planned by: objective, memory limit,
         * cost model, autotuning, kept bytes.
         *
         * @param options the options, {@link PlannerOptions#standard()} by default
         * @return this builder
         */
        public Builder optPlannerOptions(PlannerOptions options) {
            this.planner = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Sets the momentum of the running statistics of batch normalisation. The larger, the less
         * they vary, and the longer they lag behind weights that change fast.
         *
         * @param momentum the share of the old value that a step keeps, 0.8 by default; libtorch
         *     calls the other share, 1 - momentum, momentum
         * @return this builder
         */
        public Builder optBatchNormMomentum(float momentum) {
            if (!(momentum >= 0 && momentum < 1)) {
                throw new IllegalArgumentException(
                        "Batch norm momentum is at least 0 and below 1, got " + momentum);
            }
            this.momentum = momentum;
            return this;
        }

        /**
         * Sets the gamma with which the last batch normalisation of every residual branch starts.
         * By default it is 1 / sqrt(number of units): the branches together then add as much
         * variance to the shortcut as it has, in a network of any depth. At 0 every unit starts as
         * its shortcut.
         *
         * @param gamma the first value, at least 0; 1 is that of all other gammas
         * @return this builder
         */
        public Builder optResidualGamma(float gamma) {
            if (!(gamma >= 0) || Float.isInfinite(gamma)) {
                throw new IllegalArgumentException(
                        "The first gamma of a residual branch is at least 0 and finite, got "
                                + gamma);
            }
            this.residualGamma = gamma;
            return this;
        }

        /**
         * Sets the factor by which the weight of the last layer is multiplied after its initializer
         * has drawn it. Small first answers make the first loss ln(classes).
         *
         * @param scale the factor, more than 0; 1 leaves the weight as it is drawn. By default it
         *     is 1.4 / sqrt(number of units): the mean of the features grows with the depth
         * @return this builder
         */
        public Builder optHeadScale(float scale) {
            if (!(scale > 0) || Float.isInfinite(scale)) {
                throw new IllegalArgumentException(
                        "The scale of the head is more than 0 and finite, got "
                                + scale
                                + "; at 0 the cores of a tensorial layer would stay at 0");
            }
            this.headScale = scale;
            return this;
        }

        /**
         * Sets whether the channels of a pixel lie side by side in memory throughout the network
         * (NHWC). They do by default: on a CPU most layers are faster so. Shapes are (batch,
         * channels, height, width) in any case, inputs may lie either way, and parameters and
         * results are the same but for rounding. On a GPU inputs are not turned: a plan of a single
         * layer turns them where its cost model predicts a gain.
         *
         * @param channelsLast whether to turn the input once at the entrance
         * @return this builder
         */
        public Builder optChannelsLast(boolean channelsLast) {
            this.channelsLast = channelsLast;
            return this;
        }

        /**
         * Builds the network.
         *
         * @return an uninitialised block
         * @throws IllegalStateException if the number of outputs was not set
         */
        public TensorialResNet build() {
            if (outSize == 0) {
                throw new IllegalStateException(
                        "setOutSize(..), the number of classes, was not called");
            }
            return new TensorialResNet(this);
        }

        /**
         * Layers that know their format, and are told what to plan by when the network is built.
         */
        private interface Layers {

            ConvolutionFactory make(PlannerOptions options);

            static Layers of(TensorFormat format) {
                Objects.requireNonNull(format, "format");
                return options -> ConvolutionFactory.tensorial(format, options);
            }
        }

        private Block stem() {
            NamedSequential block = new NamedSequential("stem");
            if (channelsLast) {
                block.add("entrance", new ChannelsLast());
            }
            boolean small = style == Style.CIFAR;
            ConvolutionFactory factory = (stem == null ? body : stem).make(planner);
            convolution(block, factory, "", small ? 3 : 7, width, small ? 1 : 2, 1);
            block.add("relu", Activation.reluBlock());
            if (!small) {
                block.add(
                        "pool",
                        Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)));
            }
            if (channelsLast) {
                // Images of one channel are turned only now.
                block.add("exit", new ChannelsLast());
            }
            return block;
        }

        private Block stage(int number) {
            NamedSequential stage = new NamedSequential("stage" + number);
            int filters = width << (number - 1);
            for (int unit = 1; unit <= units.get(number - 1); unit++) {
                int stride = number > 1 && unit == 1 ? 2 : 1;
                String path = stage.path("unit" + unit);
                stage.add(
                        "unit" + unit,
                        new Residual(
                                path,
                                body(path + ".body", filters, stride),
                                shortcut(path + ".shortcut", filters, stride, unit == 1)));
            }
            return stage;
        }

        private Block body(String path, int filters, int stride) {
            NamedSequential block = new NamedSequential(path);
            if (style == Style.BOTTLENECK) {
                convolution(block, body.make(planner), "1", 1, filters, 1, 1);
                block.add("relu1", Activation.reluBlock());
                convolution(block, body.make(planner), "2", 3, filters, stride, 1);
                block.add("relu2", Activation.reluBlock());
                convolution(
                        block, body.make(planner), "3", 1, filters * EXPANSION, 1, residualGamma);
            } else {
                convolution(block, body.make(planner), "1", 3, filters, stride, 1);
                block.add("relu1", Activation.reluBlock());
                convolution(block, body.make(planner), "2", 3, filters, 1, residualGamma);
            }
            return block;
        }

        private Block shortcut(String path, int filters, int stride, boolean first) {
            boolean widens = stride > 1 || (first && style == Style.BOTTLENECK);
            if (!widens) {
                return Blocks.identityBlock();
            }
            if (style == Style.CIFAR) {
                return new PaddedShortcut(filters);
            }
            int out = style == Style.BOTTLENECK ? filters * EXPANSION : filters;
            NamedSequential block = new NamedSequential(path);
            convolution(block, body.make(planner), "", 1, out, stride, 1);
            return block;
        }

        /** Adds a convolution and its batch normalisation, which starts with a gamma. */
        private void convolution(
                NamedSequential block,
                ConvolutionFactory factory,
                String number,
                int size,
                int filters,
                int stride,
                float gamma) {
            String name = "conv" + number;
            block.add(name, factory.convolution(block.path(name), size, filters, stride));
            BatchNorm norm = BatchNorm.builder().optMomentum(momentum).build();
            norm.setInitializer(new ConstantInitializer(gamma), Parameter.Type.GAMMA);
            block.add("norm" + number, norm);
        }

        private Block head() {
            ConvolutionFactory factory = (head == null ? body : head).make(planner);
            Block pool =
                    channelsLast ? ChannelsLast.globalAveragePool() : Pool.globalAvgPool2dBlock();
            return new Head("head", pool, factory.linear("head.linear", outSize), headScale);
        }
    }
}
