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
package io.github.djltcnn.testing;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A tensorial convolution by its definition, in plain loops over doubles: the kernel is the sum
 * over all assignments of all modes, the convolution the sum over all taps. Slow, and without a
 * single idea that the library has, too.
 */
public final class DenseOracle {

    private final TensorNetwork network;
    private final ConvolutionGeometry geometry;
    private final int numDimensions;
    private final List<Mode> modes;
    private final long[][] coreStrides;
    private final long[] kernelStrides;

    /**
     * Creates the oracle of a layer.
     *
     * @param network its network
     * @param geometry how its kernel slides
     */
    public DenseOracle(TensorNetwork network, ConvolutionGeometry geometry) {
        this.network = network;
        this.geometry = geometry;
        numDimensions = geometry.numDimensions();
        modes = network.modes();
        coreStrides = new long[network.cores().size()][];
        for (int n = 0; n < coreStrides.length; n++) {
            coreStrides[n] = strides(network.cores().get(n).modes());
        }
        List<Mode> kernel = new ArrayList<>(network.modes(Role.GROUP));
        kernel.addAll(network.modes(Role.OUTPUT));
        kernel.addAll(network.modes(Role.INPUT));
        for (Role role : List.of(Role.DEPTH, Role.HEIGHT, Role.WIDTH)) {
            kernel.addAll(network.modes(role));
        }
        kernelStrides = strides(kernel);
    }

    /** For every mode of the network its stride in a row-major array over some modes, or 0. */
    private long[] strides(List<Mode> axes) {
        long[] strides = new long[modes.size()];
        long stride = 1;
        for (int axis = axes.size() - 1; axis >= 0; axis--) {
            strides[modes.indexOf(axes.get(axis))] = stride;
            stride *= axes.get(axis).size();
        }
        return strides;
    }

    /**
     * Draws entries for the cores.
     *
     * @param network the network
     * @param random the source
     * @return standard normal entries, one row-major array per core
     */
    public static List<double[]> randomCores(TensorNetwork network, Random random) {
        List<double[]> cores = new ArrayList<>();
        for (Core core : network.cores()) {
            cores.add(random.doubles(core.size()).map(u -> 2 * u - 1).toArray());
        }
        return cores;
    }

    /**
     * Contracts the cores.
     *
     * @param cores the entries of the cores
     * @return the dense kernel, row-major in {@link TensorNetwork#denseShape}
     */
    public double[] kernel(List<double[]> cores) {
        double[] kernel = new double[(int) network.denseParameterCount()];
        forEachAssignment(
                (at, kernelAt) -> {
                    double product = 1;
                    for (int n = 0; n < at.length; n++) {
                        product *= cores.get(n)[at[n]];
                    }
                    kernel[kernelAt] += product;
                });
        return kernel;
    }

    /**
     * Pulls a gradient of the kernel back to the cores.
     *
     * @param cores the entries of the cores
     * @param kernelGradient the gradient with respect to the kernel
     * @return the gradients with respect to the cores
     */
    public List<double[]> pullBack(List<double[]> cores, double[] kernelGradient) {
        List<double[]> gradients = new ArrayList<>();
        cores.forEach(core -> gradients.add(new double[core.length]));
        forEachAssignment(
                (at, kernelAt) -> {
                    for (int n = 0; n < at.length; n++) {
                        double others = kernelGradient[kernelAt];
                        for (int m = 0; m < at.length; m++) {
                            others *= m == n ? 1 : cores.get(m)[at[m]];
                        }
                        gradients.get(n)[at[n]] += others;
                    }
                });
        return gradients;
    }

    private interface Visitor {
        void visit(int[] corePositions, int kernelPosition);
    }

    private void forEachAssignment(Visitor visitor) {
        long[] index = new long[modes.size()];
        int[] at = new int[coreStrides.length];
        while (true) {
            for (int n = 0; n < at.length; n++) {
                at[n] = (int) dot(index, coreStrides[n]);
            }
            visitor.visit(at, (int) dot(index, kernelStrides));
            int mode = modes.size() - 1;
            while (mode >= 0 && ++index[mode] == modes.get(mode).size()) {
                index[mode--] = 0;
            }
            if (mode < 0) {
                return;
            }
        }
    }

