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

import io.github.djltcnn.algebra.internal.LeftBasis;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Algorithm;
import io.github.djltcnn.decomposition.internal.graph.Fit;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import io.github.djltcnn.decomposition.internal.graph.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decomposition of a network without cycles, one singular value decomposition per bond.
 *
 * <p>From the leaves to the root, the modes of a core are the rows of what is left of the kernel;
 * the leading left singular vectors become the core, and their coordinates go on. Each step loses
 * the singular values {@code s_k} it cuts off, and as all cores but the root are orthonormal,
 *
 * <pre>|K - approximation|^2 = sum over bonds of sum over k &gt; rank of s_k^2,</pre>
 *
 * at most {@code bonds} times the least there is. Along a chain this is TT-SVD (Oseledets,
 * "Tensor-train decomposition", SIAM J. Sci. Comput. 33, 2011), around a centre the sequentially
 * truncated HOSVD (Vannieuwenhoven, Vandebril and Meerbergen, SIAM J. Sci. Comput. 34, 2012), which
 * {@link Hooi} then improves.
 */
public final class TreeSvd implements Algorithm {

    @Override
    public boolean fits(Graph graph) {
        return graph.topology().isTree();
    }

    @Override
    public Fit fit(Graph graph, Tensor kernel, Limits limits) {
        try (Workspace space = LeftBases.place(kernel)) {
            return fit(graph, space.keep(kernel), limits, space);
        }
    }

    private static Fit fit(Graph graph, Tensor kernel, Limits limits, Workspace space) {
        int root = graph.topology().centre() < 0 ? graph.numCores() - 1 : graph.topology().centre();
        double norm = Matrices.norm(kernel.data());
        Tensor[] cores = new Tensor[graph.numCores()];
        double lost = 0;
        Tensor left = kernel;
        for (int[] step : leavesFirst(graph, root)) {
            Interruption.check();
            int bond = step[1];
            int[] rows = without(graph.core(step[0]), bond);
            int[] columns = left.without(rows);
            LeftBasis basis = LeftBasis.of(left, rows, columns, values -> graph.dim(bond), space);
            lost += basis.lost(basis.rank());
            cores[step[0]] = basis.core(bond).permute(graph.core(step[0]));
            space.free(left);
            left = basis.rest(bond);
        }
        cores[root] = left.permute(graph.core(root)).toHeap();
        if (graph.topology().centre() >= 0 && graph.numCores() > 2) {
            return Hooi.improve(graph, kernel, cores, Math.sqrt(lost) / norm, limits, space);
        }
        String name =
                graph.numCores() > 2 ? graph.topology().isChain() ? "TT-SVD" : "tree SVD" : "SVD";
        return new Fit(cores, new double[] {Math.sqrt(lost) / norm}, name, 1);
    }

    /** Pairs of a core and its bond towards the root, such that no core comes before its leaves. */
    private static List<int[]> leavesFirst(Graph graph, int root) {
        List<int[]> steps = new ArrayList<>();
        boolean[] cut = new boolean[graph.numLabels()];
        boolean[] done = new boolean[graph.numCores()];
        while (steps.size() < graph.numCores() - 1) {
            for (int n = 0; n < graph.numCores(); n++) {
                int open = 0;
                int bond = -1;
                for (int candidate : graph.bonds(n)) {
                    if (!cut[candidate]) {
                        open++;
                        bond = candidate;
                    }
                }
                if (n != root && !done[n] && open == 1) {
                    steps.add(new int[] {n, bond});
                    cut[bond] = true;
                    done[n] = true;
                }
            }
        }
        return steps;
    }

    private static int[] without(int[] labels, int bond) {
        return Arrays.stream(labels).filter(label -> label != bond).toArray();
    }
}
