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

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * The normal equations of plain least squares, one matrix for each batch, which precondition those
 * of a weighted error.
 */
final class PlainEquations {

    /** Null if the matrix is the identity. */
    private final List<LinearSolverDense<DMatrixRMaj>> solvers;

    private final int size;
    private final int width;
    private final double damping;

    private PlainEquations(
            List<LinearSolverDense<DMatrixRMaj>> solvers, int size, int width, double damping) {
        this.solvers = solvers;
        this.size = size;
        this.width = width;
        this.damping = damping;
    }

    /**
     * Factorises the matrices.
     *
     * @param g the matrices; null if they would be too large, for the identity
     * @param count their number
     * @param size their rows
     * @param width the right sides of each
     * @param damping what is added to their diagonals, as a share of the mean entry there
     */
    static PlainEquations of(double[] g, int count, int size, int width, double damping) {
        if (g == null) {
            return new PlainEquations(null, size, width, damping);
        }
        double trace = 0;
        for (int i = 0; i < count * size; i++) {
            trace += g[i * size + i % size];
        }
        double mean = trace / count / size;
        double d = Math.max(damping, 1e-12 * size) * mean;
        List<LinearSolverDense<DMatrixRMaj>> solvers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            solvers.add(factorised(g, i * size * size, size, d, mean));
        }
        return new PlainEquations(solvers, size, width, d);
    }

    /** What was added to the diagonals. */
    double damping() {
        return damping;
    }

    private static LinearSolverDense<DMatrixRMaj> factorised(
            double[] g, int g0, int size, double shift, double mean) {
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(size);
        double added = shift;
        for (int tries = 0; tries < 8; tries++) {
            DMatrixRMaj matrix = new DMatrixRMaj(size, size);
            System.arraycopy(g, g0, matrix.data, 0, size * size);
            for (int i = 0; i < size; i++) {
                matrix.data[i * size + i] += added;
            }
            if (added > 0 && solver.setA(matrix)) {
                return solver;
            }
            added = Math.max(100 * added, Math.max(1e-12 * mean, Double.MIN_NORMAL));
        }
        return null; // the other cores are all zero
    }

    /** The solutions for right sides, a batch after another. */
    double[] solve(double[] sides) {
        if (solvers == null) {
            return sides.clone();
        }
        double[] result = new double[sides.length];
        for (int i = 0; i < solvers.size(); i++) {
            if (solvers.get(i) == null) {
                continue;
            }
            DMatrixRMaj side = new DMatrixRMaj(size, width);
            System.arraycopy(sides, i * size * width, side.data, 0, size * width);
            DMatrixRMaj solution = new DMatrixRMaj(size, width);
            solvers.get(i).solve(side, solution);
            System.arraycopy(solution.data, 0, result, i * size * width, size * width);
        }
        return result;
    }
}
