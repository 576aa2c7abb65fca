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
package io.github.djltcnn.network;

import ai.djl.ndarray.types.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One small tensor of a {@link TensorNetwork}: an ordered list of distinct modes, one per axis.
 *
 * @param modes the modes in the order of the axes, at least one
 * @since 0.1.0
 */
public record Core(List<Mode> modes) {

    /**
     * Copies and checks the modes.
     *
     * @param modes the modes in the order of the axes
     * @throws IllegalArgumentException if there is no mode, or one stands twice
     */
    public Core {
        modes = List.copyOf(modes);
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("A core needs at least one mode, got none");
        }
        Set<String> seen = new HashSet<>();
        for (Mode mode : modes) {
            if (!seen.add(mode.name())) {
                throw new IllegalArgumentException(
                        "Core \""
                                + names(modes)
                                + "\" has mode "
                                + mode.name()
                                + " twice; a core has each mode once (no traces)");
            }
        }
    }

    /**
     * Returns whether one of the axes is the given mode.
     *
     * @param mode a mode
     * @return true if this core carries it
     */
    public boolean contains(Mode mode) {
        return modes.contains(mode);
    }

    /**
     * Returns the shape of the tensor.
     *
     * @return the sizes of the modes, in order
     */
    public Shape shape() {
        return new Shape(modes.stream().mapToLong(Mode::size).toArray());
    }

    /**
     * Returns the number of entries of the tensor.
     *
     * @return the product of the sizes
     * @throws IllegalArgumentException if it does not fit a long
     */
    public long size() {
        return Sizes.product(modes);
    }

    /** Returns the core in the notation of networks with every size, as {@code i=16 r1=8}. */
    @Override
    public String toString() {
        return modes.stream().map(Mode::toString).collect(Collectors.joining(" "));
    }

    private static String names(List<Mode> modes) {
        return modes.stream().map(Mode::name).collect(Collectors.joining(" "));
    }
}
