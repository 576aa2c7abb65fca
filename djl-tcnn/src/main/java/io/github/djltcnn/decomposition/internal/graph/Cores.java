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
package io.github.djltcnn.decomposition.internal.graph;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What can be said of, and done to, all cores of a network together. */
public final class Cores {

    private Cores() {}

    /**
     * Evens out the scales in place without changing the kernel: along every rank, for each of its
     * indices, the slices of the cores that carry it get one norm, and then all cores get one norm.
     * Factors thus stay normalised, and a trained layer starts with cores of like size.
     *
     * @param graph the network
     * @param cores its cores, which nobody else reads
     */
    public static void balance(Graph graph, Tensor... cores) {
        for (int label = 0; label < graph.numLabels(); label++) {
            if (graph.isRank(label) && graph.carriers(label) > 1) {
                balance(graph, cores, label);
            }
        }
        double mean = 0;
        for (Tensor core : cores) {
            mean += Math.log(Matrices.norm(core.data())) / cores.length;
        }
        if (Double.isInfinite(mean)) {
            return; // a core is all zero, and so is the kernel
        }
        for (Tensor core : cores) {
            Matrices.scale(core.data(), Math.exp(mean) / Matrices.norm(core.data()));
        }
    }

    private static void balance(Graph graph, Tensor[] cores, int label) {
        int dim = graph.dim(label);
        double[][] norms = new double[cores.length][];
        double[] mean = new double[dim];
        for (int n = 0; n < cores.length; n++) {
            if (graph.carries(n, label)) {
                norms[n] = new double[dim];
                double[] sums = norms[n];
                double[] entries = cores[n].data();
                int inner = inner(graph, n, label);
                for (int i = 0; i < entries.length; i++) {
                    sums[i / inner % dim] += entries[i] * entries[i];
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
                double[] entries = cores[n].data();
                int inner = inner(graph, n, label);
                for (int i = 0; i < entries.length; i++) {
                    entries[i] *= factors[i / inner % dim];
                }
            }
        }
    }

    /**
     * Returns the distance between neighbours along one axis of a core.
     *
     * @param graph the network
     * @param n the number of the core
     * @param label the label of the axis
     * @return the number of entries
     */
    public static int inner(Graph graph, int n, int label) {
        int[] labels = graph.core(n);
        int inner = 1;
        for (int axis = labels.length - 1; labels[axis] != label; axis--) {
            inner *= graph.dim(labels[axis]);
        }
        return inner;
    }

    /**
     * Returns the root of the sum of the squares of all terms of the contraction.
     *
     * @param graph the network
     * @param cores its cores
     * @return the norm that the kernel would have if no terms cancelled
     */
    public static double amplification(Graph graph, Tensor... cores) {
        List<int[]> labels = new ArrayList<>();
        List<Tensor> squares = new ArrayList<>();
        for (int n = 0; n < cores.length; n++) {
            double[] entries = cores[n].data();
            double[] square = new double[entries.length];
            for (int i = 0; i < square.length; i++) {
                square[i] = entries[i] * entries[i];
            }
            squares.add(graph.core(n, square));
            labels.add(graph.core(n));
        }
        Einsum sum = Einsum.plan(labels, graph.allDims(), new int[0], 4e6);
        return Math.sqrt(sum.run(squares).data()[0]);
    }

    /**
     * Contracts cores to their kernel, with intermediates of some kernels in size.
     *
     * @param graph the network
     * @param cores its cores
     * @return the kernel, its axes as in {@link Graph#kernel()}
     */
    public static Tensor contract(Graph graph, Tensor... cores) {
        return graph.contraction(Workspace.limit(graph.size(graph.kernel())))
                .run(Arrays.asList(cores));
    }

    /**
     * Returns the relative error of cores, from their contraction.
     *
     * @param graph the network
     * @param kernel the kernel they are to approximate
     * @param cores the cores
     * @return the norm of the difference over that of the kernel
     */
    public static double relativeError(Graph graph, double[] kernel, Tensor... cores) {
        double[] approximation = contract(graph, cores).data();
        double norm = Matrices.norm(kernel);
        double error = 0;
        for (int i = 0; i < kernel.length; i++) {
            double difference = (approximation[i] - kernel[i]) / norm;
            error += difference * difference;
        }
        return Math.sqrt(error);
    }

    /**
     * Goes on along the line from the cores before to these, as Nesterov's method does.
     *
     * @param cores the cores
     * @param previous those one step before; null if there are none
     * @param momentum the number of steps since the line last led astray
     */
    public static Tensor[] extrapolate(Tensor[] cores, Tensor[] previous, int momentum) {
        Tensor[] next = cores.clone();
        double weight = previous == null ? 0 : (momentum - 1) / (momentum + 2.0);
        for (int n = 0; n < next.length && weight > 0; n++) {
            double[] a = cores[n].data();
            double[] b = previous[n].data();
            double[] line = new double[a.length];
            for (int i = 0; i < line.length; i++) {
                line[i] = a[i] + weight * (a[i] - b[i]);
            }
            next[n] = new Tensor(cores[n].labels(), cores[n].dims(), line);
        }
        return next;
    }
}
