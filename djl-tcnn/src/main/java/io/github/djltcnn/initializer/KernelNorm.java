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

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Frobenius norm of the kernel of a network without building the kernel: two copies of the
 * network, joined in every mode but the ranks, contract to the sum of the squares of its entries.
 */
final class KernelNorm {

    /** The largest intermediate, 512 MB of float64; with larger ones the sum goes in slices. */
    private static final double MAX_ENTRIES = 0x1p26;

    /** Layers of one network have few structures, and ask for each of them again and again. */
    private static final int MOST_PLANS = 256;

    private static final Map<Contraction, Einsum> PLANS =
            Collections.synchronizedMap(
                    new LinkedHashMap<>(MOST_PLANS, 0.75f, true) {
                        private static final long serialVersionUID = 1L;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<Contraction, Einsum> eldest) {
                            return size() > MOST_PLANS;
                        }
                    });

    private final List<Mode> modes = new ArrayList<>();
    private final List<Tensor> cores = new ArrayList<>();

    /**
     * Takes some of the cores.
     *
     * @param entries the entries of all cores
     * @param taken which cores
     */
    KernelNorm(TensorNetwork network, List<double[]> entries, List<Integer> taken) {
        for (Mode mode : network.modes()) {
            boolean used = taken.stream().anyMatch(n -> network.cores().get(n).contains(mode));
            boolean sums = mode.role() != Role.RANK || carriers(network, mode) > 1;
            if (mode.size() > 1 && used && sums) {
                modes.add(mode);
            }
        }
        if (modes.size() > Long.SIZE) {
            throw new IllegalArgumentException(
                    "A network has at most 64 modes of size above 1, \""
                            + network
                            + "\" has "
                            + modes.size());
        }
        for (int n : taken) {
            cores.add(tensor(network.cores().get(n), entries.get(n)));
        }
    }

    /**
     * Returns the squared norm.
     *
     * @param network the network
     * @param cores the entries of its cores, row-major
     * @return the sum of the squares of the kernel's entries
     */
    static double squared(TensorNetwork network, List<double[]> cores) {
        List<Integer> all = VarianceRule.written(network);
        return new KernelNorm(network, cores, all).join(List.of()).data()[0];
    }

    /** Returns the number of terms that one entry of the kernel adds up. */
    static double ranks(TensorNetwork network) {
        double ranks = 1;
        for (Mode mode : network.modes(Role.RANK)) {
            ranks *= (double) mode.size();
        }
        return ranks;
    }

    private static long carriers(TensorNetwork network, Mode mode) {
        return network.cores().stream().filter(core -> core.contains(mode)).count();
    }

    /** A core without its modes of size 1, and summed over ranks that no other core carries. */
    private Tensor tensor(Core core, double[] entries) {
        int[] labels = new int[core.modes().size()];
        int[] sizes = new int[labels.length];
        List<Integer> gone = new ArrayList<>();
        for (int axis = 0; axis < labels.length; axis++) {
            Mode mode = core.modes().get(axis);
            labels[axis] = modes.indexOf(mode);
            sizes[axis] = Math.toIntExact(mode.size());
            if (labels[axis] < 0) {
                labels[axis] = -1 - axis;
                gone.add(labels[axis]);
            }
        }
        int[] some = gone.stream().mapToInt(Integer::intValue).toArray();
        return new Tensor(labels, sizes, entries).sum(some);
    }

    /**
     * Contracts both copies.
     *
     * @param kept modes that are not summed over
     * @return axes: the kept modes that are no ranks; the kept ranks of one copy; those of the
     *     other
     */
    Tensor join(List<Mode> kept) {
        List<Integer> open = new ArrayList<>();
        List<Integer> ranks = new ArrayList<>();
        for (Mode mode : kept) {
            if (modes.contains(mode)) {
                (mode.role() == Role.RANK ? ranks : open).add(modes.indexOf(mode));
            }
        }
        long copied = modes.stream().filter(mode -> mode.role() == Role.RANK).count();
        boolean fits = modes.size() + copied <= Long.SIZE && 2 * cores.size() < Long.SIZE;
        return fits ? ofCopies(open, ranks) : ofPairs(open, ranks);
    }

    /** Contracts both copies, whose ranks have labels of their own. */
    private Tensor ofCopies(List<Integer> open, List<Integer> ranks) {
        int count = modes.size();
        int[] primed = new int[count];
        for (int label = 0; label < primed.length; label++) {
            primed[label] = modes.get(label).role() == Role.RANK ? count++ : label;
        }
        int[] dims = new int[count];
        for (int label = 0; label < primed.length; label++) {
            dims[label] = Math.toIntExact(modes.get(label).size());
            dims[primed[label]] = dims[label];
        }
        List<Tensor> tensors = new ArrayList<>(cores);
        for (Tensor core : cores) {
            tensors.add(core.relabel(relabelled(core, primed)));
        }
        List<Integer> output = new ArrayList<>(open);
        output.addAll(ranks);
        ranks.forEach(label -> output.add(primed[label]));
        return contract(tensors, output.stream().mapToInt(Integer::intValue).toArray(), dims);
    }

    /**
     * Contracts each core with its copy first and takes the two copies of a rank for one mode. For
     * networks of so many ranks that 64 labels do not go round; dearer around a ring.
     */
    private Tensor ofPairs(List<Integer> open, List<Integer> ranks) {
        int[] dims = new int[modes.size()];
        for (int label = 0; label < dims.length; label++) {
            int dim = Math.toIntExact(modes.get(label).size());
            boolean isRank = modes.get(label).role() == Role.RANK;
            dims[label] = isRank ? Math.multiplyExact(dim, dim) : dim;
        }
        List<Tensor> pairs = new ArrayList<>();
        for (Tensor core : cores) {
            pairs.add(pair(core, dims));
        }
        List<Integer> output = new ArrayList<>(open);
        output.addAll(ranks);
        Tensor result =
                contract(pairs, output.stream().mapToInt(Integer::intValue).toArray(), dims);
        // The kept ranks apart again: their copies have the labels from here on.
        int size = open.size() + 2 * ranks.size();
        int[] labels = new int[size];
        int[] sizes = new int[size];
        int[] order = new int[size];
        for (int axis = 0; axis < open.size(); axis++) {
            labels[axis] = axis;
            order[axis] = axis;
            sizes[axis] = dims[open.get(axis)];
        }
        for (int n = 0; n < ranks.size(); n++) {
            int at = open.size() + 2 * n;
            for (int copy = 0; copy < 2; copy++) {
                labels[at + copy] = at + copy;
                sizes[at + copy] = Math.toIntExact(modes.get(ranks.get(n)).size());
                order[open.size() + copy * ranks.size() + n] = at + copy;
            }
        }
        return new Tensor(labels, sizes, result.data()).permute(order);
    }

    private Tensor pair(Tensor core, int... dims) {
        int[] order = Arrays.copyOf(core.labels(), core.labels().length);
        int[] own = new int[order.length];
        int[] copy = new int[order.length];
        int[] both = new int[0];
        long kept = 0;
        int next = order.length;
        for (int axis = 0; axis < order.length; axis++) {
            own[axis] = axis;
            if (modes.get(order[axis]).role() == Role.RANK) {
                copy[axis] = next++;
                both = Tensor.join(both, new int[] {own[axis], copy[axis]});
            } else {
                copy[axis] = axis;
                both = Tensor.join(both, new int[] {axis});
            }
            kept |= 1L << own[axis] | 1L << copy[axis];
        }
        Tensor product = Einsum.multiply(core.relabel(own), core.relabel(copy), kept);
        int[] sizes = Arrays.stream(order).map(label -> dims[label]).toArray();
        return new Tensor(order, sizes, product.permute(both).data());
    }

    private static int[] relabelled(Tensor core, int... labels) {
        return Arrays.stream(core.labels()).map(label -> labels[label]).toArray();
    }

    private static Tensor contract(List<Tensor> tensors, int[] output, int... dims) {
        List<int[]> labels = tensors.stream().map(Tensor::labels).toList();
        Contraction key =
                new Contraction(
                        labels.stream().map(KernelNorm::list).toList(), list(output), list(dims));
        Einsum plan = PLANS.get(key);
        if (plan == null) {
            plan = Einsum.plan(labels, dims, output, MAX_ENTRIES);
            PLANS.put(key, plan);
        }
        return plan.run(tensors);
    }

    private static List<Integer> list(int... numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }

    /** What is contracted: the labels of all tensors and of the result, and their sizes. */
    private record Contraction(
            List<List<Integer>> labels, List<Integer> output, List<Integer> dims) {}
}
