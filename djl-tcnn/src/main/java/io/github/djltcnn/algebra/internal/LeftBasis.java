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
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * The leading left singular vectors of a tensor unfolded to a matrix, and what is left of it in
 * their basis: {@code a (m, n) ~ left (m, rank) rest (rank, n)} with orthonormal {@code left} and
 * {@code rest = left^T a}.
 *
 * <p>By the eigenvectors of the smaller of the two Gram matrices, so that a wide unfolding is never
 * factorised as such. Singular values below {@code 1e-8} of the largest are lost in rounding; their
 * vectors are still orthonormal.
 */
public final class LeftBasis {

    private final int[] rows;
    private final int[] rowDims;
    private final int[] columns;
    private final int[] columnDims;
    private final double[] values;
    private final int rank;
    private final double[] left;

    /** On the heap an array, in libtorch memory a native one. */
    private final double[] rest;

    private final NativeArray nativeRest;

    private LeftBasis(
            Tensor a,
            int[] rows,
            int[] columns,
            double[] values,
            int rank,
            double[] left,
            double[] rest,
            NativeArray nativeRest) {
        this.rows = rows;
        this.rowDims = a.dims(rows);
        this.columns = columns;
        this.columnDims = a.dims(columns);
        this.values = values;
        this.rank = rank;
        this.left = left;
        this.rest = rest;
        this.nativeRest = nativeRest;
    }

    /**
     * Computes the basis and what is left.
     *
     * @param a the tensor
     * @param rows the labels that are the rows of the matrix
     * @param columns the others
     * @param rule takes the singular values and tells the rank, at most {@code min(m, n)}
     * @param space where to
     * @return the basis
     */
    public static LeftBasis of(
            Tensor a, int[] rows, int[] columns, ToIntFunction<double[]> rule, Workspace space) {
        return space.isNative()
                ? libtorch(space.take(a), rows, columns, rule, true)
                : heap(a.toHeap(), rows, columns, rule, true);
    }

    /**
     * Computes the basis alone.
     *
     * @param a the tensor
     * @param rows the labels that are the rows of the matrix
     * @param rule takes the singular values and tells the rank, at most {@code min(m, n)}
     * @param space where to
     * @return the basis, without what is left
     */
    public static LeftBasis of(
            Tensor a, int[] rows, ToIntFunction<double[]> rule, Workspace space) {
        int[] columns = a.without(rows);
        return space.isNative()
                ? libtorch(space.take(a), rows, columns, rule, false)
                : heap(a.toHeap(), rows, columns, rule, false);
    }

    /**
     * Computes the singular values alone.
     *
     * @param a the tensor
     * @param rows the labels that are the rows of the matrix
     * @param space where to
     * @return all singular values, descending, {@code min(m, n)} of them
     */
    public static double[] singularValues(Tensor a, int[] rows, Workspace space) {
        int[] columns = a.without(rows);
        int m = a.size(rows);
        int n = a.size(columns);
        if (!space.isNative()) {
            double[] unfolded = a.toHeap().permute(Tensor.join(rows, columns)).data();
            double[] gram = Matrices.gram(unfolded, m, n, m <= n);
            return roots(SymmetricEigen.of(gram, Math.min(m, n), false).values());
        }
        Tensor taken = space.take(a);
        try (NDArray matrix = matrix(taken, rows, columns);
                NDArray gram = gram(matrix, m <= n);
                NDArray eigenvalues = Linalg.eigvalsh(gram)) {
            return roots(reversed(eigenvalues.toDoubleArray()));
        }
    }

    private static LeftBasis heap(
            Tensor tensor,
            int[] rows,
            int[] columns,
            ToIntFunction<double[]> rule,
            boolean wantRest) {
        int m = tensor.size(rows);
        int n = tensor.size(columns);
        double[] a = tensor.permute(Tensor.join(rows, columns)).data();
        boolean ofRows = m <= n;
        int size = Math.min(m, n);
        SymmetricEigen eigen = SymmetricEigen.of(Matrices.gram(a, m, n, ofRows), size, true);
        double[] values = roots(eigen.values());
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
        double[] rest = null;
        if (wantRest) {
            rest = new double[rank * n];
            Matrices.multiplyAdd(basis, 0, a, 0, rest, 0, rank, m, n);
        }
        double[] left = Matrices.transpose(basis, rank, m);
        return new LeftBasis(tensor, rows, columns, values, rank, left, rest, null);
    }

