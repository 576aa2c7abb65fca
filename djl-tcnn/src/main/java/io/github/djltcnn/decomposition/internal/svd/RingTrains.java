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
package io.github.djltcnn.decomposition.internal.svd;

import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The tensor trains that a ring contains: it is one wherever a single bond has rank 1. For each,
 * the singular values at the bonds that are left.
 */
public final class RingTrains {

    private final NetworkPattern pattern;
    private final Map<String, Spectra> trains = new LinkedHashMap<>();

    private RingTrains(NetworkPattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Measures a kernel along every train.
     *
     * @param kernel the kernel
     * @param spec its shape
     * @param pattern the ring
     * @return the trains, one for each bond whose rank is open
     */
    public static RingTrains of(double[] kernel, KernelSpec spec, NetworkPattern pattern) {
        RingTrains ring = new RingTrains(pattern);
        for (String open : UsefulRanks.bonds(pattern)) {
            TensorFormat train = TensorFormats.of(pattern.without(open), Rank.max());
            ring.trains.put(open, Spectra.of(kernel, spec, train));
        }
        return ring;
    }

    /**
     * Returns the bonds at which the ring can be opened.
     *
     * @return their names
     */
    public Set<String> openings() {
        return trains.keySet();
    }

    /**
     * Returns the singular values along the train that is left without a bond.
     *
     * @param open the bond
     * @return the singular values
     */
    public Spectra spectra(String open) {
        return trains.get(open);
    }

    /**
     * Closes a train to the ring.
     *
     * @param open the bond it lacks
     * @param rank the rank of that bond
     * @param train the train
     * @return the ring, ranks past what is useful cut
     */
    public TensorNetwork closed(String open, long rank, TensorNetwork train) {
        Map<String, Long> ranks = new LinkedHashMap<>(Map.of(open, rank));
        train.modes(Role.RANK).forEach(mode -> ranks.put(mode.name(), mode.size()));
        ranks.keySet().retainAll(UsefulRanks.bonds(pattern));
        return pattern.withSizes(UsefulRanks.cut(pattern, ranks)).toNetwork();
    }
}
