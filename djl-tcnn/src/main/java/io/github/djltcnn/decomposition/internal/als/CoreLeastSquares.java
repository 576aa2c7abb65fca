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
package io.github.djltcnn.decomposition.internal.als;

import io.github.djltcnn.algebra.internal.DampedSystem;
import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * The best core of a network given all others: linear least squares, by its normal equations.
 *
 * <p>With {@code E} the contraction of the other cores, the kernel is linear in this core, {@code K
 * = X E}. Its rank modes on other cores are the columns of {@code X}, its modes that nothing else
 * carries are the rows, and its kernel modes that other cores carry too (groups, hyperedges of
 * channels) make a problem each. Neither {@code E} nor {@code K} is unfolded: the Gram matrix
 * {@code E E^T} is the network of the other cores contracted with itself, the right side {@code K
 * E^T} the kernel contracted with them, both planned once as {@link Einsum}s.
 *
 * <p>The step is damped towards the core that was, {@code X (E E^T + d I) = K E^T + d X_old}, the
 * proximal point step: the error cannot rise, and a singular Gram matrix is no obstacle. A ridge
 * {@code p |X|^2} may be added, which keeps the components of a degenerate fit from growing. Where
 * the Gram matrix would be too large, a few conjugate gradients take its place.
 *
 * <p>Instead of the kernel an update may be given the kernel contracted with some of the other
 * cores already: {@link Sweep} shares that among the cores that come after them.
 */
final class CoreLeastSquares {

    /** A Gram matrix of up to so many entries is formed and factorised whatever the kernel. */
    static final double DIRECT = 4e6;

    /** Up to so many whatever it costs. */
    private static final double SMALL = 1e6;

    /** A Gram matrix that costs so many times what its steps of conjugate gradients do is not. */
    private static final double DEAR = 1.5;

    /** The most steps of conjugate gradients where it is not. */
    private static final int STEPS = 10;

    /**
     * The share of the squared residual at which they end: the other cores move next, so that the
     * last digits are of no use.
     */
    private static final double STEPS_GAIN = 1e-3;

    private final Graph graph;
    private final int n;
    private final boolean[] absorbed;
    private final int[] batch;
    private final int[] columns;
    private final int[] rows;
    private final int[] dangling;
    private final int[] primed;
    private final Einsum gram;
    private final Einsum right;
    private final Einsum apply;
    private final Einsum trace;

    /** What a step came to: the squared error of the kernel, ridge left out. */
    private double squaredError;

    /**
     * Plans the update of one core.
     *
     * @param graph the network
     * @param n the core
     * @param limit the largest number of entries of an intermediate
     * @param direct the largest number of entries of a Gram matrix that is formed
     */
    CoreLeastSquares(Graph graph, int n, double limit, double direct) {
        this(graph, n, limit, direct, new boolean[graph.numCores()], graph.kernel());
    }

