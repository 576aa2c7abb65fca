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

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Fit;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Locale;

/**
 * The cores that a {@link Decomposer} found for a kernel, and how well they do. Immutable.
 *
 * @since 0.1.0
 */
public final class Decomposition {

    private final TensorNetwork network;
    private final Fit fit;
    private final double relativeError;
    private final double amplification;
    private final double weightedError;

    Decomposition(TensorNetwork network, Fit fit, double relativeError, double amplification) {
        this(network, fit, relativeError, amplification, Double.NaN);
    }

    Decomposition(
            TensorNetwork network,
            Fit fit,
            double relativeError,
            double amplification,
            double weightedError) {
        this.network = network;
        this.fit = fit;
        this.relativeError = relativeError;
        this.amplification = amplification;
        this.weightedError = weightedError;
    }

    /** The decomposition of the kernel times a power of two, shared out over the cores. */
    Decomposition scaled(int exponent) {
        Tensor[] cores = new Tensor[fit.cores().length];
        int rest = exponent;
        for (int n = 0; n < cores.length; n++) {
            int share = rest / (cores.length - n);
            rest -= share;
            Tensor core = fit.cores()[n];
            cores[n] = new Tensor(core.labels(), core.dims(), core.data().clone());
            // In two steps: a power of two of the share itself may be out of range.
            Matrices.scale(cores[n].data(), Math.scalb(1.0, share / 2));
            Matrices.scale(cores[n].data(), Math.scalb(1.0, share - share / 2));
        }
        Fit scaled = new Fit(cores, fit.history(), fit.algorithm(), fit.starts());
        return new Decomposition(network, scaled, relativeError, amplification, weightedError);
    }

    /**
     * Returns the network, with the ranks that were found.
     *
     * @return the network
     */
    public TensorNetwork network() {
        return network;
    }

    /**
     * Returns the entries of one core.
     *
     * @param n the number of the core in the notation, from 0
     * @return a copy, row-major in the order in which the notation lists the modes
     * @throws IndexOutOfBoundsException if there is no such core
     */
    public double[] core(int n) {
        return fit.cores()[n].data().clone();
    }

    /**
     * Returns the relative error in the Frobenius norm, {@code |K - approximation| / |K|}, measured
     * on the contracted cores.
     *
     * @return 0 for an exact decomposition
     */
    public double relativeError() {
        return relativeError;
    }

    /**
     * Returns the relative error in the norm of a {@link KernelWeighting}, measured on the
     * contracted cores.
     *
     * @return the error; NaN for a decomposition without weights
     */
    public double weightedError() {
        return weightedError;
    }

    /**
     * Returns the relative error after each sweep of an iteration, as the iteration reckons it:
     * below {@code 1e-7} it is rounding. With weights it is the weighted error.
     *
     * @return at least one number; the last one stands for {@link #relativeError()}
     */
    public double[] history() {
        return fit.history().clone();
    }

    /**
     * Returns how much the terms of the contraction cancel: the root of the sum of their squares
     * over the norm of the kernel. Rounding the cores to float32 costs about {@code 1e-7} times
     * this, relative to the kernel. Large numbers are the mark of a degenerate decomposition, whose
     * components grow without bound against one another.
     *
     * @return about 1 for a decomposition without cancellation
     */
    public double amplification() {
        return amplification;
    }

    /**
     * Returns the algorithm.
     *
     * @return its name, such as {@code TT-SVD}
     */
    public String algorithm() {
        return fit.algorithm();
    }

    /**
     * Returns how many starts the algorithm tried; the best one is this result.
     *
     * @return 1 for an algorithm without random starts
     */
    public int starts() {
        return fit.starts();
    }

    /**
     * Contracts the cores.
     *
     * @return the approximate kernel, row-major in the shape of a convolution: output channels,
     *     input channels per group, kernel axes
     */
    public double[] toKernel() {
        return Cores.contract(new Graph(network), fit.cores()).data();
    }

    /**
     * Copies the cores to arrays, each number rounded to the nearest one of its type.
     *
     * @param manager takes the arrays
     * @param dataType float64, float32 or float16
     * @return the cores in notation order, the axes in the order of the notation
     * @throws IllegalArgumentException for another data type, or if a number is too large for it;
     *     nothing is made then
     */
    public NDList toNDArrays(NDManager manager, DataType dataType) {
        NDList arrays = new NDList();
        try {
            for (int n = 0; n < fit.cores().length; n++) {
                double[] entries = fit.cores()[n].data();
                Shape shape = network.cores().get(n).shape();
                arrays.add(RealArrays.create(manager, entries, shape, dataType));
            }
        } catch (RuntimeException e) {
            arrays.close();
            throw e;
        }
        return arrays;
    }

    /** Returns algorithm, network, compression and error in one line. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s of \"%s\": %d parameters (%.2f x fewer), relative error %.3g",
                algorithm(),
                network,
                network.parameterCount(),
                network.compressionRatio(),
                relativeError);
    }
}
