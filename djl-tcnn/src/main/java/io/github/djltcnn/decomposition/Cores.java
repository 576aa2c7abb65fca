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

/** The cores of a network as numbers: their scales and how their terms cancel. */
final class Cores {

    private Cores() {}

    static List<Tensor> tensors(Graph graph, double[][] cores) {
        List<Tensor> tensors = new ArrayList<>();
        for (int n = 0; n < cores.length; n++) {
            tensors.add(graph.core(n, cores[n]));
        }
        return tensors;
    }

    /**
     * Evens out the scales without changing the kernel: along every rank, for each of its indices,
     * the slices of the cores that carry it get one norm, and then all cores get one norm. Factors
     * thus stay normalised, and a trained layer starts with cores of like size.
     */
    static void balance(Graph graph, double[][] cores) {
        for (int label = 0; label < graph.numLabels(); label++) {
            if (graph.isRank(label) && graph.carriers(label) > 1) {
                balance(graph, cores, label);
            }
        }
        double mean = 0;
        for (double[] core : cores) {
            mean += Math.log(Matrices.norm(core)) / cores.length;
        }
        if (Double.isInfinite(mean)) {
            return; // a core is all zero, and so is the kernel
        }
        for (double[] core : cores) {
            Matrices.scale(core, Math.exp(mean) / Matrices.norm(core));
        }
    }

    private static void balance(Graph graph, double[][] cores, int label) {
        int dim = graph.dim(label);
        double[][] norms = new double[cores.length][];
        double[] mean = new double[dim];
        for (int n = 0; n < cores.length; n++) {
            if (graph.carries(n, label)) {
                norms[n] = new double[dim];
                double[] sums = norms[n];
                int inner = inner(graph, n, label);
                for (int i = 0; i < cores[n].length; i++) {
                    sums[i / inner % dim] += cores[n][i] * cores[n][i];
                }
                for (int j = 0; j < dim; j++) {
                    sums[j] = Math.sqrt(sums[j]);
                    mean[j] += Math.log(sums[j]) / graph.carriers(label);
                }
            }
        }
        for (int n = 0; n < cores.length; n++) {
            if (norms[n] != null) {
                double[] factors = new double[dim];
                for (int j = 0; j < dim; j++) {
                    // A slice that is zero somewhere adds nothing; its partners are left alone.
                    boolean dead = Double.isInfinite(mean[j]);
                    factors[j] = dead ? 1 : Math.exp(mean[j]) / norms[n][j];
                }
                int inner = inner(graph, n, label);
                for (int i = 0; i < cores[n].length; i++) {
                    cores[n][i] *= factors[i / inner % dim];
                }
            }
        }
    }

    /** The distance between neighbours along one axis of a core. */
    static int inner(Graph graph, int n, int label) {
        int[] labels = graph.core(n);
        int inner = 1;
        for (int axis = labels.length - 1; labels[axis] != label; axis--) {
            inner *= graph.dim(labels[axis]);
        }
        return inner;
    }

    /** The root of the sum of the squares of all terms of the contraction. */
    static double amplification(Graph graph, double[][] cores) {
        List<int[]> labels = new ArrayList<>();
        List<Tensor> squares = new ArrayList<>();
        for (int n = 0; n < cores.length; n++) {
            double[] square = new double[cores[n].length];
            for (int i = 0; i < square.length; i++) {
                square[i] = cores[n][i] * cores[n][i];
            }
            squares.add(graph.core(n, square));
            labels.add(graph.core(n));
        }
        Einsum sum = Einsum.plan(labels, graph.allDims(), new int[0], 4e6);
        return Math.sqrt(sum.run(squares).data()[0]);
    }
}
