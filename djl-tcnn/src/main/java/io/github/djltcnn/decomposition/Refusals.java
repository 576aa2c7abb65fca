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
package io.github.djltcnn.decomposition;

import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.LinkedHashMap;
import java.util.Map;

/** Kernels and networks that are refused before any work. */
final class Refusals {

    /** The most entries that an array of Java holds on all machines. */
    private static final long MAX_CORE_ENTRIES = Integer.MAX_VALUE - 8;

    private Refusals() {}

    /** Refuses ranks that only repeat directions, and cores that no array of Java holds. */
    static void checkRanks(TensorNetwork network, String format) {
        for (Core core : network.cores()) {
            if (core.size() > MAX_CORE_ENTRIES) {
                throw new IllegalArgumentException(
                        "Core \""
                                + core
                                + "\" has "
                                + core.size()
                                + " entries; a core that is decomposed has at most "
                                + MAX_CORE_ENTRIES);
            }
        }
        NetworkPattern pattern = network.pattern();
        Map<String, Long> given = new LinkedHashMap<>();
        network.modes(Role.RANK).forEach(mode -> given.put(mode.name(), mode.size()));
        Map<String, Long> useful = UsefulRanks.cut(pattern, given);
        for (Map.Entry<String, Long> bond : given.entrySet()) {
            if (bond.getValue() > useful.get(bond.getKey())) {
                throw new IllegalArgumentException(
                        format
                                + " rank "
                                + bond.getValue()
                                + " exceeds the largest useful rank "
                                + useful.get(bond.getKey())
                                + " of bond "
                                + bond.getKey()
                                + " in \""
                                + network
                                + "\""
                                + (given.equals(useful) ? "" : ", whose useful ranks are " + useful)
                                + "; use at most that, or Rank.upTo to have ranks cut");
            }
        }
    }

    /** Refuses a kernel that does not fill its shape, is not finite or all zero. */
    static void checkKernel(double[] kernel, KernelSpec spec) {
        if (kernel.length != spec.denseParameterCount()) {
            throw new IllegalArgumentException(
                    "A kernel of "
                            + spec
                            + " has "
                            + spec.denseParameterCount()
                            + " entries, got "
                            + kernel.length);
        }
        boolean zero = true;
        for (int i = 0; i < kernel.length; i++) {
            if (!Double.isFinite(kernel[i])) {
                throw new IllegalArgumentException(
                        "Entry "
                                + i
                                + " of the kernel ("
                                + spec
                                + ") is "
                                + kernel[i]
                                + "; only finite kernels can be decomposed");
            }
            zero &= kernel[i] == 0;
        }
        if (zero) {
            throw new IllegalArgumentException(
                    "All entries of the kernel ("
                            + spec
                            + ") are zero: it has no direction to decompose; initialise a fresh"
                            + " layer instead");
        }
    }
}
