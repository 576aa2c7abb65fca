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
package io.github.djltcnn.contraction.internal.search;

import java.util.ArrayList;
import java.util.List;

/**
 * How an activation lies in memory: batch, then the leading modes, then the spatial axes, then the
 * trailing modes. All leading is channels first, all trailing is channels last; a leading mode that
 * a step leaves alone is part of the batch for it.
 *
 * @param lead the modes before the spatial axes, outermost first
 * @param trail the modes behind them
 */
public record ActivationLayout(List<Integer> lead, List<Integer> trail) {

    static final List<Integer> NONE = List.of();

    static ActivationLayout first(List<Integer> modes) {
        return new ActivationLayout(modes, NONE);
    }

    static ActivationLayout last(List<Integer> modes) {
        return new ActivationLayout(NONE, modes);
    }

    /** All modes, outermost first. */
    public List<Integer> modes() {
        return concat(lead, trail);
    }

    /** Some modes of a list, in its order. */
    public static List<Integer> pick(List<Integer> modes, long set) {
        List<Integer> picked = new ArrayList<>(modes.size());
        for (int mode : modes) {
            if ((set >> mode & 1) != 0) {
                picked.add(mode);
            }
        }
        return picked;
    }

    @SafeVarargs
    static List<Integer> concat(List<Integer>... parts) {
        List<Integer> all = new ArrayList<>();
        for (List<Integer> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    static long set(List<Integer> modes) {
        long set = 0;
        for (int mode : modes) {
            set |= 1L << mode;
        }
        return set;
    }
}
