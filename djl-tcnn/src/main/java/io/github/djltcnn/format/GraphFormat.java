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
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A network that the user wrote down, whose missing sizes the layer fills in. */
final class GraphFormat implements TensorFormat {

    private final NetworkPattern pattern;
    private final Rank rank;

    /**
     * Creates a format.
     *
     * @param pattern the network
     * @param rank decides the ranks without a size; null if there is none
     */
    GraphFormat(NetworkPattern pattern, Rank rank) {
        this.pattern = pattern;
        this.rank = rank;
        if (rank == null && !UsefulRanks.bonds(pattern).isEmpty()) {
            throw new IllegalArgumentException(
                    "No size for rank "
                            + String.join(", ", UsefulRanks.bonds(pattern))
                            + " in \""
                            + pattern
                            + "\"; write it as "
                            + UsefulRanks.bonds(pattern).get(0)
                            + "=8, or give graph(..) a Rank");
        }
    }

    @Override
    public String name() {
        return "graph";
    }

    /** The rule; any will do where the notation has every rank. */
    @Override
    public Rank rank() {
        return rank == null ? Rank.max() : rank;
    }

    @Override
    public TensorFormat withRank(Rank other) {
        return new GraphFormat(pattern, Objects.requireNonNull(other, "rank"));
    }

    @Override
    public TensorNetwork network(KernelSpec spec) {
        return rank().assign(pattern(spec), spec.denseParameterCount(), name()).toNetwork();
    }

    @Override
    public NetworkPattern pattern(KernelSpec spec) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        channels(Role.GROUP, spec.groups(), "groups", sizes);
        channels(Role.INPUT, spec.inputChannels() / spec.groups(), "input channels", sizes);
        channels(Role.OUTPUT, spec.outputChannels() / spec.groups(), "output channels", sizes);
        kernel(spec, sizes);
        return pattern.withSizes(sizes);
    }

    /** Splits a count over the modes of one role: what is given stays, the rest is even. */
    private void channels(Role role, long count, String what, Map<String, Long> sizes) {
        List<String> open =
                pattern.names(role).stream()
                        .filter(name -> pattern.size(name).isEmpty())
                        .collect(Collectors.toList());
        long given = 1;
        for (String name : pattern.names(role)) {
            given = multiply(given, pattern.size(name).orElse(1), role);
        }
        if (open.isEmpty() ? given != count : count % given != 0) {
            throw new IllegalArgumentException(
                    "The layer has "
                            + count
                            + " "
                            + what
                            + (role == Role.GROUP ? "" : " per group")
                            + ", the "
                            + role.letter()
                            + " modes of \""
                            + pattern
                            + "\" make "
                            + given
                            + (open.isEmpty()
                                    ? "; leave a size out to have it filled in, or make the two"
                                            + " agree"
                                    : ", which does not divide it"));
        }
        if (!open.isEmpty()) {
            List<Long> pieces = ChannelPieces.evenly(count / given, open.size());
            for (int n = 0; n < open.size(); n++) {
                sizes.put(open.get(n), n < pieces.size() ? pieces.get(n) : 1L);
            }
        }
    }

    private long multiply(long a, long b, Role role) {
        try {
            return Math.multiplyExact(a, b);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "The "
                            + role.letter()
                            + " modes of \""
                            + pattern
                            + "\" make more channels than "
                            + Long.MAX_VALUE,
                    e);
        }
    }

    private void kernel(KernelSpec spec, Map<String, Long> sizes) {
        Map<String, Long> axes = RankedFormat.kernelSizes(spec);
        for (Role axis : List.of(Role.DEPTH, Role.HEIGHT, Role.WIDTH)) {
            List<String> names = pattern.names(axis);
            Long size = axes.get(String.valueOf(axis.letter()));
            for (String name : names) {
                long written = pattern.size(name).orElse(size == null ? 1 : size);
                if (size == null || written != size) {
                    throw new IllegalArgumentException(
                            "Mode "
                                    + name
                                    + " of \""
                                    + pattern
                                    + "\" is a kernel axis"
                                    + (size == null
                                            ? " that the layer does not have: its kernel is "
                                                    + spec.kernel()
                                            : " of size "
                                                    + written
                                                    + ", the layer's kernel is "
                                                    + spec.kernel()));
                }
                sizes.put(name, written);
            }
            if (names.isEmpty() && size != null && size > 1) {
                throw new IllegalArgumentException(
                        "\""
                                + pattern
                                + "\" has no mode for kernel axis "
                                + axis.letter()
                                + ", whose size is "
                                + size
                                + "; write "
                                + axis.letter()
                                + " on a core");
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GraphFormat that
                && pattern.equals(that.pattern)
                && Objects.equals(rank, that.rank);
    }

    @Override
    public int hashCode() {
        return Objects.hash(pattern, rank);
    }

    /** Returns the notation, and the ranks where they were given apart. */
    @Override
    public String toString() {
        return "graph(" + pattern + (rank == null ? "" : "; " + rank) + ")";
    }
}
