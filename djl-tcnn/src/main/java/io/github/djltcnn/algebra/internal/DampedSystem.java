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
package io.github.djltcnn.algebra.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.torchscript.Linalg;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Symmetric equations damped towards known numbers, {@code (G + (d + ridge) I) X = R + d B}, a
 * batch of them: by Cholesky's factors, on the heap or by libtorch. The damping is a share of the
 * mean diagonal entry of {@code G}, raised where that does not make the matrix definite.
 */
public final class DampedSystem {

    private final int batch;
    private final int size;
    private final int width;
    private final double ridge;

    /**
     * Describes a batch of systems.
     *
     * @param batch how many
     * @param size the rows of each
     * @param width the right sides of each
     * @param ridge added to every diagonal
     */
    public DampedSystem(int batch, int size, int width, double ridge) {
        this.batch = batch;
        this.size = size;
        this.width = width;
        this.ridge = ridge;
    }

    /**
     * A solution.
     *
     * @param unknowns the solution, {@code (batch, size, width)}
     * @param damping the damping that was used in each system; 0 where {@code G} is zero and the
     *     unknowns are the known numbers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Solution(double[] unknowns, double[] damping) {}

    /**
     * Solves.
     *
     * @param gram the matrices {@code (batch, size, size)}, on the heap or native
     * @param right the right sides {@code (batch, size, width)} on the heap
     * @param before what is damped towards, as the right sides
     * @param share the damping as a share of the mean diagonal entry
     * @return the solution
     */
    public Solution solve(Tensor gram, double[] right, double[] before, double share) {
        double[] unknowns = new double[right.length];
        double[] damping = new double[batch];
        double least = Math.max(share, 1e-12 * size);
        if (gram.isNative()) {
            libtorch(gram, right, before, least, unknowns, damping);
        } else {
            for (int b = 0; b < batch; b++) {
                heap(gram.data(), b, right, before, least, unknowns, damping);
            }
        }
        return new Solution(unknowns, damping);
    }

    private void heap(
            double[] g,
            int b,
            double[] right,
            double[] before,
            double share,
            double[] unknowns,
            double[] damping) {
        int g0 = b * size * size;
        int x0 = b * size * width;
        double trace = 0;
        for (int i = 0; i < size; i++) {
            trace += g[g0 + i * size + i];
        }
        if (trace == 0) {
            // Any numbers do, the known ones as well.
            System.arraycopy(before, x0, unknowns, x0, size * width);
            return;
        }
        double d = share * trace / size;
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
        DMatrixRMaj unknown = new DMatrixRMaj(size, width);
        DMatrixRMaj sides = new DMatrixRMaj(size, width);
        for (int i = 0; i < size * width; i++) {
            sides.data[i] = right[x0 + i] + d * before[x0 + i];
        }
        solver.solve(sides, unknown);
        System.arraycopy(unknown.data, 0, unknowns, x0, size * width);
        damping[b] = d;
    }

    private void libtorch(
            Tensor gram,
            double[] right,
            double[] before,
            double share,
            double[] unknowns,
            double[] damping) {
        NDArray given = gram.array().turned(gram, gram.labels());
        try (Workspace space = Workspace.libtorch();
                NDArray g = given.reshape(new Shape(batch, size, size)).duplicate();
                NDArray rows = g.reshape(new Shape(batch, (long) size * size));
                NDArray diagonal = rows.get(new NDIndex(":, ::" + (size + 1)))) {
            double[] entries = diagonal.toDoubleArray();
            for (int b = 0; b < batch; b++) {
                double trace = 0;
                for (int i = 0; i < size; i++) {
                    trace += entries[b * size + i];
                }
                damping[b] = share * trace / size;
            }
            double[] found = definite(space, g, diagonal, right, before, damping);
            System.arraycopy(found, 0, unknowns, 0, unknowns.length);
        }
    }

    /** Solves, with damping that is raised until the matrices are definite. */
    private double[] definite(
            Workspace space,
            NDArray g,
            NDArray diagonal,
            double[] right,
            double[] before,
            double[] damping) {
        double[] added = new double[batch];
        while (true) {
            double[] more = new double[batch];
            for (int b = 0; b < batch; b++) {
                // Where the matrix is zero, 1 stands for it.
                double wanted = damping[b] == 0 ? 1 : damping[b] + ridge;
                more[b] = wanted - added[b];
                added[b] = wanted;
            }
            try (NDArray step = g.getManager().create(more, new Shape(batch, 1))) {
                diagonal.addi(step);
            }
            try (NDArray sides = sides(space, right, before, damping);
                    NDArray found = Linalg.solveDefinite(g, sides)) {
                return found.toDoubleArray();
            } catch (IllegalArgumentException e) {
                if (Arrays.stream(damping).anyMatch(d -> !(d < Double.MAX_VALUE / 1e4))) {
                    throw e; // not finite
                }
                Arrays.setAll(damping, b -> damping[b] * 100);
            }
        }
    }

    private NDArray sides(Workspace space, double[] right, double[] before, double... damping) {
        double[] sides = new double[right.length];
        int each = size * width;
        for (int i = 0; i < sides.length; i++) {
            double d = damping[i / each];
            sides[i] = d == 0 ? before[i] : right[i] + d * before[i];
        }
        return space.create(sides, batch, size, width);
    }
}
