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

/**
 * What a {@link Mode} stands for in a tensorial convolution; the first letter of its name says it.
 *
 * @since 0.1.0
 */
public enum Role {
    /** {@code i}: a piece of the input channel axis; summed over in the forward direction. */
    INPUT('i'),
    /** {@code o}: a piece of the output channel axis. */
    OUTPUT('o'),
    /** {@code d}: the kernel axis along depth, of three-dimensional convolutions. */
    DEPTH('d'),
    /** {@code h}: the kernel axis along height, of two- and three-dimensional convolutions. */
    HEIGHT('h'),
    /** {@code w}: the kernel axis along width, the only one of one-dimensional convolutions. */
    WIDTH('w'),
    /** {@code r}: a rank, internal to the network; on three or more cores it is a hyperedge. */
    RANK('r'),
    /** {@code g}: a piece of the group axis, in the input and in the output at once. */
    GROUP('g');

    private final char letter;

    Role(char letter) {
        this.letter = letter;
    }

    /**
     * Returns the letter that names of modes of this role start with.
     *
     * @return the first letter
     */
    public char letter() {
        return letter;
    }

    /**
     * Returns whether this is the role of a kernel axis: depth, height or width.
     *
     * @return true for a kernel axis
     */
    public boolean isKernelAxis() {
        return this == DEPTH || this == HEIGHT || this == WIDTH;
    }

    /**
     * Returns the role that a name states with its first letter.
     *
     * @param name the name of a mode
     * @return its role
     * @throws IllegalArgumentException if no role starts with that letter
     */
    public static Role of(String name) {
        for (Role role : values()) {
            if (!name.isEmpty() && name.charAt(0) == role.letter) {
                return role;
            }
        }
        throw new IllegalArgumentException(
                "Mode \""
                        + name
                        + "\" has no role: a name starts with i (input channel), o (output"
                        + " channel), d, h, w (kernel axes), r (rank) or g (group)");
    }
}
