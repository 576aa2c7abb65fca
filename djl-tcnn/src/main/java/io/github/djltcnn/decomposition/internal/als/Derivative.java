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
package io.github.djltcnn.decomposition.internal.als;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The derivative of a kernel by all entries of all cores: where it is not zero.
 *
 * <p>An entry of the kernel is made, of each core, of as many entries as the ranks of that core
 * have values; its derivative by one of them is an entry of the contraction of the other cores.
 */
final class Derivative {

    private final int[] offsets;
    private final Part[] parts;

    /**
     * Where the derivative by one core has its entries.
     *
     * @param others contracts the other cores, leaving the kernel's labels and this core's ranks
     * @param coreOfKernel for each entry of the kernel the part of the core's index it tells
     * @param otherOfKernel for each entry of the kernel the part of the contraction's index it
     *     tells
     * @param coreOfRank for each value of the core's ranks the rest of the core's index
     * @param otherOfRank for each value of the core's ranks the rest of the contraction's index
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Part(
            Einsum others,
            int[] coreOfKernel,
            int[] otherOfKernel,
            int[] coreOfRank,
            int[] otherOfRank) {

        /** The values of the core's ranks together. */
        int width() {
            return coreOfRank.length;
        }
    }

    Derivative(Graph graph) {
        this.offsets = new int[graph.numCores() + 1];
        this.parts = new Part[graph.numCores()];
        for (int n = 0; n < parts.length; n++) {
            offsets[n + 1] = offsets[n] + graph.size(graph.core(n));
            parts[n] = by(graph, n);
        }
    }

    private static Part by(Graph graph, int n) {
        List<int[]> others = new ArrayList<>();
        for (int m = 0; m < graph.numCores(); m++) {
            if (m != n) {
                others.add(graph.core(m));
            }
        }
        if (others.isEmpty()) {
            others.add(new int[0]);
        }
        int[] own = graph.core(n);
        int[] ranks = graph.bonds(n);
        int[] output =
                Arrays.stream(Tensor.join(graph.kernel(), ranks))
                        .filter(l -> others.stream().anyMatch(o -> contains(o, l)))
                        .toArray();
        return new Part(
                Einsum.plan(others, graph.allDims(), output, Double.POSITIVE_INFINITY),
                places(graph, graph.kernel(), own),
                places(graph, graph.kernel(), output),
                places(graph, ranks, own),
                places(graph, ranks, output));
    }

    private static boolean contains(int[] labels, int label) {
        return Arrays.stream(labels).anyMatch(other -> other == label);
    }

    /** For every value of some labels, row-major, their part of the offset in a tensor. */
    private static int[] places(Graph graph, int[] labels, int[] tensor) {
        int[] places = new int[graph.size(labels)];
        int inner = 1;
        for (int axis = labels.length - 1; axis >= 0; axis--) {
            int stride = 0;
            int product = 1;
            for (int t = tensor.length - 1; t >= 0; t--) {
                stride = tensor[t] == labels[axis] ? product : stride;
                product *= graph.dim(tensor[t]);
            }
            int dim = graph.dim(labels[axis]);
            for (int i = 0; i < places.length; i++) {
                places[i] += i / inner % dim * stride;
            }
            inner *= dim;
        }
        return places;
    }

    /** Where the entries of a core begin among those of all; at the number of cores, their sum. */
    int offset(int n) {
        return offsets[n];
    }

    Part part(int n) {
        return parts[n];
    }

    int numCores() {
        return parts.length;
    }

    /** For each core the contraction of the others, which its {@link Part} reads. */
    double[][] others(Tensor... cores) {
        double[][] others = new double[parts.length][];
        for (int n = 0; n < parts.length; n++) {
            List<Tensor> factors = new ArrayList<>(Arrays.asList(cores));
            factors.remove(n);
            if (factors.isEmpty()) {
                factors.add(new Tensor(new int[0], new int[0], new double[] {1}));
            }
            others[n] = parts[n].others.run(factors).data();
        }
        return others;
    }
}
