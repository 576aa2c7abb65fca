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

/**
 * A dense row-major tensor whose axes carry labels, small numbers that stand for modes. Two tensors
 * are joined along the labels they share. Its entries lie on the Java heap, or in the libtorch
 * memory of a {@link Workspace}, or, of a tensor that is kept there, in both. Arrays are not
 * copied; whoever changes the entries must own them.
 */
public final class Tensor {

    private final int[] labels;
    private final int[] dims;
    private final double[] data;
    private final NativeArray array;

    /**
     * Makes a tensor on the heap.
     *
     * @param labels one per axis, all different
     * @param dims the sizes of the axes
     * @param data the entries, which fill the axes
     */
    public Tensor(int[] labels, int[] dims, double[] data) {
        this(labels, dims, data, null);
        if (labels.length != dims.length || product(dims) != data.length) {
            throw new IllegalArgumentException(
                    data.length + " entries do not fill " + Arrays.toString(dims));
        }
    }

    /** Makes a tensor in libtorch memory. */
    Tensor(int[] labels, int[] dims, NativeArray array) {
        this(labels, dims, null, array);
    }

    private Tensor(int[] labels, int[] dims, double[] data, NativeArray array) {
        this.labels = labels;
        this.dims = dims;
        this.data = data;
        this.array = array;
    }

    /**
     * Returns the labels.
     *
     * @return one per axis
     */
    public int[] labels() {
        return labels;
    }

    /**
     * Returns the sizes of the axes.
     *
     * @return one per axis
     */
    public int[] dims() {
        return dims;
    }

    /**
     * Returns the sizes of axes.
     *
     * @param some their labels
     * @return the sizes
     */
    public int[] dims(int... some) {
        return Arrays.stream(some).map(this::dim).toArray();
    }

    /**
     * Returns the entries.
     *
     * @return those on the heap; a copy of native ones
     */
    public double[] data() {
        return data != null ? data : NativeProducts.read(this);
    }

    /**
     * Returns the tensor with its entries on the heap.
     *
     * @return this tensor if they are there
     */
    public Tensor toHeap() {
        return data != null ? this : new Tensor(labels, dims, data());
    }

    /**
     * Tells where the entries are.
     *
     * @return whether only in libtorch memory
     */
    public boolean isNative() {
        return data == null;
    }

    /** The native entries, or null. */
    NativeArray array() {
        return array;
    }

    /** The tensor with its entries in libtorch memory alone. */
    Tensor with(NativeArray entries) {
        return new Tensor(labels, dims, null, entries);
    }

    /** The tensor with its entries there as well. */
    Tensor resident(NativeArray entries) {
        return new Tensor(labels, dims, data, entries);
    }

    /** Frees native entries before their workspace does. */
    void close() {
        if (data == null) {
            array.close();
        }
    }

    /**
     * Multiplies sizes.
     *
     * @param dims the sizes
     * @return their product, 1 for none
     * @throws ArithmeticException if it is above the largest int
     */
    public static int product(int... dims) {
        int product = 1;
        for (int dim : dims) {
            product = Math.multiplyExact(product, dim);
        }
        return product;
    }

    /**
     * Joins lists of labels or sizes.
     *
     * @param parts the lists
     * @return one after another
     */
    public static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    /**
     * Finds an axis.
     *
     * @param label a label
     * @return the axis that carries it, or -1
     */
    public int axis(int label) {
        for (int axis = 0; axis < labels.length; axis++) {
            if (labels[axis] == label) {
                return axis;
            }
        }
        return -1;
    }

    /**
     * Returns the size of an axis.
     *
     * @param label its label
     * @return the size
     */
    public int dim(int label) {
        return dims[axis(label)];
    }

    /**
     * Returns the product of the sizes of axes.
     *
     * @param some their labels
     * @return the product, 1 for none
     * @throws ArithmeticException if it is above the largest int
     */
    public int size(int... some) {
        return product(dims(some));
    }

    /**
     * Returns the labels that are not among the given ones.
     *
     * @param some labels
     * @return the others, in order
     */
    public int[] without(int... some) {
        return Arrays.stream(labels)
                .filter(label -> Arrays.stream(some).noneMatch(other -> other == label))
                .toArray();
    }

    /**
     * Puts the same entries under other labels.
     *
     * @param newLabels one per axis
     * @return the tensor
     */
    public Tensor relabel(int... newLabels) {
        return new Tensor(newLabels, dims, data, array);
    }

