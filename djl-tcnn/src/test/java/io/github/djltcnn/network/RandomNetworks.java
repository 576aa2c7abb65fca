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

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Networks of every odd kind: hyperedges on any role, channel and kernel modes on several cores,
 * groups, ranks that dangle, cores that are disconnected. Small enough to contract by brute force.
 */
public final class RandomNetworks {

    private RandomNetworks() {}

    /**
     * Draws a network of 1 to 5 cores for 1 to 3 spatial dimensions.
     *
     * @param random the source
     * @return the network
     */
    public static TensorNetwork next(Random random) {
        return next(random, 1 + random.nextInt(3));
    }

    /**
     * Draws a network of 1 to 5 cores.
     *
     * @param random the source
     * @param numDimensions the number of kernel axes, 0 to 3
     * @return the network
     */
    public static TensorNetwork next(Random random, int numDimensions) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        modes(random, "r", random.nextInt(5), 4, sizes);
        modes(random, "i", 1 + random.nextInt(2), 3, sizes);
        modes(random, "o", 1 + random.nextInt(2), 3, sizes);
        modes(random, "g", Math.max(0, random.nextInt(5) - 3), 3, sizes);
        List<String> axes = List.of("d", "h", "w").subList(3 - numDimensions, 3);
        axes.forEach(axis -> sizes.put(axis, 1L + random.nextInt(3)));
        int count = 1 + random.nextInt(5);
        List<List<String>> cores = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            cores.add(new ArrayList<>());
        }
        for (String mode : sizes.keySet()) {
            boolean rank = mode.startsWith("r");
            int copies = 1 + (rank || random.nextInt(4) == 0 ? random.nextInt(count) : 0);
            for (int copy = 0; copy < copies; copy++) {
                List<String> core = cores.get(random.nextInt(count));
                if (!core.contains(mode)) {
                    core.add(random.nextInt(core.size() + 1), mode);
                }
            }
        }
        cores.removeIf(List::isEmpty);
        List<Core> made = new ArrayList<>();
        for (List<String> core : cores) {
            made.add(new Core(core.stream().map(m -> new Mode(m, sizes.get(m))).toList()));
        }
        return new TensorNetwork(made);
    }

    private static void modes(
            Random random, String letter, int count, int most, Map<String, Long> sizes) {
        for (int n = 0; n < count; n++) {
            sizes.put(letter + n, 1L + random.nextInt(most));
        }
    }
}
