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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Ranks given as numbers. */
final class FixedRank extends Rank {

    private final int[] ranks;

    FixedRank(int... ranks) {
        if (ranks.length == 0) {
            throw new IllegalArgumentException("At least one rank is needed, got none");
        }
        for (int rank : ranks) {
            if (rank < 1) {
                throw new IllegalArgumentException("Ranks are at least 1, got " + list(ranks));
            }
        }
        this.ranks = ranks.clone();
    }

    @Override
    NetworkPattern assign(NetworkPattern pattern, long denseParameterCount, String format) {
        List<String> edges = UsefulRanks.bonds(pattern);
        if (ranks.length > 1 && ranks.length != edges.size()) {
            throw new IllegalArgumentException(
                    format
                            + " needs "
                            + edges.size()
                            + " ranks, one per edge ("
                            + String.join(" ", edges)
                            + ") of "
                            + pattern
                            + ", or one for all; got "
                            + ranks.length
                            + ": "
                            + list(ranks));
        }
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (int i = 0; i < edges.size(); i++) {
            sizes.put(edges.get(i), (long) ranks[ranks.length == 1 ? 0 : i]);
        }
        return pattern.withSizes(sizes);
    }

    private static String list(int... ranks) {
        return Arrays.stream(ranks)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", ", "(", ")"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FixedRank that && Arrays.equals(ranks, that.ranks);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ranks);
    }

    /** Returns the ranks as {@code 10} or {@code 4, 6, 4}. */
    @Override
    public String toString() {
        return Arrays.stream(ranks).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }
}