    /**
     * Plans the update of one core.
     *
     * @param graph the network
     * @param n the core
     * @param limit the largest number of entries of an intermediate
     * @param direct the largest number of entries of a Gram matrix that is formed
     * @param absorbed whether the kernel is contracted with each core already
     * @param target the labels of the kernel, or of what it is after that
     */
    CoreLeastSquares(
            Graph graph, int n, double limit, double direct, boolean[] absorbed, int... target) {
        this.graph = graph;
        this.n = n;
        this.absorbed = absorbed.clone();
        int[] own = graph.core(n);
        this.columns = pick(own, l -> graph.isRank(l) && graph.carriers(l) > 1);
        this.dangling = pick(own, l -> graph.isRank(l) && graph.carriers(l) == 1);
        this.batch = pick(own, l -> !graph.isRank(l) && graph.carriers(l) > 1);
        this.rows = pick(own, l -> !graph.isRank(l) && graph.carriers(l) == 1);
        this.primed = new int[graph.numLabels()];
        int count = graph.numLabels();
        for (int label = 0; label < primed.length; label++) {
            primed[label] = graph.isRank(label) ? count++ : label;
        }
        if (count > Long.SIZE) {
            throw new IllegalArgumentException(
                    "Alternating least squares takes networks of up to 64 modes, ranks counted"
                            + " twice; \""
                            + graph.network()
                            + "\" has "
                            + count);
        }
        int[] dims = new int[count];
        for (int label = 0; label < primed.length; label++) {
            dims[label] = graph.dim(label);
            dims[primed[label]] = graph.dim(label);
        }
        List<int[]> once = new ArrayList<>();
        List<int[]> twice = new ArrayList<>();
        for (int m = 0; m < graph.numCores(); m++) {
            if (m != n) {
                twice.add(graph.core(m));
                twice.add(primed(graph.core(m)));
            }
            if (m != n && !absorbed[m]) {
                once.add(graph.core(m));
            }
        }
        once.add(target);
        if (twice.isEmpty()) {
            twice.add(new int[0]);
        }
        this.right = Einsum.plan(once, dims, Tensor.join(batch, columns, rows), limit);
        double entries = graph.size(batch) * Math.pow(graph.size(columns), 2);
        Einsum formed =
                entries > direct
                        ? null
                        : Einsum.plan(
                                twice, dims, Tensor.join(batch, columns, primed(columns)), limit);
        Einsum applied = null;
        if (formed == null || entries > SMALL) {
            List<int[]> more = new ArrayList<>(twice);
            more.add(Tensor.join(batch, primed(columns), rows));
            applied =
                    Einsum.plan(
                            more,
                            dims,
                            Tensor.join(batch, columns, rows),
                            limit,
                            more.size() - 1,
                            STEPS + 1);
            boolean dear = formed != null && gramOperations(formed) > DEAR * applied.operations();
            formed = dear ? null : formed;
        }
        this.gram = formed;
        this.apply = formed == null ? applied : null;
        List<int[]> traced = new ArrayList<>(twice);
        traced.replaceAll(labels -> traced(labels));
        this.trace = formed == null ? Einsum.plan(traced, dims, new int[0], limit) : null;
    }

    /** Labels with the columns unprimed: what the trace of the Gram matrix is summed over. */
    private int[] traced(int... labels) {
        return Arrays.stream(labels)
                .map(
                        label -> {
                            for (int column : columns) {
                                if (label == primed[column]) {
                                    return column;
                                }
                            }
                            return label;
                        })
                .toArray();
    }

    private static int[] pick(int[] labels, IntPredicate which) {
        return Arrays.stream(labels).filter(which).toArray();
    }

    private int[] primed(int... labels) {
        return Arrays.stream(labels).map(label -> primed[label]).toArray();
    }

    /** The cost of one update: multiply-adds, and what slices copy and add. */
    double operations() {
        return right.operations() + (gram == null ? apply.operations() : gramOperations(gram));
    }

    /** The cost of the Gram matrices and of solving with them. */
    private double gramOperations(Einsum formed) {
        double size = graph.size(columns);
        return formed.operations()
                + graph.size(batch) * size * size * (size / 6 + graph.size(rows));
    }

    double squaredError() {
        return squaredError;
    }

    /**
     * Computes the new core.
     *
     * @param target the kernel, or what it is after that
     * @param energy the squared norm of the kernel
     * @param cores all cores
     * @param damping the damping as a share of the mean diagonal entry of the Gram matrix
     * @param ridge the ridge
     * @return the new core on the heap, its axes in notation order
     */
    Tensor update(Tensor target, double energy, Tensor[] cores, double damping, double ridge) {
        List<Tensor> once = new ArrayList<>();
        List<Tensor> twice = new ArrayList<>();
        for (int m = 0; m < cores.length; m++) {
            if (m != n) {
                twice.add(cores[m]);
                twice.add(cores[m].relabel(primed(cores[m].labels())));
            }
            if (m != n && !absorbed[m]) {
                once.add(cores[m]);
            }
        }
        once.add(target);
        if (twice.isEmpty()) {
            twice.add(new Tensor(new int[0], new int[0], new double[] {1}));
        }
        Tensor old = cores[n].sum(dangling).permute(Tensor.join(batch, columns, rows));
        double[] before = old.data();
        double[] side = right.run(once).data();
        squaredError = energy;
        double[] x =
                gram == null
                        ? iterate(twice, side, before, damping, ridge)
                        : solve(twice, side, before, damping, ridge);
        squaredError = Math.max(0, squaredError);
        return spread(new Tensor(old.labels(), old.dims(), x)).permute(graph.core(n));
    }

