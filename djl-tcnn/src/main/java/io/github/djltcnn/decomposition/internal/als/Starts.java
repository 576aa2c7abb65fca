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

import io.github.djltcnn.algebra.internal.LeftBasis;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.svd.LeftBases;
import io.github.djltcnn.decomposition.internal.svd.RingSvd;
import java.util.Arrays;
import java.util.Random;

/** Cores that alternating least squares may start from. */
final class Starts {

    private Starts() {}

    /** Scales cores so that their terms together are as large as the kernel. */
    static void enlarge(Graph graph, Tensor kernel, Tensor[] cores) {
        double size = Cores.amplification(graph, cores) / Matrices.norm(kernel.data());
        for (Tensor core : cores) {
            Matrices.scale(core.data(), Math.pow(size, -1.0 / cores.length));
        }
    }

    /**
     * Cores to start from.
     *
     * @param start which start: the first takes what the kernel's unfoldings tell
     */
    static Tensor[] start(Graph graph, Tensor kernel, int start, long seed) {
        Random random = new Random(seed * 1_000_003 + start);
        if (start == 0 && graph.topology().isRing()) {
            return RingSvd.start(graph, kernel, random, 0.1);
        }
        Tensor[] cores = new Tensor[graph.numCores()];
        double scale = Math.pow(Matrices.norm(kernel.data()), 1.0 / cores.length);
        for (int n = 0; n < cores.length; n++) {
            int[] labels = graph.core(n);
            double[] entries = random.doubles(graph.size(labels), -1, 1).toArray();
            cores[n] = graph.core(n, entries);
            int[] rows =
                    Arrays.stream(labels)
                            .filter(l -> !graph.isRank(l) && graph.carriers(l) == 1)
                            .toArray();
            int[] columns = Arrays.stream(labels).filter(graph::isRank).toArray();
            if (start == 0
                    && rows.length > 0
                    && rows.length + columns.length == labels.length
                    && columns.length > 0) {
                cores[n] = spectral(graph, kernel, cores[n], rows, columns);
            }
            Matrices.scale(cores[n].data(), scale / Matrices.norm(cores[n].data()));
        }
        return cores;
    }

    /** Puts the leading singular vectors of an unfolding into the first columns of a core. */
    private static Tensor spectral(
            Graph graph, Tensor kernel, Tensor core, int[] rows, int[] columns) {
        int m = graph.size(rows);
        int width = graph.size(columns);
        LeftBasis basis;
        try (Workspace space = LeftBases.place(kernel)) {
            basis = LeftBasis.of(kernel, rows, values -> width, space);
        }
        double[] entries = core.permute(Tensor.join(rows, columns)).data().clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < basis.rank(); j++) {
                entries[i * width + j] = basis.left()[i * basis.rank() + j] * Math.sqrt(m);
            }
        }
        int[] labels = Tensor.join(rows, columns);
        return new Tensor(labels, graph.dims(labels), entries).permute(core.labels());
    }
}
