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
package io.github.djltcnn.decomposition.internal.budget;

import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import io.github.djltcnn.decomposition.internal.graph.ScaledKernel;
import io.github.djltcnn.decomposition.internal.svd.Spectra;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What a layer loses over what it costs, from dense down to rank 1: from the singular values at the
 * bonds where the format has no cycles, by trial decompositions where it has.
 */
final class LossCurve {

    /** Shares of the dense parameters at which formats with cycles are tried. */
    private static final double[] SHARES = {0.6, 0.4, 0.25, 0.16, 0.1, 0.06, 0.04, 0.025};

    /** Numbers that processors take at a time. */
    private static final long LANES = 8;

    private LossCurve() {}

    /**
     * A place on the curve of a layer.
     *
     * @param network the network
     * @param error the relative error to expect
     * @param loss minus the logarithm of the share of the energy that is kept
     * @param cost multiply-adds, parameters or nanoseconds
     * @param format the format of the network
     */
    record Point(
            TensorNetwork network, double error, double loss, double cost, TensorFormat format) {}

    /** Losses and costs of a layer, dense first, then those of each format that fits it. */
    static List<Point> of(RankBudget.Layer layer, FittedRule.Kind kind, Decomposer decomposer) {
        ToDoubleFunction<TensorNetwork> cost =
                switch (kind) {
                    case TARGET_MACS -> layer::macs;
                    case TARGET_TIME -> layer.nanos();
                    default -> network -> (double) network.parameterCount();
                };
        TensorFormat dense = TensorFormats.dense();
        TensorNetwork whole = dense.network(layer.spec());
        List<Point> curve = new ArrayList<>();
        curve.add(new Point(whole, 0, 0, cost.applyAsDouble(whole), dense));
        double[] kernel = ScaledKernel.of(layer.kernel().get()).entries();
        IllegalArgumentException refusal = null;
        for (TensorFormat format : layer.format().candidates()) {
            try {
                addCurve(layer, format, kernel, kind, cost, decomposer, curve);
            } catch (IllegalArgumentException e) {
                refusal = e; // another format may fit
            }
        }
        if (curve.size() == 1 && refusal != null) {
            throw refusal;
        }
        return curve;
    }

    private static void addCurve(
            RankBudget.Layer layer,
            TensorFormat format,
            double[] entries,
            FittedRule.Kind kind,
            ToDoubleFunction<TensorNetwork> cost,
            Decomposer decomposer,
            List<Point> curve) {
        boolean time = kind == FittedRule.Kind.TARGET_TIME;
        double[] kernel = ScaledKernel.of(layer.scaling().apply(entries, format)).entries();
        Spectra spectra = Spectra.of(kernel, layer.spec(), format);
        if (spectra != null) {
            // Times are not smooth enough to find a way by.
            ToDoubleFunction<TensorNetwork> guide = time ? layer::macs : cost;
            Set<Map<String, Long>> seen = new HashSet<>();
            for (Spectra.Point point : spectra.path(Double.POSITIVE_INFINITY, 24, guide)) {
                Map<String, Long> ranks = time ? whole(point.ranks()) : point.ranks();
                if (!seen.add(ranks)) {
                    continue;
                }
                TensorNetwork network = spectra.network(ranks);
                if (time && network.parameterCount() >= layer.spec().denseParameterCount()) {
                    continue; // it stays dense for its size
                }
                curve.add(
                        new Point(
                                network,
                                Math.sqrt(Math.min(1, spectra.squaredError(ranks))),
                                layer.loss(spectra.kept(ranks)),
                                time ? cost.applyAsDouble(network) : point.cost(),
                                format));
            }
            return;
        }
        Decomposer quick = decomposer.quick();
        for (double share : SHARES) {
            Interruption.check();
            TensorNetwork network;
            try {
                network = format.withRank(Rank.ratio(share)).network(layer.spec());
            } catch (IllegalArgumentException e) {
                break; // rank 1 is above this share already
            }
            double error = quick.decompose(kernel, layer.spec(), network).relativeError();
            double loss = layer.loss(1 - Math.min(error * error, RankBudget.NOTHING_KEPT));
            curve.add(new Point(network, error, loss, cost.applyAsDouble(network), format));
        }
    }

    /** Ranks cut to whole vectors: what a processor computes eight at a time takes as long. */
    private static Map<String, Long> whole(Map<String, Long> ranks) {
        Map<String, Long> cut = new LinkedHashMap<>();
        ranks.forEach((bond, rank) -> cut.put(bond, rank < LANES ? rank : rank / LANES * LANES));
        return cut;
    }

    /** The lower convex hull from the dense point on, costs falling and losses rising. */
    static List<Point> hull(List<Point> curve) {
        List<Point> sorted = new ArrayList<>(curve.subList(1, curve.size()));
        sorted.removeIf(point -> point.cost >= curve.get(0).cost);
        sorted.sort(
                Comparator.comparingDouble((Point point) -> -point.cost)
                        .thenComparingDouble(point -> point.loss));
        List<Point> hull = new ArrayList<>(List.of(curve.get(0)));
        for (Point point : sorted) {
            Point last = hull.get(hull.size() - 1);
            if (point.cost == last.cost) {
                continue;
            }
            while (hull.size() > 1
                    && slope(hull.get(hull.size() - 2), hull.get(hull.size() - 1))
                            >= slope(hull.get(hull.size() - 1), point)) {
                hull.remove(hull.size() - 1);
            }
            hull.add(point);
        }
        return hull;
    }

    static double slope(Point from, Point to) {
        return (to.loss - from.loss) / (from.cost - to.cost);
    }
}
