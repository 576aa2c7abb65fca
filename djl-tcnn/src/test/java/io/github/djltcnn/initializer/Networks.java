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
package io.github.djltcnn.initializer;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Networks and geometries that tests of the initializer share. */
final class Networks {

    private static final String[] LISTED = {
        "o=8 i=6 h=3 w=3",
        "i=6 r=5, h=3 r, w=3 r, o=8 r",
        "i=6 r1=4, r1 r2=3 h=3 w=3, r2 o=8",
        "i1=2 r1=3, r1 i2=3 r2=4, r2 h=3 w=3 r3=3, r3 o1=4 r4=2, r4 o2=2",
        "r0=3 i1=2 r1=4, r1 i2=3 r2=3, r2 h=3 w=3 r3=4, r3 o1=4 r4=3, r4 o2=2 r0",
        "i=6 r=4, r h=3 w=3, r o=8",
        "rb=3 i=6 r1=2, rb r1 r2=3 h=3 w=3, rb r2 o=8",
        "g=4 i=2 r=3, g r h=3 o=2 w=3",
        "r1=3, r0=2 r2=2 i1=2 h=3, r0 r1 i0=2 i1 o0=2 w=3, r0 r1 r2 o0",
        "i0=2 o0=3 w=3, h=3 i0 i1=3, i1 o0 o1=2",
    };

    private Networks() {}

    /** A few of every kind: ready-made formats, groups, shared channel modes, lonely ranks. */
    static List<TensorNetwork> listed() {
        List<TensorNetwork> networks = new ArrayList<>();
        for (String line : LISTED) {
            networks.add(TensorNetwork.parse(line));
        }
        return networks;
    }

    static ConvolutionGeometry geometry(TensorNetwork network, long stride, long padding) {
        return geometry(network, Math.max(1, network.minDimensions()), stride, padding, 1);
    }

    static ConvolutionGeometry geometry(
            TensorNetwork network, int dimensions, long stride, long padding, long dilation) {
        return new ConvolutionGeometry(
                network.kernelShape(dimensions),
                fill(dimensions, stride),
                fill(dimensions, padding),
                fill(dimensions, dilation));
    }

    static Shape fill(int dimensions, long value) {
        long[] sizes = new long[dimensions];
        Arrays.fill(sizes, value);
        return new Shape(sizes);
    }

    /**
     * A random network: 1 to 3 spatial dimensions, 1 to 5 cores, up to 4 ranks that may be
     * hyperedges, pieces of both channels on one or two cores each, at times groups.
     */
    static TensorNetwork random(Random random) {
        while (true) {
            int count = 1 + random.nextInt(5);
            List<List<Mode>> cores = new ArrayList<>();
            for (int n = 0; n < count; n++) {
                cores.add(new ArrayList<>());
            }
            int ranks = random.nextInt(5);
            for (int r = 0; r < ranks; r++) {
                place(
                        new Mode("r" + r, 2 + random.nextInt(3)),
                        2 + random.nextInt(2),
                        cores,
                        random);
            }
            for (int piece = 0; piece <= random.nextInt(2); piece++) {
                place(new Mode("i" + piece, 2 + random.nextInt(2)), onCores(random), cores, random);
            }
            for (int piece = 0; piece <= random.nextInt(2); piece++) {
                place(new Mode("o" + piece, 2 + random.nextInt(2)), onCores(random), cores, random);
            }
            for (String axis : List.of("d", "h", "w").subList(random.nextInt(3), 3)) {
                place(new Mode(axis, 1 + random.nextInt(3)), 1, cores, random);
            }
            if (random.nextInt(3) == 0) {
                place(new Mode("g", 2), onCores(random), cores, random);
            }
            if (cores.stream().noneMatch(List::isEmpty)) {
                return new TensorNetwork(cores.stream().map(Core::new).toList());
            }
        }
    }

    private static int onCores(Random random) {
        return random.nextInt(3) == 0 ? 2 : 1;
    }

    private static void place(Mode mode, int times, List<List<Mode>> cores, Random random) {
        List<List<Mode>> free = new ArrayList<>(cores);
        Collections.shuffle(free, random);
        free.stream().limit(times).forEach(core -> core.add(mode));
    }
}
