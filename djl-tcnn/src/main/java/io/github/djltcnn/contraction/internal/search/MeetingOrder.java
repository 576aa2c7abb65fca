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

import java.util.List;
import java.util.stream.IntStream;

/** Reads the order in which the input meets the cores off a way through them. */
public final class MeetingOrder {

    private MeetingOrder() {}

    /** Returns the numbers of the cores of each tensor on the way, ascending within a tensor. */
    public static List<List<Integer>> of(PathSearch.Path path) {
        return path.hops().stream().map(hop -> cores(hop.tensor().cores())).toList();
    }

    private static List<Integer> cores(long set) {
        return IntStream.range(0, Long.SIZE)
                .filter(core -> (set >> core & 1) != 0)
                .boxed()
                .toList();
    }
}
