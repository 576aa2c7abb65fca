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
package io.github.djltcnn.decomposition.internal.weighting;

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.format.KernelSpec;
import java.util.Arrays;

/**
 * The weight of errors of a kernel: {@code tr(G D S D^T)} for a difference {@code D} of kernels,
 * (output channels, input channels x window), summed over the groups.
 *
 * <p>{@code S} is given as one matrix, or as the Kronecker product of one for the channels and one
 * for the window.
 *
 * @param spec the shape of the kernel
 * @param input {@code S} of each group, row-major, rows of (input channels of a group, window);
 *     null if it is a product
 * @param channels the factor of the input channels of each group; null if {@code S} is given whole
 * @param window the factor of the window of each group; null if {@code S} is given whole
 * @param output {@code G} of each group; null for the identity
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Weight(
        KernelSpec spec, double[] input, double[] channels, double[] window, double[] output) {

    /** The number of groups. */
    public int groups() {
        return Math.toIntExact(spec.groups());
    }

    /** The input channels of a group. */
    public int inputs() {
        return Math.toIntExact(spec.inputChannels() / spec.groups());
    }

    /** The output channels of a group. */
    public int outputs() {
        return Math.toIntExact(spec.outputChannels() / spec.groups());
    }

    /** The positions of the window. */
    public int taps() {
        return Math.toIntExact(spec.kernel().size());
    }

    /**
     * Returns the weighted square of a difference.
     *
     * @param difference the entries of a kernel
     * @return {@code tr(G D S D^T)}, at least 0 but for rounding
     */
    public double square(double[] difference) {
        int n = inputs() * taps();
        int m = outputs();
        double sum = 0;
        for (int group = 0; group < groups(); group++) {
            double[] d = Arrays.copyOfRange(difference, group * m * n, (group + 1) * m * n);
            double[] ds = timesInput(d, group);
            // tr(G D S D^T) = <G D, D S>
            double[] gd = d;
            if (output != null) {
                gd = new double[m * n];
                Matrices.multiplyAdd(output, group * m * m, d, 0, gd, 0, m, m, n);
            }
            sum += Matrices.dot(gd, 0, ds, 0, m * n);
        }
        return sum;
    }

    private double[] timesInput(double[] d, int group) {
        int taps = taps();
        int n = inputs() * taps;
        int m = outputs();
        double[] ds = new double[m * n];
        if (input != null) {
            Matrices.multiplyAdd(d, 0, input, group * n * n, ds, 0, m, n, n);
            return ds;
        }
        double[] half = new double[m * n];
        Matrices.multiplyAdd(d, 0, window, group * taps * taps, half, 0, m * inputs(), taps, taps);
        for (int row = 0; row < m; row++) {
            Matrices.multiplyAdd(
                    channels,
                    group * inputs() * inputs(),
                    half,
                    row * n,
                    ds,
                    row * n,
                    inputs(),
                    inputs(),
                    taps);
        }
        return ds;
    }
}
