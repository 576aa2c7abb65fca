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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Contractions against their definition, whole and in slices. */
public class EinsumTest {

    /** The sum over all labels, one term after another. */
    private static double[] definition(List<Tensor> tensors, int[] dims, int... output) {
        int[] outDims = Arrays.stream(output).map(label -> dims[label]).toArray();
        double[] sum = new double[Tensor.product(outDims)];
        boolean[] used = new boolean[dims.length];
        tensors.forEach(tensor -> Arrays.stream(tensor.labels()).forEach(l -> used[l] = true));
        int[] index = new int[dims.length];
        boolean more = true;
        while (more) {
            double term = 1;
            for (Tensor tensor : tensors) {
                term *= tensor.data()[offset(tensor.labels(), dims, index)];
            }
            sum[offset(output, dims, index)] += term;
            more = false;
            for (int label = dims.length - 1; label >= 0 && !more; label--) {
                if (used[label]) {
                    index[label] = (index[label] + 1) % dims[label];
                    more = index[label] > 0;
                }
            }
        }
        return sum;
    }

    private static int offset(int[] labels, int[] dims, int... index) {
        int offset = 0;
        for (int label : labels) {
            offset = offset * dims[label] + index[label];
        }
        return offset;
    }

    private static List<Tensor> random(Random random, int count, int... dims) {
        List<Tensor> tensors = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int[] labels =
                    random.ints(0, dims.length).distinct().limit(1 + random.nextInt(3)).toArray();
            int[] sizes = Arrays.stream(labels).map(label -> dims[label]).toArray();
            double[] data = random.doubles(Tensor.product(sizes), -1, 1).toArray();
            tensors.add(new Tensor(labels, sizes, data));
        }
        return tensors;
    }

    @Test
    public void testAgainstTheDefinition() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int[] dims = random.ints(6, 1, 4).toArray();
            // Past ten tensors the order is greedy first.
            int count = seed % 10 == 0 ? 12 : 1 + random.nextInt(5);
            List<Tensor> tensors = random(random, count, dims);
            int[] output =
                    tensors.stream()
                            .flatMapToInt(tensor -> Arrays.stream(tensor.labels()))
                            .distinct()
                            .filter(label -> random.nextInt(3) == 0)
                            .toArray();
            List<int[]> labels = tensors.stream().map(Tensor::labels).toList();
            double[] expected = definition(tensors, dims, output);
            // A limit of 1 slices all but the output.
            for (double limit : new double[] {Double.POSITIVE_INFINITY, 20, 4, 1}) {
                Einsum plan = Einsum.plan(labels, dims, output, limit);
                Tensor found = plan.run(tensors);
                Assert.assertEquals(found.labels(), output);
                Assert.assertEquals(found.data(), expected, 1e-9, "seed " + seed);
                int changing = random.nextInt(tensors.size());
                Einsum often = Einsum.plan(labels, dims, output, limit, changing, 5);
                for (Workspace space : List.of(Workspace.heap(), Workspace.libtorch())) {
                    try (space) {
                        double[] there = plan.run(tensors, space).data();
                        Assert.assertEquals(there, expected, 1e-9, "seed " + seed);
                        List<Tensor> kept = tensors.stream().map(space::keep).toList();
                        double[] resident = plan.run(kept, space).data();
                        Assert.assertEquals(resident, expected, 1e-9, "seed " + seed);
                        UnaryOperator<Tensor> prepared = often.prepare(tensors, space);
                        for (int times = 0; times < 2; times++) {
                            double[] again = prepared.apply(tensors.get(changing)).data();
                            Assert.assertEquals(again, expected, 1e-9, "seed " + seed);
                        }
                    }
                }
            }
        }
    }

    /** A sum in slices counts what is copied and added, so that few slices are preferred. */
    @Test
    public void testFewSlices() {
        // The factors of CP: outputs, inputs, two axes of a window, all with the rank.
        int[] dims = {512, 512, 3, 3, 860};
        List<int[]> labels = new ArrayList<>();
        for (int axis = 0; axis < 4; axis++) {
            labels.add(new int[] {axis, 4});
        }
        double kernel = 512 * 512 * 9;
        double whole = Einsum.plan(labels, dims, new int[] {0, 1, 2, 3}, 1e9).operations();
        Einsum sliced = Einsum.plan(labels, dims, new int[] {0, 1, 2, 3}, kernel / 2);
        Assert.assertTrue(sliced.slices() > 1 && sliced.slices() <= 9, sliced.slices() + "");
        Assert.assertTrue(sliced.operations() < 1.1 * whole, sliced.operations() + ", " + whole);
    }

    @Test
    public void testALimitThatNothingMeets() {
        List<int[]> labels = List.of(new int[] {0, 1}, new int[] {1, 2}, new int[] {2, 3});
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> Einsum.plan(labels, new int[] {2, 2, 2, 2}, new int[] {0, 3}, 0.5));
    }

    @Test
    public void testProductsThatOverflow() {
        Assert.expectThrows(ArithmeticException.class, () -> Tensor.product(1 << 16, 1 << 16));
        Tensor tall = new Tensor(new int[] {0}, new int[] {1 << 16}, new double[1 << 16]);
        Tensor wide = new Tensor(new int[] {1}, new int[] {1 << 16}, new double[1 << 16]);
        Assert.expectThrows(ArithmeticException.class, () -> Einsum.multiply(tall, wide, 3));
    }
}
