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

import java.util.stream.IntStream;

/** Products of row-major matrices of doubles that lie somewhere in larger arrays. */
public final class Matrices {

    /** Rows of {@code b} per block and its columns: together half a megabyte, so that it stays. */
    private static final int DEPTH = 128;

    private static final int WIDTH = 512;

    /** Multiply-adds from which on the rows are shared out to threads. */
    private static final double PARALLEL = 4e6;

    private Matrices() {}

    /**
     * Adds a product to a matrix: {@code c += a b}.
     *
     * @param a the left matrix {@code (m, k)}
     * @param a0 where it begins
     * @param b the right matrix {@code (k, n)}
     * @param b0 where it begins
     * @param c the result {@code (m, n)}
     * @param c0 where it begins
     * @param m rows of the result
     * @param k terms of each sum
     * @param n columns of the result
     */
    public static void multiplyAdd(
            double[] a, int a0, double[] b, int b0, double[] c, int c0, int m, int k, int n) {
        if ((double) m * k * n < PARALLEL) {
            rows(a, a0, b, b0, c, c0, 0, m, k, n);
            return;
        }
        // Every entry is summed by one thread in one order: the result does not depend on them.
        int tasks = Math.min(4 * Runtime.getRuntime().availableProcessors(), (m + 1) / 2);
        IntStream.range(0, tasks)
                .parallel()
                .forEach(
                        t ->
                                rows(
                                        a,
                                        a0,
                                        b,
                                        b0,
                                        c,
                                        c0,
                                        (int) ((long) m * t / tasks) & ~1,
                                        t == tasks - 1
                                                ? m
                                                : (int) ((long) m * (t + 1) / tasks) & ~1,
                                        k,
                                        n));
    }

    private static void rows(
            double[] a,
            int a0,
            double[] b,
            int b0,
            double[] c,
            int c0,
            int from,
            int to,
            int k,
            int n) {
        if (n == 1) {
            for (int i = from; i < to; i++) {
                c[c0 + i] += dot(a, a0 + i * k, b, b0, k);
            }
            return;
        }
        for (int p0 = 0; p0 < k; p0 += DEPTH) {
            int p1 = Math.min(k, p0 + DEPTH);
            for (int j0 = 0; j0 < n; j0 += WIDTH) {
                int width = Math.min(n - j0, WIDTH);
                for (int i = from; i < to; i++) {
                    boolean pair = i + 1 < to;
                    int ci = c0 + i * n + j0;
                    int p = p0;
                    for (; pair && p + 3 < p1; p += 4) {
                        twoByFour(a, a0 + i * k + p, k, b, b0 + p * n + j0, n, c, ci, width);
                    }
                    for (; p < p1; p++) {
                        int row = b0 + p * n + j0;
                        addScaled(c, ci, a[a0 + i * k + p], b, row, width);
                        if (pair) {
                            addScaled(c, ci + n, a[a0 + (i + 1) * k + p], b, row, width);
                        }
                    }
                    i += pair ? 1 : 0;
                }
            }
        }
    }

    /** Two rows of {@code c} take four rows of {@code b}: few loads per multiplication. */
    private static void twoByFour(
            double[] a, int a0, int k, double[] b, int b0, int n, double[] c, int c0, int width) {
        double x0 = a[a0];
        double x1 = a[a0 + 1];
        double x2 = a[a0 + 2];
        double x3 = a[a0 + 3];
        double y0 = a[a0 + k];
        double y1 = a[a0 + k + 1];
        double y2 = a[a0 + k + 2];
        double y3 = a[a0 + k + 3];
        int b1 = b0 + n;
        int b2 = b1 + n;
        int b3 = b2 + n;
        int c1 = c0 + n;
        for (int j = 0; j < width; j++) {
            double v0 = b[b0 + j];
            double v1 = b[b1 + j];
            double v2 = b[b2 + j];
            double v3 = b[b3 + j];
            c[c0 + j] += x0 * v0 + x1 * v1 + x2 * v2 + x3 * v3;
            c[c1 + j] += y0 * v0 + y1 * v1 + y2 * v2 + y3 * v3;
        }
    }

    private static void addScaled(double[] c, int c0, double x, double[] b, int b0, int width) {
        for (int j = 0; j < width; j++) {
            c[c0 + j] += x * b[b0 + j];
        }
    }

    /**
     * Returns a scalar product.
     *
     * @param a the one vector
     * @param a0 where it begins
     * @param b the other
     * @param b0 where it begins
     * @param n the number of entries
     * @return the sum of the products
     */
    public static double dot(double[] a, int a0, double[] b, int b0, int n) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
            sum += a[a0 + j] * b[b0 + j];
        }
        return sum;
    }

    /**
     * Returns the Frobenius norm.
     *
     * @param a the entries
     * @return the root of the sum of their squares
     */
    public static double norm(double[] a) {
        return Math.sqrt(dot(a, 0, a, 0, a.length));
    }

    /**
     * Multiplies in place.
     *
     * @param a the entries
     * @param factor the factor
     */
    public static void scale(double[] a, double factor) {
        for (int j = 0; j < a.length; j++) {
            a[j] *= factor;
        }
    }

    /**
     * Transposes, in tiles that fit the cache.
     *
     * @param a a matrix {@code (m, n)}
     * @param m its rows
     * @param n its columns
     * @return the transpose {@code (n, m)}
     */
    public static double[] transpose(double[] a, int m, int n) {
        double[] t = new double[a.length];
        transpose(a, 0, n, m, n, t);
        return t;
    }

    /** Transposes {@code m} rows of {@code n} entries, {@code stride} apart, into {@code t}. */
    private static void transpose(double[] a, int a0, int stride, int m, int n, double[] t) {
        int tile = 32;
        for (int i0 = 0; i0 < m; i0 += tile) {
            for (int j0 = 0; j0 < n; j0 += tile) {
                for (int j = j0; j < Math.min(n, j0 + tile); j++) {
                    for (int i = i0; i < Math.min(m, i0 + tile); i++) {
                        t[j * m + i] = a[a0 + i * stride + j];
                    }
                }
            }
        }
    }

    /**
     * Returns the Gram matrix of the rows, {@code a a^T (m, m)}, or of the columns, {@code a^T a
     * (n, n)}: by slabs, so that no second copy of {@code a} is made.
     *
     * @param a a matrix {@code (m, n)}
     * @param m its rows
     * @param n its columns
     * @param ofRows whether of the rows
     * @return the Gram matrix
     */
    public static double[] gram(double[] a, int m, int n, boolean ofRows) {
        int size = ofRows ? m : n;
        int length = ofRows ? n : m;
        double[] gram = new double[Math.multiplyExact(size, size)];
        int slab = Math.max(64, Math.min(length, 262_144 / size));
        double[] upright = new double[size * Math.min(length, slab)];
        double[] lying = new double[upright.length];
        for (int from = 0; from < length; from += slab) {
            int width = Math.min(slab, length - from);
            if (ofRows) {
                for (int i = 0; i < m; i++) {
                    System.arraycopy(a, i * n + from, lying, i * width, width);
                }
                transpose(a, from, n, m, width, upright);
                multiplyAdd(lying, 0, upright, 0, gram, 0, m, width, m);
            } else {
                transpose(a, from * n, n, width, n, lying);
                multiplyAdd(lying, 0, a, from * n, gram, 0, n, width, n);
            }
        }
        return gram;
    }
}
