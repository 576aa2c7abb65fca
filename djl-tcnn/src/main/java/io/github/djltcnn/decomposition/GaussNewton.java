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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * All cores of a small network at once, by the method of Levenberg and Marquardt.
 *
 * <p>Alternating least squares moves one core while the others stand still, which ends in long
 * plateaus and in corners where no single core can do better alone. Here the residual {@code r = K
 * - f(x)} is linearised in the vector {@code x} of all entries of all cores, and {@code (J^T J + d
 * I) s = J^T r} gives the step, {@code J} being the derivative of {@code f}: one row per entry of
 * the kernel, which is zero but at the core entries that the entry is made of. The damping {@code
 * d} follows how well the linearised residual foretold the true one (Nielsen, "Damping parameter in
 * Marquardt's method", Tech. Univ. of Denmark, 1999). A step is taken only if it lowers the error.
 *
 * <p>The square matrix of all core entries is formed and factorised, so this is for small networks.
 */
final class GaussNewton {

    /** The most entries of all cores. */
    private static final int WIDEST = 1_200;

    /** Damping next to the largest diagonal entry past which no step can lower the error. */
    private static final double STUCK = 1e10;

    private final Graph graph;
    private final Tensor kernel;
    private final double energy;
    private final int[] offsets;
    private final Part[] parts;

    private Tensor[] cores;
    private double[] residual;
    private double squared;
    private double ridge;
    private double damping = -1;
    private double growth = 2;

    /**
     * Where the derivative of the kernel by one core has its entries.
     *
     * @param others contracts the other cores, leaving the kernel's labels and this core's ranks
     * @param coreOfKernel for each entry of the kernel the part of the core's index it tells
     * @param otherOfKernel for each entry of the kernel the part of the contraction's index it
     *     tells
     * @param coreOfRank for each value of the core's ranks the rest of the core's index
     * @param otherOfRank for each value of the core's ranks the rest of the contraction's index
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Part(
            Einsum others,
            int[] coreOfKernel,
            int[] otherOfKernel,
            int[] coreOfRank,
            int[] otherOfRank) {}

    /** Begins at the given cores, which are not changed. */
    GaussNewton(Graph graph, Tensor kernel, Tensor[] start) {
        this.graph = graph;
        this.kernel = kernel;
        this.energy = Matrices.dot(kernel.data(), 0, kernel.data(), 0, kernel.data().length);
        this.offsets = new int[graph.numCores() + 1];
        this.parts = new Part[graph.numCores()];
        for (int n = 0; n < parts.length; n++) {
            offsets[n + 1] = offsets[n] + graph.size(graph.core(n));
            parts[n] = part(graph, n);
        }
        this.cores = start.clone();
        this.residual = residual(cores);
        this.squared = Matrices.dot(residual, 0, residual, 0, residual.length);
    }

    /**
     * The multiply-adds of a step.
     *
     * @return infinite if the network is too large
     */
    static double macs(Graph graph) {
        double entries = 0;
        double row = 0;
        for (int n = 0; n < graph.numCores(); n++) {
            entries += graph.size(graph.core(n));
            row += graph.size(graph.bonds(n));
        }
        if (entries > WIDEST) {
            return Double.POSITIVE_INFINITY;
        }
        return row * row * graph.size(graph.kernel()) + entries * entries * entries / 3;
    }

    private static Part part(Graph graph, int n) {
        List<int[]> others = new ArrayList<>();
        for (int m = 0; m < graph.numCores(); m++) {
            if (m != n) {
                others.add(graph.core(m));
            }
        }
        if (others.isEmpty()) {
            others.add(new int[0]);
        }
        int[] own = graph.core(n);
        int[] ranks = Arrays.stream(own).filter(graph::isRank).toArray();
        int[] output =
                Arrays.stream(Tensor.join(graph.kernel(), ranks))
                        .filter(l -> others.stream().anyMatch(o -> contains(o, l)))
                        .toArray();
        return new Part(
                Einsum.plan(others, graph.allDims(), output, Double.POSITIVE_INFINITY),
                places(graph, graph.kernel(), own),
                places(graph, graph.kernel(), output),
                places(graph, ranks, own),
                places(graph, ranks, output));
    }

    private static boolean contains(int[] labels, int label) {
        return Arrays.stream(labels).anyMatch(other -> other == label);
    }

    /** For every value of some labels, row-major, their part of the offset in a tensor. */
    private static int[] places(Graph graph, int[] labels, int[] tensor) {
        int[] places = new int[graph.size(labels)];
        int inner = 1;
        for (int axis = labels.length - 1; axis >= 0; axis--) {
            int stride = 0;
            int product = 1;
            for (int t = tensor.length - 1; t >= 0; t--) {
                stride = tensor[t] == labels[axis] ? product : stride;
                product *= graph.dim(tensor[t]);
            }
            int dim = graph.dim(labels[axis]);
            for (int i = 0; i < places.length; i++) {
                places[i] += i / inner % dim * stride;
            }
            inner *= dim;
        }
        return places;
    }

    Tensor[] cores() {
        return cores;
    }

    double error() {
        return Math.sqrt(squared / energy);
    }

    /** Adds {@code ridge |x|^2} to what is made small from here on. */
    void ridge(double next) {
        ridge = next;
    }

    /** The squared length of all cores, times the ridge. */
    private double penalty(Tensor... at) {
        double sum = 0;
        for (Tensor core : at) {
            sum += Matrices.dot(core.data(), 0, core.data(), 0, core.data().length);
        }
        return ridge * sum;
    }

    /**
     * Takes one step, or finds that none lowers the error (and the ridge together).
     *
     * @return whether it fell
     */
    boolean step() {
        int size = offsets[parts.length];
        double[] normal = new double[size * size];
        double[] gradient = new double[size];
        equations(normal, gradient, size);
        double largest = 0;
        for (int i = 0; i < size; i++) {
            largest = Math.max(largest, normal[i * size + i]);
        }
        if (damping < 0) {
            damping = 1e-3 * largest;
        }
        double before = squared + penalty(cores);
        while (damping < STUCK * largest) {
            double[] step = solve(normal, gradient, size);
            if (step != null) {
                Tensor[] next = moved(step);
                double[] left = residual(next);
                double error = Matrices.dot(left, 0, left, 0, left.length);
                double now = error + penalty(next);
                double foretold = 0;
                for (int i = 0; i < size; i++) {
                    foretold += step[i] * (damping * step[i] + gradient[i]);
                }
                double gain = (before - now) / foretold;
                if (now < before) {
                    cores = next;
                    residual = left;
                    squared = error;
                    double t = 2 * gain - 1;
                    damping *= Math.max(1.0 / 3, 1 - t * t * t);
                    damping = Math.max(damping, 1e-15 * largest);
                    growth = 2;
                    return true;
                }
            }
            damping *= growth;
            growth *= 2;
        }
        return false;
    }

    /** Sums up {@code J^T J} and {@code J^T r}, one row of {@code J} after the other. */
    private void equations(double[] normal, double[] gradient, int size) {
        double[][] others = new double[parts.length][];
        int width = 0;
        for (int n = 0; n < parts.length; n++) {
            List<Tensor> factors = new ArrayList<>(Arrays.asList(cores));
            factors.remove(n);
            if (factors.isEmpty()) {
                factors.add(new Tensor(new int[0], new int[0], new double[] {1}));
            }
            others[n] = parts[n].others.run(factors).data();
            width += parts[n].coreOfRank.length;
        }
        int[] at = new int[width];
        double[] row = new double[width];
        for (int k = 0; k < residual.length; k++) {
            int count = 0;
            for (int n = 0; n < parts.length; n++) {
                Part part = parts[n];
                int core = offsets[n] + part.coreOfKernel[k];
                int other = part.otherOfKernel[k];
                for (int rank = 0; rank < part.coreOfRank.length; rank++) {
                    at[count] = core + part.coreOfRank[rank];
                    row[count++] = others[n][other + part.otherOfRank[rank]];
                }
            }
            for (int a = 0; a < width; a++) {
                double value = row[a];
                int from = at[a] * size;
                gradient[at[a]] += value * residual[k];
                for (int b = 0; b < width; b++) {
                    normal[from + at[b]] += value * row[b];
                }
            }
        }
        for (int n = 0; n < parts.length; n++) {
            double[] core = cores[n].data();
            for (int i = 0; i < core.length; i++) {
                gradient[offsets[n] + i] -= ridge * core[i];
                normal[(offsets[n] + i) * (size + 1)] += ridge;
            }
        }
    }

    private double[] solve(double[] normal, double[] gradient, int size) {
        DMatrixRMaj matrix = new DMatrixRMaj(size, size);
        System.arraycopy(normal, 0, matrix.data, 0, normal.length);
        for (int i = 0; i < size; i++) {
            matrix.data[i * size + i] += damping;
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(size);
        if (!solver.setA(matrix)) {
            return null;
        }
        DMatrixRMaj step = new DMatrixRMaj(size, 1);
        solver.solve(DMatrixRMaj.wrap(size, 1, gradient.clone()), step);
        return step.data;
    }

    private Tensor[] moved(double[] step) {
        Tensor[] next = new Tensor[cores.length];
        for (int n = 0; n < next.length; n++) {
            double[] entries = cores[n].data().clone();
            for (int i = 0; i < entries.length; i++) {
                entries[i] += step[offsets[n] + i];
            }
            next[n] = new Tensor(cores[n].labels(), cores[n].dims(), entries);
        }
        return next;
    }

    private double[] residual(Tensor[] at) {
        double[][] entries = Arrays.stream(at).map(Tensor::data).toArray(double[][]::new);
        double[] residual = Decomposer.contract(graph, entries).data().clone();
        for (int i = 0; i < residual.length; i++) {
            residual[i] = kernel.data()[i] - residual[i];
        }
        return residual;
    }
}
