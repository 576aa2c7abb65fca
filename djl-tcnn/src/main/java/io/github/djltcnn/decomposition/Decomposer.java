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
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.decomposition.internal.als.AlternatingLeastSquares;
import io.github.djltcnn.decomposition.internal.als.Groups;
import io.github.djltcnn.decomposition.internal.graph.Algorithm;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Fit;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Limits;
import io.github.djltcnn.decomposition.internal.graph.ScaledKernel;
import io.github.djltcnn.decomposition.internal.svd.TreeSvd;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.network.TensorNetwork;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * Finds cores whose contraction approximates a trained kernel in the Frobenius norm.
 *
 * <pre>{@code
 * Decomposition d =
 *         Decomposer.builder()
 *                 .build()
 *                 .decompose(
 *                         kernel,
 *                         KernelSpec.of(256, 256, new Shape(3, 3)),
 *                         TensorFormats.tucker2(Rank.error(0.1)));
 * d.network();       // i=256 r1=70, r1 r2=66 h=3 w=3, r2 o=256, say
 * d.relativeError(); // at most 0.1
 * }</pre>
 *
 * <p>The algorithm follows from the network. Without cycles: one singular value decomposition per
 * bond (TT-SVD for tensor trains), and HOSVD with HOOI where all cores stand around one (Tucker-2).
 * A ring: TR-SVD over all shifts of the ring and several splits of its first rank, then alternating
 * least squares. Any other network (CP, hyper-Tucker-2, block-term, hyperedges): alternating least
 * squares from several starts. With groups on every core, each group is decomposed by itself.
 *
 * <p>All arithmetic is float64: that of small kernels on the heap, that of others by libtorch, on
 * the CPU, with as many threads as the calling thread has there. Memory outside the heap is then up
 * to four copies of the kernel (in several orders of its axes), and intermediates of up to four
 * kernels and 32 MB each; larger contractions are done in slices. It is all freed at the end.
 *
 * <p>Immutable and safe to share between threads; the same seed gives the same numbers.
 *
 * @since 0.1.0
 */
public final class Decomposer {

    private static final Algorithm[] ALGORITHMS = {new TreeSvd(), new AlternatingLeastSquares()};

    private final Limits limits;

    private Decomposer(Limits limits) {
        this.limits = limits;
    }

    /**
     * Returns a decomposer for errors that need not be the last word: with the same seed, one
     * start, at most 30 sweeps, a tolerance of at least {@code 1e-3} and a tenth of the
     * multiply-adds.
     *
     * @return the quicker decomposer
     */
    public Decomposer quick() {
        return new Decomposer(
                new Limits(
                        limits.seed(),
                        1,
                        Math.min(30, limits.maxSweeps()),
                        Math.max(1e-3, limits.tolerance()),
                        limits.maxMacs() / 10));
    }

    /** The same with one start and less work. */
    Decomposer limited(int sweeps, double maxMacs) {
        return new Decomposer(
                new Limits(
                        limits.seed(),
                        1,
                        Math.min(sweeps, limits.maxSweeps()),
                        limits.tolerance(),
                        Math.min(maxMacs, limits.maxMacs())));
    }

    Limits limits() {
        return limits;
    }

    /**
     * Decomposes a kernel into a format.
     *
     * @param kernel the entries, row-major: output channels, input channels per group, kernel axes
     * @param spec the shape of the kernel
     * @param format the format; its rank may be one that needs weights
     * @return the decomposition
     * @throws IllegalArgumentException if the kernel does not fill the shape, is not finite or all
     *     zero, the format does not fit, or a rank is past the useful maximum
     * @throws CancellationException if the thread is interrupted, between two sweeps or
     *     factorisations; it stays interrupted
     */
    public Decomposition decompose(double[] kernel, KernelSpec spec, TensorFormat format) {
        Refusals.checkKernel(kernel, spec);
        if (format.candidates().size() > 1) {
            return BestFormat.of(this, kernel, spec, format);
        }
        return scaled(
                kernel,
                entries -> {
                    FittedRule rule = format.rank().fitted().orElse(null);
                    if (rule != null) {
                        return new RankFinder(this, entries, spec, format, rule).decompose();
                    }
                    TensorNetwork network = TensorFormats.network(format, spec);
                    Refusals.checkRanks(network, format.name());
                    return solve(entries, network);
                });
    }

