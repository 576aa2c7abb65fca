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
package io.github.djltcnn.decomposition.internal.als;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The updates of all cores of a network, one after another.
 *
 * <p>Nearly all work of an update is the contraction of the kernel with the other cores, and most
 * of that is the same for several cores. So the cores are parted in two groups. The kernel is
 * contracted with one group once, for the updates of all cores of the other, and then the other way
 * round (a dimension tree of two levels: Phan, Tichavsky and Cichocki, "Fast alternating LS
 * algorithms for high order CANDECOMP/PARAFAC tensor factorizations", IEEE Trans. Signal Process.
 * 61, 2013). The groups are those that make a sweep cheapest; there are none in small networks, or
 * where none make it cheaper.
 */
final class Sweep {

    /** Networks of more cores have too many groups to look at. */
    private static final int MOST_CORES = 8;

    /** So many ways to part the cores, the cheapest at a guess, are planned to the end. */
    private static final int PLANNED = 2;

    /** Multiply-adds of a sweep from which on groups are planned. */
    private static final double WORTH = 10 * Workspace.CROSSOVER;

    private static final double TYPICAL_RANK = 64;

    private final CoreLeastSquares[] updates;

    /** The groups of cores in the order of their updates, and the kernel times all others. */
    private final List<Group> groups;

    private double squaredError;

    private Sweep(CoreLeastSquares[] updates, List<Group> groups) {
        this.updates = updates;
        this.groups = groups;
    }

    /** Cores to be updated with what the kernel is after the contraction with all others. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Group(int[] cores, int[] others, Einsum absorb, int... target) {

        /** Plans a group; null if the kernel would grow too large. */
        static Group of(Graph graph, boolean[] isIn, double limit) {
            int[] target =
                    Arrays.stream(Tensor.join(ranks(graph), graph.kernel()))
                            .filter(label -> remains(graph, isIn, label))
                            .toArray();
            double entries = 1;
            for (int label : target) {
                entries *= graph.dim(label);
            }
            if (entries > limit) {
                return null;
            }
            int[] others = members(isIn, false);
            List<int[]> inputs = new ArrayList<>(List.of(graph.kernel()));
            Arrays.stream(others).forEach(n -> inputs.add(graph.core(n)));
            Einsum absorb = Einsum.plan(inputs, graph.allDims(), target, limit);
            return new Group(members(isIn, true), others, absorb, target);
        }

        /** The first step, and a guess at the others: each reads what the first one made. */
        double cost(Graph graph) {
            double entries = graph.size(target);
            return absorb.operations() + TYPICAL_RANK * cores.length * entries;
        }

        private static int[] ranks(Graph graph) {
            return IntStream.range(0, graph.numLabels()).filter(graph::isRank).toArray();
        }

        /** Whether a core of the group needs a label of the kernel or of the others. */
        private static boolean remains(Graph graph, boolean[] isIn, int label) {
            boolean here = false;
            boolean there = false;
            for (int n = 0; n < isIn.length; n++) {
                here |= isIn[n] && graph.carries(n, label);
                there |= !isIn[n] && graph.carries(n, label);
            }
            return here && (there || !graph.isRank(label));
        }

        private static int[] members(boolean[] isIn, boolean which) {
            return IntStream.range(0, isIn.length).filter(n -> isIn[n] == which).toArray();
        }
    }

    /** Plans the sweeps of a network. */
    static Sweep of(Graph graph) {
        double limit = Workspace.limit(graph.size(graph.kernel()));
        double direct = Math.max(limit, CoreLeastSquares.DIRECT);
        CoreLeastSquares[] apart = new CoreLeastSquares[graph.numCores()];
        for (int n = 0; n < apart.length; n++) {
            apart[n] = new CoreLeastSquares(graph, n, limit, direct);
        }
        Sweep best = new Sweep(apart, List.of());
        boolean worth = apart.length > 2 && apart.length <= MOST_CORES;
        if (!worth || best.operations() < WORTH) {
            return best;
        }
        List<List<Group>> ways = ways(graph, limit);
        for (List<Group> way : ways.subList(0, Math.min(PLANNED, ways.size()))) {
            CoreLeastSquares[] updates = new CoreLeastSquares[apart.length];
            for (Group group : way) {
                boolean[] absorbed = new boolean[updates.length];
                Arrays.stream(group.others).forEach(n -> absorbed[n] = true);
                for (int n : group.cores) {
                    updates[n] =
                            new CoreLeastSquares(graph, n, limit, direct, absorbed, group.target);
                }
            }
            Sweep sweep = new Sweep(updates, way);
            best = sweep.operations() < best.operations() ? sweep : best;
        }
        return best;
    }

    /** The ways to part the cores in two, the cheapest at a guess first. */
    private static List<List<Group>> ways(Graph graph, double limit) {
        List<List<Group>> ways = new ArrayList<>();
        for (int side = 1; side < 1 << (graph.numCores() - 1); side++) {
            boolean[] first = new boolean[graph.numCores()];
            boolean[] second = new boolean[graph.numCores()];
            for (int n = 0; n < first.length; n++) {
                // The first core is in the first group.
                first[n] = n == 0 || (side >> (n - 1) & 1) == 0;
                second[n] = !first[n];
            }
            Group one = Group.of(graph, first, limit);
            Group other = one == null ? null : Group.of(graph, second, limit);
            if (other != null) {
                ways.add(List.of(one, other));
            }
        }
        ways.sort(
                Comparator.comparingDouble(way -> way.get(0).cost(graph) + way.get(1).cost(graph)));
        return ways;
    }

    /** The cost: multiply-adds, and with slices the entries that they copy and add. */
    double operations() {
        double sum = 0;
        for (Group group : groups) {
            sum += group.absorb.operations();
        }
        for (CoreLeastSquares update : updates) {
            sum += update.operations();
        }
        return sum;
    }

    /** The squared error of the kernel after the last update, ridge left out. */
    double squaredError() {
        return squaredError;
    }

    /**
     * Makes every core the best it can be given the others.
     *
     * @param kernel the kernel
     * @param energy its squared norm
     * @param cores the cores, which are replaced in the array
     * @param damping the damping as a share of the mean diagonal entry of the Gram matrices
     * @param ridge the ridge
     */
    void run(Tensor kernel, double energy, Tensor[] cores, double damping, double ridge) {
        for (int n = 0; n < cores.length && groups.isEmpty(); n++) {
            update(n, kernel, energy, cores, damping, ridge);
        }
        for (Group group : groups) {
            List<Tensor> inputs = new ArrayList<>(List.of(kernel));
            Arrays.stream(group.others).forEach(n -> inputs.add(cores[n]));
            try (Workspace space = Workspace.forWork(group.absorb.operations())) {
                Tensor target = space.keep(group.absorb.run(inputs, space));
                for (int n : group.cores) {
                    update(n, target, energy, cores, damping, ridge);
                }
            }
        }
    }

    private void update(
            int n, Tensor target, double energy, Tensor[] cores, double damping, double ridge) {
        cores[n] = updates[n].update(target, energy, cores, damping, ridge);
        squaredError = updates[n].squaredError();
    }
}