    private static long dot(long[] a, long... b) {
        long sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * Convolves (cross-correlates, as libraries do).
     *
     * @param x the input, row-major
     * @param inputShape its shape, (batch, channels, spatial...)
     * @param kernel the dense kernel
     * @param bias one number per output channel, or null
     * @return the output, row-major in {@link #outputShape}
     */
    public double[] convolve(double[] x, Shape inputShape, double[] kernel, double[] bias) {
        Shape outputShape = outputShape(inputShape);
        double[] y = new double[(int) outputShape.size()];
        if (bias != null) {
            int positions = (int) outputShape.slice(2).size();
            Arrays.setAll(y, n -> bias[n / positions % bias.length]);
        }
        forEachTap(inputShape, (in, k, out) -> y[out] += x[in] * kernel[k]);
        return y;
    }

    /**
     * Returns the gradient of a convolution with respect to its input.
     *
     * @param outputGradient the gradient with respect to the output
     * @param inputShape the shape of the input
     * @param kernel the dense kernel
     * @return the gradient, row-major in the input's shape
     */
    public double[] inputGradient(double[] outputGradient, Shape inputShape, double[] kernel) {
        double[] gradient = new double[(int) inputShape.size()];
        forEachTap(inputShape, (in, k, out) -> gradient[in] += outputGradient[out] * kernel[k]);
        return gradient;
    }

    /**
     * Returns the gradient of a convolution with respect to its kernel.
     *
     * @param outputGradient the gradient with respect to the output
     * @param x the input
     * @param inputShape its shape
     * @return the gradient, row-major in the kernel's shape
     */
    public double[] kernelGradient(double[] outputGradient, double[] x, Shape inputShape) {
        double[] gradient = new double[(int) network.denseParameterCount()];
        forEachTap(inputShape, (in, k, out) -> gradient[k] += outputGradient[out] * x[in]);
        return gradient;
    }

    /**
     * Returns the shape of the output.
     *
     * @param inputShape (batch, channels, spatial...)
     * @return (batch, output channels, spatial...)
     */
    public Shape outputShape(Shape inputShape) {
        return new Shape(inputShape.get(0), network.outputChannels())
                .addAll(geometry.outputShape(inputShape.slice(2)));
    }

    private interface Tap {
        void visit(int input, int kernel, int output);
    }

    private void forEachTap(Shape inputShape, Tap tap) {
        Shape window = network.kernelShape(numDimensions);
        Shape positions = geometry.outputShape(inputShape.slice(2));
        int groups = (int) network.groups();
        int ins = (int) network.inputChannels() / groups;
        int outs = (int) network.outputChannels() / groups;
        long[] place = new long[numDimensions];
        long[] offset = new long[numDimensions];
        for (int b = 0; b < inputShape.get(0); b++) {
            for (int o = 0; o < groups * outs; o++) {
                for (int i = 0; i < ins; i++) {
                    for (int p = 0; p < positions.size(); p++) {
                        unravel(p, positions, place);
                        for (int t = 0; t < window.size(); t++) {
                            unravel(t, window, offset);
                            int spatial = source(place, offset, inputShape);
                            if (spatial < 0) {
                                continue;
                            }
                            int channel = o / outs * ins + i;
                            tap.visit(
                                    (b * groups * ins + channel) * (int) inputShape.slice(2).size()
                                            + spatial,
                                    (o * ins + i) * (int) window.size() + t,
                                    (b * groups * outs + o) * (int) positions.size() + p);
                        }
                    }
                }
            }
        }
    }

    /** The flat spatial position that a tap reads, or -1 in the padding. */
    private int source(long[] place, long[] offset, Shape inputShape) {
        int flat = 0;
        for (int axis = 0; axis < numDimensions; axis++) {
            long at =
                    place[axis] * geometry.stride().get(axis)
                            + offset[axis] * geometry.dilation().get(axis)
                            - geometry.padding().get(axis);
            if (at < 0 || at >= inputShape.get(axis + 2)) {
                return -1;
            }
            flat = flat * (int) inputShape.get(axis + 2) + (int) at;
        }
        return flat;
    }

    private static void unravel(int flat, Shape shape, long... index) {
        int rest = flat;
        for (int axis = index.length - 1; axis >= 0; axis--) {
            index[axis] = rest % shape.get(axis);
            rest /= (int) shape.get(axis);
        }
    }
}
