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
package io.github.djltcnn.torchscript;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The linear algebra of libtorch that DJL's {@link NDArray} lacks: decompositions, systems of
 * equations, and sums of products by index.
 *
 * <p>Matrices are the last two axes of an array; axes before them are a batch. Arrays are float32
 * or float64, on any device. Results belong to the manager of the first argument, and gradients
 * flow through every method to arguments that have any. Safe for any number of threads.
 *
 * <p>Arguments that are not finite, or for which a method has no answer, are refused by an {@link
 * IllegalArgumentException}; {@link #einsum} passes such numbers on, as arithmetic does.
 *
 * @since 0.1.0
 */
public final class Linalg {

    private static final Map<Device, ScriptModule> MODULES = new ConcurrentHashMap<>();

    private Linalg() {}

    /**
     * A singular value decomposition {@code a = u diag(s) vt}.
     *
     * @param u (.., m, k), orthonormal columns; k is the lesser of m and n
     * @param s (.., k), the singular values, the largest first
     * @param vt (.., k, n), orthonormal rows
     * @since 0.1.0
     */
    public record Svd(NDArray u, NDArray s, NDArray vt) implements AutoCloseable {

        /** Closes the arrays. */
        @Override
        public void close() {
            u.close();
            s.close();
            vt.close();
        }
    }

    /**
     * A decomposition {@code a = vectors diag(values) vectors^T} of a symmetric matrix.
     *
     * @param values (.., n), the eigenvalues, the least first
     * @param vectors (.., n, n), the eigenvectors as columns
     * @since 0.1.0
     */
    public record Eigh(NDArray values, NDArray vectors) implements AutoCloseable {

        /** Closes the arrays. */
        @Override
        public void close() {
            values.close();
            vectors.close();
        }
    }

    /**
     * A decomposition {@code a = q r}.
     *
     * @param q (.., m, k), orthonormal columns; k is the lesser of m and n
     * @param r (.., k, n), upper triangular
     * @since 0.1.0
     */
    public record Qr(NDArray q, NDArray r) implements AutoCloseable {

        /** Closes the arrays. */
        @Override
        public void close() {
            q.close();
            r.close();
        }
    }

    /**
     * Computes the singular value decomposition, without the vectors of a full basis.
     *
     * @param a the matrices, (.., m, n)
     * @return the decomposition
     * @throws IllegalArgumentException if {@code a} is no finite float32 or float64 matrix
     */
    public static Svd svd(NDArray a) {
        matrix("svd", a);
        NDList result = call("svd", a);
        return new Svd(result.get(0), result.get(1), result.get(2));
    }

    /**
     * Computes the eigenvalues and eigenvectors of symmetric matrices.
     *
     * @param a the matrices, (.., n, n), of which the lower triangle is read
     * @return the decomposition
     * @throws IllegalArgumentException if {@code a} is no finite float32 or float64 square matrix
     */
    public static Eigh eigh(NDArray a) {
        square("eigh", a);
        NDList result = call("eigh", a);
        return new Eigh(result.get(0), result.get(1));
    }

    /**
     * Computes the eigenvalues of symmetric matrices, which is quicker than with the vectors.
     *
     * @param a the matrices, (.., n, n), of which the lower triangle is read
     * @return (.., n), the eigenvalues, the least first
     * @throws IllegalArgumentException if {@code a} is no finite float32 or float64 square matrix
     */
    public static NDArray eigvalsh(NDArray a) {
        square("eigvalsh", a);
        return call("eigvalsh", a).singletonOrThrow();
    }

    /**
     * Computes the QR decomposition, without the columns of a full basis.
     *
     * @param a the matrices, (.., m, n)
     * @return the decomposition
     * @throws IllegalArgumentException if {@code a} is no finite float32 or float64 matrix
     */
    public static Qr qr(NDArray a) {
        matrix("qr", a);
        NDList result = call("qr", a);
        return new Qr(result.get(0), result.get(1));
    }

    /**
     * Computes the Cholesky factor {@code l}, with {@code a = l l^T}.
     *
     * @param a symmetric positive definite matrices, (.., n, n), of which the lower triangle is
     *     read
     * @return (.., n, n), lower triangular
     * @throws IllegalArgumentException if {@code a} is no finite float32 or float64 square matrix
     *     or not positive definite
     */
    public static NDArray cholesky(NDArray a) {
        square("cholesky", a);
        return call("cholesky", a).singletonOrThrow();
    }

    /**
     * Solves {@code a x = b} with symmetric positive definite {@code a}, by {@link #cholesky}
     * factors: in half the time of {@link #solve}.
     *
     * @param a the matrices, (.., n, n), of which the lower triangle is read
     * @param b the right hand sides as columns, (.., n, k)
     * @return (.., n, k)
     * @throws IllegalArgumentException if the arguments do not fit each other, are not finite, or
     *     {@code a} is not positive definite
     */
    public static NDArray solveDefinite(NDArray a, NDArray b) {
        square("solveDefinite", a);
        rows("solveDefinite", a, b);
        return call("solveDefinite", a, b).singletonOrThrow();
    }

    /**
     * Solves {@code a x = b}.
     *
     * @param a the matrices, (.., n, n)
     * @param b the right hand sides as columns, (.., n, k)
     * @return (.., n, k)
     * @throws IllegalArgumentException if the arguments do not fit each other, are not finite, or
     *     {@code a} is singular
     */
    public static NDArray solve(NDArray a, NDArray b) {
        square("solve", a);
        rows("solve", a, b);
        return call("solve", a, b).singletonOrThrow();
    }

    /**
     * Finds {@code x} for which {@code |a x - b|} is least. On a CPU {@code a} may have any rank,
     * and of several such {@code x} the shortest is returned; a GPU needs full column rank.
     *
     * @param a the matrices, (.., m, n)
     * @param b the right hand sides as columns, (.., m, k)
     * @return (.., n, k)
     * @throws IllegalArgumentException if the arguments do not fit each other or are not finite
     */
    public static NDArray lstsq(NDArray a, NDArray b) {
        matrix("lstsq", a);
        rows("lstsq", a, b);
        return call(a.getDevice().isGpu() ? "lstsq_gpu" : "lstsq", a, b).singletonOrThrow();
    }

    /**
     * Sums products of operands over named indices, as in {@code "bij,bjk->bik"}.
     *
     * @param equation the indices of each operand, letters, separated by commas; {@code ->}; the
     *     indices of the result. An index that the result lacks is summed over; one that an operand
     *     has twice is its diagonal
     * @param operands one to four arrays, all float32 or all float64
     * @return the sum
     * @throws IllegalArgumentException if the equation and the operands do not fit
     */
    public static NDArray einsum(String equation, NDArray... operands) {
        String plain = EinsumEquation.check(equation, operands);
        for (NDArray operand : operands) {
            checkType("einsum", operand);
            checkSame("einsum", operands[0], operand);
        }
        NDArray[] arguments = new NDArray[operands.length + 1];
        System.arraycopy(operands, 0, arguments, 0, operands.length);
        long[] letters = plain.chars().asLongStream().toArray();
        try (NDArray codes = operands[0].getManager().create(letters)) {
            arguments[operands.length] = codes;
            return call("einsum" + operands.length, arguments).singletonOrThrow();
        }
    }

    private static NDList call(String method, NDArray... arguments) {
        try {
            return module(arguments[0].getDevice()).call(method, arguments);
        } catch (EngineException e) {
            throw explain(method, e, arguments[0].getShape());
        }
    }

    private static RuntimeException explain(String method, EngineException e, Shape shape) {
        String message = String.valueOf(e.getMessage());
        String problem = null;
        if (message.contains(LinalgScript.NOT_FINITE)) {
            problem = "an argument holds numbers that are not finite; look where NaN comes from";
        } else if (message.contains("positive-definite")) {
            problem = "the matrix is not positive definite; add a multiple of the identity to it";
        } else if (message.contains("singular")) {
            problem = "the matrix is singular; lstsq takes such ones";
        } else if (message.contains("converge")) {
            problem = "the algorithm did not converge on this matrix";
        }
        return problem == null
                ? e
                : new IllegalArgumentException(
                        "Linalg." + method + " of a matrix " + shape + ": " + problem, e);
    }

    private static ScriptModule module(Device device) {
        return MODULES.computeIfAbsent(
                device, d -> ScriptModule.load(LinalgScript.archive(), d, true));
    }

    private static void matrix(String method, NDArray a) {
        checkType(method, a);
        Shape shape = a.getShape();
        if (shape.dimension() < 2 || shape.size() == 0) {
            throw new IllegalArgumentException(
                    "Linalg."
                            + method
                            + " takes matrices with at least one row and column, (.., m, n), got "
                            + shape);
        }
    }

    private static void square(String method, NDArray a) {
        matrix(method, a);
        Shape shape = a.getShape();
        int last = shape.dimension() - 1;
        if (shape.get(last) != shape.get(last - 1)) {
            throw new IllegalArgumentException(
                    "Linalg." + method + " takes square matrices, (.., n, n), got " + shape);
        }
    }

    private static void rows(String method, NDArray a, NDArray b) {
        matrix(method, b);
        checkSame(method, a, b);
        Shape left = a.getShape();
        Shape right = b.getShape();
        int last = left.dimension() - 1;
        if (left.dimension() != right.dimension()
                || !left.slice(0, last).equals(right.slice(0, last))) {
            throw new IllegalArgumentException(
                    "Linalg."
                            + method
                            + " takes (.., m, n) and (.., m, k) that agree in all but the last"
                            + " axis, got "
                            + left
                            + " and "
                            + right);
        }
    }

    private static void checkType(String method, NDArray a) {
        DataType type = a.getDataType();
        if (type != DataType.FLOAT32 && type != DataType.FLOAT64) {
            throw new IllegalArgumentException(
                    "Linalg." + method + " computes in float32 and float64, got " + type);
        }
    }

    private static void checkSame(String method, NDArray a, NDArray b) {
        if (a.getDataType() != b.getDataType() || !a.getDevice().equals(b.getDevice())) {
            throw new IllegalArgumentException(
                    "The arguments of Linalg."
                            + method
                            + " have one data type and device, got "
                            + a.getDataType()
                            + " on "
                            + a.getDevice()
                            + " and "
                            + b.getDataType()
                            + " on "
                            + b.getDevice());
        }
    }
}
