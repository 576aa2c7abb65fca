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
import java.util.Arrays;
import java.util.List;

/**
 * The contraction of several tensors to given output labels, planned once and run often.
 *
 * <pre>out[labels of output] = sum over all other labels of the product of the tensors</pre>
 *
 * Tensors are multiplied in pairs, in the order of least multiply-adds (exact for up to {@value
 * #EXACT} tensors, greedy beyond), each pair as a batch of matrix products. Where an intermediate
 * would be larger than allowed, one or two labels are fixed at each of their indices in turn
 * (slicing), so that memory stays bounded.
 */
final class Einsum {

    private static final int EXACT = 10;

    private final int[] dims;
    private final int[] output;
    private final int[] sliced;
    private final Node root;
    private final double macs;

    /** A tensor of the contraction tree: an input (no children) or a product of two. */
    private record Node(int input, Node left, Node right, long kept) {}

    private Einsum(int[] dims, int[] output, int[] sliced, Search search) {
        this.dims = dims;
        this.output = output;
        this.sliced = sliced;
        this.root = search.tree();
        this.macs = search.cost;
    }

    /**
     * Plans a contraction.
     *
     * @param inputs the labels of each tensor; at most 64 different labels, below 64
     * @param dims the size of every label
     * @param output the labels of the result
     * @param limit the largest number of entries of an intermediate, the result aside
     * @return the plan
     */
    static Einsum plan(List<int[]> inputs, int[] dims, int[] output, double limit) {
        Einsum best = attempt(inputs, dims, output, limit);
        if (best.macs < Double.POSITIVE_INFINITY) {
            return best;
        }
        int[] all = inputs.stream().flatMapToInt(Arrays::stream).distinct().sorted().toArray();
        for (int a : all) {
            best = better(best, attempt(inputs, dims, output, limit, a));
        }
        for (int n = 0; n < all.length && Double.isInfinite(best.macs); n++) {
            for (int m = n + 1; m < all.length; m++) {
                best = better(best, attempt(inputs, dims, output, limit, all[n], all[m]));
            }
        }
        if (Double.isInfinite(best.macs)) {
            return attempt(inputs, dims, output, Double.POSITIVE_INFINITY);
        }
        return best;
    }

    private static Einsum better(Einsum a, Einsum b) {
        return b.macs < a.macs ? b : a;
    }

    private static Einsum attempt(
            List<int[]> inputs, int[] dims, int[] output, double limit, int... sliced) {
        int[] reduced = dims.clone();
        double slices = 1;
        for (int label : sliced) {
            slices *= dims[label];
            reduced[label] = 1;
        }
        Search search = new Search(inputs, reduced, output, limit);
        search.run();
        search.cost *= slices;
        return new Einsum(dims, output, sliced, search);
    }

    /** The multiply-adds of one run. */
    double macs() {
        return macs;
    }

    /**
     * Contracts tensors.
     *
     * @param tensors the tensors, with the labels of the plan in any order of axes
     * @return the result, its axes in the order of the output labels
     */
    Tensor run(List<Tensor> tensors) {
        if (sliced.length == 0) {
            return run(root, tensors).permute(output);
        }
        int[] outDims = Arrays.stream(output).map(label -> dims[label]).toArray();
        double[] sum = new double[Tensor.product(outDims)];
        slice(0, tensors, new int[sliced.length], sum);
        return new Tensor(output, outDims, sum);
    }

    private Tensor run(Node node, List<Tensor> tensors) {
        if (node.left == null) {
            Tensor tensor = tensors.get(node.input);
            int[] gone =
                    Arrays.stream(tensor.labels())
                            .filter(label -> (node.kept >> label & 1) == 0)
                            .toArray();
            return tensor.sum(gone);
        }
        return multiply(run(node.left, tensors), run(node.right, tensors), node.kept);
    }

    private void slice(int depth, List<Tensor> tensors, int[] index, double[] sum) {
        if (depth == sliced.length) {
            int[] left = Arrays.stream(output).filter(label -> !isSliced(label)).toArray();
            add(run(root, tensors).permute(left), index, sum);
            return;
        }
        int label = sliced[depth];
        for (int i = 0; i < dims[label]; i++) {
            index[depth] = i;
            List<Tensor> parts = new ArrayList<>();
            for (Tensor tensor : tensors) {
                parts.add(tensor.axis(label) < 0 ? tensor : tensor.slice(label, i));
            }
            slice(depth + 1, parts, index, sum);
        }
    }

