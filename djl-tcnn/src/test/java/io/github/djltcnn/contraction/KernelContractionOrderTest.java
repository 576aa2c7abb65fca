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
package io.github.djltcnn.contraction;

import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.RandomNetworks;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The order in which cores are contracted, against all orders there are. */
public class KernelContractionOrderTest {

    @Test
    public void separableKernelTakesItsPublishedOperations() {
        // rt,rs,rh,rw->tshw: as many operations as an einsum with the best path, which counts a
        // multiply-add as two and a product that is not summed as one.
        TensorNetwork network = TensorNetwork.parse("r=64 o=64, r i=64, r h=3, r w=3");
        Assert.assertEquals(KernelContraction.of(network, 2).operations(), 4_743_168.0);
    }

    @Test
    public void noOrderOfRandomNetworksIsCheaper() {
        long seed = Long.getLong("seed", 20260601L); // -Dseed=.. tries others
        Random random = new Random(seed);
        int compared = 0;
        while (compared < 200) {
            TensorNetwork network = RandomNetworks.next(random);
            if (network.cores().size() > 8) {
                continue;
            }
            compared++;
            double least = leastMacs(network);
            Assert.assertEquals(
                    KernelContraction.of(network, 3).macs(),
                    least,
                    1e-12 * least,
                    network + ", seed " + seed);
        }
    }

    /** Walks through every pairwise order, straight from the definition. */
    private static double leastMacs(TensorNetwork network) {
        List<Set<Mode>> tensors = new ArrayList<>();
        for (Core core : network.cores()) {
            Set<Mode> modes = new HashSet<>(core.modes());
            modes.removeIf(mode -> mode.role() == Role.RANK && count(network, mode) == 1);
            tensors.add(modes);
        }
        return walk(tensors, new HashMap<>());
    }

    private static long count(TensorNetwork network, Mode mode) {
        return network.cores().stream().filter(core -> core.contains(mode)).count();
    }

    private static double walk(List<Set<Mode>> tensors, Map<Set<Object>, Double> known) {
        if (tensors.size() == 1) {
            return 0;
        }
        // Tensors are told apart by identity of their place, so the key keeps duplicates apart.
        Map<Object, Integer> counts = new HashMap<>();
        for (Set<Mode> tensor : tensors) {
            counts.merge(tensor, 1, Integer::sum);
        }
        Set<Object> key = new HashSet<>(counts.entrySet());
        Double cached = known.get(key);
        if (cached != null) {
            return cached;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < tensors.size(); a++) {
            for (int b = a + 1; b < tensors.size(); b++) {
                Set<Mode> union = new HashSet<>(tensors.get(a));
                union.addAll(tensors.get(b));
                List<Set<Mode>> rest = new ArrayList<>(tensors);
                rest.remove(b);
                rest.remove(a);
                double macs = 1;
                Set<Mode> kept = new HashSet<>();
                for (Mode mode : union) {
                    macs *= mode.size();
                    boolean open = mode.role() != Role.RANK;
                    if (open || rest.stream().anyMatch(other -> other.contains(mode))) {
                        kept.add(mode);
                    }
                }
                rest.add(kept);
                least = Math.min(least, macs + walk(rest, known));
            }
        }
        known.put(key, least);
        return least;
    }
}
