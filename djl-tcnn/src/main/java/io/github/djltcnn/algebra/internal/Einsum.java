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
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The contraction of several tensors to given output labels, planned once and run often.
 *
 * <pre>out[labels of output] = sum over all other labels of the product of the tensors</pre>
 *
 * Tensors are multiplied in pairs, in the order of least multiply-adds ({@link ContractionOrder}),
 * each pair as a batch of matrix products. Where an intermediate would be larger than allowed, some
 * labels are fixed at each of their indices in turn (slicing), so that memory stays bounded. Every
 * slice reads its part of the tensors and is added to the output: this counts as well, so that
 * labels are sliced whose slices are few.
 */
public final class Einsum {

    private static final IdentityHashMap<ContractionTree, Tensor> NOTHING = new IdentityHashMap<>();

    private final int[] dims;
    private final int[] output;
    private final int[] sliced;
    private final ContractionTree root;
    private final double operations;
    private final int changing;

    /**
     * Creates a plan; {@link EinsumPlanner} finds it.
     *
     * @param dims the size of every label
     * @param output the labels of the result
     * @param sliced the labels fixed in turn
     * @param root the order of products
     * @param changing the number of the tensor that changes from run to run, -1 for none
     * @param operations the cost of all runs
     */
    Einsum(
            int[] dims,
            int[] output,
            int[] sliced,
            ContractionTree root,
            int changing,
            double operations) {
        this.dims = dims;
        this.output = output;
        this.sliced = sliced;
        this.root = root;
        this.changing = changing;
        this.operations = operations;
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
    public static Einsum plan(List<int[]> inputs, int[] dims, int[] output, double limit) {
        return plan(inputs, dims, output, limit, -1, 1);
    }

    /**
     * Plans a contraction that runs several times with one tensor changed.
     *
     * @param inputs the labels of each tensor; at most 64 different labels, below 64
     * @param dims the size of every label
     * @param output the labels of the result
     * @param limit the largest number of entries of an intermediate, the result aside; at least 1
     * @param variable the number of the tensor that changes, -1 for none
     * @param runs the number of runs
     * @return the plan, to be used by {@link #prepare}
     */
    public static Einsum plan(
            List<int[]> inputs, int[] dims, int[] output, double limit, int variable, double runs) {
        return new EinsumPlanner(inputs, dims, output, variable, runs).plan(limit);
    }

    /** A bit for each label. */
    static long bits(int... labels) {
        long bits = 0;
        for (int label : labels) {
            bits |= 1L << label;
        }
        return bits;
    }

    /** Whether the tensor that changes is among some. */
    static boolean varies(long tensors, int variable) {
        return variable >= 0 && (tensors >> variable & 1) == 1;
    }

    /**
     * Returns the cost of all runs that were planned for, one unless said otherwise.
     *
     * @return multiply-adds, and with slices the entries that they copy and add
     */
    public double operations() {
        return operations;
    }

    /**
     * Returns how many slices a run has.
     *
     * @return 1 if nothing is sliced
     */
    public double slices() {
        double slices = 1;
        for (int label : sliced) {
            slices *= dims[label];
        }
        return slices;
    }

    /**
     * Contracts tensors.
     *
     * @param tensors the tensors, with the labels of the plan in any order of axes
     * @return the result on the heap, its axes in the order of the output labels
     */
    public Tensor run(List<Tensor> tensors) {
        try (Workspace space = Workspace.forWork(operations)) {
            return run(tensors, space).toHeap();
        }
    }

    /**
     * Contracts tensors in a given place.
     *
     * @param given the tensors, with the labels of the plan in any order of axes
     * @param space the place
     * @return the result, in that place or on the heap, its axes in the order of the output labels
     */
    public Tensor run(List<Tensor> given, Workspace space) {
        List<Tensor> tensors = new ArrayList<>(given);
        tensors.replaceAll(space::take);
        if (sliced.length == 0) {
            long first = output.length == 0 ? 0 : 1L << output[0];
            return evaluate(root, tensors, NOTHING, first).permute(output);
        }
        int[] outDims = Arrays.stream(output).map(label -> dims[label]).toArray();
        Tensor sum = new Tensor(output, outDims, new double[Tensor.product(outDims)]);
        slice(0, tensors, new int[sliced.length], sum);
        return sum;
    }

    /**
     * Multiplies what does not depend on the tensor that changes.
     *
     * @param given the tensors; the one that changes is not looked at
     * @param space where to
     * @return gives the result, on the heap, for each such tensor, while the place is open
     */
    public UnaryOperator<Tensor> prepare(List<Tensor> given, Workspace space) {
        List<Tensor> tensors = new ArrayList<>(given);
        tensors.set(changing, null);
        tensors.replaceAll(tensor -> tensor == null ? null : space.take(tensor));
        if (sliced.length > 0) {
            return variable -> {
                List<Tensor> all = new ArrayList<>(tensors);
                all.set(changing, variable);
                return run(all, space);
            };
        }
        IdentityHashMap<ContractionTree, Tensor> fixed = new IdentityHashMap<>();
        fix(root, tensors, fixed);
        return variable -> {
            List<Tensor> all = new ArrayList<>(tensors);
            Tensor taken = space.take(variable);
            all.set(changing, taken);
            Tensor result = evaluate(root, all, fixed, 0);
            Tensor read = result.permute(output).toHeap();
            if (taken != variable) {
                taken.close();
            }
            if (result != taken) {
                result.close();
            }
            return read;
        };
    }

    /** Runs the largest parts of the tree without the tensor that changes. */
    private void fix(
            ContractionTree node,
            List<Tensor> tensors,
            IdentityHashMap<ContractionTree, Tensor> fixed) {
        if (!varies(node.tensors(), changing)) {
            fixed.put(node, evaluate(node, tensors, NOTHING, 0));
        } else if (!node.isLeaf()) {
            fix(node.left(), tensors, fixed);
            fix(node.right(), tensors, fixed);
        }
    }

    /**
     * Contracts a part of the tree.
     *
     * @param first labels that the product has best in front: a batch of what comes next
     */
    private static Tensor evaluate(
            ContractionTree node,
            List<Tensor> tensors,
            IdentityHashMap<ContractionTree, Tensor> fixed,
            long first) {
        Tensor known = fixed.get(node);
        if (known != null) {
            return known;
        }
        if (node.isLeaf()) {
            Tensor tensor = tensors.get(node.tensor());
            int[] gone =
                    Arrays.stream(tensor.labels())
                            .filter(label -> (node.labels() >> label & 1) == 0)
                            .toArray();
            return tensor.sum(gone);
        }
        long batch = node.left().labels() & node.right().labels() & node.labels();
        Tensor left = evaluate(node.left(), tensors, fixed, batch);
        Tensor right = evaluate(node.right(), tensors, fixed, batch);
        boolean swap =
                left.isNative()
                        && (first & bits(left.labels())) == 0
                        && (first & bits(right.labels())) != 0;
        Tensor product =
                swap ? multiply(right, left, node.labels()) : multiply(left, right, node.labels());
        free(node.left(), left, fixed);
        free(node.right(), right, fixed);
        return product;
    }

    /** Frees what a product was made of, unless it is given or fixed. */
    private static void free(
            ContractionTree node, Tensor tensor, IdentityHashMap<ContractionTree, Tensor> fixed) {
        if (!node.isLeaf() && !fixed.containsKey(node)) {
            tensor.close();
        }
    }

    private void slice(int depth, List<Tensor> tensors, int[] index, Tensor sum) {
        if (depth == sliced.length) {
            int[] left = sum.without(sliced);
            Tensor result = evaluate(root, tensors, NOTHING, 0);
            sum.addAt(sliced, index, result.permute(left).toHeap());
            if (!root.isLeaf()) {
                result.close();
            }
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

    /**
     * Multiplies two tensors in one place.
     *
     * @param a the first
     * @param b the second
     * @param kept the labels of the product, a bit for each; labels of only one tensor are among
     *     them, the others are summed over
     * @return the product, its axes in any order; native if both are
     */
    public static Tensor multiply(Tensor a, Tensor b, long kept) {
        if (a.isNative()) {
            // In the order of the larger one, which is then less often copied.
            boolean smaller = a.size(a.labels()) < b.size(b.labels());
            return smaller
                    ? NativeProducts.multiply(
                            a, b, shared(b, a, kept, true), shared(b, a, kept, false))
                    : NativeProducts.multiply(
                            a, b, shared(a, b, kept, true), shared(a, b, kept, false));
        }
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