    private boolean isSliced(int label) {
        return Arrays.stream(sliced).anyMatch(other -> other == label);
    }

    /** Adds the result of one slice at its place. */
    private void add(Tensor part, int[] index, double[] sum) {
        int n = output.length;
        int[] at = new int[n];
        for (double value : part.data()) {
            int offset = 0;
            for (int axis = 0; axis < n; axis++) {
                int fixed = at[axis];
                for (int s = 0; s < sliced.length; s++) {
                    fixed = sliced[s] == output[axis] ? index[s] : fixed;
                }
                offset = offset * dims[output[axis]] + fixed;
            }
            sum[offset] += value;
            for (int axis = n - 1; axis >= 0; axis--) {
                if (isSliced(output[axis])) {
                    continue;
                }
                if (++at[axis] < dims[output[axis]]) {
                    break;
                }
                at[axis] = 0;
            }
        }
    }

    /** Multiplies two tensors and sums over the labels that are not kept, all of them in both. */
    static Tensor multiply(Tensor a, Tensor b, long kept) {
        int[] batch = shared(a, b, kept, true);
        int[] summed = shared(a, b, kept, false);
        int[] freeA = a.without(b.labels());
        int[] freeB = b.without(a.labels());
        int batches = a.size(batch);
        int m = a.size(freeA);
        int k = a.size(summed);
        int n = b.size(freeB);
        // The longer free side goes where the inner loop runs.
        if (m > n && n < 16 && batches == 1) {
            return multiply(b, a, kept);
        }
        double[] left = a.permute(Tensor.join(batch, freeA, summed)).data();
        double[] right = b.permute(Tensor.join(batch, summed, freeB)).data();
        double[] out = new double[Math.multiplyExact(Math.multiplyExact(batches, m), n)];
        for (int i = 0; i < batches; i++) {
            Matrices.multiplyAdd(left, i * m * k, right, i * k * n, out, i * m * n, m, k, n);
        }
        int[] labels = Tensor.join(batch, freeA, freeB);
        int[] dims =
                Arrays.stream(labels)
                        .map(label -> a.axis(label) >= 0 ? a.dim(label) : b.dim(label))
                        .toArray();
        return new Tensor(labels, dims, out);
    }

    private static int[] shared(Tensor a, Tensor b, long kept, boolean isKept) {
        return Arrays.stream(a.labels())
                .filter(label -> b.axis(label) >= 0 && (kept >> label & 1) == (isKept ? 1 : 0))
                .toArray();
    }

    /** The search for the cheapest tree. */
    private static final class Search {

        private final int[] dims;
        private final double limit;
        private final int n;
        private final long[] labels;
        private final long output;
        private double cost;
        private Node tree;

        Search(List<int[]> inputs, int[] dims, int[] output, double limit) {
            this.dims = dims;
            this.limit = limit;
            this.n = inputs.size();
            this.labels = inputs.stream().mapToLong(Search::bits).toArray();
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
                // Each pair of parts once: the part with the lowest tensor is the left one.
                for (int part = (set - 1) & set; part > 0; part = (part - 1) & set) {
                    int rest = set & ~part;
                    if ((part & lowest) == 0 || costs[part] + costs[rest] >= costs[set]) {
                        continue;
                    }
                    double c = costs[part] + costs[rest] + size(kept[part] | kept[rest]);
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
                return new Node(Integer.numberOfTrailingZeros(set), null, null, kept[set]);
            }
            Node left = build(split[set], kept, split);
            Node right = build(set & ~split[set], kept, split);
            return new Node(-1, left, right, kept[set]);
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
                open.add(new Node(t, null, null, labels[t] & others));
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
                cost += size(left.kept | right.kept);
                if (open.size() > 2 && size(kept) > limit) {
                    cost = Double.POSITIVE_INFINITY;
                }
                open.remove(left);
                open.remove(right);
                open.add(new Node(-1, left, right, kept));
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
}
