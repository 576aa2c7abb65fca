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
package io.github.djltcnn.tuning;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/** Draws layers as people use them, for a cost model to be measured on. */
final class CalibrationLayers {

    private static final List<Function<Rank, TensorFormat>> FORMATS =
            List.of(
                    TensorFormats::tensorRing,
                    TensorFormats::tensorTrain,
                    TensorFormats::tensorTrainMatrix,
                    TensorFormats::tucker2,
                    TensorFormats::cp,
                    TensorFormats::hyperTucker2,
                    rank -> TensorFormats.blockTerm(4, rank),
                    rank -> TensorFormats.dense());

    private static final double LEAST_CHANNELS = 8;
    private static final double OCTAVES = 6;
    private static final double LEAST_RANK = 3;

    /** The largest layer has so many times the multiply-adds of the smallest. */
    private static final double MOST_SPREAD = 3600;

    private final Random random;
    private final double mostMacs;

    /**
     * Creates a source of layers.
     *
     * @param random the source of randomness
     * @param mostMacs the most multiply-adds that the dense convolution may take
     */
    CalibrationLayers(Random random, double mostMacs) {
        this.random = random;
        this.mostMacs = mostMacs;
    }

    /** A layer and the shape of its input. */
    record Layer(TensorNetwork network, ConvolutionGeometry geometry, Shape inputShape) {}

    /** The multiply-adds of {@link #dense} for one image. */
    static final double DENSE_MACS = 28.0 * 28 * 256 * 256 * 9;

    /** A dense convolution of 256 channels at 28 x 28, to find out how fast a device is. */
    static Layer dense(long batch) {
        TensorNetwork network = TensorFormats.dense().network(KernelSpec.of(256, 256, square(3)));
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(square(3), square(1), square(1), square(1));
        return new Layer(network, geometry, new Shape(batch, 256, 28, 28));
    }

    /**
     * Finds how large layers have to be for a device to be busy with them: doubles the work until
     * it takes long enough.
     *
     * @param least the multiply-adds to begin with, and the least answer
     * @param most the most multiply-adds
     * @param seconds how long a convolution of the largest layers should take at least
     * @param time the seconds of a convolution of so many multiply-adds
     * @return the multiply-adds of the largest layers
     */
    static double grow(double least, double most, double seconds, DoubleUnaryOperator time) {
        double macs = least;
        while (macs < most && time.applyAsDouble(macs) < seconds) {
            macs = Math.min(most, 2 * macs);
        }
        return macs;
    }

    /** The next layer. */
    Layer next() {
        while (true) {
            int in = channels();
            int out = random.nextInt(3) == 0 ? channels() : in;
            long window = pick(3, 3, 3, 3, 3, 1, 5, 7);
            long stride = pick(1, 1, 1, 2);
            long size = pick(7, 8, 14, 16, 28, 32, 56);
            long batch = pick(1, 2, 4, 8, 16, 32, 64);
            ConvolutionGeometry geometry =
                    new ConvolutionGeometry(
                            square(window), square(stride), square(window / 2), square(1));
            double macs = (double) batch * size * size * in * out * window * window;
            if (macs > mostMacs * stride * stride || macs < mostMacs / MOST_SPREAD) {
                continue;
            }
            // Small ranks are the ones that people take: their logarithm is uniform.
            double most = Math.max(LEAST_RANK + 1, Math.min(in, out));
            int rank = (int) (LEAST_RANK * Math.pow(most / LEAST_RANK, random.nextDouble()));
            TensorFormat format =
                    FORMATS.get(random.nextInt(FORMATS.size())).apply(Rank.upTo(rank));
            TensorNetwork network = format.network(KernelSpec.of(in, out, square(window)));
            return new Layer(network, geometry, new Shape(batch, in, size, size));
        }
    }

    private int channels() {
        // Multiples of 8 between 8 and 512, their logarithm uniform.
        double channels = LEAST_CHANNELS * Math.pow(2, OCTAVES * random.nextDouble());
        return (int) (Math.round(channels / LEAST_CHANNELS) * LEAST_CHANNELS);
    }

    private long pick(long... values) {
        return values[random.nextInt(values.length)];
    }

    private static Shape square(long size) {
        return new Shape(size, size);
    }
}
