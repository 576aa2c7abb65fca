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

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

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
 * the Gram matrix would be larger than half the kernel, a few conjugate gradients take its place.
 */
final class CoreLeastSquares {

    /** A Gram matrix of up to so many entries is formed and factorised whatever the kernel. */
    static final double DIRECT = 1e6;

    /** The most steps of conjugate gradients where it is not. */
    private static final int STEPS = 10;

    private final Graph graph;
    private final int n;
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
        this.graph = graph;
        this.n = n;
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
                once.add(graph.core(m));
                twice.add(graph.core(m));
                twice.add(primed(graph.core(m)));
            }
        }
        once.add(graph.kernel());
        if (twice.isEmpty()) {
            twice.add(new int[0]);
        }
        this.right = Einsum.plan(once, dims, Tensor.join(batch, columns, rows), limit);
        double size = graph.size(columns);
        if (graph.size(batch) * size * size <= direct) {
            this.gram =
                    Einsum.plan(twice, dims, Tensor.join(batch, columns, primed(columns)), limit);
            this.apply = null;
            this.trace = null;
        } else {
            this.gram = null;
            List<int[]> traced = new ArrayList<>(twice);
            traced.replaceAll(labels -> traced(labels));
            this.trace = Einsum.plan(traced, dims, new int[0], limit);
            twice.add(Tensor.join(batch, primed(columns), rows));
            this.apply =
                    Einsum.plan(
                            twice,
                            dims,
                            Tensor.join(batch, columns, rows),
                            limit,
                            twice.size() - 1,
                            STEPS + 1);
        }
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
        double size = graph.size(columns);
        double solve =
                gram == null
                        ? apply.operations()
                        : gram.operations()
                                + graph.size(batch) * size * size * (size / 6 + graph.size(rows));
        return right.operations() + solve;
    }

    double squaredError() {
        return squaredError;
    }

    /**
     * Computes the new core.
     *
     * @param kernel the kernel
     * @param energy its squared norm
     * @param cores all cores
     * @param damping the damping as a share of the mean diagonal entry of the Gram matrix
     * @param ridge the ridge
     * @return the new core, its axes in notation order
     */
    Tensor update(Tensor kernel, double energy, Tensor[] cores, double damping, double ridge) {
        List<Tensor> once = new ArrayList<>();
        List<Tensor> twice = new ArrayList<>();
        for (int m = 0; m < cores.length; m++) {
            if (m != n) {
                once.add(cores[m]);
                twice.add(cores[m]);
                twice.add(cores[m].relabel(primed(cores[m].labels())));
            }
        }
        once.add(kernel);
        if (twice.isEmpty()) {
            twice.add(new Tensor(new int[0], new int[0], new double[] {1}));
        }
        Tensor old = cores[n].sum(dangling).permute(Tensor.join(batch, columns, rows));
        Tensor solution = right.run(once);
        double[] x = solution.data();
        double[] before = old.data();
        int size = graph.size(columns);
        int width = graph.size(rows);
        squaredError = energy;
        if (gram == null) {
            iterate(twice, x, before, damping, ridge);
        } else {
            double[] g = gram.run(twice).data();
            for (int b = 0; b < graph.size(batch); b++) {
                solve(g, b * size * size, x, before, b * size * width, size, width, damping, ridge);
            }
        }
        squaredError = Math.max(0, squaredError);
        return spread(solution).permute(graph.core(n));
    }

    /**
     * Solves all problems together in place, by a few steps of conjugate gradients from the old
     * core. The Gram matrix is applied, never formed; every step lowers the error.
     */
    private void iterate(
            List<Tensor> twice, double[] x, double[] before, double damping, double ridge) {
        List<Tensor> traced = new ArrayList<>(twice);
        traced.replaceAll(tensor -> tensor.relabel(traced(tensor.labels())));
        double size = graph.size(Tensor.join(batch, columns));
        double d = Math.max(damping, 1e-12 * size) * trace.run(traced).data()[0] / size;
        int[] labels = Tensor.join(batch, primed(columns), rows);
        int[] dims = graph.dims(Tensor.join(batch, columns, rows));
        List<Tensor> inputs = new ArrayList<>(twice);
        inputs.add(null); // the core, whose Gram matrix times it is wanted
        UnaryOperator<Tensor> gramTimes = apply.prepare(inputs);
        double[] y = before.clone();
        double[] residual = gramTimes.apply(new Tensor(labels, dims, y)).data().clone();
        for (int i = 0; i < y.length; i++) {
            // The damping pulls towards the old core, so that it is nothing at the start.
            residual[i] = x[i] - residual[i] - ridge * y[i];
        }
        double[] direction = residual.clone();
        double square = Matrices.dot(residual, 0, residual, 0, y.length);
        double small = 1e-16 * Matrices.dot(x, 0, x, 0, y.length);
        for (int step = 0; step < STEPS && square > small; step++) {
            double[] image = gramTimes.apply(new Tensor(labels, dims, direction)).data().clone();
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
        // As below, with what is left of the equations.
        for (int i = 0; i < y.length; i++) {
            double change = d * (before[i] - y[i]) - ridge * y[i] - residual[i];
            squaredError -= y[i] * (x[i] - change);
            x[i] = y[i];
        }
    }

    /** Solves one problem in place: {@code x} comes as the right side and goes as the solution. */
    private void solve(
            double[] g,
            int g0,
            double[] x,
            double[] before,
            int x0,
            int size,
            int width,
            double damping,
            double ridge) {
        double trace = 0;
        for (int i = 0; i < size; i++) {
            trace += g[g0 + i * size + i];
        }
        if (trace == 0) {
            // The other cores are zero here: any core does, the old one as well.
            System.arraycopy(before, x0, x, x0, size * width);
            return;
        }
        double d = Math.max(damping, 1e-12 * size) * trace / size;
        DMatrixRMaj unknown = new DMatrixRMaj(size, width);
        DMatrixRMaj sides = new DMatrixRMaj(size, width);
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(size);
        boolean solved = false;
        while (!solved) {
            DMatrixRMaj matrix = new DMatrixRMaj(size, size);
            System.arraycopy(g, g0, matrix.data, 0, size * size);
            for (int i = 0; i < size; i++) {
                matrix.data[i * size + i] += d + ridge;
            }
            solved = solver.setA(matrix);
            d *= solved ? 1 : 100;
        }
        for (int i = 0; i < size * width; i++) {
            sides.data[i] = x[x0 + i] + d * before[x0 + i];
        }
        solver.solve(sides, unknown);
        // |K - X E|^2 = |K|^2 - 2 <X, R> + <X, X G>, where X G = R + d (X_old - X) - p X.
        for (int i = 0; i < size * width; i++) {
            double value = unknown.data[i];
            double change = d * (before[x0 + i] - value) - ridge * value;
            squaredError -= value * (x[x0 + i] - change);
            x[x0 + i] = value;
        }
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
