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

import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.NetworkPattern;
import java.util.Optional;

/**
 * Ranks that are read off the trained weights they are to approximate. A fresh layer has none, so
 * {@link TensorFormat#network} refuses such a rule; a decomposition resolves it.
 */
final class FittedRank extends Rank {

    private final FittedRule rule;

    FittedRank(FittedRule.Kind kind, double value) {
        this.rule = new FittedRule(kind, value);
    }

    @Override
    public Optional<FittedRule> fitted() {
        return Optional.of(rule);
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
        return other instanceof FittedRank that && rule.equals(that.rule);
    }

    @Override
    public int hashCode() {
        return rule.hashCode();
    }

    /** Returns the rule as {@code error 0.1} or {@code evbmf}. */
    @Override
    public String toString() {
        return rule.toString();
    }
}
