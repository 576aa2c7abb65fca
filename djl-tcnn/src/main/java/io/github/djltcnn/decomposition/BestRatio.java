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

import io.github.djltcnn.decomposition.internal.als.AlternatingLeastSquares;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.svd.RingTrains;
import io.github.djltcnn.decomposition.internal.svd.Spectra;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ranks of least error within a share of the dense parameters: {@link Rank#bestRatio}.
 *
 * <p>A network without cycles gets them from its singular values. A ring is first opened where the
 * train that is left loses least, and that train is the first candidate; it is a ring of closing
 * rank 1. With a closing rank of 2, 3, ... the other ranks are a little lower, and alternating
 * least squares wins more back than that cost, up to some rank: the candidates that the
 * multiply-adds allow get a few sweeps each, and the best one gets the rest. What is returned is
 * the best of all that was tried.
 */
final class BestRatio {

    private static final int[] CLOSING = {2, 3, 4, 6, 8, 12};

    /** After so many sweeps it shows which closing rank is the best. */
    private static final int TRIAL_SWEEPS = 15;

    /** So many closing ranks in a row that are worse than the best end their trials. */
    private static final int MOST_WORSE = 2;

    /** Equal ranks whose trial came so near the best run to their end as well. */
    private static final double CLOSE = 1.03;

    private final Decomposer decomposer;
    private final double[] kernel;
    private final KernelSpec spec;
    private final TensorFormat format;
    private final long budget;
    private final TensorNetwork even;

    BestRatio(
            Decomposer decomposer,
            double[] kernel,
            KernelSpec spec,
            TensorFormat format,
            double ratio) {
        this.decomposer = decomposer;
        this.kernel = kernel;
        this.spec = spec;
        this.format = format;
        this.budget = (long) Math.floor(ratio * (double) spec.denseParameterCount());
        // Refuses a share that not even ranks of 1 keep to.
        this.even = format.withRank(Rank.ratio(ratio)).network(spec);
    }

    Decomposition decompose() {
        Graph graph = Graph.ofOneGroup(even);
        if (graph != null && graph.topology().isRing()) {
            return ring();
        }
        Spectra spectra = Spectra.of(kernel, spec, format);
        if (spectra == null) {
            return decomposer.decompose(kernel, spec, even);
        }
        Spectra.Point point = spectra.within((double) budget, n -> (double) n.parameterCount());
        Decomposition best = decomposer.decompose(kernel, spec, spectra.network(point.ranks()));
        // Equal ranks cannot do better than the best cut of a single bond.
        return spec.groups() > 1 || best.relativeError() > spectra.leastError(even)
                ? better(best, decomposer.decompose(kernel, spec, even))
                : best;
    }

    private Decomposition ring() {
        RingTrains trains = RingTrains.of(kernel, spec, format.pattern(spec));
        String open = null;
        TensorNetwork train = null;
        double least = Double.POSITIVE_INFINITY;
        for (String bond : trains.openings()) {
            Spectra.Point point = point(trains, bond, 1);
            if (point.squaredError() < least) {
                least = point.squaredError();
                open = bond;
                train = trains.closed(bond, 1, trains.spectra(bond).network(point.ranks()));
            }
        }
        double most = decomposer.limits().maxMacs();
        Decomposition best = decomposer.limited(TRIAL_SWEEPS, most).decompose(kernel, spec, train);
        List<TensorNetwork> candidates = new ArrayList<>(List.of(even));
        for (int closing : CLOSING) {
            Spectra.Point point = point(trains, open, closing);
            candidates.add(
                    trains.closed(open, closing, trains.spectra(open).network(point.ranks())));
        }
        candidates.removeIf(ring -> ring.parameterCount() > budget);
        Decomposition leader = null;
        Decomposition evenTried = null;
        double left = most / 2;
        int worse = 0;
        for (TensorNetwork ring : cheapestFirst(candidates)) {
            double macs = TRIAL_SWEEPS * sweep(ring);
            if (leader != null ? macs > left : macs > most) {
                break;
            }
            if (worse == MOST_WORSE && !ring.equals(even)) {
                continue; // past the best closing rank
            }
            left -= macs;
            Decomposition tried =
                    decomposer.limited(TRIAL_SWEEPS, macs * 1.01).decompose(kernel, spec, ring);
            evenTried = ring.equals(even) ? tried : evenTried;
            boolean ahead = leader == null || tried.relativeError() < leader.relativeError();
            worse = ahead ? 0 : worse + 1;
            leader = ahead ? tried : leader;
        }
        if (leader == null) {
            return best;
        }
        best = better(best, leader);
        best = better(best, decomposer.decompose(kernel, spec, leader.network()));
        // A trial is no promise: equal ranks that came close may be ahead in the end.
        boolean close =
                evenTried != null && evenTried.relativeError() < CLOSE * leader.relativeError();
        return close && !leader.network().equals(even)
                ? better(best, decomposer.decompose(kernel, spec, even))
                : best;
    }

    private List<TensorNetwork> cheapestFirst(List<TensorNetwork> rings) {
        double[] macs = rings.stream().mapToDouble(this::sweep).toArray();
        Integer[] order = new Integer[macs.length];
        Arrays.setAll(order, n -> n);
        Arrays.sort(order, (a, b) -> Double.compare(macs[a], macs[b]));
        return Arrays.stream(order).map(rings::get).distinct().toList();
    }

    /** The multiply-adds of one sweep, over all groups. */
    private double sweep(TensorNetwork ring) {
        return ring.groups() * AlternatingLeastSquares.operationsPerSweep(Graph.ofOneGroup(ring));
    }

    private Spectra.Point point(RingTrains trains, String open, long closing) {
        return trains.spectra(open)
                .within(
                        (double) budget,
                        train -> (double) trains.closed(open, closing, train).parameterCount());
    }

    private static Decomposition better(Decomposition a, Decomposition b) {
        return b.relativeError() < a.relativeError() ? b : a;
    }
}
