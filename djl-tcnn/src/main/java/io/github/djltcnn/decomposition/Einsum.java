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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The contraction of several tensors to given output labels, planned once and run often.
 *
 * <pre>out[labels of output] = sum over all other labels of the product of the tensors</pre>
 *
 * Tensors are multiplied in pairs, in the order of least multiply-adds ({@link EinsumSearch}), each
 * pair as a batch of matrix products. Where an intermediate would be larger than allowed, one or
 * two labels are fixed at each of their indices in turn (slicing), so that memory stays bounded.
 */
final class Einsum {

    private static final IdentityHashMap<EinsumSearch.Node, Tensor> NOTHING =
            new IdentityHashMap<>();

    private final int[] dims;
    private final int[] output;
    private final int[] sliced;
    private final EinsumSearch.Node root;
    private final double macs;
    private final int changing;

    private Einsum(
            int[] dims,
            int[] output,
            int[] sliced,
            EinsumSearch search,
            int changing,
            double macs) {
        this.dims = dims;
        this.output = output;
        this.sliced = sliced;
        this.root = search.tree();
        this.changing = changing;
        this.macs = macs;
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
        return plan(inputs, dims, output, limit, -1, 1);
    }

    /**
     * Plans a contraction that runs several times with one tensor changed.
     *
     * @param inputs the labels of each tensor; at most 64 different labels, below 64
     * @param dims the size of every label
     * @param output the labels of the result
     * @param limit the largest number of entries of an intermediate, the result aside
     * @param variable the number of the tensor that changes, -1 for none
     * @param runs the number of runs
     * @return the plan, to be used by {@link #prepare}
     */
    static Einsum plan(
            List<int[]> inputs, int[] dims, int[] output, double limit, int variable, double runs) {
        Einsum best = attempt(inputs, dims, output, limit, variable, runs);
        if (best.macs < Double.POSITIVE_INFINITY) {
            return best;
        }
        int[] all = inputs.stream().flatMapToInt(Arrays::stream).distinct().sorted().toArray();
        for (int a : all) {
            best = better(best, attempt(inputs, dims, output, limit, variable, runs, a));
        }
        for (int n = 0; n < all.length && Double.isInfinite(best.macs); n++) {
            for (int m = n + 1; m < all.length; m++) {
                best =
                        better(
                                best,
                                attempt(
                                        inputs, dims, output, limit, variable, runs, all[n],
                                        all[m]));
            }
        }
        if (Double.isInfinite(best.macs)) {
            return attempt(inputs, dims, output, Double.POSITIVE_INFINITY, variable, runs);
        }
        return best;
    }

    private static Einsum better(Einsum a, Einsum b) {
        return b.macs < a.macs ? b : a;
    }

    private static Einsum attempt(
            List<int[]> inputs,
            int[] dims,
            int[] output,
            double limit,
            int variable,
            double runs,
            int... sliced) {
        int[] reduced = dims.clone();
        double slices = 1;
        for (int label : sliced) {
            slices *= dims[label];
            reduced[label] = 1;
        }
        // With slices nothing is kept from run to run.
        boolean keeps = sliced.length == 0;
        EinsumSearch search =
                new EinsumSearch(inputs, reduced, output, limit, keeps ? variable : -1, runs);
        search.run();
        double macs = search.cost() * (keeps ? 1 : slices * runs);
        return new Einsum(dims, output, sliced, search, variable, macs);
    }

    /** The multiply-adds of all runs that were planned for, one unless said otherwise. */
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
            return evaluate(root, tensors, NOTHING).permute(output);
        }
        int[] outDims = Arrays.stream(output).map(label -> dims[label]).toArray();
        double[] sum = new double[Tensor.product(outDims)];
        slice(0, tensors, new int[sliced.length], sum);
        return new Tensor(output, outDims, sum);
    }

    /**
     * Multiplies what does not depend on the tensor that changes.
     *
     * @param tensors the tensors; the one that changes is not looked at
     * @return gives the result for each such tensor
     */
    UnaryOperator<Tensor> prepare(List<Tensor> tensors) {
        if (sliced.length > 0) {
            return variable -> {
                List<Tensor> all = new ArrayList<>(tensors);
                all.set(changing, variable);
                return run(all);
            };
        }
        IdentityHashMap<EinsumSearch.Node, Tensor> fixed = new IdentityHashMap<>();
        fix(root, tensors, fixed);
        return variable -> {
            List<Tensor> all = new ArrayList<>(tensors);
            all.set(changing, variable);
            return evaluate(root, all, fixed).permute(output);
        };
    }

    /** Runs the largest parts of the tree without the tensor that changes. */
    private static void fix(
            EinsumSearch.Node node,
            List<Tensor> tensors,
            IdentityHashMap<EinsumSearch.Node, Tensor> fixed) {
        if (!node.varies()) {
            fixed.put(node, evaluate(node, tensors, NOTHING));
        } else if (node.left() != null) {
            fix(node.left(), tensors, fixed);
            fix(node.right(), tensors, fixed);
        }
    }

    private static Tensor evaluate(
            EinsumSearch.Node node,
            List<Tensor> tensors,
            IdentityHashMap<EinsumSearch.Node, Tensor> fixed) {
        Tensor known = fixed.get(node);
        if (known != null) {
            return known;
        }
        if (node.left() == null) {
            Tensor tensor = tensors.get(node.input());
            int[] gone =
                    Arrays.stream(tensor.labels())
                            .filter(label -> (node.kept() >> label & 1) == 0)
                            .toArray();
            return tensor.sum(gone);
        }
        return multiply(
                evaluate(node.left(), tensors, fixed),
                evaluate(node.right(), tensors, fixed),
                node.kept());
    }

    private void slice(int depth, List<Tensor> tensors, int[] index, double[] sum) {
        if (depth == sliced.length) {
            int[] left = Arrays.stream(output).filter(label -> !isSliced(label)).toArray();
            add(evaluate(root, tensors, NOTHING).permute(left), index, sum);
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
}
