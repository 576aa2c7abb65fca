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
package io.github.djltcnn.benchmarks;

import io.github.djltcnn.algebra.internal.DampedSystem;
import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.LeftBasis;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Measures from which size on libtorch does the linear algebra of decompositions faster than the
 * Java heap: a matrix product, singular vectors by a Gram matrix, and a positive definite system,
 * all from the heap and back to it. Prints CSV: the operation, its size, its multiply-adds, and the
 * least microseconds of either place in rounds that take turns.
 *
 * <p>{@code Workspace.CROSSOVER} is read off these rows.
 */
public final class AlgebraCrossover {

    private static final int[] SIZES = {8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512};

    private static final int ROUNDS = 15;

    private AlgebraCrossover() {}

    /**
     * Runs the program.
     *
     * @param args none
     */
    public static void main(String[] args) {
        System.out.println("operation,size,multiplyAdds,heapMicros,libtorchMicros");
        for (int size : SIZES) {
            double cube = Math.pow(size, 3);
            Tensor a = matrix(size, size, 0, 1, 1);
            Tensor b = matrix(size, size, 1, 2, 2);
            int[] dims = {size, size, size};
            Einsum product =
                    Einsum.plan(List.of(a.labels(), b.labels()), dims, new int[] {0, 2}, 1e9);
            print("product", size, cube, space -> product.run(List.of(a, b), space).toHeap());
        }
        for (int size : SIZES) {
            Tensor wide = matrix(size, 4 * size, 0, 1, 3);
            print(
                    "leftBasis",
                    size,
                    4 * Math.pow(size, 3),
                    space ->
                            LeftBasis.of(
                                            wide,
                                            new int[] {0},
                                            new int[] {1},
                                            values -> size / 4,
                                            space)
                                    .rest(2)
                                    .toHeap());
        }
        for (int size : SIZES) {
            Tensor factor = matrix(size, 2 * size, 0, 1, 4);
            Tensor gram =
                    Einsum.plan(
                                    List.of(new int[] {0, 1}, new int[] {2, 1}),
                                    new int[] {size, 2 * size, size},
                                    new int[] {0, 2},
                                    1e9)
                            .run(List.of(factor, factor.relabel(2, 1)));
            double[] sides = matrix(size, size, 0, 1, 5).data();
            DampedSystem system = new DampedSystem(1, size, size, 0);
            print(
                    "solve",
                    size,
                    Math.pow(size, 3) * 7 / 6,
                    space -> system.solve(space.take(gram), sides, sides, 1e-3));
        }
    }

    private static Tensor matrix(int rows, int columns, int row, int column, long seed) {
        double[] entries = new Random(seed).doubles((long) rows * columns, -1, 1).toArray();
        return new Tensor(new int[] {row, column}, new int[] {rows, columns}, entries);
    }

    private static void print(
            String name, int size, double multiplyAdds, Consumer<Workspace> operation) {
        double heap = Double.POSITIVE_INFINITY;
        double libtorch = Double.POSITIVE_INFINITY;
        int repeats = (int) Math.max(2, Math.min(400, 4e6 / multiplyAdds));
        for (int round = 0; round < ROUNDS; round++) {
            heap = Math.min(heap, micros(repeats, operation, false));
            libtorch = Math.min(libtorch, micros(repeats, operation, true));
        }
        System.out.printf(
                Locale.ROOT, "%s,%d,%.0f,%.1f,%.1f%n", name, size, multiplyAdds, heap, libtorch);
    }

    private static double micros(int repeats, Consumer<Workspace> operation, boolean libtorch) {
        long start = System.nanoTime();
        for (int n = 0; n < repeats; n++) {
            try (Workspace space = libtorch ? Workspace.libtorch() : Workspace.heap()) {
                operation.accept(space);
            }
        }
        return (System.nanoTime() - start) / 1e3 / repeats;
    }
}
