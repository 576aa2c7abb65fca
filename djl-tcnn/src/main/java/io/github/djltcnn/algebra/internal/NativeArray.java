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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The entries of a tensor in libtorch memory, and, of one that stays (the kernel), copies in the
 * orders of axes that matrix products asked for: a transposed copy costs about as much as the
 * product.
 */
final class NativeArray {

    /** So many orders are kept; sweeps ask for two or three. */
    private static final int MOST_LAYOUTS = 3;

    private final NDArray array;
    private final NativeArray source;
    private final int[] labels;
    private final Map<String, NDArray> layouts;

    /** Entries that belong to the workspace of the array. */
    NativeArray(NDArray array) {
        this(array, null, null, null);
    }

    private NativeArray(
            NDArray array, NativeArray source, int[] labels, Map<String, NDArray> layouts) {
        this.array = array;
        this.source = source;
        this.labels = labels;
        this.layouts = layouts;
    }

    /** Entries that outlive the workspaces they are used in. */
    static NativeArray resident(NDArray array, int... labels) {
        return new NativeArray(array, null, labels, new LinkedHashMap<>());
    }

    NDManager manager() {
        return array.getManager();
    }

    NDArray array() {
        return array;
    }

    /** The same entries for another workspace. */
    NativeArray alias(NDManager manager) {
        NDArray alias = array.reshape(array.getShape());
        alias.attach(manager);
        return new NativeArray(alias, this, null, null);
    }

    void close() {
        array.close();
    }

    /**
     * The entries as a matrix, or a batch of them.
     *
     * @param tensor the tensor that these are the entries of
     * @param batch the labels of the batch, of the rows, and of the columns
     * @param shape the shape
     * @return an array to be closed
     */
    NDArray matrix(Tensor tensor, int[] batch, int[] rows, int[] columns, Shape shape) {
        int[] order = Tensor.join(batch, rows, columns);
        boolean kept =
                source != null
                        && source.layouts != null
                        && Arrays.equals(source.labels, tensor.labels());
        if (kept && !source.isView(tensor, batch, rows, columns)) {
            NDArray result = source.layout(tensor, order).reshape(shape);
            result.attach(array.getManager());
            return result;
        }
        NDArray turned = turned(tensor, order);
        NDArray result = turned.reshape(shape);
        if (turned != array) {
            turned.close();
        }
        return result;
    }

    /** The axes in another order; this very array if they are in it. */
    NDArray turned(Tensor tensor, int... order) {
        Shape shape = new Shape(Arrays.stream(tensor.dims()).asLongStream().toArray());
        NDArray whole = array.getShape().equals(shape) ? array : array.reshape(shape);
        if (Arrays.equals(order, tensor.labels())) {
            return whole;
        }
        NDArray turned = whole.transpose(Arrays.stream(order).map(tensor::axis).toArray());
        if (whole != array) {
            whole.close();
        }
        return turned;
    }

    /** Whether matrix products read the entries as they are. */
    private boolean isView(Tensor tensor, int[] batch, int[] rows, int[] columns) {
        boolean inner =
                tensor.size(batch) == 1 || tensor.axis(batch[batch.length - 1]) != last(tensor);
        return inner && isRun(tensor, batch) && isRun(tensor, rows) && isRun(tensor, columns);
    }

    private static int last(Tensor tensor) {
        return tensor.labels().length - 1;
    }

    /** Whether labels stand side by side and in order. */
    private static boolean isRun(Tensor tensor, int... labels) {
        for (int n = 1; n < labels.length; n++) {
            if (tensor.axis(labels[n]) != tensor.axis(labels[n - 1]) + 1) {
                return false;
            }
        }
        return true;
    }

    private NDArray layout(Tensor tensor, int... order) {
        String key = Arrays.toString(order);
        NDArray known = layouts.remove(key);
        if (known == null) {
            if (layouts.size() == MOST_LAYOUTS) {
                String oldest = layouts.keySet().iterator().next();
                layouts.remove(oldest).close();
            }
            NDArray turned = turned(tensor, order);
            // Flat entries are contiguous.
            NDArray flat = turned.reshape(turned.size());
            known = flat.reshape(turned.getShape());
            flat.close();
            if (turned != array) {
                turned.close();
            }
        }
        layouts.put(key, known);
        return known;
    }
}
