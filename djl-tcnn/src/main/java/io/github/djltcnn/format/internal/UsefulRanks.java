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
package io.github.djltcnn.format.internal;

import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The largest ranks that add anything: past them a network only repeats directions it has.
 *
 * <p>The cores that carry a rank {@code r}, unfolded along it, are factors of {@code k} modes of
 * sizes {@code s_1 .. s_k}, the sizes of their other modes. Their contraction over {@code r} has
 * {@code s_1 ... s_k} entries and is a sum of at most {@code s_1 ... s_k / max(s_1 .. s_k)} outer
 * products, for every value of the modes that all of them share. For two cores this is the rank of
 * a matrix, {@code min(s_1, s_2)}; for more it bounds a hyperedge.
 */
public final class UsefulRanks {

    private UsefulRanks() {}

    /**
     * Returns the largest useful size of one rank, given the sizes of all other modes.
     *
     * @param pattern a network
     * @param ranks sizes that the pattern leaves open; may override none of its own
     * @param bond the rank mode
     * @return the bound, at least 1; {@link Long#MAX_VALUE} where an unbounded rank leaves it open
     */
    public static long bound(NetworkPattern pattern, Map<String, Long> ranks, String bond) {
        List<List<String>> carriers = new ArrayList<>();
        for (List<String> core : pattern.cores()) {
            if (core.contains(bond)) {
                carriers.add(core);
            }
        }
        double product = 1;
        double largest = 1;
        int unbounded = 0;
        for (List<String> core : carriers) {
            double size = 1;
            for (String mode : core) {
                if (!mode.equals(bond) && !carriers.stream().allMatch(c -> c.contains(mode))) {
                    long known = size(pattern, ranks, mode);
                    size *= known == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : (double) known;
                }
            }
            if (Double.isInfinite(size)) {
                unbounded++;
            } else {
                product *= size;
                largest = Math.max(largest, size);
            }
        }
        if (unbounded > 1) {
            return Long.MAX_VALUE;
        }
        double bound = unbounded == 1 ? product : product / largest;
        return bound >= 0x1p62 ? Long.MAX_VALUE : Math.round(bound);
    }

    /**
     * Cuts ranks down to what is useful, in rounds until none changes.
     *
     * @param pattern a network; its rank modes without a size are the bonds
     * @param ranks the wished size of every bond; {@link Long#MAX_VALUE} for no limit. Where bonds
     *     only limit one another, as around a ring, the first of them is cut to 1
     * @return the useful size of every bond
     */
    public static Map<String, Long> cut(NetworkPattern pattern, Map<String, Long> ranks) {
        Map<String, Long> useful = new LinkedHashMap<>(ranks);
        while (true) {
            boolean changed = false;
            for (Map.Entry<String, Long> bond : useful.entrySet()) {
                long bound = bound(pattern, useful, bond.getKey());
                if (bond.getValue() > bound) {
                    bond.setValue(bound);
                    changed = true;
                }
            }
            if (!changed) {
                String open = null;
                for (Map.Entry<String, Long> bond : useful.entrySet()) {
                    if (open == null && bond.getValue() == Long.MAX_VALUE) {
                        open = bond.getKey();
                    }
                }
                if (open == null) {
                    return useful;
                }
                useful.put(open, 1L);
            }
        }
    }

    /**
     * Returns the bonds of a pattern: its rank modes that have no size yet.
     *
     * @param pattern a network
     * @return their names, in order of first appearance
     */
    public static List<String> bonds(NetworkPattern pattern) {
        return pattern.names(Role.RANK).stream()
                .filter(name -> pattern.size(name).isEmpty())
                .toList();
    }

    private static long size(NetworkPattern pattern, Map<String, Long> ranks, String mode) {
        Long rank = ranks.get(mode);
        return rank != null ? rank : pattern.size(mode).orElse(Long.MAX_VALUE);
    }
}
