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
import io.github.djltcnn.network.NetworkPattern;
import java.util.Optional;

/**
 * How large the ranks of a format are: fixed numbers, or a rule that finds them for every layer.
 * Immutable.
 *
 * @since 0.1.0
 */
public abstract sealed class Rank permits FixedRank, RatioRank, CutRank, FittedRank {

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
     * Returns ranks with at most the given share of the dense kernel's parameters, as {@link
     * #ratio}, but chosen from a trained kernel for the least error. Without cycles (Tucker-2,
     * tensor train) the singular values at the bonds tell how to share the parameters out. A tensor
     * ring starts from the best of the tensor trains that it contains, and its closing rank is
     * raised at the cost of the others as far as that pays. Other formats have the ranks of {@link
     * #ratio}.
     *
     * @param ratio the share, above 0 and at most 1
     * @return the rule; it needs trained weights
     * @throws IllegalArgumentException if the ratio is out of range
     */
    public static Rank bestRatio(double ratio) {
        return new FittedRank(FittedRule.Kind.BEST_RATIO, ratio);
    }

    /**
     * Returns the given ranks, cut to the largest useful ones where a layer is too small for them.
     *
     * @param ranks the ranks, one for all edges or one per edge, each at least 1
     * @return the rule
     * @throws IllegalArgumentException if there is no rank or one is below 1
     */
    public static Rank upTo(int... ranks) {
        if (ranks.length == 0) {
            throw new IllegalArgumentException("At least one rank is needed, got none");
        }
        return new CutRank(ranks);
    }

    /**
     * Returns the largest useful ranks, with which a format can hold any kernel. Around a ring,
     * where ranks only limit one another, the first is 1.
     *
     * @return the rule
     */
    public static Rank max() {
        return new CutRank();
    }

    /**
     * Returns the smallest ranks with which the relative error of a trained kernel, {@code |K -
     * approximation| / |K|} in the Frobenius norm, stays within the given one.
     *
     * @param error the largest relative error, above 0 and at most 1
     * @return the rule; it needs trained weights
     * @throws IllegalArgumentException if the error is out of range
     */
    public static Rank error(double error) {
        return new FittedRank(FittedRule.Kind.ERROR, error);
    }

    /**
     * Returns, for every bond, the smallest rank whose leading singular values hold the given share
     * of the energy (the sum of squares) of the trained kernel unfolded at that bond. For formats
     * whose every bond cuts the network in two: Tucker-2, tensor train, tensor-train matrix.
     *
     * @param energy the share that is kept, above 0 and at most 1
     * @return the rule; it needs trained weights
     * @throws IllegalArgumentException if the energy is out of range
     */
    public static Rank energy(double energy) {
        return new FittedRank(FittedRule.Kind.ENERGY, energy);
    }

    /**
     * Returns, for every bond, the number of singular values above the noise, as empirical
     * variational Bayesian matrix factorisation estimates it in closed form (Nakajima et al.,
     * "Global analytic solution of fully-observed variational Bayesian matrix factorization", JMLR
     * 14, 2013). For the same formats as {@link #energy}.
     *
     * @return the rule; it needs trained weights
     */
    public static Rank evbmf() {
        return new FittedRank(FittedRule.Kind.EVBMF, 1);
    }

    /**
     * Returns ranks chosen for all layers of a model together, by marginal kept energy, so that its
     * multiply-adds fall to the given share.
     *
     * @param share the share, above 0 and at most 1
     * @return the rule; it needs trained weights and all layers
     * @throws IllegalArgumentException if the share is out of range
     */
    public static Rank targetMacs(double share) {
        return new FittedRank(FittedRule.Kind.TARGET_MACS, share);
    }

    /**
     * Returns ranks chosen for all layers of a model together, by marginal kept energy, so that its
     * parameters fall to the given share.
     *
     * @param share the share, above 0 and at most 1
     * @return the rule; it needs trained weights and all layers
     * @throws IllegalArgumentException if the share is out of range
     */
    public static Rank targetParameters(double share) {
        return new FittedRank(FittedRule.Kind.TARGET_PARAMETERS, share);
    }

    /**
     * Returns ranks chosen for all layers of a model together, by marginal kept energy, so that the
     * time that a prediction takes falls to the given share. The conversion is told how long a
     * layer takes; a layer that no ranks make faster stays dense.
     *
     * @param share the share, above 0 and at most 1
     * @return the rule; it needs trained weights and all layers
     * @throws IllegalArgumentException if the share is out of range
     */
    public static Rank targetTime(double share) {
        return new FittedRank(FittedRule.Kind.TARGET_TIME, share);
    }

    /**
     * Returns whether the ranks are read off trained weights, so that a fresh layer cannot have
     * them.
     *
     * @return true for {@link #error}, {@link #energy}, {@link #evbmf}, {@link #bestRatio} and the
     *     three targets
     */
    public boolean needsWeights() {
        return fitted().isPresent();
    }

    /**
     * Returns what the ranks are fitted to when they are read off trained weights; for the
     * decomposer.
     *
     * @return the rule, empty if no weights are needed
     */
    public Optional<FittedRule> fitted() {
        return Optional.empty();
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
