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
 * The best core of a network given all others, for a weighted error.
 *
 * <p>The kernel is linear in the core, {@code K = A x}, and with the weight {@code H} the normal
 * equations are {@code A^T H A x = A^T H k}. A weight joins modes that plain least squares keeps
 * apart, so that the matrix is as large as the core. Where it is small, or dear to multiply by, it
 * is formed and factorised. Elsewhere a few conjugate gradients take its place, whose
 * preconditioner are the plain normal equations, those of {@code H = I}: in scaled coordinates they
 * are near.
 *
 * <p>The step is damped towards the core that was, so that the error cannot rise.
 */
final class WeightedCore {

    /** The most steps of conjugate gradients. */
    private static final int STEPS = 12;

    /** The residual at which they end, squared and relative. */
    private static final double SMALL = 1e-10;

    /** The most rows of a matrix that is factorised. */
    private static final int DIRECT = 1_200;

    private final WeightedProblem problem;
    private final Graph graph;
    private final int n;
    private final int[] dangling;
    private final int[] free;
    private final Einsum right;
    private final Einsum apply;
    private final List<Coupling> couplings;

    /** The equations that are solved at once: all (direct), or the plain ones. */
    private final boolean direct;

    private final int[] batch;
    private final int[] unknown;
    private final int[] rows;
    private final Einsum gram;

    private double squaredError;

    WeightedCore(WeightedProblem problem, int n) {
        this.problem = problem;
        this.graph = problem.graph();
        this.n = n;
        this.couplings = problem.couplings();
        int[] own = graph.core(n);
        this.dangling = pick(own, l -> graph.isRank(l) && graph.carriers(l) == 1);
        this.free = pick(own, l -> !graph.isRank(l) || graph.carriers(l) > 1);
        int[] columns = pick(own, l -> graph.isRank(l) && graph.carriers(l) > 1);
        int[] dims = new int[2 * graph.numLabels()];
        for (int label = 0; label < graph.numLabels(); label++) {
            dims[label] = graph.dim(label);
            dims[label + graph.numLabels()] = graph.dim(label);
        }
        double weights = 0;
        for (Coupling coupling : couplings) {
            weights = Math.max(weights, coupling.matrix().data().length);
        }
        double limit = 4 * Math.max(graph.size(graph.kernel()), weights) + 1e6;
        List<int[]> once = others(false, null);
        once.add(graph.kernel());
        this.right = Einsum.plan(once, dims, free, limit);
        IntPredicate coupled = l -> graph.isRank(l) || isCoupled(l);
        List<int[]> twice = others(true, coupled);
        couplings.forEach(c -> twice.add(c.matrix().labels()));
        List<int[]> applied = new ArrayList<>(twice);
        applied.add(primed(coupled, free));
        this.apply = Einsum.plan(applied, dims, free, limit, applied.size() - 1, STEPS + 1);
        int[] all = pick(free, coupled);
        double size = graph.size(all);
        // A weight of each group makes a problem of each group.
        int[] apart =
                pick(own, l -> !coupled.test(l) && (graph.carriers(l) > 1 || isWeighedGroup(l)));
        Einsum whole = null;
        if (size <= DIRECT && graph.size(apart) * size * size <= 4e6) {
            if (twice.isEmpty()) {
                twice.add(new int[0]);
            }
            whole = Einsum.plan(twice, dims, Tensor.join(apart, all, primed(coupled, all)), limit);
            double solve = graph.size(apart) * size * size * size / 3;
            whole = whole.operations() + solve <= apply.operations() ? whole : null;
        }
        this.direct = whole != null;
        if (direct) {
            this.batch = apart;
            this.unknown = all;
            this.gram = whole;
        } else {
            this.batch = pick(own, l -> !graph.isRank(l) && graph.carriers(l) > 1);
            this.unknown = columns;
            List<int[]> plain = others(true, graph::isRank);
            if (plain.isEmpty()) {
                plain.add(new int[0]);
            }
            double width = graph.size(columns);
            this.gram =
                    graph.size(batch) * width * width <= 4e6
                            ? Einsum.plan(
                                    plain,
                                    dims,
                                    Tensor.join(batch, columns, primed(graph::isRank, columns)),
                                    limit)
                            : null;
        }
        int[] used = Tensor.join(batch, unknown);
        this.rows = pick(free, l -> Arrays.stream(used).noneMatch(u -> u == l));
    }

    private boolean isCoupled(int label) {
        return couplings.stream()
                .anyMatch(c -> Arrays.stream(c.rows()).anyMatch(row -> row == label));
    }

    private boolean isWeighedGroup(int label) {
        return couplings.stream()
                .anyMatch(c -> Arrays.stream(c.groups()).anyMatch(group -> group == label));
    }

    private static int[] pick(int[] labels, IntPredicate which) {
        return Arrays.stream(labels).filter(which).toArray();
    }

    private int[] primed(IntPredicate which, int... labels) {
        return Arrays.stream(labels)
                .map(label -> which.test(label) ? Coupling.primed(graph, label) : label)
                .toArray();
    }

    /** The labels of all other cores, each followed by its primed form if there is one. */
    private List<int[]> others(boolean twice, IntPredicate which) {
        List<int[]> labels = new ArrayList<>();
        for (int m = 0; m < graph.numCores(); m++) {
            if (m != n) {
                labels.add(graph.core(m));
                if (twice) {
                    labels.add(primed(which, graph.core(m)));
                }
            }
        }
        return labels;
    }

