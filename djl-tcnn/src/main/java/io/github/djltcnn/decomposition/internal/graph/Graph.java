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
package io.github.djltcnn.decomposition.internal.graph;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Tensor;
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
public final class Graph {

    private final TensorNetwork network;
    private final List<Mode> modes;
    private final int[] dims;
    private final int[][] cores;
    private final int[] carriers;

    /**
     * Numbers the modes of a network.
     *
     * @param network the network
     */
    public Graph(TensorNetwork network) {
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
     * Returns the graph of one group.
     *
     * @param network a network
     * @return the graph of the network itself if it has no groups, null if its groups do not stand
     *     on every core
     */
    public static Graph ofOneGroup(TensorNetwork network) {
        TensorNetwork single = network.groups() == 1 ? network : new Graph(network).withoutGroups();
        return single == null ? null : new Graph(single);
    }

    /**
     * Returns the network.
     *
     * @return the network
     */
    public TensorNetwork network() {
        return network;
    }

    /**
     * Returns the number of cores.
     *
     * @return the number
     */
    public int numCores() {
        return cores.length;
    }

    /**
     * Returns the labels of a core.
     *
     * @param n its number
     * @return the labels in the order of its axes
     */
    public int[] core(int n) {
        return cores[n].clone();
    }

    /**
     * Makes a core.
     *
     * @param n its number
     * @param entries its entries in notation order
     * @return the core
     */
    public Tensor core(int n, double[] entries) {
        return new Tensor(core(n), dims(cores[n]), entries);
    }

    /**
     * Returns the number of labels.
     *
     * @return the number; labels are below it
     */
    public int numLabels() {
        return dims.length;
    }

    /**
     * Returns the size of a label.
     *
     * @param label the label
     * @return its size
     */
    public int dim(int label) {
        return dims[label];
    }

    /**
     * Returns the sizes of all labels.
     *
     * @return the sizes by label
     */
    public int[] allDims() {
        return dims.clone();
    }

    /**
     * Returns the sizes of some labels.
     *
     * @param labels the labels
     * @return their sizes
     */
    public int[] dims(int... labels) {
        return Arrays.stream(labels).map(label -> dims[label]).toArray();
    }

    /**
     * Returns the product of the sizes of some labels.
     *
     * @param labels the labels
     * @return the product
     */
    public int size(int... labels) {
        return Tensor.product(dims(labels));
    }

    /**
     * Returns the name of the mode of a label.
     *
     * @param label the label
     * @return the name
     */
    public String name(int label) {
        return modes.get(label).name();
    }

    /**
     * Returns whether a label is a rank.
     *
     * @param label the label
     * @return whether its mode is a rank
     */
    public boolean isRank(int label) {
        return modes.get(label).role() == Role.RANK;
    }

    /**
     * Returns the number of cores that carry a label.
     *
     * @param label the label
     * @return the number
     */
    public int carriers(int label) {
        return carriers[label];
    }

    /**
     * Returns the labels of the kernel.
     *
     * @return the labels in the order of its entries: groups, outputs, inputs, window
     */
    public int[] kernel() {
        List<Mode> order = new ArrayList<>();
        for (Role role :
                List.of(Role.GROUP, Role.OUTPUT, Role.INPUT, Role.DEPTH, Role.HEIGHT, Role.WIDTH)) {
            order.addAll(network.modes(role));
        }
        return order.stream().mapToInt(modes::indexOf).toArray();
    }

    /**
     * Makes a kernel.
     *
     * @param entries its entries in the shape of a convolution
     * @return the kernel with the labels of this graph
     */
    public Tensor kernel(double[] entries) {
        return new Tensor(kernel(), dims(kernel()), entries);
    }

    /**
     * Returns the rank labels of a core.
     *
     * @param n its number
     * @return the labels
     */
    public int[] bonds(int n) {
        return Arrays.stream(cores[n]).filter(this::isRank).toArray();
    }

    /**
     * Returns whether a core carries a label.
     *
     * @param n the number of the core
     * @param label the label
     * @return whether it does
     */
    public boolean carries(int n, int label) {
        return Arrays.stream(cores[n]).anyMatch(other -> other == label);
    }

    /**
     * Returns the other core on a bond of two cores.
     *
     * @param n the number of one core
     * @param bond the bond
     * @return the number of the other
     */
    public int across(int n, int bond) {
        for (int m = 0; m < cores.length; m++) {
            if (m != n && carries(m, bond)) {
                return m;
            }
        }
        throw new IllegalArgumentException("Mode " + name(bond) + " is on one core only");
    }

    /**
     * Returns how the cores are joined.
     *
     * @return tree, ring, star or none of these
     */
    public Topology topology() {
        return new Topology(this);
    }

    /**
     * Returns the cores on the far side of a bond of a tree.
     *
     * @param n a core on the near side
     * @param bond a bond of that core
     * @return for every core whether it is beyond the bond
     */
    public boolean[] beyond(int n, int bond) {
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

    /**
     * Returns the kernel labels of some cores.
     *
     * @param some whether each core is one of them
     * @return the labels in the order of the kernel
     */
    public int[] kernelLabels(boolean... some) {
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

    /**
     * Plans the contraction of the cores to the kernel.
     *
     * @param limit the largest number of entries of an intermediate
     * @return the plan
     */
    public Einsum contraction(double limit) {
        return Einsum.plan(List.of(cores), dims, kernel(), limit);
    }

    /**
     * Returns the network of one group.
     *
     * @return the network, or null if not every core carries the groups and more
     */
    public TensorNetwork withoutGroups() {
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
