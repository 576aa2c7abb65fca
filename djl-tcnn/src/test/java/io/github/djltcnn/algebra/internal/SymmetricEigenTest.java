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
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Symmetric matrices: random, and with eigenvalues that are all or half of them equal. */
public class SymmetricEigenTest {

    /** A size, and the eigenvalues it has. */
    @DataProvider
    public Object[][] matrices() {
        return new Object[][] {
            {1, "random"},
            {2, "random"},
            {3, "zero"},
            {17, "random"},
            {40, "large"},
            {64, "equal"},
            {64, "half zero"},
            {130, "half zero"},
            {130, "random"},
            {256, "equal"},
            {256, "half zero"},
            {300, "two values"},
        };
    }

    private static double[] eigenvalues(int size, String kind, Random random) {
        double[] values = new double[size];
        Arrays.setAll(
                values,
                i ->
                        switch (kind) {
                            case "random" -> random.nextGaussian();
                            case "zero" -> 0;
                            case "large" -> 1e150 * random.nextGaussian();
                            case "equal" -> 1;
                            case "half zero" -> 2 * i < size ? 2 : 0;
                            default -> i % 3 == 0 ? 1 : 0.25;
                        });
        return values;
    }

    /** Rows that are orthonormal, by Gram and Schmidt. */
    private static double[][] orthonormal(int size, Random random) {
        double[][] rows = new double[size][size];
        for (int n = 0; n < size; n++) {
            for (int i = 0; i < size; i++) {
                rows[n][i] = random.nextGaussian();
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int m = 0; m < n; m++) {
                    double dot = Matrices.dot(rows[m], 0, rows[n], 0, size);
                    for (int i = 0; i < size; i++) {
                        rows[n][i] -= dot * rows[m][i];
                    }
                }
                Matrices.scale(rows[n], 1 / Matrices.norm(rows[n]));
            }
        }
        return rows;
    }

    private static double[] matrix(double[] values, double[][] rows) {
        int size = values.length;
        double[] matrix = new double[size * size];
        for (int k = 0; k < size; k++) {
            for (int i = 0; i < size && values[k] != 0; i++) {
                for (int j = 0; j < size; j++) {
                    matrix[i * size + j] += values[k] * rows[k][i] * rows[k][j];
                }
            }
        }
        return matrix;
    }

    @Test(dataProvider = "matrices")
    public void testBothMethods(int size, String kind) {
        Random random = new Random(size);
        double[] expected = eigenvalues(size, kind, random);
        double[] matrix = matrix(expected, orthonormal(size, random));
        Arrays.sort(expected);
        for (int i = 0; i < size / 2; i++) {
            double smaller = expected[i];
            expected[i] = expected[size - 1 - i];
            expected[size - 1 - i] = smaller;
        }
        check(SymmetricEigen.of(matrix.clone(), size, true), matrix, expected);
        check(SymmetricEigen.tridiagonal(matrix.clone(), size, true), matrix, expected);
        double largest = Math.max(Math.abs(expected[0]), Math.abs(expected[size - 1]));
        double[] alone = SymmetricEigen.of(matrix.clone(), size, false).values();
        double[] again = SymmetricEigen.tridiagonal(matrix.clone(), size, false).values();
        for (int i = 0; i < size; i++) {
            Assert.assertEquals(alone[i], expected[i], 1e-13 * size * largest);
            Assert.assertEquals(again[i], expected[i], 1e-13 * size * largest);
        }
    }

    private static void check(SymmetricEigen found, double[] matrix, double... expected) {
        int size = expected.length;
        double largest = Math.max(Math.abs(expected[0]), Math.abs(expected[size - 1]));
        double[] columns = Matrices.transpose(found.vectors(), size, size);
        double[] products = new double[size * size];
        Matrices.multiplyAdd(matrix, 0, columns, 0, products, 0, size, size, size);
        double[] gram = Matrices.gram(found.vectors(), size, size, true);
        for (int i = 0; i < size; i++) {
            Assert.assertEquals(found.values()[i], expected[i], 1e-13 * size * largest);
            for (int j = 0; j < size; j++) {
                Assert.assertEquals(gram[i * size + j], i == j ? 1 : 0, 1e-13 * size);
                Assert.assertEquals(
                        products[i * size + j],
                        columns[i * size + j] * found.values()[j],
                        1e-13 * size * largest);
            }
        }
    }

    /** EJML's solver gives up on this one: the lower half repeats the upper with other signs. */
    @Test
    public void testMirroredOrthogonalMatrix() {
        int size = 1000;
        double[][] rows = orthonormal(size, new Random(0));
        double[] mirrored = new double[size * size];
        for (int i = 0; i < size; i++) {
            double sign = 2 * i < size ? 1 : -1;
            for (int j = 0; j < size; j++) {
                mirrored[i * size + j] = sign * rows[i % (size / 2)][j];
            }
        }
        double[] gram = Matrices.gram(mirrored, size, size, true);
        double[] values = SymmetricEigen.of(gram, size, false).values();
        for (int i = 0; i < size; i++) {
            Assert.assertEquals(values[i], 2 * i < size ? 2 : 0, 1e-12);
        }
    }

    @Test
    public void testNumbersThatAreNotFinite() {
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> SymmetricEigen.of(new double[] {1, 2, 2, Double.NaN}, 2, true));
    }
}
