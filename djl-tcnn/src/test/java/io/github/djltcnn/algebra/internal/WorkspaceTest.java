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
import java.util.stream.IntStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The same work on the heap and by libtorch, whatever the size. */
public class WorkspaceTest {

    private static final double CLOSE = 1e-9;

    /** Rows, columns, and the rank of the matrix. */
    @DataProvider
    public Object[][] matrices() {
        return new Object[][] {{4, 30, 4}, {30, 4, 4}, {12, 12, 12}, {20, 33, 3}, {33, 20, 3}};
    }

    private static Tensor random(Random random, int[] labels, int... dims) {
        double[] entries = random.doubles(Tensor.product(dims), -1, 1).toArray();
        return new Tensor(labels, dims, entries);
    }

    /** A matrix whose rows are the second axis of three, so that its entries are not in order. */
    private static Tensor unfoldable(int rows, int columns, int rank) {
        Random random = new Random(rows * 100L + columns + rank);
        Tensor left = random(random, new int[] {1, 9}, rows, rank);
        Tensor right = random(random, new int[] {0, 2, 9}, 1, columns, rank);
        return Einsum.multiply(left, right, 0b111).permute(0, 1, 2);
    }

    @Test(dataProvider = "matrices")
    public void testLeftBasis(int rows, int columns, int rank) {
        Tensor tensor = unfoldable(rows, columns, rank);
        int[] own = {1};
        int[] others = {2, 0};
        int taken = Math.min(rows, columns) - 1;
        LeftBasis heap = LeftBasis.of(tensor, own, others, v -> taken, Workspace.heap());
        try (Workspace space = Workspace.libtorch()) {
            Tensor kept = space.keep(tensor);
            LeftBasis there = LeftBasis.of(kept, own, others, v -> taken, space);
            Assert.assertEquals(there.rank(), taken);
            // The last digits of squares are rounding.
            Assert.assertEquals(there.values(), heap.values(), 1e-6 * heap.values()[0]);
            Assert.assertEquals(
                    LeftBasis.singularValues(kept, own, space),
                    heap.values(),
                    1e-6 * heap.values()[0]);
            for (LeftBasis basis : new LeftBasis[] {heap, there}) {
                Tensor core = basis.core(5);
                Tensor rest = basis.rest(5).toHeap();
                Assert.assertEquals(rest.labels(), new int[] {5, 2, 0});
                Tensor squares = Einsum.multiply(core, core.relabel(1, 6), 1L << 5 | 1L << 6);
                for (int i = 0; i < taken; i++) {
                    for (int j = 0; j < taken; j++) {
                        Assert.assertEquals(squares.data()[i * taken + j], i == j ? 1 : 0, CLOSE);
                    }
                }
                double[] back = Einsum.multiply(core, rest, 0b111).permute(0, 1, 2).data();
                double lost = 0;
                for (int i = 0; i < back.length; i++) {
                    lost += Math.pow(back[i] - tensor.data()[i], 2);
                }
                Assert.assertEquals(lost, basis.lost(taken), 1e-8 * heap.values()[0]);
            }
        }
    }

    /** Definite, singular, and all zero matrices in one batch, with and without a ridge. */
    @Test
    public void testDampedSystem() {
        int size = 6;
        int width = 3;
        Random random = new Random(1);
        double[] gram = new double[3 * size * size];
        for (int b = 0; b < 2; b++) {
            Tensor a = random(random, new int[] {0, 1}, size, b == 0 ? 9 : 2);
            double[] square = Matrices.gram(a.data(), size, a.dims()[1], true);
            System.arraycopy(square, 0, gram, b * size * size, square.length);
        }
        Tensor grams = new Tensor(new int[] {0, 1, 2}, new int[] {3, size, size}, gram);
        double[] right = random.doubles(3L * size * width, -1, 1).toArray();
        Arrays.fill(right, 2 * size * width, right.length, 0);
        double[] before = random.doubles(right.length, -1, 1).toArray();
        for (double ridge : new double[] {0, 0.1}) {
            DampedSystem system = new DampedSystem(3, size, width, ridge);
            DampedSystem.Solution heap = system.solve(grams, right, before, 1e-2);
            try (Workspace space = Workspace.libtorch()) {
                DampedSystem.Solution there = system.solve(space.take(grams), right, before, 1e-2);
                Assert.assertEquals(there.unknowns(), heap.unknowns(), CLOSE);
                Assert.assertEquals(there.damping(), heap.damping(), CLOSE);
            }
            Assert.assertEquals(heap.damping()[2], 0.0);
            for (int i = 2 * size * width; i < right.length; i++) {
                Assert.assertEquals(heap.unknowns()[i], before[i]);
            }
        }
    }

    /** A kept tensor gives the right product whatever order of axes is asked for, and again. */
    @Test
    public void testKeptOrders() {
        Random random = new Random(2);
        int[] dims = {3, 4, 5};
        Tensor kernel = random(random, new int[] {0, 1, 2}, dims);
        try (Workspace whole = Workspace.libtorch()) {
            Tensor kept = whole.keep(kernel);
            for (int times = 0; times < 2; times++) {
                for (int label = 0; label < 3; label++) {
                    Tensor core = random(random, new int[] {label, 4}, dims[label], 2);
                    long left = 0b10111 & ~(1L << label);
                    double[] expected =
                            Einsum.multiply(core, kernel, left).permute(labels(label)).data();
                    try (Workspace space = Workspace.libtorch()) {
                        Tensor product = Einsum.multiply(space.take(core), space.take(kept), left);
                        Assert.assertTrue(product.isNative());
                        Assert.assertEquals(product.permute(labels(label)).data(), expected, CLOSE);
                    }
                }
            }
        }
    }

    private static int[] labels(int without) {
        return IntStream.of(0, 1, 2, 4).filter(l -> l != without).toArray();
    }
}
