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

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * An axis of a {@link Core}: a name whose first letter is its {@link Role}, and a size. Two cores
 * that carry the same mode are joined by it.
 *
 * @param name the name: the letter of a role, then letters, digits or underscores
 * @param size the number of indices, at least 1
 * @since 0.1.0
 */
public record Mode(String name, long size) {

    private static final Pattern NAME = Pattern.compile("[a-z][A-Za-z0-9_]*");

    /**
     * Checks the name and the size.
     *
     * @param name the name
     * @param size the number of indices
     * @throws IllegalArgumentException if the name has no role or odd characters, or if the size is
     *     below 1
     */
    public Mode {
        checkName(name);
        if (size < 1) {
            throw new IllegalArgumentException(
                    "Mode " + name + " has size " + size + "; a size is at least 1");
        }
    }

    /**
     * Returns what this mode stands for.
     *
     * @return the role that the first letter of the name states
     */
    public Role role() {
        return Role.of(name);
    }

    /** Returns the mode in the notation of networks, as {@code r1=8}. */
    @Override
    public String toString() {
        return name + "=" + size;
    }

    static void checkName(String name) {
        Objects.requireNonNull(name, "name");
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "\""
                            + name
                            + "\" is not a mode: expected a letter of i, o, d, h, w, r, g followed"
                            + " by letters, digits or underscores, as in r1");
        }
        Role.of(name);
    }
}
