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
import java.util.Objects;

/**
 * Ranks that are read off the trained weights they are to approximate. A fresh layer has none, so
 * {@link TensorFormat#network} refuses such a rule; a decomposition resolves it. Immutable; made by
 * the factories of {@link Rank}.
 *
 * @since 0.1.0
 */
public final class FittedRank extends Rank {

    /** What the ranks are fitted to. */
    public enum Kind {
        /** The smallest ranks whose relative kernel error stays within the value. */
        ERROR("error"),
        /** For every bond, the share of the squared singular values that is kept. */
        ENERGY("energy"),
        /** The ranks that empirical variational Bayes finds above the noise; no value. */
        EVBMF("evbmf"),
        /** The least error with at most a share of the dense parameters. */
        BEST_RATIO("bestRatio"),
        /** A share of the multiply-adds of a whole model. */
        TARGET_MACS("targetMacs"),
        /** A share of the parameters of a whole model. */
        TARGET_PARAMETERS("targetParameters");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /**
         * Returns whether the ranks of all layers are chosen together.
         *
         * @return true for the two targets
         */
        public boolean isWholeModel() {
            return this == TARGET_MACS || this == TARGET_PARAMETERS;
        }
    }

    private final Kind kind;
    private final double value;

    FittedRank(Kind kind, double value) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.value = value;
        if (kind != Kind.EVBMF && !(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "Rank." + kind.label + " is above 0 and at most 1, got " + value);
        }
    }

    /**
     * Returns what the ranks are fitted to.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the number of the rule: an error, an energy or a share.
     *
     * @return above 0 and at most 1; 1 for {@link Kind#EVBMF}, which has none
     */
    public double value() {
        return value;
    }

    @Override
    public boolean needsWeights() {
        return true;
    }

    @Override
    NetworkPattern assign(NetworkPattern pattern, long denseParameterCount, String format) {
        if (UsefulRanks.bonds(pattern).isEmpty()) {
            return pattern;
        }
        throw new IllegalArgumentException(
                format
                        + "("
                        + this
                        + ") reads its ranks off trained weights, which a fresh layer does not"
                        + " have; decompose a trained layer with it, or use Rank.of or Rank.ratio");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FittedRank that
                && kind == that.kind
                && Double.compare(value, that.value) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, value);
    }

    /** Returns the rule as {@code error 0.1} or {@code evbmf}. */
    @Override
    public String toString() {
        return kind == Kind.EVBMF ? kind.label : kind.label + " " + value;
    }
}
