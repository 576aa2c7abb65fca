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

import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * Random networks: channels in pieces and on several cores, hyperedges, parallel bonds, groups
 * anywhere. Kernels made of their cores are found again to 1e-4, each as the best of a stated
 * number of starts.
 */
public class RandomNetworksTest {

    private static final int NETWORKS = 50;
    private static final int STARTS = 200;

    @Test
    public void testRecovery() {
        List<String> missed = new ArrayList<>();
        int first = Integer.getInteger("seed", 0); // -Dseed=.. tries others
        for (int seed = first; seed < first + NETWORKS; seed++) {
            TensorNetwork network = network(new Random(seed));
            double[] kernel = Kernels.contract(network, Kernels.cores(network, seed));
            Decomposition found = decompose(network, kernel, STARTS, seed);
            if (found.relativeError() > 1e-4) {
                missed.add("seed " + seed + ": " + found);
            }
        }
        Assert.assertTrue(missed.isEmpty(), String.join("\n", missed));
    }

    private static Decomposition decompose(
            TensorNetwork network, double[] kernel, int starts, int seed) {
        return Decomposer.builder()
                .optStarts(starts)
                .optSeed(seed)
                .optTolerance(1e-6)
                .build()
                .decompose(kernel, Kernels.spec(network), network);
    }

    private static TensorNetwork network(Random random) {
        int count = 2 + random.nextInt(3);
        List<List<String>> cores = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            cores.add(new ArrayList<>());
        }
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (String mode : List.of("i1", "i2", "o1", "o2", "h", "w", "g")) {
            boolean wanted = mode.endsWith("1") || random.nextInt(2) == 0;
            if (wanted) {
                place(mode, random.nextInt(6) == 0 ? 2 : 1, cores, random);
                sizes.put(mode, 2L + random.nextInt(3));
            }
        }
        List<String> ranks = new ArrayList<>();
        for (int r = 0; r < count; r++) {
            ranks.add("r" + r);
            place("r" + r, random.nextInt(3) == 0 ? 3 : 2, cores, random);
        }
        cores.removeIf(List::isEmpty);
        StringBuilder notation = new StringBuilder();
        for (List<String> core : cores) {
            notation.append(notation.length() == 0 ? "" : ", ").append(String.join(" ", core));
        }
        NetworkPattern pattern = NetworkPattern.parse(notation.toString()).withSizes(sizes);
        Map<String, Long> wished = new LinkedHashMap<>();
        ranks.forEach(rank -> wished.put(rank, 2L + random.nextInt(2)));
        return pattern.withSizes(UsefulRanks.cut(pattern, wished)).toNetwork();
    }

    private static void place(String mode, int times, List<List<String>> cores, Random random) {
        List<Integer> order = new ArrayList<>();
        for (int n = 0; n < cores.size(); n++) {
            order.add(n);
        }
        Collections.shuffle(order, random);
        for (int n = 0; n < Math.min(times, cores.size()); n++) {
            List<String> core = cores.get(order.get(n));
            core.add(random.nextInt(core.size() + 1), mode);
        }
    }
}
