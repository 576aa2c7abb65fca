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
package io.github.djltcnn.decomposition;

import java.util.ArrayList;
import java.util.List;

/**
 * The search for the cheapest order of a contraction: exact for up to {@value #EXACT} tensors,
 * greedy beyond.
 *
 * <p>One of the tensors may change from run to run while the others stay: what comes without it is
 * multiplied once, what comes with it as often as there are runs.
 */
final class EinsumSearch {

    private static final int EXACT = 10;

    /**
     * A tensor of the tree: an input (no children) or a product of two.
     *
     * @param input the number of the input, -1 for a product
     * @param left the one factor
     * @param right the other
     * @param kept the labels it has, as bits
     * @param varies whether it depends on the tensor that changes
     */
    record Node(int input, Node left, Node right, long kept, boolean varies) {}

    private final int[] dims;
    private final double limit;
    private final int n;
    private final long[] labels;
    private final long output;
    private final int variable;
    private final double runs;
    private double cost;
    private Node tree;

    EinsumSearch(
            List<int[]> inputs, int[] dims, int[] output, double limit, int variable, double runs) {
        this.dims = dims;
        this.variable = variable;
        this.runs = runs;
        this.limit = limit;
        this.n = inputs.size();
        this.labels = inputs.stream().mapToLong(EinsumSearch::bits).toArray();
        this.output = bits(output);
    }

    private static long bits(int... labels) {
        long bits = 0;
        for (int label : labels) {
            bits |= 1L << label;
        }
        return bits;
    }

    Node tree() {
        return tree;
    }

    /** The multiply-adds of all runs. */
    double cost() {
        return cost;
    }

    void run() {
        if (n <= EXACT) {
            exact();
        } else {
            greedy();
        }
    }

    /** The least cost of every subset of tensors from that of its parts. */
    private void exact() {
        int all = (1 << n) - 1;
        long[] kept = new long[all + 1];
        double[] costs = new double[all + 1];
        int[] split = new int[all + 1];
        for (int set = 1; set <= all; set++) {
            kept[set] = union(set) & (output | union(all & ~set));
            boolean single = (set & (set - 1)) == 0;
            if (single || (set != all && size(kept[set]) > limit)) {
                costs[set] = single ? 0 : Double.POSITIVE_INFINITY;
                continue;
            }
            costs[set] = Double.POSITIVE_INFINITY;
            int lowest = set & -set;
            double times = varies(set) ? runs : 1;
            // Each pair of parts once: the part with the lowest tensor is the left one.
            for (int part = (set - 1) & set; part > 0; part = (part - 1) & set) {
                int rest = set & ~part;
                if ((part & lowest) == 0 || costs[part] + costs[rest] >= costs[set]) {
                    continue;
                }
                double c = costs[part] + costs[rest] + times * size(kept[part] | kept[rest]);
                if (c < costs[set]) {
                    costs[set] = c;
                    split[set] = part;
                }
            }
        }
        cost = costs[all];
        tree = Double.isInfinite(cost) ? null : build(all, kept, split);
    }

    private Node build(int set, long[] kept, int[] split) {
        if ((set & (set - 1)) == 0) {
            int input = Integer.numberOfTrailingZeros(set);
            return new Node(input, null, null, kept[set], input == variable);
        }
        Node left = build(split[set], kept, split);
        Node right = build(set & ~split[set], kept, split);
        return new Node(-1, left, right, kept[set], varies(set));
    }

    private boolean varies(int set) {
        return variable >= 0 && (set >> variable & 1) == 1;
    }

    private long union(int set) {
        long union = 0;
        for (int t = 0; t < n; t++) {
            union |= (set >> t & 1) == 1 ? labels[t] : 0;
        }
        return union;
    }

    /** Always the pair whose product is the smallest next to its factors. */
    private void greedy() {
        List<Node> open = new ArrayList<>();
        for (int t = 0; t < n; t++) {
            long others = output;
            for (int s = 0; s < n; s++) {
                others |= s == t ? 0 : labels[s];
            }
            open.add(new Node(t, null, null, labels[t] & others, t == variable));
        }
        while (open.size() > 1) {
            double best = Double.POSITIVE_INFINITY;
            Node left = null;
            Node right = null;
            for (int a = 0; a < open.size(); a++) {
                for (int b = a + 1; b < open.size(); b++) {
                    long x = open.get(a).kept;
                    long y = open.get(b).kept;
                    double gain = size(keptOf(open, a, b)) - size(x) - size(y);
                    if (gain < best) {
                        best = gain;
                        left = open.get(a);
                        right = open.get(b);
                    }
                }
            }
            long kept = keptOf(open, open.indexOf(left), open.indexOf(right));
            boolean varies = left.varies || right.varies;
            cost += (varies ? runs : 1) * size(left.kept | right.kept);
            if (open.size() > 2 && size(kept) > limit) {
                cost = Double.POSITIVE_INFINITY;
            }
            open.remove(left);
            open.remove(right);
            open.add(new Node(-1, left, right, kept, varies));
        }
        tree = open.get(0);
    }

    private long keptOf(List<Node> open, int a, int b) {
        long others = output;
        for (int t = 0; t < open.size(); t++) {
            others |= t == a || t == b ? 0 : open.get(t).kept;
        }
        return (open.get(a).kept | open.get(b).kept) & others;
    }

    private double size(long set) {
        double size = 1;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            size *= dims[Long.numberOfTrailingZeros(rest)];
        }
        return size;
    }
}
