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
import java.util.Arrays;

/** What {@link Einsum} does with tensors in libtorch memory. */
final class NativeProducts {

    private NativeProducts() {}

    /**
     * Multiplies two native tensors of one workspace, as a batch of matrix products.
     *
     * @param a the first
     * @param b the second
     * @param batch the labels of both that are kept
     * @param summed the labels of both that are summed over
     * @return the product: the batch, what only the first has, what only the second has
     */
    static Tensor multiply(Tensor a, Tensor b, int[] batch, int[] summed) {
        int[] freeA = a.without(b.labels());
        int[] freeB = b.without(a.labels());
        long batches = a.size(batch);
        long m = a.size(freeA);
        long k = a.size(summed);
        long n = b.size(freeB);
        boolean dots = batches > 1 && m == 1 && n == 1 && k > 1;
        NDArray left = a.array().matrix(a, batch, freeA, summed, shape(batches, m, k));
        NDArray right =
                dots
                        ? b.array().matrix(b, batch, freeB, summed, shape(batches, 1, k))
                        : b.array().matrix(b, batch, summed, freeB, shape(batches, k, n));
        NDArray out;
        if (dots) {
            NDArray products = left.mul(right);
            out = products.sum(new int[] {2});
            products.close();
        } else {
            // An outer product is no work for a matrix product.
            out = k == 1 ? left.mul(right) : left.matMul(right);
        }
        left.close();
        right.close();
        int[] labels = Tensor.join(batch, freeA, freeB);
        int[] dims = Tensor.join(a.dims(batch), a.dims(freeA), b.dims(freeB));
        return new Tensor(labels, dims, new NativeArray(out));
    }

    private static Shape shape(long batches, long rows, long columns) {
        return batches == 1 ? new Shape(rows, columns) : new Shape(batches, rows, columns);
    }

    /** Sums over some labels. */
    static Tensor sum(Tensor a, int... some) {
        int[] rest = a.without(some);
        long block = a.size(some);
        long size = a.size(rest);
        NDArray matrix = a.array().matrix(a, new int[0], rest, some, new Shape(size, block));
        NDArray sums = matrix.sum(new int[] {1});
        matrix.close();
        return new Tensor(rest, a.dims(rest), new NativeArray(sums));
    }

    /** The part where one label has one index. */
    static Tensor slice(Tensor a, int label, int index) {
        int axis = a.axis(label);
        NDIndex at = new NDIndex().addAllDim(axis).addIndices(index);
        NDArray whole = a.array().turned(a, a.labels());
        NDArray part = whole.get(at);
        if (whole != a.array().array()) {
            whole.close();
        }
        int[] rest = a.without(label);
        return new Tensor(rest, a.dims(rest), new NativeArray(part));
    }

    /** The axes in another order, without a copy. */
    static Tensor permute(Tensor a, int... order) {
        NDArray turned = a.array().turned(a, order);
        return turned == a.array().array()
                ? a
                : new Tensor(order, a.dims(order), new NativeArray(turned));
    }

    /** The entries, row-major. */
    static double[] read(Tensor a) {
        NDArray array = a.array().array();
        NDArray flat =
                array.reshape(
                        new Shape(
                                Arrays.stream(a.dims()).asLongStream().reduce(1, (x, y) -> x * y)));
        double[] entries = flat.toDoubleArray();
        flat.close();
        return entries;
    }
}
