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
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;

/**
 * A rule that writes down a tensor network for any convolution it is asked for. Immutable; the
 * ready-made ones are those of {@link TensorFormats}.
 *
 * <p>A format of your own takes one method, {@link #network}; it then chooses its ranks itself:
 *
 * <pre>{@code
 * TensorFormat halves =
 *         spec ->
 *                 TensorFormats.tucker2(
 *                                 Rank.of(
 *                                         (int) spec.inputChannels() / 2,
 *                                         (int) spec.outputChannels() / 2))
 *                         .network(spec);
 * }</pre>
 *
 * <p>One whose ranks a {@link Rank} is to decide is made by {@link TensorFormats#custom}.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface TensorFormat {

    /**
     * Writes down the network for a kernel.
     *
     * @param spec channels, window and groups
     * @return a network whose contraction is a kernel of that specification
     * @throws IllegalArgumentException if the format or its ranks do not fit the specification
     */
    TensorNetwork network(KernelSpec spec);

    /**
     * Returns the short name of the format, as used in messages and reports.
     *
     * @return the name, such as {@code TR}; by default the simple name of the class, or {@code
     *     custom} for a lambda
     */
    default String name() {
        boolean named = !getClass().isSynthetic() && !getClass().isAnonymousClass();
        return named && !getClass().isHidden() ? getClass().getSimpleName() : "custom";
    }

    /**
     * Returns the rule for the ranks that {@link #pattern} leaves open.
     *
     * @return the rule; by default, where {@link #network} chooses every rank, it has nothing to
     *     decide
     */
    default Rank rank() {
        return Rank.max();
    }

    /**
     * Returns the same format with another rule for its ranks. Ranks written as numbers into the
     * notation of {@link TensorFormats#graph(String)} stay.
     *
     * @param rank the rule
     * @return a new format
     * @throws UnsupportedOperationException if the format chooses its ranks itself, as one does
     *     that has the method {@link #network} only
     */
    default TensorFormat withRank(Rank rank) {
        throw new UnsupportedOperationException(
                "Format "
                        + name()
                        + " chooses its ranks itself, so they cannot be set to "
                        + rank
                        + "; make it by TensorFormats.custom to have them decided by a Rank");
    }

    /**
     * Returns the formats to choose from, layer by layer.
     *
     * @return the format itself; several for {@link TensorFormats#any}
     */
    default List<TensorFormat> candidates() {
        return List.of(this);
    }

    /**
     * Writes down the network for a kernel but for the ranks: all other sizes are known.
     *
     * @param spec channels, window and groups
     * @return the pattern, whose rank modes without a size are the bonds that {@link #rank}
     *     decides; by default that of {@link #network}, which has none
     * @throws IllegalArgumentException if the format does not fit the specification
     */
    default NetworkPattern pattern(KernelSpec spec) {
        return network(spec).pattern();
    }
}
