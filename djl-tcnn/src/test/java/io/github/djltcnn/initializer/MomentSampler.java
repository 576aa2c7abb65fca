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
package io.github.djltcnn.initializer;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples second moments of a layer, forward and backward, over draws of its cores: kernel and
 * convolution by their definitions, over lists of positions that are made once. Inputs and output
 * gradients are signs, mostly positive ones: of second moment 1 everywhere and of a mean far from
 * 0, which the theorem does not forbid.
 */
final class MomentSampler {

    private final TensorNetwork network;
    private final ConvolutionGeometry geometry;
    private final Shape spatial;
    private final VarianceRule rule;
    private final double errorMean;
    private final int[][] corePositions;
    private final int[] kernelPositions;
    private final int[] inputs;
    private final int[] taps;
    private final int[] outputs;
    private final int inputSize;
    private final int outputSize;

    /** How far two means of many draws lie from their predictions, in standard errors. */
    record Scores(double forward, double backward) {}

    /** Samples sign cores of expected scale, whose tails do not blur the estimate. */
    MomentSampler(TensorNetwork network, ConvolutionGeometry geometry, Shape spatial) {
        this(
                network,
                geometry,
                spatial,
                Settings.of(FanMode.IN)
                        .withDistribution(Distribution.SIGN)
                        .withScale(Scale.EXPECTED)
                        .withMirroring(Mirroring.NONE),
                0.5);
    }

    /**
     * Samples a setting.
     *
     * @param settings the setting
     * @param errorMean the mean of the gradients, whose second moment is 1
     */
    MomentSampler(
            TensorNetwork network,
            ConvolutionGeometry geometry,
            Shape spatial,
            Settings settings,
            double errorMean) {
        this.network = network;
        this.geometry = geometry;
        this.spatial = spatial;
        this.errorMean = errorMean;
        rule = new VarianceRule(settings, network, Fans.nominal(network));

        int assignments = 1;
        for (Mode mode : network.modes()) {
            assignments *= (int) mode.size();
        }
        List<Mode> kernel = new ArrayList<>(network.modes(Role.GROUP));
        kernel.addAll(network.modes(Role.OUTPUT));
        kernel.addAll(network.modes(Role.INPUT));
        for (Role axis : List.of(Role.DEPTH, Role.HEIGHT, Role.WIDTH)) {
            kernel.addAll(network.modes(axis));
        }
        kernelPositions = positions(kernel, assignments);
        corePositions = new int[network.cores().size()][];
        for (int n = 0; n < corePositions.length; n++) {
            corePositions[n] = positions(network.cores().get(n).modes(), assignments);
        }

        Shape out = geometry.outputShape(spatial);
        int groups = (int) network.groups();
        int ins = (int) network.inputChannels() / groups;
        int outs = (int) network.outputChannels() / groups;
        int window = (int) geometry.kernel().size();
        inputSize = groups * ins * (int) spatial.size();
        outputSize = groups * outs * (int) out.size();
        List<int[]> found = new ArrayList<>();
        for (int position = 0; position < out.size(); position++) {
            for (int tap = 0; tap < window; tap++) {
                int from = source(position, tap);
                for (int o = 0; from >= 0 && o < groups * outs; o++) {
                    for (int i = 0; i < ins; i++) {
                        found.add(
                                new int[] {
                                    (o / outs * ins + i) * (int) spatial.size() + from,
                                    (o * ins + i) * window + tap,
                                    o * (int) out.size() + position
                                });
                    }
                }
            }
        }
        inputs = found.stream().mapToInt(at -> at[0]).toArray();
        taps = found.stream().mapToInt(at -> at[1]).toArray();
        outputs = found.stream().mapToInt(at -> at[2]).toArray();
    }

