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
package io.github.djltcnn.examples.rates;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialConv2d;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * What is trained at one rate after another.
 *
 * @param network the network
 * @param start whether the layers are drawn, or decomposed from a trained dense network
 * @param optimizer the optimizer
 * @param format the format of all convolutions but the first
 * @param rank its rank, 0 for dense ones
 * @param rule how the rates of cores follow from the rate
 * @param seed the seed of weights and batches
 */
record RateCell(
        Network network,
        Start start,
        Method optimizer,
        Format format,
        int rank,
        Rule rule,
        int seed) {

    /** Six convolutions, the first three of half the channels. */
    enum Network {
        /** With nothing between convolution and ReLU. */
        PLAIN,
        /** With batch normalisation. */
        NORMALISED
    }

    /** Where a training starts. */
    enum Start {
        FRESH,
        DECOMPOSED
    }

    /** The optimizers. */
    enum Method {
        SGD(0.02),
        MOMENTUM(0.0025),
        ADAM(0.0005);

        private final double least;

        Method(double least) {
            this.least = least;
        }

        /** The rates of the sweep, a factor 2 apart. */
        double rate(int number) {
            return least * (1 << number);
        }
    }

    /** The formats. */
    @SuppressWarnings("ImmutableEnumChecker") // the functions are
    enum Format {
        DENSE(rank -> TensorFormats.dense()),
        CP(rank -> TensorFormats.cp(Rank.of(rank))),
        TUCKER2(rank -> TensorFormats.tucker2(Rank.of(rank))),
        TT(rank -> TensorFormats.tensorTrain(Rank.of(rank))),
        TR(rank -> TensorFormats.tensorRing(Rank.of(rank))),
        HTK2(rank -> TensorFormats.hyperTucker2(Rank.of(rank))),
        TTM(rank -> TensorFormats.tensorTrainMatrix(Rank.of(rank))),
        BTT(rank -> TensorFormats.blockTerm(3, Rank.of(rank))),
        /** A graph without a name: two ways from input to output. */
        ODD(
                rank ->
                        TensorFormats.graph(
                                String.format(
                                        Locale.ROOT,
                                        "i r1=%1$d r2=%1$d, r1 h r3=%1$d, r2 w r3, r1 r3 o",
                                        rank)));

        private final IntFunction<TensorFormat> rule;

        Format(IntFunction<TensorFormat> rule) {
            this.rule = rule;
        }

        TensorFormat of(int rank) {
            return rule.apply(Math.max(1, rank));
        }
    }

    /** How the rates of cores follow from one rate. */
    enum Rule {
        /** One rate for all parameters. */
        NONE,
        /** {@code LearningRates.transfer}. */
        TRANSFER
    }

    /** Reads a cell off the first cells of a line. */
    static RateCell parse(String... cells) {
        return new RateCell(
                Network.valueOf(cells[0]),
                Start.valueOf(cells[1]),
                Method.valueOf(cells[2]),
                Format.valueOf(cells[3]),
                Integer.parseInt(cells[4]),
                Rule.valueOf(cells[5]),
                Integer.parseInt(cells[6]));
    }

    /** Returns the first cells of a line. */
    String key() {
        return String.format(
                Locale.ROOT,
                "%s,%s,%s,%s,%d,%s,%d",
                network,
                start,
                optimizer,
                format,
                rank,
                rule,
                seed);
    }

    /** The dense cell that this one is compared with. */
    RateCell dense() {
        return new RateCell(network, start, optimizer, Format.DENSE, 0, Rule.NONE, seed);
    }

    boolean isDense() {
        return format == Format.DENSE;
    }

    /**
     * Builds the network.
     *
     * @param channels the channels of the first convolutions
     */
    Block build(int channels) {
        SequentialBlock net = new SequentialBlock();
        for (int layer = 0; layer < 6; layer++) {
            Shape stride = layer % 3 == 0 ? new Shape(2, 2) : new Shape(1, 1);
            net.add(convolution(layer, layer < 3 ? channels : 2 * channels, stride));
            if (network == Network.NORMALISED) {
                net.add(BatchNorm.builder().build());
            }
            net.add(Activation.reluBlock());
        }
        return net.add(Pool.globalAvgPool2dBlock()).add(Linear.builder().setUnits(10).build());
    }

    private Block convolution(int layer, int filters, Shape stride) {
        Shape three = new Shape(3, 3);
        Shape one = new Shape(1, 1);
        boolean bias = network == Network.PLAIN;
        if (layer == 0 || isDense() || start == Start.DECOMPOSED) {
            return Conv2d.builder()
                    .setKernelShape(three)
                    .setFilters(filters)
                    .optStride(stride)
                    .optPadding(one)
                    .optBias(bias)
                    .build();
        }
        return TensorialConv2d.builder()
                .setFormat(format.of(rank))
                .setKernelShape(three)
                .setFilters(filters)
                .optStride(stride)
                .optPadding(one)
                .optBias(bias)
                .build();
    }
}
