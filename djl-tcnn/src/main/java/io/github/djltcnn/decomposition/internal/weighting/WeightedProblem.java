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
package io.github.djltcnn.decomposition.internal.weighting;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.SymmetricEigen;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A weighted approximation of a kernel by a network, in coordinates in which the weight is as near
 * to the identity as scaling single modes makes it.
 *
 * <p>Every kernel mode that stands on one core is multiplied by a root of the matrix that the
 * weight leaves for it alone ({@link Coupling#marginal}); its core takes that back in the end.
 * Where the modes are independent the plain problem is all that is left: Tucker-2 of a linear
 * layer, say. Elsewhere the scaled kernel is a far better start than the kernel, and what is left
 * of the weight is well conditioned.
 */
public final class WeightedProblem {

    /** Directions with less of the weight than this share of the largest count as having it. */
    private static final double FLOOR = 1e-7;

    private final Graph graph;
    private final double[][] into;
    private final double[][] back;
    private final List<Coupling> couplings = new ArrayList<>();
    private final Tensor kernel;
    private final Tensor image;
    private final double energy;

    /**
     * Scales the modes of a kernel.
     *
     * @param graph a network; all its sizes count for the couplings, its ranks do not
     * @param entries the kernel
     * @param weight the weight, for a kernel of the same shape
     */
    public WeightedProblem(Graph graph, double[] entries, Weight weight) {
        this.graph = graph;
        if (2 * graph.numLabels() >= Long.SIZE) {
            throw new IllegalArgumentException(
                    "Weighted least squares takes networks of up to 31 modes; \""
                            + graph.network()
                            + "\" has "
                            + graph.numLabels());
        }
        this.into = new double[graph.numLabels()][];
        this.back = new double[graph.numLabels()][];
        int[] groups = labels(Role.GROUP);
        int[] inputs = labels(Role.INPUT);
        int[] window = Tensor.join(labels(Role.DEPTH), labels(Role.HEIGHT), labels(Role.WIDTH));
        List<Coupling> given = new ArrayList<>();
        if (weight.input() != null) {
            int[] all = Tensor.join(inputs, window);
            given.add(Coupling.of(graph, groups, all, weight.input()));
        } else {
            given.add(Coupling.of(graph, groups, inputs, weight.channels()));
            given.add(Coupling.of(graph, groups, window, weight.window()));
        }
        if (weight.output() != null) {
            given.add(Coupling.of(graph, groups, labels(Role.OUTPUT), weight.output()));
        }
        Tensor scaled = graph.kernel(entries);
        for (Coupling coupling : given) {
            Coupling now = coupling;
            for (int label : coupling.rows()) {
                if (graph.carriers(label) == 1 && graph.dim(label) > 1) {
                    root(label, now.marginal(graph, label));
                    scaled = Coupling.times(scaled, label, transposed(into[label]));
                    now = now.scaled(graph, label, back[label]);
                }
            }
            double mean = now.mean(graph);
            if (mean > 0) {
                now = now.over(mean);
            }
            if (!now.isIdentity(graph)) {
                couplings.add(now);
            }
        }
        this.kernel = scaled.permute(graph.kernel());
        this.image = weighted(kernel);
        this.energy = dot(kernel, image);
    }

    private int[] labels(Role role) {
        List<Mode> modes = graph.network().modes();
        return graph.network().modes(role).stream().mapToInt(modes::indexOf).toArray();
    }

    /** A root of a matrix, {@code C = W W^T}, and its inverse. */
    private void root(int label, double[] matrix) {
        int n = graph.dim(label);
        SymmetricEigen eigen = SymmetricEigen.of(matrix, n, true);
        double[] values = eigen.values();
        double mean = Math.max(Arrays.stream(values).sum() / n, Double.MIN_NORMAL);
        double[] w = new double[n * n];
        double[] inverse = new double[n * n];
        for (int a = 0; a < n; a++) {
            double value = Math.max(values[a], FLOOR * Math.max(values[0], mean)) / mean;
            double r = Math.sqrt(value);
            for (int m = 0; m < n; m++) {
                w[m * n + a] = eigen.vectors()[a * n + m] * r;
                inverse[a * n + m] = eigen.vectors()[a * n + m] / r;
            }
        }
        into[label] = w;
        back[label] = inverse;
    }

    private static double[] transposed(double[] square) {
        int n = (int) Math.round(Math.sqrt(square.length));
        return Matrices.transpose(square, n, n);
    }

    /** The couplings applied to a tensor of the shape of the kernel. */
    private Tensor weighted(Tensor tensor) {
        Tensor result = tensor;
        for (Coupling coupling : couplings) {
            long kept = 0;
            for (int label : Tensor.join(result.without(coupling.rows()), coupling.columns())) {
                kept |= 1L << label;
            }
            Tensor product = Einsum.multiply(result, coupling.matrix(), kept);
            int[] labels = product.labels().clone();
            for (int n = 0; n < labels.length; n++) {
                labels[n] %= graph.numLabels();
            }
            result = product.relabel(labels).permute(tensor.labels());
        }
        return result;
    }

    private static double dot(Tensor a, Tensor b) {
        return Matrices.dot(a.data(), 0, b.data(), 0, a.data().length);
    }

    Graph graph() {
        return graph;
    }

    List<Coupling> couplings() {
        return couplings;
    }

    /** The kernel times the couplings. */
    Tensor image() {
        return image;
    }

    /**
     * Returns the weight of the kernel.
     *
     * @return its weighted square
     */
    public double energy() {
        return energy;
    }

    /**
     * Returns the scaled kernel.
     *
     * @return its entries; a plain approximation of it is a good start
     */
    public double[] kernel() {
        return kernel.data();
    }

    /**
     * Returns whether the plain problem of the scaled kernel is the weighted problem.
     *
     * @return whether nothing is left of the weight
     */
    public boolean isPlain() {
        return couplings.isEmpty();
    }

    /**
     * Brings cores of the kernel into the scaled coordinates.
     *
     * @param cores the cores
     * @return the same cores, scaled
     */
    public Tensor[] enter(Tensor... cores) {
        return multiplied(into, cores);
    }

    /**
     * Brings cores of the scaled kernel back.
     *
     * @param cores the scaled cores
     * @return cores of the kernel
     */
    public Tensor[] leave(Tensor... cores) {
        return multiplied(back, cores);
    }

    private Tensor[] multiplied(double[][] by, Tensor... cores) {
        Tensor[] result = new Tensor[cores.length];
        for (int n = 0; n < cores.length; n++) {
            Tensor core = cores[n];
            for (int label : graph.core(n)) {
                if (by[label] != null) {
                    core = Coupling.times(core, label, transposed(by[label]));
                }
            }
            // Never the given arrays: they may be balanced in place.
            result[n] =
                    core == cores[n]
                            ? new Tensor(core.labels(), core.dims(), core.data().clone())
                            : core;
        }
        return result;
    }

    /**
     * Returns the relative weighted error of scaled cores, from their contraction.
     *
     * @param cores the scaled cores
     * @return the root of the weighted square of the difference over that of the kernel
     */
    public double error(Tensor... cores) {
        double[] approximation = Cores.contract(graph, cores).data();
        double[] difference = kernel.data().clone();
        for (int n = 0; n < difference.length; n++) {
            difference[n] -= approximation[n];
        }
        Tensor d = new Tensor(kernel.labels(), kernel.dims(), difference);
        return Math.sqrt(Math.max(0, dot(d, weighted(d))) / energy);
    }
}
