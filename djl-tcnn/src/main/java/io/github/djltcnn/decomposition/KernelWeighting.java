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
package io.github.djltcnn.decomposition;

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.weighting.Weight;
import io.github.djltcnn.decomposition.internal.weighting.WeightedProblem;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;

/**
 * How much an error of a kernel matters: by the inputs that the layer is given, and by what is made
 * of its outputs.
 *
 * <p>With {@code x} the unfolded input of a layer (input channels x window) and {@code g} the
 * gradient of an answer by the output of the layer, a difference {@code D} of kernels, (output
 * channels, input channels x window), weighs
 *
 * <pre>tr(G D S D^T),  S = E[x x^T],  G = E[g g^T],</pre>
 *
 * which without {@code G} is the mean squared error of the outputs, {@code E|D x|^2}. The product
 * of the two is the approximation of Martens and Grosse, "Optimizing neural networks with
 * Kronecker-factored approximate curvature" (ICML 2015), for convolutions of Grosse and Martens
 * (ICML 2016). With groups each group has matrices of its own. Immutable; the given arrays are
 * copied.
 *
 * @since 0.2.0
 */
public final class KernelWeighting {

    private final Weight weight;

    private KernelWeighting(Weight weight) {
        this.weight = weight;
    }

    /**
     * Makes a weighting of the moments of unfolded inputs.
     *
     * @param spec the shape of the kernel
     * @param input {@code S} of each group, row-major, symmetric and positive semidefinite; rows
     *     are (input channels of a group, window)
     * @param output {@code G} of each group, (output channels of a group) squared; null to weigh
     *     all outputs alike
     * @return the weighting
     * @throws IllegalArgumentException if an array has another size, an entry that is not finite,
     *     or a diagonal that is negative or all zero
     */
    public static KernelWeighting of(KernelSpec spec, double[] input, double[] output) {
        long n = spec.inputChannels() / spec.groups() * spec.kernel().size();
        double[] in = checked("input", input, spec.groups(), n, spec);
        return new KernelWeighting(new Weight(spec, in, null, null, output(spec, output)));
    }

    /**
     * Makes a weighting whose input moments are the Kronecker product of two matrices, which is far
     * smaller: one for the channels and one for the window.
     *
     * @param spec the shape of the kernel
     * @param channels of each group, (input channels of a group) squared
     * @param window of each group, (positions of the window) squared
     * @param output {@code G} of each group; null to weigh all outputs alike
     * @return the weighting
     * @throws IllegalArgumentException as for the whole matrix
     */
    public static KernelWeighting separable(
            KernelSpec spec, double[] channels, double[] window, double[] output) {
        long n = spec.inputChannels() / spec.groups();
        double[] c = checked("channels", channels, spec.groups(), n, spec);
        double[] w = checked("window", window, spec.groups(), spec.kernel().size(), spec);
        return new KernelWeighting(new Weight(spec, null, c, w, output(spec, output)));
    }

    private static double[] output(KernelSpec spec, double[] output) {
        long n = spec.outputChannels() / spec.groups();
        return output == null ? null : checked("output", output, spec.groups(), n, spec);
    }

    private static double[] checked(
            String name, double[] matrix, long groups, long size, KernelSpec spec) {
        if (matrix.length != groups * size * size) {
            throw new IllegalArgumentException(
                    "The "
                            + name
                            + " weights of a kernel of "
                            + spec
                            + " are "
                            + groups
                            + " matrices of "
                            + size
                            + " x "
                            + size
                            + ", got "
                            + matrix.length
                            + " entries");
        }
        double trace = 0;
        for (int i = 0; i < matrix.length; i++) {
            boolean diagonal = i / size % size == i % size;
            if (!Double.isFinite(matrix[i]) || (diagonal && matrix[i] < 0)) {
                throw new IllegalArgumentException(
                        "Entry "
                                + i
                                + " of the "
                                + name
                                + " weights is "
                                + matrix[i]
                                + "; a matrix of moments is finite and has no negative diagonal");
            }
            trace += diagonal ? matrix[i] : 0;
        }
        if (trace == 0) {
            throw new IllegalArgumentException(
                    "The "
                            + name
                            + " weights are all zero: no error would count; decompose without"
                            + " weights");
        }
        return matrix.clone();
    }

    /**
     * Returns the shape of the kernels that this weighs.
     *
     * @return the shape
     */
    public KernelSpec spec() {
        return weight.spec();
    }

    /**
     * Returns how much the difference of two kernels weighs.
     *
     * @param kernel a kernel
     * @param other another of the same shape
     * @return {@code tr(G D S D^T)} of their difference
     * @throws IllegalArgumentException if one does not fill the shape
     */
    public double squaredDistance(double[] kernel, double[] other) {
        checkSize(kernel);
        checkSize(other);
        double[] difference = kernel.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= other[i];
        }
        return Math.max(0, weight.square(difference));
    }

    /**
     * Returns the weighted error of an approximation.
     *
     * @param kernel a kernel
     * @param approximation its approximation
     * @return the root of the weight of their difference over that of the kernel; NaN if the kernel
     *     has none
     * @throws IllegalArgumentException if one does not fill the shape
     */
    public double relativeError(double[] kernel, double[] approximation) {
        checkSize(kernel);
        double whole = weight.square(kernel);
        return whole > 0 ? Math.sqrt(squaredDistance(kernel, approximation) / whole) : Double.NaN;
    }

    /**
     * Scales the modes of a kernel such that its plain error is near to the weighted one, for the
     * ranks of a format to be chosen by.
     *
     * @param kernel the kernel
     * @param format the format, whose ranks do not count
     * @return the scaled kernel, of the same shape; its squared norm is about the weight of the
     *     kernel, as far as the modes of the format are independent
     * @throws IllegalArgumentException if the kernel does not fill the shape, or the format does
     *     not fit it
     */
    public double[] scaled(double[] kernel, TensorFormat format) {
        checkSize(kernel);
        Graph graph = new Graph(format.withRank(Rank.upTo(1)).network(spec()));
        double[] scaled = new WeightedProblem(graph, kernel, weight).kernel().clone();
        double wanted = weight.square(kernel);
        double norm = Matrices.norm(scaled);
        if (wanted > 0 && norm > 0) {
            Matrices.scale(scaled, Math.sqrt(wanted) / norm);
        }
        return scaled;
    }

    private void checkSize(double... kernel) {
        if (kernel.length != spec().denseParameterCount()) {
            throw new IllegalArgumentException(
                    "A kernel of "
                            + spec()
                            + " has "
                            + spec().denseParameterCount()
                            + " entries, got "
                            + kernel.length);
        }
    }

    Weight weight() {
        return weight;
    }
}
