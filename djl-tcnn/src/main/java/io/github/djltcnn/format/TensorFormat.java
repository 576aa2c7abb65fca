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

/**
 * A rule that writes down a tensor network for any convolution it is asked for. Immutable; made by
 * {@link TensorFormats}.
 *
 * @since 0.1.0
 */
public interface TensorFormat {

    /**
     * Returns the short name of the format, as used in messages and reports.
     *
     * @return the name, such as {@code TR}
     */
    String name();

    /**
     * Writes down the network for a kernel.
     *
     * @param spec channels, window and groups
     * @return a network whose contraction is a kernel of that specification
     * @throws IllegalArgumentException if the format or its ranks do not fit the specification
     */
    TensorNetwork network(KernelSpec spec);

    /**
     * Returns the rule for the ranks that {@link #pattern} leaves open.
     *
     * @return the rule
     */
    Rank rank();

    /**
     * Returns the same format with another rule for its ranks. Ranks written as numbers into the
     * notation of {@link TensorFormats#graph(String)} stay.
     *
     * @param rank the rule
     * @return a new format
     */
    TensorFormat withRank(Rank rank);

    /**
     * Writes down the network for a kernel but for the ranks: all other sizes are known.
     *
     * @param spec channels, window and groups
     * @return the pattern, whose rank modes without a size are the bonds that {@link #rank} decides
     * @throws IllegalArgumentException if the format does not fit the specification
     */
    NetworkPattern pattern(KernelSpec spec);
}
