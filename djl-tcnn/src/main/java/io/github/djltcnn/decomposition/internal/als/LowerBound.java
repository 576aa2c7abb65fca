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
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * An error that no cores of a network can be below, whatever they are.
 *
 * <p>Some cores on one side and the others on the other part the kernel's modes in two, and all
 * that joins them are the ranks between. Unfolded along such a cut the contraction is a matrix
 * whose rank is at most the product {@code R} of these ranks, so by Eckart and Young
 *
 * <pre>|K - approximation|^2 &gt;= sum over k &gt; R of s_k^2</pre>
 *
 * with the singular values {@code s_k} of the kernel unfolded there. A kernel for which this is
 * clearly above zero was not made of the network: there is nothing exact to be searched for.
 */
final class LowerBound {

    /** Networks of more cores have too many cuts to look at. */
    private static final int MOST_CORES = 10;

    /** So many cuts are measured, those with the least rank for their size. */
    private static final int CUTS = 3;

    private LowerBound() {}

    /** Rows of an unfolding whose rank is smaller than it could be. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Cut(int[] rows, int rank, double share) {}

    /**
     * Finds a bound.
     *
     * @param graph the network
     * @param kernel the kernel, not all zero
     * @param energy its squared norm
     * @return the relative error that no cores are below, as far as some cuts tell; 0 if they do
     *     not
     */
    static double of(Graph graph, Tensor kernel, double energy) {
        List<Cut> cuts = new ArrayList<>(cuts(graph));
        cuts.sort(Comparator.comparingDouble(Cut::share));
        double most = 0;
        for (Cut cut : cuts.subList(0, Math.min(CUTS, cuts.size()))) {
            double rows = graph.size(cut.rows);
            double columns = graph.size(kernel.without(cut.rows));
            double[] values;
            try (Workspace space = Workspace.forWork(rows * columns * Math.min(rows, columns))) {
                values = LeftBasis.singularValues(kernel, cut.rows, space);
            }
            double lost = 0;
            for (int k = values.length - 1; k >= cut.rank; k--) {
                lost += values[k] * values[k];
            }
            most = Math.max(most, Math.sqrt(lost / energy));
        }
        return most;
    }

    private static List<Cut> cuts(Graph graph) {
        List<Cut> cuts = new ArrayList<>();
        if (graph.numCores() > MOST_CORES) {
            return cuts;
        }
        int all = 1 << graph.numCores();
        for (int side = 1; side < all / 2; side++) {
            int here = side;
            int[] rows = labels(graph, graph.kernel(), here);
            int[] columns = labels(graph, graph.kernel(), all - 1 - here);
            if (rows.length + columns.length != graph.kernel().length) {
                continue; // a mode of the kernel is on both sides
            }
            int[] ranks =
                    Arrays.stream(labels(graph, allRanks(graph), here))
                            .filter(label -> isOn(graph, label, all - 1 - here))
                            .toArray();
            double rank = 1;
            for (int label : ranks) {
                rank *= graph.dim(label);
            }
            int least = Math.min(graph.size(rows), graph.size(columns));
            if (rank < least) {
                cuts.add(new Cut(rows, (int) rank, rank / least));
            }
        }
        return cuts;
    }

    private static int[] allRanks(Graph graph) {
        int[] ranks = new int[graph.numLabels()];
        Arrays.setAll(ranks, label -> label);
        return Arrays.stream(ranks).filter(graph::isRank).toArray();
    }

    private static int[] labels(Graph graph, int[] some, int side) {
        return Arrays.stream(some).filter(label -> isOn(graph, label, side)).toArray();
    }

    private static boolean isOn(Graph graph, int label, int side) {
        for (int n = 0; n < graph.numCores(); n++) {
            if ((side >> n & 1) == 1 && graph.carries(n, label)) {
                return true;
            }
        }
        return false;
    }
}
