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

import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;

/**
 * All two-dimensional graphs with a number of inner modes: each kernel mode on exactly one core,
 * input and output on at least one, every inner mode on at least two, no core's modes contained in
 * another's. Modes are distinguishable, cores unordered.
 */
final class GraphEnumeration {

    private final List<Mode> modes = new ArrayList<>();
    private final List<TensorNetwork> found = new ArrayList<>();

    private GraphEnumeration(int innerModes) {
        modes.add(new Mode("h", 3));
        modes.add(new Mode("w", 2));
        modes.add(new Mode("i", 2));
        modes.add(new Mode("o", 3));
        for (int n = 1; n <= innerModes; n++) {
            modes.add(new Mode("r" + n, 2));
        }
    }

    static List<TensorNetwork> graphs(int innerModes) {
        GraphEnumeration enumeration = new GraphEnumeration(innerModes);
        enumeration.extend(new ArrayList<>(), 1);
        return enumeration.found;
    }

    /** Adds cores in increasing order of their sets of modes, bit by bit. */
    private void extend(List<Integer> cores, int least) {
        if (isComplete(cores)) {
            found.add(network(cores));
        }
        for (int next = least; next < 1 << modes.size(); next++) {
            if (fits(cores, next)) {
                cores.add(next);
                extend(cores, next + 1);
                cores.remove(cores.size() - 1);
            }
        }
    }

    private static boolean fits(List<Integer> cores, int next) {
        for (int core : cores) {
            boolean contained = (core & next) == core || (core & next) == next;
            boolean sharesKernelMode = (core & next & 3) != 0;
            if (contained || sharesKernelMode) {
                return false;
            }
        }
        return true;
    }

    private boolean isComplete(List<Integer> cores) {
        for (int mode = 0; mode < modes.size(); mode++) {
            int bit = 1 << mode;
            long count = cores.stream().filter(core -> (core & bit) != 0).count();
            if (count < (mode < 4 ? 1 : 2)) {
                return false;
            }
        }
        return true;
    }

    private TensorNetwork network(List<Integer> sets) {
        List<Core> cores = new ArrayList<>();
        for (int set : sets) {
            List<Mode> core = new ArrayList<>();
            for (int mode = 0; mode < modes.size(); mode++) {
                if ((set >> mode & 1) == 1) {
                    core.add(modes.get(mode));
                }
            }
            cores.add(new Core(core));
        }
        return new TensorNetwork(cores);
    }
}