    /**
     * Solves all problems together by a few steps of conjugate gradients from the old core. The
     * Gram matrix is applied, never formed; every step lowers the error.
     */
    private double[] iterate(
            List<Tensor> twice, double[] x, double[] before, double damping, double ridge) {
        List<Tensor> traced = new ArrayList<>(twice);
        traced.replaceAll(tensor -> tensor.relabel(traced(tensor.labels())));
        double size = graph.size(Tensor.join(batch, columns));
        double d = Math.max(damping, 1e-12 * size) * trace.run(traced).data()[0] / size;
        int[] labels = Tensor.join(batch, primed(columns), rows);
        int[] dims = graph.dims(Tensor.join(batch, columns, rows));
        List<Tensor> inputs = new ArrayList<>(twice);
        inputs.add(null); // the core, whose Gram matrix times it is wanted
        double[] y = before.clone();
        double[] residual;
        try (Workspace space = Workspace.forWork(apply.operations())) {
            UnaryOperator<Tensor> gramTimes = apply.prepare(inputs, space);
            residual = gramTimes.apply(new Tensor(labels, dims, y)).data().clone();
            for (int i = 0; i < y.length; i++) {
                // The damping pulls towards the old core, so that it is nothing at the start.
                residual[i] = x[i] - residual[i] - ridge * y[i];
            }
            double[] direction = residual.clone();
            double square = Matrices.dot(residual, 0, residual, 0, y.length);
            double small =
                    Math.max(1e-16 * Matrices.dot(x, 0, x, 0, y.length), STEPS_GAIN * square);
            for (int step = 0; step < STEPS && square > small; step++) {
                double[] image =
                        gramTimes.apply(new Tensor(labels, dims, direction)).data().clone();
                for (int i = 0; i < y.length; i++) {
                    image[i] += (d + ridge) * direction[i];
                }
                double length = square / Matrices.dot(direction, 0, image, 0, y.length);
                for (int i = 0; i < y.length; i++) {
                    y[i] += length * direction[i];
                    residual[i] -= length * image[i];
                }
                double next = Matrices.dot(residual, 0, residual, 0, y.length);
                for (int i = 0; i < y.length; i++) {
                    direction[i] = residual[i] + next / square * direction[i];
                }
                square = next;
            }
        }
        // As below, with what is left of the equations.
        for (int i = 0; i < y.length; i++) {
            double change = d * (before[i] - y[i]) - ridge * y[i] - residual[i];
            squaredError -= y[i] * (x[i] - change);
        }
        return y;
    }

    /** Solves all problems with their Gram matrices. */
    private double[] solve(
            List<Tensor> twice, double[] side, double[] before, double damping, double ridge) {
        int size = graph.size(columns);
        int width = graph.size(rows);
        DampedSystem system = new DampedSystem(graph.size(batch), size, width, ridge);
        DampedSystem.Solution solution;
        try (Workspace space = Workspace.forWork(gramOperations(gram))) {
            solution = system.solve(gram.run(twice, space), side, before, damping);
        }
        double[] x = solution.unknowns();
        // |K - X E|^2 = |K|^2 - 2 <X, R> + <X, X G>, where X G = R + d (X_old - X) - p X.
        for (int i = 0; i < x.length; i++) {
            double d = solution.damping()[i / (size * width)];
            double change = d * (before[i] - x[i]) - (d == 0 ? 0 : ridge * x[i]);
            squaredError -= d == 0 ? 0 : x[i] * (side[i] - change);
        }
        return x;
    }

    /** Shares a solution out evenly over ranks that stand on this core alone. */
    private Tensor spread(Tensor solution) {
        if (dangling.length == 0) {
            return solution;
        }
        double[] share = new double[graph.size(dangling)];
        Arrays.fill(share, 1.0 / share.length);
        return Einsum.multiply(solution, new Tensor(dangling, graph.dims(dangling), share), -1L);
    }
}
