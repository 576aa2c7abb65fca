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
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.Arrays;
import java.util.List;

/**
 * The updates of all cores of a network, one after another.
 *
 * <p>Nearly all work of an update is the contraction of the kernel with the other cores. Its first
 * step, with the core that shrinks the kernel most, is the same for all cores but that one. So one
 * core, the pivot, comes first; the kernel is then contracted with it, and the updates of all
 * others begin there (a dimension tree of two levels: Phan, Tichavsky and Cichocki, "Fast
 * alternating LS algorithms for high order CANDECOMP/PARAFAC tensor factorizations", IEEE Trans.
 * Signal Process. 61, 2013). The pivot is the core that makes a sweep cheapest; there is none where
 * none makes it cheaper.
 */
final class Sweep {

    private final CoreLeastSquares[] updates;
    private final int pivot;
    private final Einsum absorb;
    private double squaredError;

    private Sweep(CoreLeastSquares[] updates, int pivot, Einsum absorb) {
        this.updates = updates;
        this.pivot = pivot;
        this.absorb = absorb;
    }

    /** Plans the sweeps of a network. */
    static Sweep of(Graph graph) {
        double limit = Workspace.limit(graph.size(graph.kernel()));
        double direct = Math.max(limit, CoreLeastSquares.DIRECT);
        CoreLeastSquares[] apart = new CoreLeastSquares[graph.numCores()];
        for (int n = 0; n < apart.length; n++) {
            apart[n] = new CoreLeastSquares(graph, n, limit, direct);
        }
        Sweep best = new Sweep(apart, -1, null);
        boolean worth = apart.length > 2 && best.operations() > Workspace.CROSSOVER;
        for (int pivot = 0; pivot < apart.length && worth; pivot++) {
            int[] target = absorbed(graph, pivot);
            if (entries(graph, target) > limit) {
                continue;
            }
            Einsum absorb =
                    Einsum.plan(
                            List.of(graph.kernel(), graph.core(pivot)),
                            graph.allDims(),
                            target,
                            limit);
            CoreLeastSquares[] updates = apart.clone();
            for (int n = 0; n < updates.length; n++) {
                if (n != pivot) {
                    updates[n] = new CoreLeastSquares(graph, n, limit, direct, pivot, target);
                }
            }
            Sweep sweep = new Sweep(updates, pivot, absorb);
            best = sweep.operations() < best.operations() ? sweep : best;
        }
        return best;
    }

    /** The labels of the kernel contracted with a core: what nothing else carries is summed. */
    private static int[] absorbed(Graph graph, int core) {
        return Arrays.stream(Tensor.join(graph.core(core), graph.kernel()))
                .distinct()
                .filter(label -> !graph.carries(core, label) || graph.carriers(label) > 1)
                .toArray();
    }

    private static double entries(Graph graph, int... labels) {
        double entries = 1;
        for (int label : labels) {
            entries *= graph.dim(label);
        }
        return entries;
    }

    /** The cost: multiply-adds, and with slices the entries that they copy and add. */
    double operations() {
        double sum = absorb == null ? 0 : absorb.operations();
        for (CoreLeastSquares update : updates) {
            sum += update.operations();
        }
        return sum;
    }

    /** The squared error of the kernel after the last update, ridge left out. */
    double squaredError() {
        return squaredError;
    }

    /**
     * Makes every core the best it can be given the others.
     *
     * @param kernel the kernel
     * @param energy its squared norm
     * @param cores the cores, which are replaced in the array
     * @param damping the damping as a share of the mean diagonal entry of the Gram matrices
     * @param ridge the ridge
     */
    void run(Tensor kernel, double energy, Tensor[] cores, double damping, double ridge) {
        if (pivot < 0) {
            others(kernel, energy, cores, damping, ridge);
            return;
        }
        cores[pivot] = updates[pivot].update(kernel, energy, cores, damping, ridge);
        try (Workspace space = Workspace.forWork(absorb.operations())) {
            Tensor rest = absorb.run(List.of(kernel, cores[pivot]), space);
            others(space.keep(rest), energy, cores, damping, ridge);
        }
    }

    private void others(
            Tensor target, double energy, Tensor[] cores, double damping, double ridge) {
        for (int n = 0; n < cores.length; n++) {
            if (n != pivot) {
                cores[n] = updates[n].update(target, energy, cores, damping, ridge);
                squaredError = updates[n].squaredError();
            }
        }
    }
}
