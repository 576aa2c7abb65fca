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
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.TensorFormat;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

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

    private TensorialResNet(int layers, ResNetParts parts, int outSize) {
        super("");
        this.layers = layers;
        add("stem", parts.stem(() -> ChannelsLast.isDense(this)));
        for (int stage = 1; stage <= parts.units().size(); stage++) {
            add("stage" + stage, parts.stage(stage));
        }
        add("head", parts.head(outSize));
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
        return new Builder(layers, List.of(units, units, units), 16, ResNetParts.Style.CIFAR);
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
        return new Builder(
                layers,
                units,
                64,
                layers < 50 ? ResNetParts.Style.BASIC : ResNetParts.Style.BOTTLENECK);
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

    /**
     * The builder of a {@link TensorialResNet}. Layers are DJL's dense ones unless a format is
     * given.
     */
    public static final class Builder {

        /** The largest that starts every network of the zoo within 5 % of ln(classes). */
        private static final double HEAD = 0.9;

        private final int layers;
        private final List<Integer> units;
        private final int width;
        private final ResNetParts.Style style;
        private int outSize;
        private float momentum = 0.8f;
        private float residualGamma;
        private float headScale;
        private boolean channelsLast = true;
        private PlannerOptions planner = PlannerOptions.standard();
        private Function<PlannerOptions, ConvolutionFactory> body =
                options -> ConvolutionFactory.dense();
        private Function<PlannerOptions, ConvolutionFactory> stem;
        private Function<PlannerOptions, ConvolutionFactory> head;

        private Builder(int layers, List<Integer> units, int width, ResNetParts.Style style) {
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
            body = layers(format);
            return this;
        }

        /**
         * Sets another format for the first convolution.
         *
         * @param format the format
         * @return this builder
         */
        public Builder optStemFormat(TensorFormat format) {
            stem = layers(format);
            return this;
        }

        /**
         * Sets another format for the last, linear layer.
         *
         * @param format the format
         * @return this builder
         */
        public Builder optHeadFormat(TensorFormat format) {
            head = layers(format);
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
         *     is 0.9 / sqrt(number of units): the mean of the features grows with the depth
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
         * results are the same but for rounding. On a GPU inputs are turned for predictions of a
         * network without tensorial layers; a plan of a tensorial layer turns them where its cost
         * model predicts a gain.
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
            ResNetParts parts =
                    new ResNetParts(
                            style,
                            units,
                            width,
                            new ResNetParts.Factories(factory(stem), factory(body), factory(head)),
                            momentum,
                            residualGamma,
                            headScale,
                            channelsLast);
            return new TensorialResNet(layers, parts, outSize);
        }

        private ConvolutionFactory factory(Function<PlannerOptions, ConvolutionFactory> layers) {
            return (layers == null ? body : layers).apply(planner);
        }

        private static Function<PlannerOptions, ConvolutionFactory> layers(TensorFormat format) {
            Objects.requireNonNull(format, "format");
            return options -> ConvolutionFactory.tensorial(format, options);
        }
    }
}