    private static LeftBasis libtorch(
            Tensor tensor,
            int[] rows,
            int[] columns,
            ToIntFunction<double[]> rule,
            boolean wantRest) {
        boolean ofRows = tensor.size(rows) <= tensor.size(columns);
        int size = Math.min(tensor.size(rows), tensor.size(columns));
        try (NDArray a = matrix(tensor, rows, columns);
                NDArray gram = gram(a, ofRows);
                Linalg.Eigh eigen = Linalg.eigh(gram)) {
            double[] values = roots(reversed(eigen.values().toDoubleArray()));
            int rank = Math.min(size, rule.applyAsInt(values));
            NDIndex last = new NDIndex().addAllDim().addSliceDim(size - rank, size);
            try (NDArray some = eigen.vectors().get(last);
                    NDArray leading = some.flip(1);
                    NDArray basis = ofRows ? leading.duplicate() : orthonormal(a, leading)) {
                NativeArray rest = null;
                if (wantRest) {
                    try (NDArray transposed = basis.transpose()) {
                        rest = new NativeArray(transposed.matMul(a));
                    }
                }
                double[] left = basis.toDoubleArray();
                return new LeftBasis(tensor, rows, columns, values, rank, left, null, rest);
            }
        }
    }

    private static NDArray matrix(Tensor tensor, int[] rows, int[] columns) {
        Shape shape = new Shape(tensor.size(rows), tensor.size(columns));
        return tensor.array().matrix(tensor, new int[0], rows, columns, shape);
    }

    private static NDArray gram(NDArray a, boolean ofRows) {
        try (NDArray transposed = a.transpose()) {
            return ofRows ? a.matMul(transposed) : transposed.matMul(a);
        }
    }

    /** The columns of {@code a v}, which are nearly orthogonal, made orthonormal. */
    private static NDArray orthonormal(NDArray a, NDArray v) {
        try (NDArray product = a.matMul(v)) {
            Linalg.Qr qr = Linalg.qr(product);
            qr.r().close();
            return qr.q();
        }
    }

    private static double[] reversed(double... values) {
        double[] reversed = new double[values.length];
        Arrays.setAll(reversed, i -> values[values.length - 1 - i]);
        return reversed;
    }

    /**
     * Returns the singular values.
     *
     * @return all of them, descending, {@code min(m, n)}
     */
    public double[] values() {
        return values;
    }

    /**
     * Returns how many vectors were taken.
     *
     * @return the rank
     */
    public int rank() {
        return rank;
    }

    /**
     * Returns the vectors.
     *
     * @return the vectors as columns, {@code (m, rank)}, on the heap
     */
    public double[] left() {
        return left;
    }

    /**
     * Finds the smallest rank, at least 1, that cuts off no more than so much of the squared norm.
     *
     * @param values the singular values, descending
     * @param squaredError what may be cut off
     * @return the rank
     */
    public static int rankWithin(double[] values, double squaredError) {
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

    /**
     * Returns the first vectors.
     *
     * @param fewer how many
     * @return the vectors as columns, {@code (m, fewer)}
     */
    public double[] leading(int fewer) {
        int m = left.length / rank;
        double[] some = new double[m * fewer];
        for (int i = 0; i < m; i++) {
            System.arraycopy(left, i * rank, some, i * fewer, fewer);
        }
        return some;
    }

    /**
     * Returns what is lost with so many vectors.
     *
     * @param taken how many
     * @return the sum of squares of the singular values that are cut off
     */
    public double lost(int taken) {
        double sum = 0;
        for (int k = values.length - 1; k >= taken; k--) {
            sum += values[k] * values[k];
        }
        return sum;
    }

    /**
     * Returns the basis as a core.
     *
     * @param bond the label of its columns
     * @return the core on the heap, its row labels, then the bond
     */
    public Tensor core(int bond) {
        return new Tensor(
                Tensor.join(rows, new int[] {bond}), Tensor.join(rowDims, new int[] {rank}), left);
    }

    /**
     * Returns what is left of the tensor in this basis.
     *
     * @param bond the label of its rows
     * @return the coordinates: the bond, then the column labels
     */
    public Tensor rest(int bond) {
        int[] labels = Tensor.join(new int[] {bond}, columns);
        int[] dims = Tensor.join(new int[] {rank}, columnDims);
        return nativeRest == null
                ? new Tensor(labels, dims, rest)
                : new Tensor(labels, dims, nativeRest);
    }

    /** The eigenvalues of a Gram matrix as singular values. */
    private static double[] roots(double... eigenvalues) {
        return Arrays.stream(eigenvalues).map(value -> Math.sqrt(Math.max(0, value))).toArray();
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
