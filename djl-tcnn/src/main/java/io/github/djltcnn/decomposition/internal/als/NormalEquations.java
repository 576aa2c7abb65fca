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

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * The equations {@code (J^T J + d I) s = J^T r} of a step of all cores at once.
 *
 * <p>The kernel is linear in each single core, and each value of the kernel modes that a core
 * carries has entries of that core to itself. So the square block of that core in {@code J^T J}
 * falls into small blocks along the diagonal. One core is eliminated by them, and only the
 * equations of the other cores' entries are factorised as a whole: the Schur complement, as in
 * bundle adjustment (Triggs et al., "Bundle adjustment: a modern synthesis", 2000). The core whose
 * elimination leaves the least work goes, most often the largest.
 */
final class NormalEquations {

    /** The most numbers that the equations may take, 32 MB. */
    private static final double MOST = 4e6;

    private final Derivative derivative;
    private final int eliminated;
    private final int rest;
    private final int others;
    private final Block[] blocks;
    private final double[] normal;
    private final double[] gradient;

    /**
     * A value of the eliminated core's kernel modes.
     *
     * @param core where its entries of the core begin
     * @param rows its entries of the kernel
     * @param columns the entries of the other cores that its rows are made of, without the
     *     eliminated core's
     * @param at for each row and each rank value of the other cores, which of the columns
     * @param own its block of the square matrix
     * @param mixed the columns' equations with its entries, a column after the other
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Block(
            int core, int[] rows, int[] columns, int[] at, double[] own, double[] mixed) {}

    NormalEquations(Graph graph) {
        this.derivative = new Derivative(graph);
        this.eliminated = cheapest(graph);
        int size = derivative.offset(derivative.numCores());
        Derivative.Part part = derivative.part(eliminated);
        int own = derivative.offset(eliminated + 1) - derivative.offset(eliminated);
        this.rest = size - own;
        int sum = 0;
        for (int n = 0; n < derivative.numCores(); n++) {
            sum += n == eliminated ? 0 : derivative.part(n).width();
        }
        this.others = sum;
        int[] begins = Arrays.stream(part.coreOfKernel()).sorted().distinct().toArray();
        int[][] rows = new int[begins.length][part.coreOfKernel().length / begins.length];
        int[] filled = new int[begins.length];
        for (int k = 0; k < part.coreOfKernel().length; k++) {
            int block = Arrays.binarySearch(begins, part.coreOfKernel()[k]);
            rows[block][filled[block]++] = k;
        }
        this.blocks = new Block[begins.length];
        for (int block = 0; block < begins.length; block++) {
            blocks[block] = block(begins[block], rows[block]);
        }
        this.normal = new double[rest * rest];
        this.gradient = new double[size];
    }

    private Block block(int core, int... rows) {
        int[] at = new int[rows.length * others];
        int count = 0;
        for (int k : rows) {
            for (int n = 0; n < derivative.numCores(); n++) {
                if (n != eliminated) {
                    int first =
                            reduced(derivative.offset(n)) + derivative.part(n).coreOfKernel()[k];
                    for (int rank : derivative.part(n).coreOfRank()) {
                        at[count++] = first + rank;
                    }
                }
            }
        }
        int[] columns = Arrays.stream(at).sorted().distinct().toArray();
        for (int i = 0; i < at.length; i++) {
            at[i] = Arrays.binarySearch(columns, at[i]);
        }
        int width = derivative.part(eliminated).width();
        return new Block(
                core,
                rows,
                columns,
                at,
                new double[width * width],
                new double[columns.length * width]);
    }

    /** The place of an entry of another core when those of the eliminated core are left out. */
    private int reduced(int entry) {
        boolean after = entry >= derivative.offset(eliminated + 1);
        return after
                ? entry - derivative.offset(eliminated + 1) + derivative.offset(eliminated)
                : entry;
    }

    /** The place of such an entry among all. */
    private int whole(int entry) {
        return entry < derivative.offset(eliminated)
                ? entry
                : entry - derivative.offset(eliminated) + derivative.offset(eliminated + 1);
    }

    /**
     * The multiply-adds of a step.
     *
     * @return infinite if the network is too large
     */
    static double macs(Graph graph) {
        return macsWithout(graph, cheapest(graph));
    }

    private static int cheapest(Graph graph) {
        int best = 0;
        for (int n = 1; n < graph.numCores(); n++) {
            best = macsWithout(graph, n) < macsWithout(graph, best) ? n : best;
        }
        return best;
    }

