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
package io.github.djltcnn.contraction.internal.search;

import java.util.ArrayList;
import java.util.List;

/**
 * The cheapest pairwise contraction of every subset of the cores, by dynamic programming over
 * subsets.
 *
 * <p>The search is exact up to {@link #EXACT} cores. Past that, cores are first merged greedily,
 * the pair whose result grows least first, until so many tensors are left; these are then ordered
 * exactly, and every greedy cluster is ordered anew by the same exact search within itself.
 */
public final class MergeSearch {

    /** So many cores are searched exactly; with the input they are 12 tensors. */
    static final int MAX_EXACT_CORES = 11;

    private final ModeTable table;
    private final MergeCost cost;
    private final List<Merge> leaves;
    private final Merge[] best;
    private final long[] cores;

    /** Searches the contractions of all subsets of the cores. */
    public MergeSearch(ModeTable table, MergeCost cost) {
        this(table, cost, clusters(table, cost));
    }

    private MergeSearch(ModeTable table, MergeCost cost, List<Merge> leaves) {
        this.table = table;
        this.cost = cost;
        this.leaves = leaves;
        best = new Merge[1 << leaves.size()];
        cores = new long[best.length];
        search();
    }

    /** What it costs to merge two tensors. */
    @FunctionalInterface
    public interface MergeCost {

        /** The cost of merging the tensors that two disjoint sets of cores contract to. */
        double of(ModeTable table, long left, long right);
    }

    /** Multiply-adds of one merge: the product of the sizes of all modes on either operand. */
    public static double macs(ModeTable table, long left, long right) {
        return table.size(table.keptByCores(left) | table.keptByCores(right));
    }

    /** The number of tensors the search combines: cores, or clusters of them. */
    int numLeaves() {
        return leaves.size();
    }

    /** The cores below a set of leaves. */
    long cores(int subset) {
        return cores[subset];
    }

    /** The cheapest contraction of a set of leaves. */
    Merge best(int subset) {
        return best[subset];
    }

    /** The cheapest contraction of all cores. */
    public Merge best() {
        return best[best.length - 1];
    }

    private void search() {
        for (int subset = 1; subset < best.length; subset++) {
            int lowest = Integer.lowestOneBit(subset);
            cores[subset] =
                    cores[subset ^ lowest]
                            | leaves.get(Integer.numberOfTrailingZeros(lowest)).cores();
            if (subset == lowest) {
                best[subset] = leaves.get(Integer.numberOfTrailingZeros(lowest));
                continue;
            }
            // Every split once: the lowest leaf stays on the left.
            int rest = subset ^ lowest;
            Merge least = null;
            for (int right = rest; right != 0; right = (right - 1) & rest) {
                Merge l = best[subset ^ right];
                Merge r = best[right];
                double below = l.cost() + r.cost();
                if (least != null && below >= least.cost()) {
                    continue;
                }
                double total = below + cost.of(table, l.cores(), r.cores());
                if (least == null || total < least.cost()) {
                    least = new Merge(cores[subset], l, r, total);
                }
            }
            best[subset] = least;
        }
    }

    private static List<Merge> clusters(ModeTable table, MergeCost cost) {
        List<Merge> trees = new ArrayList<>();
        for (int core = 0; core < table.numCores(); core++) {
            trees.add(Merge.leaf(core));
        }
        while (trees.size() > MAX_EXACT_CORES) {
            mergeCheapestPair(table, cost, trees);
        }
        trees.replaceAll(tree -> refine(table, cost, tree));
        return List.copyOf(trees);
    }

    private static void mergeCheapestPair(ModeTable table, MergeCost cost, List<Merge> trees) {
        int left = 0;
        int right = 1;
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < trees.size(); a++) {
            for (int b = a + 1; b < trees.size(); b++) {
                double growth = growth(table, trees.get(a).cores(), trees.get(b).cores());
                if (growth < least) {
                    least = growth;
                    left = a;
                    right = b;
                }
            }
        }
        Merge r = trees.remove(right);
        Merge l = trees.get(left);
        trees.set(left, merge(table, cost, l, r));
    }

    private static Merge merge(ModeTable table, MergeCost cost, Merge l, Merge r) {
        double step = cost.of(table, l.cores(), r.cores());
        return new Merge(l.cores() | r.cores(), l, r, l.cost() + r.cost() + step);
    }

    private static double growth(ModeTable table, long left, long right) {
        double before = table.size(table.keptByCores(left)) + table.size(table.keptByCores(right));
        return table.size(table.keptByCores(left | right)) - before;
    }

    private static Merge refine(ModeTable table, MergeCost cost, Merge tree) {
        List<Merge> parts = new ArrayList<>();
        flatten(tree, parts);
        if (parts.size() < 3 || parts.size() > MAX_EXACT_CORES) {
            return tree;
        }
        Merge exact = new MergeSearch(table, cost, parts).best();
        return exact.cost() < tree.cost() ? exact : tree;
    }

    private static void flatten(Merge tree, List<Merge> parts) {
        if (tree.isLeaf()) {
            parts.add(tree);
        } else {
            flatten(tree.left(), parts);
            flatten(tree.right(), parts);
        }
    }
}
