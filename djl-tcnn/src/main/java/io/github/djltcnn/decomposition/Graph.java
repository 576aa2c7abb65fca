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

import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A network as a graph whose vertices are cores and whose modes are numbers: the label of a mode is
 * its place in {@link TensorNetwork#modes()}.
 */
final class Graph {

    private final TensorNetwork network;
    private final List<Mode> modes;
    private final int[] dims;
    private final int[][] cores;
    private final int[] carriers;

    Graph(TensorNetwork network) {
        this.network = network;
        this.modes = network.modes();
        this.dims = modes.stream().mapToInt(mode -> Math.toIntExact(mode.size())).toArray();
        this.cores =
                network.cores().stream()
                        .map(core -> core.modes().stream().mapToInt(modes::indexOf).toArray())
                        .toArray(int[][]::new);
        this.carriers = new int[dims.length];
        for (int[] core : cores) {
            for (int label : core) {
                carriers[label]++;
            }
        }
    }

    /**
     * The graph of one group.
     *
     * @return the graph of the network itself if it has no groups, null if its groups do not stand
     *     on every core
     */
    static Graph ofOneGroup(TensorNetwork network) {
        TensorNetwork single = network.groups() == 1 ? network : new Graph(network).withoutGroups();
        return single == null ? null : new Graph(single);
    }

    TensorNetwork network() {
        return network;
    }

    int numCores() {
        return cores.length;
    }

    /** The labels of a core, in the order of its axes. */
    int[] core(int n) {
        return cores[n].clone();
    }

    /** A core with entries in notation order. */
    Tensor core(int n, double[] entries) {
        return new Tensor(core(n), dims(cores[n]), entries);
    }

    int numLabels() {
        return dims.length;
    }

    int dim(int label) {
        return dims[label];
    }

    /** The sizes of all labels. */
    int[] allDims() {
        return dims.clone();
    }

    int[] dims(int... labels) {
        return Arrays.stream(labels).map(label -> dims[label]).toArray();
    }

    int size(int... labels) {
        return Tensor.product(dims(labels));
    }

    String name(int label) {
        return modes.get(label).name();
    }

    boolean isRank(int label) {
        return modes.get(label).role() == Role.RANK;
    }

    /** The number of cores that carry a label. */
    int carriers(int label) {
        return carriers[label];
    }

    /** The labels of the kernel in the order of its entries: groups, outputs, inputs, window. */
    int[] kernel() {
        List<Mode> order = new ArrayList<>();
        for (Role role :
                List.of(Role.GROUP, Role.OUTPUT, Role.INPUT, Role.DEPTH, Role.HEIGHT, Role.WIDTH)) {
            order.addAll(network.modes(role));
        }
        return order.stream().mapToInt(modes::indexOf).toArray();
    }

    /** A kernel in the shape of a convolution, with the labels of this graph. */
    Tensor kernel(double[] entries) {
        return new Tensor(kernel(), dims(kernel()), entries);
    }

    /** The rank labels of a core. */
    int[] bonds(int n) {
        return Arrays.stream(cores[n]).filter(this::isRank).toArray();
    }

    boolean carries(int n, int label) {
        return Arrays.stream(cores[n]).anyMatch(other -> other == label);
    }

    /** The other core on a bond of two cores. */
    int across(int n, int bond) {
        for (int m = 0; m < cores.length; m++) {
            if (m != n && carries(m, bond)) {
                return m;
            }
        }
        throw new IllegalArgumentException("Mode " + name(bond) + " is on one core only");
    }

    /** Whether ranks join exactly two cores each, and every other mode stands on one. */
    private boolean isPlain() {
        for (int label = 0; label < dims.length; label++) {
            if (carriers[label] != (isRank(label) ? 2 : 1)) {
                return false;
            }
        }
        return true;
    }

    private boolean isConnected() {
        boolean[] seen = new boolean[cores.length];
        List<Integer> open = new ArrayList<>(List.of(0));
        int count = 0;
        while (!open.isEmpty()) {
            int n = open.remove(open.size() - 1);
            if (seen[n]) {
                continue;
            }
            seen[n] = true;
            count++;
            for (int bond : bonds(n)) {
                for (int m = 0; m < cores.length; m++) {
                    if (!seen[m] && carries(m, bond)) {
                        open.add(m);
                    }
                }
            }
        }
        return count == cores.length;
    }

    private int numBonds() {
        return (int) modes.stream().filter(mode -> mode.role() == Role.RANK).count();
    }

    /** Whether every bond cuts the network in two. */
    boolean isTree() {
        return isPlain() && isConnected() && numBonds() == cores.length - 1;
    }

    /** Whether no core of a tree has more than two neighbours. */
    boolean isChain() {
        for (int n = 0; n < cores.length; n++) {
            if (bonds(n).length > 2) {
                return false;
            }
        }
        return isTree();
    }

    /** Whether the cores form one closed ring of at least three. */
    boolean isRing() {
        if (!isPlain() || !isConnected() || cores.length < 3) {
            return false;
        }
        for (int n = 0; n < cores.length; n++) {
            if (bonds(n).length != 2) {
                return false;
            }
        }
        return true;
    }

    /** Whether one rank stands on every core and every other mode on one: CP. */
    boolean isStar() {
        for (int label = 0; label < dims.length; label++) {
            if (carriers[label] != (isRank(label) ? cores.length : 1)) {
                return false;
            }
        }
        return numBonds() == 1 && cores.length > 2;
    }

    /** The core next to all others, or -1. */
    int centre() {
        for (int n = 0; n < cores.length; n++) {
            if (bonds(n).length == cores.length - 1) {
                return n;
            }
        }
        return -1;
    }

    /**
     * The cores on the far side of a bond of a tree.
     *
     * @param n where one stands
     * @param bond a bond of that core
     * @return for every core whether it lies beyond the bond
     */
    boolean[] beyond(int n, int bond) {
        boolean[] side = new boolean[cores.length];
        mark(across(n, bond), bond, side);
        return side;
    }

    private void mark(int n, int from, boolean[] side) {
        side[n] = true;
        for (int bond : bonds(n)) {
            if (bond != from) {
                mark(across(n, bond), bond, side);
            }
        }
    }

    /** The kernel labels of some cores. */
    int[] kernelLabels(boolean... some) {
        return Arrays.stream(kernel())
                .filter(
                        label -> {
                            for (int n = 0; n < cores.length; n++) {
                                if (some[n] && carries(n, label)) {
                                    return true;
                                }
                            }
                            return false;
                        })
                .toArray();
    }

    /** The contraction of cores to the kernel, with intermediates of at most so many entries. */
    Einsum contraction(double limit) {
        return Einsum.plan(List.of(cores), dims, kernel(), limit);
    }

    /** The network of one group, or null if not every core carries the groups and more. */
    TensorNetwork withoutGroups() {
        List<Core> left = new ArrayList<>();
        for (Core core : network.cores()) {
            List<Mode> kept =
                    core.modes().stream().filter(mode -> mode.role() != Role.GROUP).toList();
            boolean allGroups = core.modes().containsAll(network.modes(Role.GROUP));
            if (kept.isEmpty() || !allGroups) {
                return null;
            }
            left.add(new Core(kept));
        }
        return new TensorNetwork(left);
    }
}
