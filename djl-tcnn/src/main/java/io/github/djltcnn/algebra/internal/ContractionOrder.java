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
import java.util.List;

/**
 * The search for the cheapest order in which to multiply labelled tensors, pair by pair.
 *
 * <p>Up to a number of tensors the search is exact: dynamic programming over all subsets, from the
 * cheapest contraction of each part. With more tensors, pairs are merged greedily, the pair whose
 * product grows least first, until so many are left; these are ordered exactly, and every greedy
 * cluster is ordered anew by the same exact search within itself.
 *
 * <p>What a step costs is told by a {@link Cost}. Sets of tensors and of labels are the bits of a
 * long, so there are at most 63 tensors and 64 labels.
 */
public final class ContractionOrder {

    /** The most tensors for which all subsets are searched: the work grows as 3 to their number. */
    private static final int MOST_EXACT = 20;

    private final long[] inputs;
    private final long open;
    private final double[] sizes;
    private final int exact;
    private final Cost cost;

    /**
     * Prepares a search.
     *
     * @param inputs the labels of every tensor
     * @param open the labels of the result; all others are summed over
     * @param sizes the size of every label
     * @param exact the largest number of tensors that are ordered exactly, 2 to 20
     * @param cost the cost of a step
     */
    public ContractionOrder(long[] inputs, long open, double[] sizes, int exact, Cost cost) {
        if (inputs.length == 0 || inputs.length >= Long.SIZE || sizes.length > Long.SIZE) {
            throw new IllegalArgumentException(
                    "A contraction takes 1 to 63 tensors and at most 64 labels, got "
                            + inputs.length
                            + " and "
                            + sizes.length);
        }
        if (exact < 2 || exact > MOST_EXACT) {
            throw new IllegalArgumentException(
                    "2 to " + MOST_EXACT + " tensors are ordered exactly, got " + exact);
        }
        this.inputs = inputs.clone();
        this.open = open;
        this.sizes = sizes.clone();
        this.exact = exact;
        this.cost = cost;
    }

    /** The cost of one step of a contraction. */
    @FunctionalInterface
    public interface Cost {

        /**
         * Returns the cost of a step.
         *
         * @param left the first factor
         * @param right the second factor
         * @param labels the labels that their product has
         * @return the cost, at least 0; infinite for a step that is not allowed
         */
        double of(ContractionTree left, ContractionTree right, long labels);
    }

    /**
     * Orders all tensors.
     *
     * @return the cheapest tree; its cost is infinite if every order has a step that is not allowed
     */
    public ContractionTree best() {
        List<ContractionTree> leaves = leaves();
        ContractionTree[] subsets = subsets(leaves);
        return subsets[subsets.length - 1];
    }

    /**
     * Returns what the exact search begins with: single tensors, or clusters of them.
     *
     * @return at most as many trees as are ordered exactly
     */
    public List<ContractionTree> leaves() {
        List<ContractionTree> trees = new ArrayList<>();
        for (int tensor = 0; tensor < inputs.length; tensor++) {
            long bit = 1L << tensor;
            trees.add(new ContractionTree(bit, kept(bit), null, null, 0));
        }
        if (trees.size() <= exact) {
            return trees;
        }
        while (trees.size() > exact) {
            mergeCheapestPair(trees);
        }
        trees.replaceAll(this::refine);
        return trees;
    }

    /**
     * Finds the cheapest contraction of every subset of leaves.
     *
     * @param leaves the trees to combine
     * @return the trees; the set bits of an index name the leaves below. Index 0 is null
     */
    public ContractionTree[] subsets(List<ContractionTree> leaves) {
        ContractionTree[] best = new ContractionTree[1 << leaves.size()];
        for (int subset = 1; subset < best.length; subset++) {
            int lowest = Integer.lowestOneBit(subset);
            if (subset == lowest) {
                best[subset] = leaves.get(Integer.numberOfTrailingZeros(lowest));
                continue;
            }
            // Every split once: the lowest leaf stays on the left.
            int rest = subset ^ lowest;
            long tensors = best[rest].tensors() | best[lowest].tensors();
            long labels = kept(tensors);
            double least = Double.POSITIVE_INFINITY;
            ContractionTree left = best[lowest];
            ContractionTree right = best[rest];
            for (int part = rest; part != 0; part = (part - 1) & rest) {
                ContractionTree l = best[subset ^ part];
                ContractionTree r = best[part];
                double below = l.cost() + r.cost();
                if (below >= least) {
                    continue;
                }
                double total = below + cost.of(l, r, labels);
                if (total < least) {
                    least = total;
                    left = l;
                    right = r;
                }
            }
            best[subset] = new ContractionTree(tensors, labels, left, right, least);
        }
        return best;
    }

    /**
     * Returns the labels of the product of some tensors: of theirs, those of the result and of any
     * other tensor.
     *
     * @param tensors the tensors
     * @return the labels
     */
    public long kept(long tensors) {
        long union = 0;
        long others = open;
        for (int tensor = 0; tensor < inputs.length; tensor++) {
            if ((tensors >> tensor & 1) == 1) {
                union |= inputs[tensor];
            } else {
                others |= inputs[tensor];
            }
        }
        return union & others;
    }

    /**
     * Returns the number of indices of some labels.
     *
     * @param sizes the size of every label
     * @param labels the labels
     * @return the product of their sizes
     */
    public static double size(double[] sizes, long labels) {
        double size = 1;
        for (long rest = labels; rest != 0; rest &= rest - 1) {
            size *= sizes[Long.numberOfTrailingZeros(rest)];
        }
        return size;
    }

    private double size(long labels) {
        return size(sizes, labels);
    }

    private void mergeCheapestPair(List<ContractionTree> trees) {
        int left = 0;
        int right = 1;
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < trees.size(); a++) {
            for (int b = a + 1; b < trees.size(); b++) {
                double growth = growth(trees.get(a), trees.get(b));
                if (growth < least) {
                    least = growth;
                    left = a;
                    right = b;
                }
            }
        }
        ContractionTree r = trees.remove(right);
        trees.set(left, product(trees.get(left), r));
    }

    private ContractionTree product(ContractionTree left, ContractionTree right) {
        long tensors = left.tensors() | right.tensors();
        long labels = kept(tensors);
        double total = left.cost() + right.cost() + cost.of(left, right, labels);
        return new ContractionTree(tensors, labels, left, right, total);
    }

    /** How much larger a product is than its factors together. */
    private double growth(ContractionTree left, ContractionTree right) {
        double product = size(kept(left.tensors() | right.tensors()));
        return product - (size(left.labels()) + size(right.labels()));
    }

    private ContractionTree refine(ContractionTree tree) {
        List<ContractionTree> parts = new ArrayList<>();
        flatten(tree, parts);
        if (parts.size() < 3 || parts.size() > exact) {
            return tree;
        }
        ContractionTree[] subsets = subsets(parts);
        ContractionTree best = subsets[subsets.length - 1];
        return best.cost() < tree.cost() ? best : tree;
    }

    private static void flatten(ContractionTree tree, List<ContractionTree> parts) {
        if (tree.isLeaf()) {
            parts.add(tree);
        } else {
            flatten(tree.left(), parts);
            flatten(tree.right(), parts);
        }
    }
}
