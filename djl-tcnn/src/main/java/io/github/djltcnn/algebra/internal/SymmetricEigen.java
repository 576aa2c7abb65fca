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

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.TridiagonalSimilarDecomposition_F64;

/**
 * The eigenvalues of a symmetric matrix in descending order, and its eigenvectors, each with its
 * largest entry positive.
 *
 * <p>EJML's symmetric solver compares the entries beside the diagonal with their neighbours on it.
 * Where many eigenvalues are 0 and rounding is all that is left of both, it gives up. The
 * tridiagonal matrix is then solved here, by the implicit QL method with the criterion of EISPACK's
 * tql2, next to the whole matrix: what is rounding there counts as zero.
 *
 * @param values the eigenvalues, descending
 * @param vectors the eigenvectors, a row each; empty if they were not asked for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SymmetricEigen(double[] values, double[] vectors) {

    /** Steps for one eigenvalue; three are usual, and more than thirty are not seen. */
    private static final int MOST_STEPS = 100;

    private static final double EPSILON = 0x1p-52;

    /**
     * Decomposes a matrix.
     *
     * @param matrix the entries {@code (size, size)}; they may be overwritten
     * @param size the number of rows
     * @param wantVectors whether the vectors are asked for
     * @return values and vectors
     * @throws IllegalArgumentException if an entry is not finite
     */
    public static SymmetricEigen of(double[] matrix, int size, boolean wantVectors) {
        for (double entry : matrix) {
            if (!Double.isFinite(entry)) {
                throw new IllegalArgumentException(
                        "A matrix of finite numbers is needed, got " + entry);
            }
        }
        EigenDecomposition_F64<DMatrixRMaj> eig =
                DecompositionFactory_DDRM.eig(size, wantVectors, true);
        if (!eig.decompose(new DMatrixRMaj(size, size, true, matrix))) {
            return tridiagonal(matrix, size, wantVectors);
        }
        double[] raw = new double[size];
        Arrays.setAll(raw, i -> eig.getEigenvalue(i).getReal());
        double[] rows = new double[wantVectors ? size * size : 0];
        for (int i = 0; i < size && wantVectors; i++) {
            System.arraycopy(eig.getEigenVector(i).getData(), 0, rows, i * size, size);
        }
        return sorted(raw, rows, size, wantVectors);
    }

    /** The same by the method that ends for every finite matrix. */
    static SymmetricEigen tridiagonal(double[] matrix, int size, boolean wantVectors) {
        TridiagonalSimilarDecomposition_F64<DMatrixRMaj> reduction =
                DecompositionFactory_DDRM.tridiagonal(size);
        if (!reduction.decompose(new DMatrixRMaj(size, size, true, matrix))) {
            throw new IllegalStateException("A symmetric matrix was not reduced");
        }
        double[] diagonal = new double[size];
        double[] beside = new double[size];
        reduction.getDiagonal(diagonal, beside);
        // The transpose: its rows become the vectors.
        double[] rows = wantVectors ? reduction.getQ(null, true).getData() : new double[0];
        implicitQl(diagonal, beside, rows, size);
        return sorted(diagonal, rows, size, wantVectors);
    }

    /**
     * Turns a tridiagonal matrix into a diagonal one by plane rotations.
     *
     * @param d the diagonal; becomes the eigenvalues
     * @param e the entries beside it, {@code e[i]} between i and i + 1; become zero
     * @param rows vectors to be rotated along, a row each; may be empty
     * @param size the number of rows
     */
    private static void implicitQl(double[] d, double[] e, double[] rows, int size) {
        if (size > 0) {
            e[size - 1] = 0;
        }
        double largest = 0;
        for (int i = 0; i < size; i++) {
            largest = Math.max(largest, Math.abs(d[i]) + Math.abs(e[i]));
        }
        double small = EPSILON * largest;
        for (int first = 0; first < size; first++) {
            for (int step = 0; ; step++) {
                int last = first;
                while (last < size - 1 && Math.abs(e[last]) > small) {
                    last++;
                }
                if (last == first) {
                    break;
                }
                if (step == MOST_STEPS) {
                    throw new IllegalStateException(
                            "The eigenvalues of a symmetric matrix of size "
                                    + size
                                    + " did not converge");
                }
                e[last] = 0;
                sweep(d, e, rows, size, first, last);
            }
        }
    }

    /** One step with Wilkinson's shift on the rows from first to last. */
    private static void sweep(
            double[] d, double[] e, double[] rows, int size, int first, int last) {
        double half = (d[first + 1] - d[first]) / (2 * e[first]);
        double root = Math.hypot(half, 1);
        double g = d[last] - d[first] + e[first] / (half + Math.copySign(root, half));
        double sine = 1;
        double cosine = 1;
        double moved = 0;
        for (int i = last - 1; i >= first; i--) {
            double f = sine * e[i];
            double b = cosine * e[i];
            double length = Math.hypot(f, g);
            e[i + 1] = length;
            if (length == 0) {
                // The matrix falls apart here: the next step begins with the smaller one.
                d[i + 1] -= moved;
                e[last] = 0;
                return;
            }
            sine = f / length;
            cosine = g / length;
            double shifted = d[i + 1] - moved;
            double r = (d[i] - shifted) * sine + 2 * cosine * b;
            moved = sine * r;
            d[i + 1] = shifted + moved;
            g = cosine * r - b;
            rotate(rows, i, size, sine, cosine);
        }
        d[first] -= moved;
        e[first] = g;
        e[last] = 0;
    }

    private static void rotate(double[] rows, int i, int size, double sine, double cosine) {
        if (rows.length == 0) {
            return;
        }
        int lower = i * size;
        int upper = lower + size;
        for (int k = 0; k < size; k++) {
            double f = rows[upper + k];
            double g = rows[lower + k];
            rows[upper + k] = sine * g + cosine * f;
            rows[lower + k] = cosine * g - sine * f;
        }
    }

    private static SymmetricEigen sorted(
            double[] raw, double[] rows, int size, boolean wantVectors) {
        Integer[] order = new Integer[size];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (x, y) -> Double.compare(raw[y], raw[x]));
        double[] values = new double[size];
        double[] vectors = new double[wantVectors ? size * size : 0];
        for (int i = 0; i < size; i++) {
            values[i] = raw[order[i]];
            if (wantVectors) {
                int from = order[i] * size;
                double sign = sign(rows, from, size);
                for (int j = 0; j < size; j++) {
                    vectors[i * size + j] = sign * rows[from + j];
                }
            }
        }
        return new SymmetricEigen(values, vectors);
    }

    /** An eigenvector has no sign of its own: the largest entry is made positive. */
    private static double sign(double[] rows, int from, int size) {
        double largest = 0;
        for (int j = from; j < from + size; j++) {
            largest = Math.abs(rows[j]) > Math.abs(largest) ? rows[j] : largest;
        }
        return largest < 0 ? -1 : 1;
    }
}