    /**
     * Decomposes a kernel into a network whose ranks are known.
     *
     * @param kernel the entries, row-major: output channels, input channels per group, kernel axes
     * @param spec the shape of the kernel
     * @param network the network
     * @return the decomposition
     * @throws IllegalArgumentException if the kernel does not fill the shape, is not finite or all
     *     zero, the network does not fit, or a rank is past the useful maximum
     * @throws CancellationException if the thread is interrupted, between two sweeps or
     *     factorisations; it stays interrupted
     */
    public Decomposition decompose(double[] kernel, KernelSpec spec, TensorNetwork network) {
        Refusals.checkKernel(kernel, spec);
        checkNetwork(spec, network);
        return scaled(kernel, entries -> solve(entries, network));
    }

    /**
     * Decomposes a float32 kernel into a format.
     *
     * @param kernel the entries, row-major: output channels, input channels per group, kernel axes
     * @param spec the shape of the kernel
     * @param format the format; its rank may be one that needs weights
     * @return the decomposition
     * @throws IllegalArgumentException as for float64
     */
    public Decomposition decompose(float[] kernel, KernelSpec spec, TensorFormat format) {
        return decompose(RealArrays.toDouble(kernel), spec, format);
    }

    /**
     * Decomposes a kernel such that errors that matter are small, into a network whose ranks are
     * known: weighted alternating least squares, begun at the better of two, the cores that are
     * best for the kernel alone and those that are best with its modes scaled by the weights. The
     * weighted error is thus never above that of {@link #decompose(double[], KernelSpec,
     * TensorNetwork)}.
     *
     * @param kernel the entries, row-major: output channels, input channels per group, kernel axes
     * @param network the network
     * @param weighting what errors weigh; its shape is that of the kernel
     * @return the decomposition, with its {@link Decomposition#weightedError()}
     * @throws IllegalArgumentException as without weights, or if the kernel weighs nothing
     * @throws CancellationException if the thread is interrupted
     * @since 0.2.0
     */
    public Decomposition decompose(
            double[] kernel, TensorNetwork network, KernelWeighting weighting) {
        KernelSpec spec = weighting.spec();
        Refusals.checkKernel(kernel, spec);
        checkNetwork(spec, network);
        return scaled(
                kernel,
                entries -> {
                    Decomposition plain = solve(entries, network);
                    return new WeightedSolver(this, network, weighting).solve(entries, plain);
                });
    }

    /**
     * Decomposes a kernel such that errors that matter are small. A rank that needs weights is
     * found on the kernel with its modes scaled by the weighting.
     *
     * @param kernel the entries, row-major: output channels, input channels per group, kernel axes
     * @param format the format; its rank may be one that needs weights
     * @param weighting what errors weigh; its shape is that of the kernel
     * @return the decomposition, with its {@link Decomposition#weightedError()}
     * @throws IllegalArgumentException as without weights, or if the kernel weighs nothing
     * @throws CancellationException if the thread is interrupted
     * @since 0.2.0
     */
    public Decomposition decompose(
            double[] kernel, TensorFormat format, KernelWeighting weighting) {
        Refusals.checkKernel(kernel, weighting.spec());
        TensorNetwork network =
                format.rank().needsWeights()
                        ? decompose(weighting.scaled(kernel, format), weighting.spec(), format)
                                .network()
                        : TensorFormats.network(format, weighting.spec());
        return decompose(kernel, network, weighting);
    }

    /**
     * Refuses a network that {@link #decompose(double[], KernelSpec, TensorNetwork)} refuses
     * whatever the kernel holds.
     *
     * @param spec the shape of the kernel
     * @param network the network
     * @throws IllegalArgumentException if the network does not fit, or a rank is past the useful
     *     maximum
     */
    public static void checkNetwork(KernelSpec spec, TensorNetwork network) {
        if (!spec.fits(network)) {
            throw new IllegalArgumentException(
                    "The kernel is " + spec + ", which \"" + network + "\" does not fit");
        }
        Refusals.checkRanks(network, "network");
    }

