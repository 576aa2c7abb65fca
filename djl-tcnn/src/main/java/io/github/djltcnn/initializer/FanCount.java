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
import io.github.djltcnn.network.TensorNetwork;
import java.util.Arrays;

/**
 * How the taps of the kernel window are counted in a fan.
 *
 * @since 0.1.0
 */
public enum FanCount {
    /** Every tap of the window, in both directions, as Xavier's and Kaiming's rules count. */
    NOMINAL {
        @Override
        Fans fans(TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial) {
            return Fans.nominal(network);
        }
    },
    /**
     * The mean number of taps that are live at the layer's real input size: padding takes some at
     * the border, and a stride leaves most of them idle on the way back. Exact for one layer whose
     * input has the same second moment everywhere.
     */
    EXACT {
        @Override
        Fans fans(TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial) {
            return Fans.exact(network, geometry, inputSpatial);
        }
    },
    /**
     * The growth rate of the live taps through many layers alike. Padding dims the border, the next
     * layer reads the dimmed border seldom, and so a deep stack loses less than one layer does: the
     * map of second moments along an axis is the 0-1 matrix that says which position reads which,
     * and it grows like its Perron root (for a window of 3 with padding 1 on n positions, {@code 1
     * + 2 cos(pi / (n + 1))}). Along axes whose size the layer changes, as {@link #EXACT}.
     */
    STEADY {
        @Override
        Fans fans(TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial) {
            Fans exact = Fans.exact(network, geometry, inputSpatial);
            Shape output = geometry.outputShape(inputSpatial);
            double correction = 1;
            for (int axis = 0; axis < geometry.numDimensions(); axis++) {
                long size = inputSpatial.get(axis);
                if (geometry.stride().get(axis) == 1 && output.get(axis) == size) {
                    double mean = (double) geometry.liveTaps(axis, size) / (double) size;
                    correction *= perronRoot(geometry, axis, Math.toIntExact(size)) / mean;
                }
            }
            return new Fans(exact.in() * correction, exact.out() * correction);
        }
    };

    private static final int ITERATIONS = 1000;

    /**
     * Counts the fans of a layer.
     *
     * @param network the network
     * @param geometry stride, padding and dilation of the layer
     * @param inputSpatial the spatial size of its input
     * @return its fans
     */
    abstract Fans fans(TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial);

    /** The largest eigenvalue of the matrix of taps along one axis, by power iteration. */
    private static double perronRoot(ConvolutionGeometry geometry, int axis, int size) {
        double[] profile = new double[size];
        Arrays.fill(profile, 1.0 / size);
        double root = 0;
        for (int n = 0; n < ITERATIONS; n++) {
            // Half a step of the identity: without it a window without centre may oscillate.
            double[] next = profile.clone();
            for (long tap = 0; tap < geometry.kernel().get(axis); tap++) {
                long shift = tap * geometry.dilation().get(axis) - geometry.padding().get(axis);
                for (int to = 0; to < size; to++) {
                    long from = to + shift;
                    next[to] += from >= 0 && from < size ? profile[(int) from] : 0;
                }
            }
            double sum = Arrays.stream(next).sum();
            root = sum - 1;
            profile = Arrays.stream(next).map(x -> x / sum).toArray();
        }
        return root;
    }
}
