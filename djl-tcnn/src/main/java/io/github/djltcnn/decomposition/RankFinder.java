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

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.svd.RingSvd;
import io.github.djltcnn.decomposition.internal.svd.RingTrains;
import io.github.djltcnn.decomposition.internal.svd.Spectra;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Ranks that are read off a kernel. */
final class RankFinder {

    /** How often ranks are tried once more when the error they gave leaves room. */
    private static final int TRIES = 5;

    private final Decomposer decomposer;
    private final double[] kernel;
    private final KernelSpec spec;
    private final TensorFormat format;
    private final FittedRule rank;

    /** For a ring, the trains that are left without a bond; found when asked for. */
    private RingTrains trains;

    RankFinder(
            Decomposer decomposer,
            double[] kernel,
            KernelSpec spec,
            TensorFormat format,
            FittedRule rank) {
        this.decomposer = decomposer;
        this.kernel = kernel;
        this.spec = spec;
        this.format = format;
        this.rank = rank;
    }

    /** Finds the ranks and decomposes. */
    Decomposition decompose() {
        if (rank.kind().isWholeModel()) {
            throw new IllegalArgumentException(
                    "Rank \""
                            + rank
                            + "\" is a budget for all layers of a model; convert the model with it, or"
                            + " use Rank.error or Rank.ratio for a single kernel");
        }
        if (UsefulRanks.bonds(format.pattern(spec)).isEmpty()) {
            return decomposer.decompose(kernel, spec, format.pattern(spec).toNetwork());
        }
        if (rank.kind() == FittedRule.Kind.BEST_RATIO) {
            return new BestRatio(decomposer, kernel, spec, format, rank.value()).decompose();
        }
        Spectra spectra = Spectra.of(kernel, spec, format);
        if (rank.kind() == FittedRule.Kind.ERROR) {
            return spectra != null
                    ? tighten(bound -> last(spectra, bound))
                    : isRing() ? tighten(this::ringRanks) : smallestUniform();
        }
        if (spectra == null) {
            throw new IllegalArgumentException(
                    "Rank \""
                            + rank
                            + "\" needs bonds that each cut the network in two, as those of"
                            + " Tucker-2 and tensor trains; \""
                            + format.pattern(spec)
                            + "\" ("
                            + format.name()
                            + ") has others: use Rank.error or Rank.ratio");
        }
        return decomposer.decompose(
                kernel,
                spec,
                spectra.network(
                        rank.kind() == FittedRule.Kind.ENERGY
                                ? spectra.energyRanks(rank.value())
                                : spectra.evbmfRanks()));
    }

    private static TensorNetwork last(Spectra spectra, double bound) {
        List<Spectra.Point> path =
                spectra.path(bound * bound, 0, network -> (double) network.parameterCount());
        return spectra.network(path.get(path.size() - 1).ranks());
    }

    /**
     * Ranks from a bound are within it by more or less. The bound is raised by what the true error
     * leaves, and bisected once it was too much.
     */
    private Decomposition tighten(Function<Double, TensorNetwork> ranks) {
        double bound = rank.value();
        double good = 0;
        double bad = Double.POSITIVE_INFINITY;
        Decomposition best = null;
        for (int tries = 0; tries < TRIES; tries++) {
            TensorNetwork network = ranks.apply(Math.min(bound, 1));
            if (best != null && network.equals(best.network())) {
                break;
            }
            Decomposition found = decomposer.decompose(kernel, spec, network);
            double error = Math.max(found.relativeError(), 1e-3 * rank.value());
            if (found.relativeError() <= rank.value()) {
                good = bound;
                if (best == null || network.parameterCount() < best.network().parameterCount()) {
                    best = found;
                }
            } else {
                bad = bound;
            }
            boolean both = good > 0 && bad < Double.POSITIVE_INFINITY;
            bound = both ? Math.sqrt(good * bad) : bound * rank.value() / error;
        }
        if (best != null) {
            return best;
        }
        return decomposer.decompose(kernel, spec, format.withRank(Rank.max()));
    }

    private boolean isRing() {
        Graph single = Graph.ofOneGroup(format.withRank(Rank.upTo(1)).network(spec));
        return single != null && single.topology().isRing();
    }

    /** The fewest parameters of TR-SVD and of the trains that the ring is with one bond of 1. */
    private TensorNetwork ringRanks(double bound) {
        NetworkPattern pattern = format.pattern(spec);
        trains = trains == null ? RingTrains.of(kernel, spec, pattern) : trains;
        TensorNetwork best = svdRanks(bound);
        for (String open : trains.openings()) {
            TensorNetwork ring = trains.closed(open, 1, last(trains.spectra(open), bound));
            best = ring.parameterCount() < best.parameterCount() ? ring : best;
        }
        return best;
    }

    private TensorNetwork svdRanks(double bound) {
        Graph graph = Graph.ofOneGroup(format.withRank(Rank.upTo(1)).network(spec));
        NetworkPattern pattern = format.pattern(spec);
        Map<String, Long> ranks = new LinkedHashMap<>();
        int groups = Math.toIntExact(spec.groups());
        int size = kernel.length / groups;
        for (int group = 0; group < groups; group++) {
            double[] part = Arrays.copyOfRange(kernel, group * size, (group + 1) * size);
            if (Matrices.norm(part) > 0) {
                RingSvd.ranks(graph, graph.kernel(part), bound)
                        .forEach((label, r) -> ranks.merge(graph.name(label), r, Math::max));
            }
        }
        ranks.keySet().retainAll(UsefulRanks.bonds(pattern));
        return pattern.withSizes(UsefulRanks.cut(pattern, ranks)).toNetwork();
    }

    /** The smallest rank, one for all bonds as far as it is useful to each, by bisection. */
    private Decomposition smallestUniform() {
        int over = 1;
        Decomposition found = uniform(over);
        int under = 0;
        while (found.relativeError() > rank.value()) {
            Decomposition next = uniform(2 * over);
            if (next.network().equals(found.network())) {
                throw new IllegalArgumentException(
                        "No ranks of "
                                + format
                                + " came within the error "
                                + rank.value()
                                + " of a kernel of "
                                + spec
                                + "; the largest useful ones reach "
                                + found.relativeError());
            }
            under = over;
            over *= 2;
            found = next;
        }
        while (over - under > 1) {
            int middle = (over + under) / 2;
            Decomposition next = uniform(middle);
            if (next.relativeError() <= rank.value()) {
                over = middle;
                found = next;
            } else {
                under = middle;
            }
        }
        return found;
    }

    private Decomposition uniform(int ranks) {
        return decomposer.decompose(kernel, spec, format.withRank(Rank.upTo(ranks)));
    }
}