    /** For each assignment of all modes the position in a row-major array over some of them. */
    private int[] positions(List<Mode> axes, int assignments) {
        int[] result = new int[assignments];
        for (int n = 0; n < assignments; n++) {
            int rest = n;
            int at = 0;
            for (Mode mode : network.modes()) {
                int index = rest % (int) mode.size();
                rest /= (int) mode.size();
                int axis = axes.indexOf(mode);
                if (axis >= 0) {
                    int stride = 1;
                    for (Mode later : axes.subList(axis + 1, axes.size())) {
                        stride *= (int) later.size();
                    }
                    at += index * stride;
                }
            }
            result[n] = at;
        }
        return result;
    }

    /** The input position that a tap reads for an output position, or -1 in the padding. */
    private int source(int position, int tap) {
        Shape out = geometry.outputShape(spatial);
        int restPosition = position;
        int restTap = tap;
        int from = 0;
        int stride = 1;
        for (int axis = geometry.numDimensions() - 1; axis >= 0; axis--) {
            long place = restPosition % out.get(axis);
            long offset = restTap % geometry.kernel().get(axis);
            restPosition /= (int) out.get(axis);
            restTap /= (int) geometry.kernel().get(axis);
            long at =
                    place * geometry.stride().get(axis)
                            + offset * geometry.dilation().get(axis)
                            - geometry.padding().get(axis);
            if (at < 0 || at >= spatial.get(axis)) {
                return -1;
            }
            from += (int) at * stride;
            stride *= (int) spatial.get(axis);
        }
        return from;
    }

    /** Draws cores, inputs and gradients many times and compares the means with the prediction. */
    Scores sample(int draws, long seed) {
        return sample(draws, seed, 1);
    }

    /** As {@link #sample(int, long)}, against the prediction times a factor. */
    Scores sample(int draws, long seed, double error) {
        RandomStream random = new RandomStream(seed);
        double[] forward = new double[draws];
        double[] backward = new double[draws];
        double[] kernel = new double[(int) network.denseParameterCount()];
        for (int n = 0; n < draws; n++) {
            contract(rule.draw(random.nextLong()), kernel);
            double[] x = signs(inputSize, 0.5, random);
            double[] dy = signs(outputSize, errorMean, random);
            double[] y = new double[outputSize];
            double[] dx = new double[inputSize];
            for (int at = 0; at < taps.length; at++) {
                y[outputs[at]] += x[inputs[at]] * kernel[taps[at]];
                dx[inputs[at]] += dy[outputs[at]] * kernel[taps[at]];
            }
            forward[n] = meanSquare(y);
            backward[n] = meanSquare(dx);
        }
        // The rule divides by the nominal fan-in; what really adds up are the live taps.
        Fans exact = Fans.exact(network, geometry, spatial);
        double product = error * 2 / Fans.nominal(network).in();
        return new Scores(
                score(forward, product * exact.in()), score(backward, product * exact.out()));
    }

    private void contract(List<double[]> cores, double[] kernel) {
        Arrays.fill(kernel, 0);
        for (int n = 0; n < kernelPositions.length; n++) {
            double product = 1;
            for (int core = 0; core < corePositions.length; core++) {
                product *= cores.get(core)[corePositions[core][n]];
            }
            kernel[kernelPositions[n]] += product;
        }
    }

    private static double[] signs(int count, double mean, RandomStream random) {
        double[] signs = new double[count];
        for (int i = 0; i < count; i++) {
            signs[i] = random.nextDouble() < (1 + mean) / 2 ? 1 : -1;
        }
        return signs;
    }

    private static double meanSquare(double... values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum / values.length;
    }

    private static double score(double[] sample, double expected) {
        double mean = 0;
        for (double value : sample) {
            mean += value / sample.length;
        }
        double variance = 0;
        for (double value : sample) {
            variance += (value - mean) * (value - mean) / (sample.length - 1.0);
        }
        double error = Math.sqrt(variance / sample.length);
        // A layer of one weight per output has y^2 = s^2 in every draw: then to rounding.
        return error < 1e-12 * expected && Math.abs(mean - expected) < 1e-9 * expected
                ? 0
                : (mean - expected) / error;
    }
}
