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
package io.github.djltcnn.format;

import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.NetworkPattern;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The largest ranks within a share of the dense parameters. */
final class RatioRank extends Rank {

    private final double ratio;

    RatioRank(double ratio) {
        if (!(ratio > 0 && ratio <= 1)) {
            throw new IllegalArgumentException(
                    "A rank ratio is above 0 and at most 1, got "
                            + ratio
                            + "; for fixed ranks use Rank.of");
        }
        this.ratio = ratio;
    }

    @Override
    NetworkPattern assign(NetworkPattern pattern, long denseParameterCount, String format) {
        List<String> edges = UsefulRanks.bonds(pattern);
        if (edges.isEmpty()) {
            return pattern;
        }
        long budget = (long) Math.floor(ratio * (double) denseParameterCount);
        long least = parameters(pattern, useful(pattern, edges, 1));
        if (least > budget) {
            throw new IllegalArgumentException(
                    format
                            + " has "
                            + least
                            + " parameters at rank 1 already, over the "
                            + budget
                            + " that ratio "
                            + ratio
                            + " of "
                            + denseParameterCount
                            + " dense parameters allows; use a larger ratio or Rank.of");
        }
        long fits = 1;
        long over = budget + 1; // a rank of budget + 1 alone has more parameters than the budget
        while (over - fits > 1) {
            long middle = fits + (over - fits) / 2;
            if (parameters(pattern, useful(pattern, edges, middle)) <= budget) {
                fits = middle;
            } else {
                over = middle;
            }
        }
        Map<String, Long> ranks = useful(pattern, edges, fits);
        raise(pattern, edges, ranks, budget);
        return pattern.withSizes(ranks);
    }

    /** Raises single ranks in order, one at a time, as long as one is useful and fits. */
    private static void raise(
            NetworkPattern pattern, List<String> edges, Map<String, Long> ranks, long budget) {
        boolean raised = true;
        while (raised) {
            raised = false;
            for (String edge : edges) {
                long old = ranks.get(edge);
                ranks.put(edge, old + 1);
                if (old + 1 <= UsefulRanks.bound(pattern, ranks, edge)
                        && parameters(pattern, ranks) <= budget) {
                    raised = true;
                } else {
                    ranks.put(edge, old);
                }
            }
        }
    }

    /** All ranks equal, those beyond their useful bound cut down to it. */
    private static Map<String, Long> useful(NetworkPattern pattern, List<String> edges, long rank) {
        Map<String, Long> ranks = new LinkedHashMap<>();
        edges.forEach(edge -> ranks.put(edge, rank));
        return UsefulRanks.cut(pattern, ranks);
    }

    private static long parameters(NetworkPattern pattern, Map<String, Long> ranks) {
        double count = 0;
        for (List<String> core : pattern.cores()) {
            count += size(pattern, ranks, core);
        }
        return (long) Math.min(count, (double) Long.MAX_VALUE);
    }

    /** In doubles, exact up to 2^53 and without overflow above. */
    private static double size(NetworkPattern pattern, Map<String, Long> ranks, List<String> core) {
        double size = 1;
        for (String name : core) {
            Long rank = ranks.get(name);
            size *= (double) (rank != null ? rank : pattern.size(name).orElseThrow());
        }
        return size;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RatioRank that && Double.compare(ratio, that.ratio) == 0;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(ratio);
    }

    /** Returns the rule as {@code ratio 0.25}. */
    @Override
    public String toString() {
        return "ratio " + ratio;
    }
}
