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
package io.github.djltcnn.decomposition.internal.svd;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.LeftBasis;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Fit;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import io.github.djltcnn.decomposition.internal.graph.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Higher-order orthogonal iteration for a core in the middle with orthonormal cores around it, of
 * which Tucker-2 is one: each outer core in turn is the leading left singular subspace of the
 * kernel projected onto all the others, which is the best it can be given them (De Lathauwer, De
 * Moor and Vandewalle, "On the best rank-1 and rank-(R1, ..., RN) approximation", SIAM J. Matrix
 * Anal. Appl. 21, 2000). The error never rises.
 */
final class Hooi {

    private Hooi() {}

    /**
     * Improves the cores of a truncated HOSVD.
     *
     * @param graph a network around a {@link Graph#centre()}
     * @param kernel the kernel
     * @param cores the cores, the outer ones orthonormal along their bond; they are replaced
     * @param error the relative error of the cores
     * @param limits the bounds of the work
     * @param space where to
     */
    static Fit improve(
            Graph graph,
            Tensor kernel,
            Tensor[] cores,
            double error,
            Limits limits,
            Workspace space) {
        int centre = graph.topology().centre();
        double energy = Matrices.dot(kernel.data(), 0, kernel.data(), 0, kernel.data().length);
        List<Double> history = new ArrayList<>(List.of(error));
        double last = error;
        for (int sweep = 0; sweep < limits.maxSweeps(); sweep++) {
            Interruption.check();
            double now = last;
            for (int n = 0; n < cores.length; n++) {
                if (n == centre) {
                    continue;
                }
                Tensor projected = project(graph, kernel, cores, centre, n, space);
                int bond = graph.bonds(n)[0];
                int[] columns = graph.core(centre);
                columns = Arrays.stream(columns).filter(l -> l != bond).toArray();
                int[] rows = projected.without(columns);
                LeftBasis basis =
                        LeftBasis.of(projected, rows, columns, values -> graph.dim(bond), space);
                cores[n] = basis.core(bond).permute(graph.core(n));
                Tensor rest = basis.rest(bond);
                cores[centre] = rest.permute(graph.core(centre)).toHeap();
                space.free(projected);
                space.free(rest);
                double kept = Matrices.norm(cores[centre].data());
                now = Math.sqrt(Math.max(0, 1 - kept / energy * kept));
            }
            history.add(Math.min(now, last));
            if (last - now <= limits.tolerance() * last) {
                break;
            }
            last = now;
        }
        return new Fit(cores, Fit.history(history), "HOSVD + HOOI", 1);
    }

    /** The kernel in the bases of all outer cores but one. */
    private static Tensor project(
            Graph graph, Tensor kernel, Tensor[] cores, int centre, int except, Workspace space) {
        Tensor projected = space.take(kernel);
        for (int n = 0; n < cores.length; n++) {
            if (n != centre && n != except) {
                long kept = 0;
                for (int label : Tensor.join(projected.labels(), graph.bonds(n))) {
                    kept |= graph.carries(n, label) && !graph.isRank(label) ? 0 : 1L << label;
                }
                Tensor core = space.take(cores[n]);
                Tensor next = Einsum.multiply(core, projected, kept);
                space.free(core);
                space.free(projected);
                projected = next;
            }
        }
        return projected;
    }
}
