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
package io.github.djltcnn.initializer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A small tensor of doubles with named axes, and the contraction of several of them: all that the
 * initializer needs of linear algebra before a single array of the engine exists.
 */
final class DoubleTensor {

    private final List<String> names;
    private final int[] sizes;
    private final double[] values;

    /**
     * Creates a tensor.
     *
     * @param names the name of each axis
     * @param sizes its size
     * @param values the entries, row-major
     */
    DoubleTensor(List<String> names, int[] sizes, double[] values) {
        this.names = names;
        this.sizes = sizes;
        this.values = values;
    }

    /**
     * Contracts tensors pair by pair, the pair with the smallest result first: multiplies the
     * entries that agree in all common names and sums over the names not asked for.
     *
     * @param tensors the tensors, at least one
     * @param open the names to keep
     * @return the result, its axes in any order
     */
    static DoubleTensor contract(List<DoubleTensor> tensors, Set<String> open) {
        List<DoubleTensor> left = new ArrayList<>(tensors);
        while (left.size() > 1) {
            int first = 0;
            int second = 1;
            double least = Double.POSITIVE_INFINITY;
            for (int a = 0; a < left.size(); a++) {
                for (int b = a + 1; b < left.size(); b++) {
                    double size = resultSize(left, a, b, open);
                    if (size < least) {
                        least = size;
                        first = a;
                        second = b;
                    }
                }
            }
            Set<String> keep = wanted(left, first, second, open);
            // The second first: its removal does not move the first.
            DoubleTensor b = left.remove(second);
            DoubleTensor a = left.remove(first);
            left.add(a.times(b, keep));
        }
        DoubleTensor last = left.get(0);
        DoubleTensor one = new DoubleTensor(List.of(), new int[0], new double[] {1});
        return last.times(one, open);
    }

    /** How much larger the result of contracting a pair is than the pair itself. */
    private static double resultSize(List<DoubleTensor> left, int a, int b, Set<String> open) {
        Set<String> keep = wanted(left, a, b, open);
        double size = 1;
        Set<String> counted = new HashSet<>();
        for (DoubleTensor tensor : List.of(left.get(a), left.get(b))) {
            for (int axis = 0; axis < tensor.sizes.length; axis++) {
                String name = tensor.names.get(axis);
                if (keep.contains(name) && counted.add(name)) {
                    size *= tensor.sizes[axis];
                }
            }
        }
        return size - left.get(a).values.length - left.get(b).values.length;
    }

    /** The names that are still needed after a pair is contracted. */
    private static Set<String> wanted(List<DoubleTensor> left, int a, int b, Set<String> open) {
        Set<String> keep = new HashSet<>(open);
        for (int other = 0; other < left.size(); other++) {
            if (other != a && other != b) {
                keep.addAll(left.get(other).names);
            }
        }
        return keep;
    }

    /** Contracts a pair as a batch of matrix products. */
    private DoubleTensor times(DoubleTensor that, Set<String> keep) {
        List<String> batch = new ArrayList<>();
        List<String> mine = new ArrayList<>();
        List<String> summed = new ArrayList<>();
        for (String name : names) {
            boolean shared = that.names.contains(name);
            if (keep.contains(name)) {
                (shared ? batch : mine).add(name);
            } else if (shared) {
                summed.add(name);
            }
        }
        List<String> theirs = new ArrayList<>();
        for (String name : that.names) {
            if (keep.contains(name) && !names.contains(name)) {
                theirs.add(name);
            }
        }
        double[] left = sumTo(concat(batch, mine, summed));
        double[] right = that.sumTo(concat(batch, summed, theirs));
        int batches = size(batch, this);
        int rows = size(mine, this);
        int inner = size(summed, this);
        int columns = size(theirs, that);
        double[] result = new double[batches * rows * columns];
        for (int n = 0; n < batches; n++) {
            for (int row = 0; row < rows; row++) {
                int to = (n * rows + row) * columns;
                for (int k = 0; k < inner; k++) {
                    double factor = left[(n * rows + row) * inner + k];
                    int from = (n * inner + k) * columns;
                    for (int column = 0; column < columns; column++) {
                        result[to + column] += factor * right[from + column];
                    }
                }
            }
        }
        List<String> axes = concat(batch, mine, theirs);
        int[] lengths = new int[axes.size()];
        for (int axis = 0; axis < lengths.length; axis++) {
            String name = axes.get(axis);
            lengths[axis] = names.contains(name) ? sizeOf(name) : that.sizeOf(name);
        }
        return new DoubleTensor(axes, lengths, result);
    }

    private static List<String> concat(List<String> a, List<String> b, List<String> c) {
        List<String> all = new ArrayList<>(a);
        all.addAll(b);
        all.addAll(c);
        return all;
    }

    private static int size(List<String> axes, DoubleTensor of) {
        int size = 1;
        for (String name : axes) {
            size *= of.sizeOf(name);
        }
        return size;
    }

    private int sizeOf(String name) {
        return sizes[names.indexOf(name)];
    }

    /** Returns the entries with the axes in the given order, summed over those not in it. */
    double[] sumTo(List<String> order) {
        int[] strides = new int[sizes.length];
        int total = 1;
        for (int axis = order.size() - 1; axis >= 0; axis--) {
            strides[names.indexOf(order.get(axis))] = total;
            total *= sizeOf(order.get(axis));
        }
        double[] result = new double[total];
        int[] index = new int[sizes.length];
        int to = 0;
        for (double value : values) {
            result[to] += value;
            int axis = sizes.length - 1;
            while (axis >= 0) {
                to += strides[axis];
                if (++index[axis] < sizes[axis]) {
                    break;
                }
                to -= strides[axis] * sizes[axis];
                index[axis--] = 0;
            }
        }
        return result;
    }
}