    private List<Tensor> others(Tensor[] cores, boolean twice, IntPredicate which) {
        List<Tensor> tensors = new ArrayList<>();
        for (int m = 0; m < cores.length; m++) {
            if (m != n) {
                tensors.add(cores[m]);
                if (twice) {
                    tensors.add(cores[m].relabel(primed(which, cores[m].labels())));
                }
            }
        }
        return tensors;
    }

    /** The cost of one update, in multiply-adds. */
    double operations() {
        double size = graph.size(unknown);
        double solve =
                gram == null
                        ? 0
                        : gram.operations()
                                + graph.size(batch)
                                        * size
                                        * size
                                        * (size / 6 + graph.size(rows) * (direct ? 1 : STEPS));
        return right.operations() + solve + (direct ? 0 : apply.operations());
    }

    double squaredError() {
        return squaredError;
    }

    /**
     * Computes the new core.
     *
     * @param image the kernel times the weight
     * @param weights the matrices of the couplings
     * @param cores all cores
     * @param damping the damping as a share of the mean diagonal entry of the matrix
     * @return the new core on the heap, its axes in notation order
     */
    Tensor update(Tensor image, List<Tensor> weights, Tensor[] cores, double damping) {
        List<Tensor> once = others(cores, false, null);
        once.add(image);
        int[] order = Tensor.join(batch, unknown, rows);
        double[] b = right.run(once).permute(order).data();
        double[] before = cores[n].sum(dangling).permute(order).data();
        squaredError = problem.energy();
        double[] x =
                direct
                        ? solve(cores, weights, b, before, damping)
                        : iterate(cores, weights, order, b, before, Math.max(damping, 1e-9));
        squaredError = Math.max(0, squaredError);
        return spread(new Tensor(order, graph.dims(order), x)).permute(graph.core(n));
    }

    /** Counts what a solution comes to. */
    private void count(double[] x, double[] b, double[] before, double[] residual, double[] d) {
        int each = x.length / d.length;
        for (int i = 0; i < x.length; i++) {
            // |k - A x|^2 = |k|^2 - 2 <x, b> + <x, H x>, where H x = b + d (before - x) - r.
            double own = d[i / each];
            double change = own * (before[i] - x[i]) - (residual == null ? 0 : residual[i]);
            squaredError -= x[i] * (b[i] - change);
        }
    }

    private double[] solve(
            Tensor[] cores, List<Tensor> weights, double[] b, double[] before, double damping) {
        int size = graph.size(unknown);
        int count = graph.size(batch);
        double work = gram.operations() + (double) count * size * size * size / 3;
        DampedSystem system = new DampedSystem(count, size, graph.size(rows), 0);
        DampedSystem.Solution solution;
        try (Workspace space = Workspace.forWork(work)) {
            Tensor matrix = gram.run(gramInputs(cores, weights), space);
            solution = system.solve(matrix, b, before, damping);
        }
        count(solution.unknowns(), b, before, null, solution.damping());
        return solution.unknowns();
    }

    private double[] iterate(
            Tensor[] cores,
            List<Tensor> weights,
            int[] order,
            double[] b,
            double[] before,
            double damping) {
        int size = graph.size(unknown);
        double[] plain = gram == null ? null : gram.run(gramInputs(cores, weights)).data();
        PlainEquations equations =
                PlainEquations.of(plain, graph.size(batch), size, graph.size(rows), damping);
        IntPredicate coupled = l -> graph.isRank(l) || isCoupled(l);
        List<Tensor> inputs = others(cores, true, coupled);
        inputs.addAll(weights);
        inputs.add(null); // the core, whose matrix times it is wanted
        int[] primed = primed(coupled, order);
        int[] dims = graph.dims(order);
        double d = equations.damping();
        double[] x = before.clone();
        double[] r;
        try (Workspace space = Workspace.forWork(apply.operations())) {
            UnaryOperator<Tensor> matrix = apply.prepare(inputs, space);
            r = matrix.apply(new Tensor(primed, dims, x)).permute(order).data().clone();
            for (int i = 0; i < x.length; i++) {
                r[i] = b[i] - r[i];
            }
            double[] z = equations.solve(r);
            double[] p = z.clone();
            double square = Matrices.dot(r, 0, z, 0, x.length);
            double small = SMALL * square;
            for (int step = 0; step < STEPS && square > small; step++) {
                double[] image =
                        matrix.apply(new Tensor(primed, dims, p)).permute(order).data().clone();
                for (int i = 0; i < x.length; i++) {
                    image[i] += d * p[i];
                }
                double curvature = Matrices.dot(p, 0, image, 0, x.length);
                if (!(curvature > 0)) {
                    break;
                }
                double length = square / curvature;
                for (int i = 0; i < x.length; i++) {
                    x[i] += length * p[i];
                    r[i] -= length * image[i];
                }
                z = equations.solve(r);
                double next = Matrices.dot(r, 0, z, 0, x.length);
                for (int i = 0; i < x.length; i++) {
                    p[i] = z[i] + next / square * p[i];
                }
                square = next;
            }
        }
        count(x, b, before, r, new double[] {d});
        return x;
    }

    private List<Tensor> gramInputs(Tensor[] cores, List<Tensor> weights) {
        List<Tensor> twice = others(cores, true, l -> graph.isRank(l) || (direct && isCoupled(l)));
        if (direct) {
            twice.addAll(weights);
        }
        if (twice.isEmpty()) {
            twice.add(new Tensor(new int[0], new int[0], new double[] {1}));
        }
        return twice;
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
