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
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import io.github.djltcnn.decomposition.internal.graph.ScaledKernel;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The singular values of a kernel at every bond of a network without cycles, where each bond parts
 * the kernel modes in two. Truncating bond {@code b} to rank {@code R_b} loses at most
 *
 * <pre>|K - approximation|^2 &lt;= sum over b of sum over k &gt; R_b of s_bk^2</pre>
 *
 * so that ranks can be chosen before anything is decomposed. Of several groups, each relative to
 * its own norm, the largest value counts at every bond and index, so that what holds here holds for
 * each.
 */
public final class Spectra {

    /** A rank is lowered by one part in so many at a time where a whole path is not wanted. */
    private static final int COARSE = 24;

    private final NetworkPattern pattern;
    private final Map<String, double[]> squares = new LinkedHashMap<>();
    private final Map<String, int[]> shapes = new LinkedHashMap<>();

    private Spectra(NetworkPattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Measures a kernel.
     *
     * @param kernel the kernel
     * @param spec its shape
     * @param format the format
     * @return the spectra, squared and relative; null if the network has a cycle
     */
    public static Spectra of(double[] kernel, KernelSpec spec, TensorFormat format) {
        Spectra spectra = new Spectra(format.pattern(spec));
        TensorNetwork whole = format.withRank(Rank.upTo(1)).network(spec);
        Graph graph = Graph.ofOneGroup(whole);
        if (graph == null || !graph.topology().isTree()) {
            return null;
        }
        int groups = Math.toIntExact(whole.groups());
        int size = kernel.length / groups;
        for (int group = 0; group < groups; group++) {
            double[] part =
                    groups == 1
                            ? kernel
                            : Arrays.copyOfRange(kernel, group * size, (group + 1) * size);
            double[] scaled = ScaledKernel.of(part).entries();
            if (Matrices.norm(scaled) > 0) {
                Tensor tensor = graph.kernel(scaled);
                try (Workspace space = LeftBases.place(tensor)) {
                    spectra.measure(graph, space.keep(tensor), space);
                }
            }
        }
        return spectra;
    }

    private void measure(Graph graph, Tensor kernel, Workspace space) {
        double energy = Matrices.dot(kernel.data(), 0, kernel.data(), 0, kernel.data().length);
        for (int n = 0; n < graph.numCores(); n++) {
            for (int bond : graph.bonds(n)) {
                if (graph.across(n, bond) < n || pattern.size(graph.name(bond)).isPresent()) {
                    continue; // measured from the other side, or given
                }
                int[] rows = graph.kernelLabels(graph.beyond(n, bond));
                int m = kernel.size(rows);
                int width = kernel.data().length / m;
                Interruption.check();
                double[] values = LeftBasis.singularValues(kernel, rows, space);
                shapes.put(graph.name(bond), new int[] {m, width});
                double[] worst =
                        squares.computeIfAbsent(
                                graph.name(bond), name -> new double[values.length]);
                for (int k = 0; k < values.length; k++) {
                    worst[k] = Math.max(worst[k], values[k] * values[k] / energy);
                }
            }
        }
    }

    /**
     * Returns for every bond the smallest rank that keeps a share of the energy.
     *
     * @param share the share
     * @return the ranks by bond
     */
    public Map<String, Long> energyRanks(double share) {
        Map<String, Long> ranks = new LinkedHashMap<>();
        squares.forEach(
                (bond, values) -> {
                    double lost = 0;
                    int rank = values.length;
                    while (rank > 1 && lost + values[rank - 1] <= 1 - share + 1e-15) {
                        lost += values[--rank];
                    }
                    ranks.put(bond, (long) rank);
                });
        return ranks;
    }

    /**
     * Returns for every bond the rank that variational Bayes finds above the noise, at least 1.
     *
     * @return the ranks by bond
     */
    public Map<String, Long> evbmfRanks() {
        Map<String, Long> ranks = new LinkedHashMap<>();
        squares.forEach(
                (bond, values) -> {
                    double[] roots = Arrays.stream(values).map(Math::sqrt).toArray();
                    int[] shape = shapes.get(bond);
                    ranks.put(bond, (long) Math.max(1, Evbmf.rank(roots, shape[0], shape[1])));
                });
        return ranks;
    }

    /**
     * A choice of ranks.
     *
     * @param ranks the rank of every bond
     * @param squaredError the bound of the squared relative error
     * @param cost what the network costs
     */
    public record Point(Map<String, Long> ranks, double squaredError, double cost) {}

    /**
     * Lowers ranks from the largest useful ones, always the one that adds the least error per cost
     * it saves.
     *
     * @param limit the squared error at which to stop
     * @param coarse the most a rank is lowered by at a time, as a divisor of it; 0 for one by one
     * @param cost the cost of a network
     * @return the choices on the way, the first with the largest ranks
     */
    public List<Point> path(double limit, int coarse, ToDoubleFunction<TensorNetwork> cost) {
        Map<String, Long> ranks = new LinkedHashMap<>();
        squares.forEach((bond, values) -> ranks.put(bond, (long) values.length));
        ranks.putAll(UsefulRanks.cut(pattern, ranks));
        List<Point> path = new ArrayList<>();
        path.add(
                new Point(
                        Map.copyOf(ranks),
                        squaredError(ranks),
                        cost.applyAsDouble(network(ranks))));
        while (true) {
            Point last = path.get(path.size() - 1);
            Point best = null;
            double least = Double.POSITIVE_INFINITY;
            for (String bond : squares.keySet()) {
                long old = last.ranks.get(bond);
                long lower = old - Math.max(1, coarse == 0 ? 1 : old / coarse);
                if (lower < 1) {
                    continue;
                }
                Map<String, Long> next = new LinkedHashMap<>(last.ranks);
                next.put(bond, lower);
                double error = squaredError(next);
                double price = cost.applyAsDouble(network(next));
                double slope = (error - last.squaredError) / Math.max(1e-9, last.cost - price);
                if (error <= limit && slope < least) {
                    least = slope;
                    best = new Point(next, error, price);
                }
            }
            if (best == null) {
                return path;
            }
            path.add(best);
        }
    }

    /**
     * The choice of least error that costs no more than so much, as far as single steps down and up
     * find it.
     *
     * @param most the largest cost
     * @param cost the cost of a network
     * @return the choice; the ranks are all 1 if nothing costs so little
     */
    public Point within(double most, ToDoubleFunction<TensorNetwork> cost) {
        List<Point> path = path(Double.POSITIVE_INFINITY, COARSE, cost);
        Point best =
                path.stream()
                        .filter(point -> point.cost <= most)
                        .findFirst()
                        .orElse(path.get(path.size() - 1));
        while (true) {
            Point next = null;
            double steepest = 0;
            for (String bond : squares.keySet()) {
                Map<String, Long> raised = new LinkedHashMap<>(best.ranks);
                raised.merge(bond, 1L, Long::sum);
                if (!UsefulRanks.cut(pattern, raised).equals(raised)) {
                    continue;
                }
                Point point =
                        new Point(
                                raised, squaredError(raised), cost.applyAsDouble(network(raised)));
                double slope =
                        (best.squaredError - point.squaredError)
                                / Math.max(1e-9, point.cost - best.cost);
                if (point.cost <= most && slope > steepest) {
                    steepest = slope;
                    next = point;
                }
            }
            if (next == null) {
                return best;
            }
            best = next;
        }
    }

    /**
     * Returns the bound of the squared relative error of ranks.
     *
     * @param ranks the ranks by bond
     * @return the bound
     */
    public double squaredError(Map<String, Long> ranks) {
        double error = 0;
        for (Map.Entry<String, double[]> bond : squares.entrySet()) {
            double[] values = bond.getValue();
            for (int k = values.length - 1; k >= ranks.get(bond.getKey()); k--) {
                error += values[k];
            }
        }
        return error;
    }

    /**
     * Returns an error that no cores of a network are below.
     *
     * @param network a network of this format
     * @return the largest relative error that truncating one bond alone costs
     */
    public double leastError(TensorNetwork network) {
        double most = 0;
        for (Mode mode : network.modes(Role.RANK)) {
            double lost = 0;
            double[] values = squares.getOrDefault(mode.name(), new double[0]);
            for (int k = values.length - 1; k >= mode.size(); k--) {
                lost += values[k];
            }
            most = Math.max(most, lost);
        }
        return Math.sqrt(most);
    }

    /**
     * Returns the share of the energy that truncations one after another keep if each keeps its own
     * share; above 0, where the bound of the error may say nothing.
     *
     * @param ranks the ranks by bond
     * @return the share
     */
    public double kept(Map<String, Long> ranks) {
        double kept = 1;
        for (Map.Entry<String, double[]> bond : squares.entrySet()) {
            double own = 0;
            long rank = Math.min(ranks.get(bond.getKey()), bond.getValue().length);
            for (int k = 0; k < rank; k++) {
                own += bond.getValue()[k];
            }
            kept *= Math.min(1, own);
        }
        return kept;
    }

    /**
     * Returns the network with given ranks, those beyond what is useful cut.
     *
     * @param ranks the ranks by bond
     * @return the network
     */
    public TensorNetwork network(Map<String, Long> ranks) {
        return pattern.withSizes(UsefulRanks.cut(pattern, ranks)).toNetwork();
    }
}
