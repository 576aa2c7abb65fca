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

import io.github.djltcnn.network.NetworkPattern;

/**
 * How large the ranks of a format are: fixed numbers, or a rule that finds them for every layer.
 * Immutable.
 *
 * @since 0.1.0
 */
public abstract class Rank {

    /** Only the rules of this package. */
    Rank() {}

    /**
     * Returns fixed ranks: one number for all edges, or one per edge in the order in which the
     * format names them.
     *
     * @param ranks the ranks, each at least 1
     * @return the rule
     * @throws IllegalArgumentException if there is no rank or one is below 1
     */
    public static Rank of(int... ranks) {
        return new FixedRank(ranks);
    }

    /**
     * Returns the largest ranks whose parameters are at most the given share of the dense kernel's:
     * all edges equal as far as they are useful, then raised one by one in order until no rank can
     * be raised any more.
     *
     * @param ratio the share, above 0 and at most 1
     * @return the rule
     * @throws IllegalArgumentException if the ratio is out of range
     */
    public static Rank ratio(double ratio) {
        return new RatioRank(ratio);
    }

    /**
     * Fills in the sizes of the ranks of a pattern that has all other sizes.
     *
     * @param pattern the pattern; its rank modes without a size are the edges
     * @param denseParameterCount the number of entries of the dense kernel
     * @param format the name of the format, for messages
     * @return the pattern with every size
     */
    abstract NetworkPattern assign(NetworkPattern pattern, long denseParameterCount, String format);
}