    /**
     * Puts the axes into another order.
     *
     * @param order all labels
     * @return the tensor; with the same array if the entries stay where they are, which native ones
     *     always do
     */
    public Tensor permute(int... order) {
        if (data == null) {
            return NativeProducts.permute(this, order);
        }
        int n = order.length;
        int[] newDims = new int[n];
        int[] strides = new int[n];
        int[] own = strides();
        boolean same = true;
        for (int axis = 0; axis < n; axis++) {
            int from = axis(order[axis]);
            newDims[axis] = dims[from];
            strides[axis] = own[from];
        }
        // Entries stay if the axes longer than 1 keep their order.
        int last = Integer.MAX_VALUE;
        for (int axis = 0; axis < n; axis++) {
            if (newDims[axis] > 1) {
                same &= strides[axis] < last;
                last = strides[axis];
            }
        }
        if (same) {
            return new Tensor(order, newDims, data);
        }
        double[] to = new double[data.length];
        gather(newDims, strides, 0, to);
        return new Tensor(order, newDims, to);
    }

    /**
     * Returns the part of the tensor where one label has one index.
     *
     * @param label the label, which the part lacks
     * @param index the index
     * @return the part
     */
    public Tensor slice(int label, int index) {
        if (data == null) {
            return NativeProducts.slice(this, label, index);
        }
        int axis = axis(label);
        int[] rest = without(label);
        int[] own = strides();
        int[] newDims = new int[rest.length];
        int[] strides = new int[rest.length];
        for (int i = 0; i < rest.length; i++) {
            newDims[i] = dim(rest[i]);
            strides[i] = own[axis(rest[i])];
        }
        double[] to = new double[product(newDims)];
        gather(newDims, strides, index * own[axis], to);
        return new Tensor(rest, newDims, to);
    }

    /**
     * Sums over some labels.
     *
     * @param some the labels
     * @return the sums; this tensor if there are none
     */
    public Tensor sum(int... some) {
        if (some.length == 0) {
            return this;
        }
        if (data == null) {
            return NativeProducts.sum(this, some);
        }
        int[] rest = without(some);
        int[] order = Arrays.copyOf(rest, labels.length);
        System.arraycopy(some, 0, order, rest.length, some.length);
        double[] from = permute(order).data;
        int block = size(some);
        double[] to = new double[data.length / block];
        for (int i = 0; i < to.length; i++) {
            double sum = 0;
            for (int j = 0; j < block; j++) {
                sum += from[i * block + j];
            }
            to[i] = sum;
        }
        return new Tensor(rest, dims(rest), to);
    }

    /**
     * Adds a part to this tensor, in place, where some labels have given indices. For sums that
     * nobody else reads yet.
     *
     * @param fixed the labels; those that this tensor lacks do not matter
     * @param index the index of each
     * @param part the part, its axes in the order of the labels that are left
     */
    void addAt(int[] fixed, int[] index, Tensor part) {
        int[] own = strides();
        int to = 0;
        for (int n = 0; n < fixed.length; n++) {
            int axis = axis(fixed[n]);
            to += axis < 0 ? 0 : index[n] * own[axis];
        }
        int n = part.dims.length;
        int[] steps = new int[n];
        for (int axis = 0; axis < n; axis++) {
            steps[axis] = own[axis(part.labels[axis])];
        }
        int inner = n == 0 ? 1 : part.dims[n - 1];
        int step = n == 0 ? 0 : steps[n - 1];
        int[] at = new int[n];
        for (int from = 0; from < part.data.length; from += inner) {
            for (int j = 0; j < inner; j++) {
                data[to + j * step] += part.data[from + j];
            }
            for (int axis = n - 2; axis >= 0; axis--) {
                to += steps[axis];
                if (++at[axis] < part.dims[axis]) {
                    break;
                }
                to -= at[axis] * steps[axis];
                at[axis] = 0;
            }
        }
    }

    private int[] strides() {
        int[] strides = new int[dims.length];
        int stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return strides;
    }

    /** Copies entries to row-major order from a start and a stride per axis. */
    private void gather(int[] newDims, int[] strides, int start, double[] to) {
        int n = newDims.length;
        int inner = n == 0 ? 1 : newDims[n - 1];
        int step = n == 0 ? 0 : strides[n - 1];
        int[] index = new int[n];
        int from = start;
        for (int at = 0; at < to.length; at += inner) {
            if (step == 1) {
                System.arraycopy(data, from, to, at, inner);
            } else {
                for (int j = 0; j < inner; j++) {
                    to[at + j] = data[from + j * step];
                }
            }
            for (int axis = n - 2; axis >= 0; axis--) {
                from += strides[axis];
                if (++index[axis] < newDims[axis]) {
                    break;
                }
                from -= index[axis] * strides[axis];
                index[axis] = 0;
            }
        }
    }
}
