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
package io.github.djltcnn.decomposition.internal.svd;

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.SymmetricEigen;
import io.github.djltcnn.algebra.internal.Tensor;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * The leading left singular vectors of a matrix and what is left of it in their basis: {@code a (m,
 * n) ~ left (m, rank) rest (rank, n)} with orthonormal {@code left} and {@code rest = left^T a}.
 *
 * <p>By the eigenvectors of the smaller of the two Gram matrices, so that a wide unfolding is never
 * factorised as such. Singular values below {@code 1e-8} of the largest are lost in rounding; their
 * vectors are still orthonormal.
 *
 * @param values all singular values, descending, {@code min(m, n)} of them
 * @param rank the number of vectors taken
 * @param left the vectors, as columns
 * @param rest the coordinates
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LeftBasis(double[] values, int rank, double[] left, double[] rest) {

    /**
     * Computes the basis.
     *
     * @param a the matrix, row-major
     * @param m its rows
     * @param n its columns
     * @param rule takes the singular values and tells the rank, at most {@code min(m, n)}
     * @return the basis
     */
    public static LeftBasis of(double[] a, int m, int n, ToIntFunction<double[]> rule) {
        boolean ofRows = m <= n;
        int size = Math.min(m, n);
        SymmetricEigen eigen = SymmetricEigen.of(Matrices.gram(a, m, n, ofRows), size, true);
        double[] values = roots(eigen);
        int rank = Math.min(size, rule.applyAsInt(values));
        // Rows are vectors: the transpose of the basis.
        double[] leading = Arrays.copyOf(eigen.vectors(), rank * size);
        double[] basis;
        if (ofRows) {
            basis = leading;
        } else {
            double[] product = new double[m * rank];
            double[] right = Matrices.transpose(leading, rank, n);
            Matrices.multiplyAdd(a, 0, right, 0, product, 0, m, n, rank);
            basis = Matrices.transpose(product, m, rank);
            orthonormalise(basis, rank, m);
        }
        double[] rest = new double[rank * n];
        Matrices.multiplyAdd(basis, 0, a, 0, rest, 0, rank, m, n);
        return new LeftBasis(values, rank, Matrices.transpose(basis, rank, m), rest);
    }

    /** The smallest rank, at least 1, that cuts off no more than so much of the squared norm. */
    static int rank(double[] values, double squaredError) {
        int rank = values.length;
        double lost = 0;
        while (rank > 1) {
            lost += values[rank - 1] * values[rank - 1];
            if (lost > squaredError) {
                break;
            }
            rank--;
        }
        return rank;
    }

    /** The same with fewer vectors. */
    LeftBasis leading(int fewer) {
        int m = left.length / rank;
        double[] columns = new double[m * fewer];
        for (int i = 0; i < m; i++) {
            System.arraycopy(left, i * rank, columns, i * fewer, fewer);
        }
        return new LeftBasis(
                values, fewer, columns, Arrays.copyOf(rest, rest.length / rank * fewer));
    }

    /** The sum of squares of the singular values that were cut off. */
    double lost() {
        double sum = 0;
        for (int k = values.length - 1; k >= rank; k--) {
            sum += values[k] * values[k];
        }
        return sum;
    }

    /** The basis as a core: its row labels, then the bond. */
    Tensor core(Tensor unfolded, int[] rows, int bond) {
        int[] bonds = {bond};
        int[] ranks = {rank};
        return new Tensor(Tensor.join(rows, bonds), Tensor.join(unfolded.dims(rows), ranks), left);
    }

    /** The coordinates as what is left of a kernel: the bond, then the column labels. */
    Tensor rest(Tensor unfolded, int[] columns, int bond) {
        int[] bonds = {bond};
        int[] ranks = {rank};
        return new Tensor(
                Tensor.join(bonds, columns), Tensor.join(ranks, unfolded.dims(columns)), rest);
    }

    /** The singular values alone. */
    static double[] values(double[] a, int m, int n) {
        return roots(SymmetricEigen.of(Matrices.gram(a, m, n, m <= n), Math.min(m, n), false));
    }

    /** The eigenvalues of a Gram matrix as singular values. */
    private static double[] roots(SymmetricEigen eigen) {
        return Arrays.stream(eigen.values()).map(value -> Math.sqrt(Math.max(0, value))).toArray();
    }

    /**
     * Makes rows orthonormal that are nearly orthogonal already and of descending length. Rows that
     * are tiny next to the first have lost their direction to rounding: they are made orthogonal to
     * all before them by Gram and Schmidt, twice, from a random vector where nothing is left.
     */
    private static void orthonormalise(double[] rows, int count, int length) {
        Random random = new Random(1);
        double first = 0;
        for (int row = 0; row < count; row++) {
            int at = row * length;
            double norm = Math.sqrt(Matrices.dot(rows, at, rows, at, length));
            first = Math.max(first, norm);
            if (norm <= 1e-3 * first) {
                if (norm <= 1e-12 * first) {
                    for (int j = 0; j < length; j++) {
                        rows[at + j] = random.nextGaussian();
                    }
                }
                for (int pass = 0; pass < 2; pass++) {
                    for (int other = 0; other < row; other++) {
                        double dot = Matrices.dot(rows, at, rows, other * length, length);
                        for (int j = 0; j < length; j++) {
                            rows[at + j] -= dot * rows[other * length + j];
                        }
                    }
                }
                norm = Math.sqrt(Matrices.dot(rows, at, rows, at, length));
            }
            for (int j = 0; j < length; j++) {
                rows[at + j] /= norm;
            }
        }
    }
}
