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

/** Ranks given as numbers, or none for no limit, cut to the largest useful ones. */
final class CutRank extends Rank {

    private final int[] ranks;

    CutRank(int... ranks) {
        for (int rank : ranks) {
            if (rank < 1) {
                throw new IllegalArgumentException(
                        "Ranks are at least 1, got " + Arrays.toString(ranks));
            }
        }
        this.ranks = ranks.clone();
    }

    @Override
    NetworkPattern assign(NetworkPattern pattern, long denseParameterCount, String format) {
        List<String> bonds = UsefulRanks.bonds(pattern);
        if (ranks.length > 1 && ranks.length != bonds.size()) {
            // One rule for the count and its message.
            new FixedRank(ranks).assign(pattern, denseParameterCount, format);
        }
        Map<String, Long> wished = new LinkedHashMap<>();
        for (int n = 0; n < bonds.size(); n++) {
            long rank = ranks.length == 0 ? Long.MAX_VALUE : ranks[ranks.length == 1 ? 0 : n];
            wished.put(bonds.get(n), rank);
        }
        return pattern.withSizes(UsefulRanks.cut(pattern, wished));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CutRank that && Arrays.equals(ranks, that.ranks);
    }

    @Override
    public int hashCode() {
        return 31 + Arrays.hashCode(ranks);
    }

    /** Returns the rule as {@code max} or {@code up to 4, 6, 4}. */
    @Override
    public String toString() {
        return ranks.length == 0
                ? "max"
                : Arrays.stream(ranks)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(", ", "up to ", ""));
    }
}
