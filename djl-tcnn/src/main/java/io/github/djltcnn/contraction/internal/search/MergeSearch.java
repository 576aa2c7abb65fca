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

import io.github.djltcnn.algebra.internal.ContractionOrder;
import io.github.djltcnn.algebra.internal.ContractionTree;
import java.util.List;

/**
 * The cheapest pairwise contraction of every subset of the cores, by a {@link ContractionOrder}.
 */
public final class MergeSearch {

    /** So many cores are searched exactly; with the input they are 12 tensors. */
    static final int MAX_EXACT_CORES = 11;

    private final List<ContractionTree> leaves;
    private final ContractionTree[] best;

    /** Searches the contractions of all subsets of the cores. */
    public MergeSearch(ModeTable table, MergeCost cost) {
        ContractionOrder order =
                new ContractionOrder(
                        table.coreModes(),
                        table.openModes(),
                        table.modeSizes(),
                        MAX_EXACT_CORES,
                        (left, right, modes) -> cost.of(table, left.tensors(), right.tensors()));
        leaves = order.leaves();
        best = order.subsets(leaves);
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
        return subset == 0 ? 0 : best[subset].tensors();
    }

    /** The cheapest contraction of a set of leaves. */
    ContractionTree best(int subset) {
        return best[subset];
    }

    /** The cheapest contraction of all cores. */
    public ContractionTree best() {
        return best[best.length - 1];
    }
}
