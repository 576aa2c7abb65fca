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

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.LeftBasis;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntBiFunction;

/**
 * TR-SVD: a ring is cut open at one core, whose unfolding is split into the two ranks next to it,
 * and the rest follows bond by bond as in TT-SVD (Zhao et al., "Tensor ring decomposition",
 * arXiv:1606.05535, 2016).
 *
 * <p>The result depends on where the ring is cut and on how the first rank is split, so all shifts
 * of the ring and several splits are tried: for given ranks the least error wins, for a given error
 * the fewest parameters (Sedighin, Cichocki and Phan, "Adaptive rank selection for tensor ring
 * decomposition", IEEE J. Sel. Top. Signal Process. 15, 2021). A split of 1 is the tensor train cut
 * at that place.
 */
public final class RingSvd {

    /** So many times a bond has to be smaller than every other one to be called weak. */
    private static final int WEAK = 3;

    private final Graph graph;
    private final Tensor kernel;
    private final Workspace space;
    private final int[] order;
    private final int[] bonds;

    /** Cores with the ranks they came out with, and the squared error. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Cut(Tensor[] cores, double lost, double parameters) {}

    private RingSvd(Graph graph, Tensor kernel, Workspace space) {
        this.graph = graph;
        this.kernel = kernel;
        this.space = space;
        int size = graph.numCores();
        this.order = new int[size];
        this.bonds = new int[size]; // bonds[k] is between order[k - 1] and order[k]
        bonds[0] = graph.bonds(0)[0];
        for (int k = 1; k < size; k++) {
            int[] own = graph.bonds(order[k - 1]);
            bonds[k] = own[0] == bonds[k - 1] ? own[1] : own[0];
            order[k] = graph.across(order[k - 1], bonds[k]);
        }
    }

    /**
     * The TR-SVD of least error with the ranks of the graph, over all shifts of the ring unless one
     * bond is far weaker than the others. Where the cut could not fill a rank, the core is filled
     * up with small random entries, for alternating least squares to use.
     *
     * @param graph a ring
     * @param kernel the kernel
     * @param random gives the small entries
     * @param noise their size next to the others
     * @return the cores
     */
    public static Tensor[] start(Graph graph, Tensor kernel, Random random, double noise) {
        try (Workspace space = LeftBases.place(kernel)) {
            RingSvd ring = new RingSvd(graph, space.keep(kernel), space);
            return ring.start(random, noise);
        }
    }

    private Tensor[] start(Random random, double noise) {
        Cut best = null;
        int weakest = weakest();
        for (int shift = 0; shift < order.length; shift++) {
            if (weakest >= 0 && shift != weakest) {
                continue;
            }
            Cut cut = cut(shift, (values, bond) -> graph.dim(bond), true);
            best = best == null || cut.lost < best.lost ? cut : best;
        }
        Tensor[] padded = new Tensor[graph.numCores()];
        for (int n = 0; n < padded.length; n++) {
            padded[n] = pad(graph, n, best.cores[n], random, noise);
        }
        return padded;
    }

    /**
     * The shift at which to cut a ring that has one bond far weaker than all others, which is
     * nearly a train opened there; -1 if there is none.
     */
    private int weakest() {
        int least = 0;
        for (int k = 1; k < bonds.length; k++) {
            least = graph.dim(bonds[k]) < graph.dim(bonds[least]) ? k : least;
        }
        for (int k = 0; k < bonds.length; k++) {
            if (k != least && graph.dim(bonds[k]) < WEAK * graph.dim(bonds[least])) {
                return -1;
            }
        }
        return least;
    }

    /**
     * The ranks of the TR-SVD of fewest parameters within a relative error.
     *
     * @param graph a ring
     * @param kernel the kernel
     * @param error the relative error
     * @return the rank of each bond by its label
     */
    public static Map<Integer, Long> ranks(Graph graph, Tensor kernel, double error) {
        try (Workspace space = LeftBases.place(kernel)) {
            return new RingSvd(graph, space.keep(kernel), space).ranks(error);
        }
    }

    private Map<Integer, Long> ranks(double error) {
        double energy = Matrices.dot(kernel.data(), 0, kernel.data(), 0, kernel.data().length);
        // One share of the squared error per bond; the first step decides two bonds.
        double share = error * error * energy / order.length;
        Cut best = null;
        for (int shift = 0; shift < order.length; shift++) {
            int first = bonds[shift];
            Cut cut =
                    cut(
                            shift,
                            (values, bond) ->
                                    LeftBasis.rankWithin(values, bond == first ? 2 * share : share),
                            false);
            best = best == null || cut.parameters < best.parameters ? cut : best;
        }
        Map<Integer, Long> ranks = new LinkedHashMap<>();
        for (Tensor core : best.cores) {
            for (int label : core.labels()) {
                if (graph.isRank(label)) {
                    ranks.put(label, (long) core.dim(label));
                }
            }
        }
        return ranks;
    }

