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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.ConstantInitializer;
import io.github.djltcnn.nn.StatelessBlock;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Builds the parts of a residual network: stem, stages of units, head.
 *
 * @param style the kind of network
 * @param units the number of units per stage
 * @param width the filters of the first stage; every stage has twice those of the one before
 * @param factories what makes the layers
 * @param momentum that of batch normalisation
 * @param residualGamma the first gamma of the last batch normalisation of a residual branch
 * @param headScale what the weight of the last layer is multiplied by at first
 * @param channelsLast whether images are turned at the entrance
 */
record ResNetParts(
        Style style,
        List<Integer> units,
        int width,
        Factories factories,
        float momentum,
        float residualGamma,
        float headScale,
        boolean channelsLast) {

    private static final int EXPANSION = 4;

    /** The three kinds of residual network. */
    enum Style {
        CIFAR,
        BASIC,
        BOTTLENECK
    }

    /**
     * What makes the layers.
     *
     * @param stem the first convolution
     * @param body all others
     * @param head the linear layer
     */
    record Factories(ConvolutionFactory stem, ConvolutionFactory body, ConvolutionFactory head) {}

    /**
     * The first convolution, with pooling where images are large.
     *
     * @param dense whether the layers of the network are all dense
     */
    Block stem(BooleanSupplier dense) {
        NamedSequential block = new NamedSequential("stem");
        if (channelsLast) {
            block.add("entrance", new ChannelsLast(dense));
        }
        boolean small = style == Style.CIFAR;
        ConvolutionFactory factory = factories.stem();
        convolution(block, factory, "", small ? 3 : 7, width, small ? 1 : 2, 1);
        block.add("relu", relu());
        if (!small) {
            block.add("pool", StatelessBlock.of(ResNetParts::pool, "maxPool2d"));
        }
        if (channelsLast) {
            // Images of one channel are turned only now.
            block.add("exit", new ChannelsLast(dense));
        }
        return block;
    }

    private static Block relu() {
        return StatelessBlock.of(Activation::relu, "ReLU");
    }

    private static NDArray pool(NDArray x) {
        return Pool.maxPool2d(x, new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), false);
    }

    /** The units of one width, counted from 1. */
    Block stage(int number) {
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
            convolution(block, factories.body(), "1", 1, filters, 1, 1);
            block.add("relu1", relu());
            convolution(block, factories.body(), "2", 3, filters, stride, 1);
            block.add("relu2", relu());
            convolution(block, factories.body(), "3", 1, filters * EXPANSION, 1, residualGamma);
        } else {
            convolution(block, factories.body(), "1", 3, filters, stride, 1);
            block.add("relu1", relu());
            convolution(block, factories.body(), "2", 3, filters, 1, residualGamma);
        }
        return block;
    }

    private Block shortcut(String path, int filters, int stride, boolean first) {
        boolean widens = stride > 1 || (first && style == Style.BOTTLENECK);
        if (!widens) {
            return StatelessBlock.of(x -> x, "identity");
        }
        if (style == Style.CIFAR) {
            return new PaddedShortcut(filters);
        }
        int out = style == Style.BOTTLENECK ? filters * EXPANSION : filters;
        NamedSequential block = new NamedSequential(path);
        convolution(block, factories.body(), "", 1, out, stride, 1);
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

    /** Pooling and the linear layer. */
    Block head(int outSize) {
        ConvolutionFactory factory = factories.head();
        Block pool =
                channelsLast
                        ? ChannelsLast.globalAveragePool()
                        : StatelessBlock.of(Pool::globalAvgPool2d, "globalAvgPool2d");
        return new Head("head", pool, factory.linear("head.linear", outSize), headScale);
    }
}