    private static double macsWithout(Graph graph, int eliminated) {
        double rest = 0;
        double others = 0;
        double columns = 0;
        for (int n = 0; n < graph.numCores(); n++) {
            if (n != eliminated) {
                int[] shared =
                        Arrays.stream(graph.core(n))
                                .filter(l -> !graph.isRank(l) && graph.carries(eliminated, l))
                                .toArray();
                rest += graph.size(graph.core(n));
                others += graph.size(graph.bonds(n));
                columns += (double) graph.size(graph.core(n)) / graph.size(shared);
            }
        }
        double width = graph.size(graph.bonds(eliminated));
        double blocks = graph.size(graph.core(eliminated)) / width;
        double kernel = graph.size(graph.kernel());
        if (rest * rest + kernel * others + blocks * width * (columns + width) > MOST) {
            return Double.POSITIVE_INFINITY;
        }
        double sums = kernel * (others * others / 2 + width * others + width * width / 2);
        double elimination =
                blocks * (width * width * width / 6 + width * columns * (width + columns) / 2);
        return sums + elimination + rest * rest * rest / 6;
    }

    /** Sums up {@code J^T J} and {@code J^T r}, one row of {@code J} after the other. */
    void sum(Tensor[] cores, double[] residual, double ridge) {
        Arrays.fill(normal, 0);
        Arrays.fill(gradient, 0);
        double[][] contracted = derivative.others(cores);
        double[] row = new double[others];
        double[] own = new double[derivative.part(eliminated).width()];
        for (Block block : blocks) {
            Arrays.fill(block.own, 0);
            Arrays.fill(block.mixed, 0);
            for (int i = 0; i < block.rows.length; i++) {
                int k = block.rows[i];
                read(contracted, k, row, own);
                add(block, i * others, row, own, residual[k]);
            }
            for (int r = 0; r < own.length; r++) {
                block.own[r * (own.length + 1)] += ridge;
            }
        }
        for (int i = 0; i < rest; i++) {
            normal[i * (rest + 1)] += ridge;
            for (int j = 0; j < i; j++) {
                double both = normal[i * rest + j] + normal[j * rest + i];
                normal[i * rest + j] = both;
                normal[j * rest + i] = both;
            }
        }
        for (int n = 0; n < cores.length; n++) {
            double[] core = cores[n].data();
            for (int i = 0; i < core.length; i++) {
                gradient[derivative.offset(n) + i] -= ridge * core[i];
            }
        }
    }

    /** Reads the derivative of one entry of the kernel. */
    private void read(double[][] contracted, int k, double[] row, double[] own) {
        int count = 0;
        for (int n = 0; n < derivative.numCores(); n++) {
            Derivative.Part part = derivative.part(n);
            double[] values = contracted[n];
            int first = part.otherOfKernel()[k];
            int[] ranks = part.otherOfRank();
            for (int rank = 0; rank < ranks.length; rank++) {
                double value = values[first + ranks[rank]];
                if (n == eliminated) {
                    own[rank] = value;
                } else {
                    row[count++] = value;
                }
            }
        }
    }

    private void add(Block block, int at0, double[] row, double[] own, double residual) {
        int[] ranks = derivative.part(eliminated).coreOfRank();
        int core = derivative.offset(eliminated) + block.core;
        for (int r = 0; r < own.length; r++) {
            gradient[core + ranks[r]] += own[r] * residual;
            for (int s = 0; s < own.length; s++) {
                block.own[r * own.length + s] += own[r] * own[s];
            }
        }
        for (int a = 0; a < row.length; a++) {
            int local = block.at[at0 + a];
            int column = block.columns[local];
            double value = row[a];
            gradient[whole(column)] += value * residual;
            // Of each pair of places one, whichever comes; sum() puts both halves together.
            for (int b = 0; b <= a; b++) {
                normal[column * rest + block.columns[block.at[at0 + b]]] += value * row[b];
            }
            for (int r = 0; r < own.length; r++) {
                block.mixed[local * own.length + r] += value * own[r];
            }
        }
    }

    /** The largest number on the diagonal of the square matrix. */
    double largest() {
        double largest = 0;
        for (int i = 0; i < rest; i++) {
            largest = Math.max(largest, normal[i * (rest + 1)]);
        }
        int width = derivative.part(eliminated).width();
        for (Block block : blocks) {
            for (int r = 0; r < width; r++) {
                largest = Math.max(largest, block.own[r * (width + 1)]);
            }
        }
        return largest;
    }