    /**
     * Cuts the ring at one core.
     *
     * @param rule the rank from the singular values of a step and the bond that gets it; for the
     *     first step the bond before the core, whose rule is asked for both at once if not fixed
     * @param fixed whether both bonds of the first core have a given rank
     */
    private Cut cut(int shift, ToIntBiFunction<double[], Integer> rule, boolean fixed) {
        int size = order.length;
        int core = order[shift];
        int before = bonds[shift];
        int after = bonds[(shift + 1) % size];
        int[] rows = kernelLabels(core);
        // The coordinates are not kept: they are as large as the kernel.
        LeftBasis basis = LeftBasis.of(kernel, rows, values -> values.length, space);
        int full = basis.rank();
        int most = fixed ? graph.dim(before) : full;
        int wanted = fixed ? full : rule.applyAsInt(basis.values(), before);
        Cut best = null;
        for (int x : splits(Math.min(most, wanted))) {
            int y = fixed ? Math.min(graph.dim(after), full / x) : (wanted + x - 1) / x;
            Interruption.check();
            if (x * y > full) {
                continue;
            }
            Tensor[] cores = new Tensor[size];
            cores[core] =
                    new Tensor(
                            Tensor.join(rows, new int[] {before, after}),
                            Tensor.join(graph.dims(rows), new int[] {x, y}),
                            basis.leading(x * y));
            double lost = basis.lost(x * y) + train(shift, rule, cores);
            double parameters = Arrays.stream(cores).mapToDouble(c -> c.data().length).sum();
            if (best == null || (fixed ? lost < best.lost : parameters < best.parameters)) {
                best = new Cut(cores, lost, parameters);
            }
        }
        return best;
    }

    /** The cores after the first, bond by bond; returns the squared error they add. */
    private double train(int shift, ToIntBiFunction<double[], Integer> rule, Tensor[] cores) {
        int size = order.length;
        Tensor first = cores[order[shift]];
        long kept = 0;
        for (int label : Tensor.join(first.labels(), kernel.labels())) {
            boolean summed = first.axis(label) >= 0 && kernel.axis(label) >= 0;
            kept |= summed ? 0 : 1L << label;
        }
        Tensor left = Einsum.multiply(space.take(first), space.take(kernel), kept);
        double lost = 0;
        for (int k = 1; k < size - 1; k++) {
            int core = order[(shift + k) % size];
            int bond = bonds[(shift + k + 1) % size];
            int[] rows = Tensor.join(new int[] {bonds[(shift + k) % size]}, kernelLabels(core));
            int[] columns = left.without(rows);
            LeftBasis basis =
                    LeftBasis.of(
                            left, rows, columns, values -> rule.applyAsInt(values, bond), space);
            lost += basis.lost(basis.rank());
            cores[core] = basis.core(bond);
            space.free(left);
            left = basis.rest(bond);
        }
        cores[order[(shift + size - 1) % size]] = left.toHeap();
        space.free(left);
        return lost;
    }

    /** 1, the root, powers of two between and the whole: ways to split a rank. */
    private static int[] splits(int most) {
        int root = (int) Math.round(Math.sqrt(most));
        return Arrays.stream(new int[] {1, 2, 4, 8, root, most})
                .filter(x -> x <= most)
                .distinct()
                .toArray();
    }

    private int[] kernelLabels(int n) {
        return Arrays.stream(graph.core(n)).filter(label -> !graph.isRank(label)).toArray();
    }

    private static Tensor pad(Graph graph, int n, Tensor core, Random random, double share) {
        int[] labels = graph.core(n);
        Tensor from = core.permute(labels);
        int[] dims = graph.dims(labels);
        if (Arrays.equals(from.dims(), dims)) {
            return from;
        }
        double noise = share * Matrices.norm(from.data()) / Math.sqrt(from.data().length);
        double[] to = new double[Tensor.product(dims)];
        for (int i = 0; i < to.length; i++) {
            to[i] = noise * random.nextGaussian();
        }
        int[] index = new int[labels.length];
        for (double value : from.data()) {
            int at = 0;
            for (int axis = 0; axis < labels.length; axis++) {
                at = at * dims[axis] + index[axis];
            }
            to[at] = value;
            for (int axis = labels.length - 1; axis >= 0; axis--) {
                if (++index[axis] < from.dims()[axis]) {
                    break;
                }
                index[axis] = 0;
            }
        }
        return new Tensor(labels, dims, to);
    }
}