    /** Squares of very large or small numbers run over or under: such a kernel is scaled. */
    private static Decomposition scaled(double[] kernel, Function<double[], Decomposition> task) {
        ScaledKernel scaled = ScaledKernel.of(kernel);
        Decomposition found = task.apply(scaled.entries());
        return scaled.exponent() == 0 ? found : found.scaled(scaled.exponent());
    }

    /** Decomposes, and measures the result on the kernel itself. */
    private Decomposition solve(double[] kernel, TensorNetwork network) {
        Fit fit = fit(kernel, network);
        Graph graph = new Graph(network);
        double error = Cores.relativeError(graph, kernel, fit.cores());
        double terms = Cores.amplification(graph, fit.cores());
        return new Decomposition(network, fit, error, terms / Matrices.norm(kernel));
    }

    /** The plain cores of a kernel. */
    Fit fit(double[] kernel, TensorNetwork network) {
        TensorNetwork group = network.groups() == 1 ? null : new Graph(network).withoutGroups();
        Graph graph = new Graph(group == null ? network : group);
        for (Algorithm algorithm : ALGORITHMS) {
            if (algorithm.fits(graph)) {
                if (group != null) {
                    return new Groups(network, group).fit(kernel, algorithm, limits);
                }
                Fit fit = algorithm.fit(graph, graph.kernel(kernel), limits);
                Cores.balance(graph, fit.cores());
                return fit;
            }
        }
        throw new IllegalStateException("No algorithm for " + network);
    }

    /**
     * Creates a builder.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link Decomposer}. */
    public static final class Builder {

        private long seed;
        private int starts = 4;
        private int maxSweeps = 500;
        private double tolerance = 1e-4;
        private double maxMacs = 1e11;

        private Builder() {}

        /**
         * Sets the seed of the random starts, 0 by default.
         *
         * @param seed the seed
         * @return this
         */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets the number of starts of alternating least squares, 4 by default. Singular value
         * decompositions need none. Up to that many are only tried where cores may be hidden in the
         * kernel: the start from singular vectors is the only one if it ends at a relative error
         * above 0.3, or near a bound that no cores can be below. For a network so small that all
         * its cores can move at once, starts past the sixteenth begin near the best so far rather
         * than from scratch, which finds the cores that a kernel was made of far more often.
         *
         * @param starts the number, at least 1
         * @return this
         */
        public Builder optStarts(int starts) {
            if (starts < 1) {
                throw new IllegalArgumentException("At least 1 start is needed, got " + starts);
            }
            this.starts = starts;
            return this;
        }

        /**
         * Sets the largest number of sweeps over the cores per start, 500 by default.
         *
         * @param maxSweeps the number, at least 1
         * @return this
         */
        public Builder optMaxSweeps(int maxSweeps) {
            if (maxSweeps < 1) {
                throw new IllegalArgumentException("At least 1 sweep is needed, got " + maxSweeps);
            }
            this.maxSweeps = maxSweeps;
            return this;
        }

        /**
         * Sets when an iteration ends: when a sweep lowers the error by less than this share of it,
         * {@code 1e-4} by default.
         *
         * @param tolerance the share, at least 0 and below 1
         * @return this
         */
        public Builder optTolerance(double tolerance) {
            if (!(tolerance >= 0 && tolerance < 1)) {
                throw new IllegalArgumentException(
                        "A tolerance is at least 0 and below 1, got " + tolerance);
            }
            this.tolerance = tolerance;
            return this;
        }

        /**
         * Sets the multiply-adds after which alternating least squares begins no further sweep,
         * {@code 1e11} by default, some seconds. It counts the same on every machine, so that
         * results do not depend on speed.
         *
         * @param maxMacs the number, above 0
         * @return this
         */
        public Builder optMaxMacs(double maxMacs) {
            if (!(maxMacs > 0)) {
                throw new IllegalArgumentException(
                        "Multiply-adds are limited above 0, got " + maxMacs);
            }
            this.maxMacs = maxMacs;
            return this;
        }

        /**
         * Builds the decomposer.
         *
         * @return a decomposer
         */
        public Decomposer build() {
            return new Decomposer(new Limits(seed, starts, maxSweeps, tolerance, maxMacs));
        }
    }
}
