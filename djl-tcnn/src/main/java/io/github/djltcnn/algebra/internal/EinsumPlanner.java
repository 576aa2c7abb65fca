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
import java.util.List;

/**
 * What is to be contracted, for attempts with other labels sliced.
 *
 * @param inputs the labels of each tensor
 * @param dims the size of every label
 * @param output the labels of the result
 * @param variable the number of the tensor that changes, -1 for none
 * @param runs the number of runs
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record EinsumPlanner(List<int[]> inputs, int[] dims, int[] output, int variable, double runs) {

    /** So many tensors are ordered exactly. */
    private static final int EXACT = 10;

    /** Where one sliced label costs this share more than none, two are tried. */
    private static final double DEAR = 0.05;

    /** Plans with intermediates of at most so many entries, the result aside. */
    Einsum plan(double limit) {
        Einsum best = attempt(limit);
        if (best != null) {
            return best;
        }
        int[] all = inputs.stream().flatMapToInt(Arrays::stream).distinct().sorted().toArray();
        for (int label : all) {
            best = better(best, attempt(limit, label));
        }
        double free = attempt(Double.POSITIVE_INFINITY).operations();
        boolean dear = best == null || best.operations() > (1 + DEAR) * free;
        for (int n = 0; n < all.length && dear; n++) {
            for (int m = n + 1; m < all.length; m++) {
                best = better(best, attempt(limit, all[n], all[m]));
            }
        }
        int[] many = {};
        while (best == null) {
            many = Tensor.join(many, new int[] {nextSliced(all, many)});
            best = attempt(limit, many);
        }
        return best;
    }

    private static Einsum better(Einsum a, Einsum b) {
        return a == null || (b != null && b.operations() < a.operations()) ? b : a;
    }

    /** A plan with some labels sliced; null if an intermediate is too large. */
    Einsum attempt(double limit, int... sliced) {
        // With slices nothing is kept from run to run.
        boolean keeps = sliced.length == 0;
        double[] sizes = sizes(sliced);
        ContractionTree tree = best(sizes, limit, keeps ? variable : -1);
        if (Double.isInfinite(tree.cost())) {
            return null;
        }
        double operations = tree.cost();
        if (!keeps) {
            double slices = 1;
            for (int label : sliced) {
                slices *= dims[label];
            }
            double moved = ContractionOrder.size(sizes, tree.labels());
            for (int[] input : inputs) {
                moved += ContractionOrder.size(sizes, Einsum.bits(input));
            }
            operations = runs * slices * (operations + moved);
        }
        return new Einsum(dims, output, sliced, tree, variable, operations);
    }

    private double[] sizes(int... sliced) {
        double[] sizes = Arrays.stream(dims).asDoubleStream().toArray();
        for (int label : sliced) {
            sizes[label] = 1;
        }
        return sizes;
    }

    private ContractionTree best(double[] sizes, double limit, int varying) {
        long[] labels = inputs.stream().mapToLong(Einsum::bits).toArray();
        long all = (1L << labels.length) - 1;
        ContractionOrder.Cost cost =
                (left, right, kept) -> {
                    long tensors = left.tensors() | right.tensors();
                    if (tensors != all && ContractionOrder.size(sizes, kept) > limit) {
                        return Double.POSITIVE_INFINITY;
                    }
                    double times = Einsum.varies(tensors, varying) ? runs : 1;
                    return times * ContractionOrder.size(sizes, left.labels() | right.labels());
                };
        return new ContractionOrder(labels, Einsum.bits(output), sizes, EXACT, cost).best();
    }

    /** The label that, sliced as well, makes the largest intermediate the smallest. */
    int nextSliced(int[] all, int... sliced) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int label : all) {
            if (Arrays.stream(sliced).noneMatch(other -> other == label)) {
                double[] sizes = sizes(Tensor.join(sliced, new int[] {label}));
                double peak = peak(sizes, best(sizes, Double.POSITIVE_INFINITY, -1), true);
                if (peak < least) {
                    least = peak;
                    best = label;
                }
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException(
                    "An intermediate has at least 1 entry; the limit is below 1");
        }
        return best;
    }

    private static double peak(double[] sizes, ContractionTree tree, boolean isRoot) {
        if (tree.isLeaf()) {
            return 0;
        }
        double below = Math.max(peak(sizes, tree.left(), false), peak(sizes, tree.right(), false));
        return isRoot ? below : Math.max(below, ContractionOrder.size(sizes, tree.labels()));
    }
}