    /** {@code J^T r} less the ridge times the cores. */
    double[] gradient() {
        return gradient;
    }

    /**
     * The step of all entries, core after core.
     *
     * @return null if the equations are singular in this arithmetic
     */
    double[] solve(double damping) {
        int width = derivative.part(eliminated).width();
        int[] ranks = derivative.part(eliminated).coreOfRank();
        DMatrixRMaj matrix = new DMatrixRMaj(rest, rest);
        System.arraycopy(normal, 0, matrix.data, 0, normal.length);
        DMatrixRMaj right = new DMatrixRMaj(rest, 1);
        for (int i = 0; i < rest; i++) {
            matrix.data[i * (rest + 1)] += damping;
            right.data[i] = gradient[whole(i)];
        }
        double[][] triangles = new double[blocks.length][];
        double[][] halves = new double[blocks.length][];
        double[][] sides = new double[blocks.length][width];
        for (int n = 0; n < blocks.length; n++) {
            Block block = blocks[n];
            triangles[n] = block.own.clone();
            if (!factorise(triangles[n], width, damping)) {
                return null;
            }
            halves[n] = block.mixed.clone();
            for (int c = 0; c < block.columns.length; c++) {
                forward(triangles[n], width, halves[n], c * width);
            }
            int core = derivative.offset(eliminated) + block.core;
            for (int r = 0; r < width; r++) {
                sides[n][r] = gradient[core + ranks[r]];
            }
            forward(triangles[n], width, sides[n], 0);
            reduce(block.columns, halves[n], sides[n], matrix.data, right.data);
        }
        double[] step = new double[gradient.length];
        DMatrixRMaj solution = new DMatrixRMaj(rest, 1);
        if (rest > 0) {
            LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(rest);
            if (!solver.setA(matrix)) {
                return null;
            }
            solver.solve(right, solution);
        }
        for (int i = 0; i < rest; i++) {
            step[whole(i)] = solution.data[i];
        }
        for (int n = 0; n < blocks.length; n++) {
            int[] columns = blocks[n].columns;
            for (int c = 0; c < columns.length; c++) {
                for (int r = 0; r < width; r++) {
                    sides[n][r] -= halves[n][c * width + r] * solution.data[columns[c]];
                }
            }
            backward(triangles[n], width, sides[n]);
            int core = derivative.offset(eliminated) + blocks[n].core;
            for (int r = 0; r < width; r++) {
                step[core + ranks[r]] = sides[n][r];
            }
        }
        return step;
    }

    /** Takes one block out of the equations of the other cores. */
    private void reduce(
            int[] columns, double[] halves, double[] side, double[] matrix, double[] right) {
        int width = side.length;
        for (int a = 0; a < columns.length; a++) {
            right[columns[a]] -= Matrices.dot(halves, a * width, side, 0, width);
            for (int b = 0; b <= a; b++) {
                double both = Matrices.dot(halves, a * width, halves, b * width, width);
                matrix[columns[a] * rest + columns[b]] -= both;
                if (a != b) {
                    matrix[columns[b] * rest + columns[a]] -= both;
                }
            }
        }
    }

    /** The lower triangle {@code L} with {@code L L^T} the damped matrix, in its place. */
    private static boolean factorise(double[] matrix, int size, double damping) {
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double value = matrix[i * size + j] + (i == j ? damping : 0);
                value -= Matrices.dot(matrix, i * size, matrix, j * size, j);
                if (i != j) {
                    matrix[i * size + j] = value / matrix[j * (size + 1)];
                } else if (value > 0) {
                    matrix[i * (size + 1)] = Math.sqrt(value);
                } else {
                    return false;
                }
            }
        }
        return true;
    }

    /** Solves {@code L y = x} in place. */
    private static void forward(double[] triangle, int size, double[] x, int x0) {
        for (int i = 0; i < size; i++) {
            double sum = Matrices.dot(triangle, i * size, x, x0, i);
            x[x0 + i] = (x[x0 + i] - sum) / triangle[i * (size + 1)];
        }
    }

    /** Solves {@code L^T y = x} in place. */
    private static void backward(double[] triangle, int size, double[] x) {
        for (int i = size - 1; i >= 0; i--) {
            for (int j = i + 1; j < size; j++) {
                x[i] -= triangle[j * size + i] * x[j];
            }
            x[i] /= triangle[i * (size + 1)];
        }
    }
}
