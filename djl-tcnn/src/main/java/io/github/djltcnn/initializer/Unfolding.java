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
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;

/**
 * The part that each mode of a core has when the input meets the cores one after another, as
 * written.
 *
 * @param passing modes that are there before the core and stay after it: groups, hyperedges on
 *     their way, channel pieces on several cores
 * @param window kernel axes
 * @param rows modes summed at the core
 * @param columns modes that open at the core
 */
record Unfolding(List<Mode> passing, List<Mode> window, List<Mode> rows, List<Mode> columns) {

    /**
     * Reads a core. Where it sums nothing or opens nothing, what there is of the other is parted so
     * that the matrix is as square as can be.
     */
    static Unfolding of(TensorNetwork network, int index) {
        List<Core> cores = network.cores();
        List<Mode> passing = new ArrayList<>();
        List<Mode> window = new ArrayList<>();
        List<Mode> rows = new ArrayList<>();
        List<Mode> columns = new ArrayList<>();
        for (Mode mode : cores.get(index).modes()) {
            boolean met = contains(cores.subList(0, index), mode);
            boolean meets = contains(cores.subList(index + 1, cores.size()), mode);
            Role role = mode.role();
            boolean before = met || role == Role.INPUT || role == Role.GROUP;
            boolean after = meets || role == Role.OUTPUT || role == Role.GROUP;
            if (role.isKernelAxis()) {
                window.add(mode);
            } else if (before && after) {
                passing.add(mode);
            } else {
                (after ? columns : rows).add(mode);
            }
        }
        if (rows.isEmpty() || columns.isEmpty()) {
            List<Mode> all = new ArrayList<>(rows);
            all.addAll(columns);
            rows = squarest(all);
            columns = new ArrayList<>(all);
            columns.removeAll(rows);
        }
        return new Unfolding(passing, window, rows, columns);
    }

    /** Returns all modes of the core: passing, window, rows, columns. */
    List<Mode> order() {
        List<Mode> order = new ArrayList<>(passing);
        order.addAll(window);
        order.addAll(rows);
        order.addAll(columns);
        return order;
    }

    private static boolean contains(List<Core> cores, Mode mode) {
        return cores.stream().anyMatch(core -> core.contains(mode));
    }

    /** Some of the modes, whose size is as near as can be to that of the others. */
    private static List<Mode> squarest(List<Mode> modes) {
        List<Mode> best = List.of();
        long bestSide = 0;
        for (int subset = 0; subset < 1 << modes.size(); subset++) {
            List<Mode> some = new ArrayList<>();
            long size = 1;
            long others = 1;
            for (int n = 0; n < modes.size(); n++) {
                if ((subset >> n & 1) == 1) {
                    some.add(modes.get(n));
                    size *= modes.get(n).size();
                } else {
                    others *= modes.get(n).size();
                }
            }
            if (Math.min(size, others) > bestSide) {
                bestSide = Math.min(size, others);
                best = some;
            }
        }
        return best;
    }
}
