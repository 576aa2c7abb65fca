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
package io.github.djltcnn.contraction;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The cheapest way of the input through the cores: which tensors made of cores it passes, one after
 * another. Dynamic programming over the sets of cores already passed; passing all of them at once,
 * merged to the dense kernel, is one of the ways.
 */
final class PathSearch {

    private final ModeTable table;
    private final MergeSearch merges;
    private final PassCost cost;

    PathSearch(ModeTable table, MergeSearch merges, PassCost cost) {
        this.table = table;
        this.merges = merges;
        this.cost = cost;
    }

    /** What it costs to pass one tensor. */
    @FunctionalInterface
    interface PassCost {

        /** The cost of passing a tensor made of {@code next} after the cores {@code passed}. */
        double of(long passed, long next);
    }

    /** The tensors of the cheapest way, in order. */
    List<Merge> best() {
        int all = (1 << merges.numLeaves()) - 1;
        double[] least = new double[all + 1];
        int[] last = new int[all + 1];
        for (int set = 1; set <= all; set++) {
            least[set] = Double.POSITIVE_INFINITY;
            for (int next = set; next != 0; next = (next - 1) & set) {
                double before = least[set ^ next];
                if (before >= least[set] || !table.ownsItsKernelModes(merges.cores(next))) {
                    continue;
                }
                double total =
                        before
                                + merges.best(next).cost()
                                + cost.of(merges.cores(set ^ next), merges.cores(next));
                if (total < least[set]) {
                    least[set] = total;
                    last[set] = next;
                }
            }
        }
        Deque<Merge> path = new ArrayDeque<>();
        for (int set = all; set != 0; set ^= last[set]) {
            path.addFirst(merges.best(last[set]));
        }
        return new ArrayList<>(path);
    }
}
