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

import java.util.Objects;

/**
 * What ranks are fitted to when they are read off trained weights.
 *
 * @param kind the kind
 * @param value an error, an energy or a share, above 0 and at most 1; 1 for {@link Kind#EVBMF}
 */
public record FittedRule(Kind kind, double value) {

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
        TARGET_PARAMETERS("targetParameters"),
        /** A share of the time that a whole model takes. */
        TARGET_TIME("targetTime");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /**
         * Returns whether the ranks of all layers are chosen together.
         *
         * @return true for the three targets
         */
        public boolean isWholeModel() {
            return this == TARGET_MACS || this == TARGET_PARAMETERS || this == TARGET_TIME;
        }
    }

    /**
     * Checks the value.
     *
     * @param kind the kind
     * @param value the value
     * @throws IllegalArgumentException if the value is out of range
     */
    public FittedRule {
        Objects.requireNonNull(kind, "kind");
        if (kind != Kind.EVBMF && !(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "Rank." + kind.label + " is above 0 and at most 1, got " + value);
        }
    }

    /** Returns the rule as {@code error 0.1} or {@code evbmf}. */
    @Override
    public String toString() {
        return kind == Kind.EVBMF ? kind.label : kind.label + " " + value;
    }
}
