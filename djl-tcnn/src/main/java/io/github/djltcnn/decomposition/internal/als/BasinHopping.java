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
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A search around cores of a small network, for those that no start from scratch leads to.
 *
 * <p>Where a kernel is made of a network but the search ends in a local minimum, some of the terms
 * found are mostly right. So a hop draws one index of one rank anew, on all cores that carry the
 * rank, and lets all cores move again ({@link GaussNewton}); the next hop begins at the best cores
 * so far. The errors of local minima form a funnel: a hop from a low one finds a still lower one
 * far more often than a fresh start does (Wales and Doye, "Global optimization by basin-hopping",
 * J. Phys. Chem. A 101, 1997). A hop begins under a ridge that fades away; without it terms that
 * cancel one another take over, and next to them what is drawn anew counts for nothing.
 */
final class BasinHopping {

    /** Steps of a hop; it goes on while a step lowers the error by {@link #LEAST_STEP_GAIN}. */
    private static final int STEPS = 30;

    private static final int MAX_STEPS = 200;

    private static final double LEAST_STEP_GAIN = 0.01;

    /** A hop half way through its steps with an error so many times the best is given up. */
    private static final double GIVEN_UP_RATIO = 1.25;

    /**
     * BasinHopping in a row that lower the error by less than {@link #LEAST_GAIN} after which it is
     * left.
     */
    private static final int MAX_IDLE_HOPS = 50;

    private static final double LEAST_GAIN = 0.001;

    /** The ridge that a hop begins under, and the ratio of two: terms that cancel do not grow. */
    private static final double FIRST_RIDGE = 0.003;

    private static final double RIDGE_RATIO = 0.8;

    private final Graph graph;
    private final Random random;
    private final GaussNewton all;
    private final double perStep;
    private final Einsum contraction;
    private final double norm;
    private final double unit;

    /** Pairs of a rank that joins cores and an index of it. */
    private final List<int[]> slices = new ArrayList<>();

    private Tensor[] cores;
    private double error;
    private double spent;
    private int count;

    /** Begins at the given cores, which are not changed. */
    BasinHopping(Graph graph, Tensor kernel, Tensor[] start, Random random) {
        this.graph = graph;
        this.random = random;
        this.all = new GaussNewton(graph, kernel, start);
        this.perStep = NormalEquations.macs(graph);
        this.contraction = graph.contraction(Double.POSITIVE_INFINITY);
        this.norm = Matrices.norm(kernel.data());
        this.unit = Math.pow(norm, 2 - 2.0 / graph.numCores());
        this.cores = start;
        this.error = all.error();
        for (int label = 0; label < graph.numLabels(); label++) {
            if (graph.isRank(label) && graph.carriers(label) > 1) {
                for (int index = 0; index < graph.dim(label); index++) {
                    slices.add(new int[] {label, index});
                }
            }
        }
    }

    /** The best cores so far. */
    Tensor[] cores() {
        return cores;
    }

    /** Their relative error. */
    double error() {
        return error;
    }

    /** The hops made. */
    int count() {
        return count;
    }

    /**
     * BasinHopping until the error is rounding, hops gain nothing any more, or the hops or
     * multiply-adds are used up.
     *
     * @return the multiply-adds spent
     */
    double run(int hops, double maxMacs) {
        int still = 0;
        while (count < hops
                && still < MAX_IDLE_HOPS
                && error >= AlsRun.EXACT
                && !slices.isEmpty()
                && spent + STEPS * perStep <= maxMacs) {
            count++;
            all.begin(redrawn(slices.get(random.nextInt(slices.size()))));
            descend(maxMacs);
            still = all.error() < (1 - LEAST_GAIN) * error ? 0 : still + 1;
            if (all.error() < error) {
                error = all.error();
                cores = all.cores();
                Cores.balance(graph, cores);
            }
        }
        return spent;
    }

    private void descend(double maxMacs) {
        for (int step = 1; step <= MAX_STEPS && spent + perStep <= maxMacs; step++) {
            Interruption.check();
            double last = all.error();
            all.ridge(step < STEPS ? FIRST_RIDGE * unit * Math.pow(RIDGE_RATIO, step) : 0);
            boolean fell = all.step();
            spent += perStep;
            boolean hopeless = step == STEPS / 2 && all.error() > GIVEN_UP_RATIO * error;
            boolean still = step >= STEPS && all.error() > (1 - LEAST_STEP_GAIN) * last;
            if ((!fell && step >= STEPS) || hopeless || still || all.error() < AlsRun.EXACT) {
                break;
            }
        }
    }

    /**
     * The best cores with new entries at one index of one rank. All terms with that index together
     * become as large as they are on average in a kernel without cancellation, whatever the size of
     * the other cores.
     */
    private Tensor[] redrawn(int... slice) {
        Tensor[] without = cores.clone();
        Tensor[] next = cores.clone();
        for (int n = 0; n < next.length; n++) {
            if (graph.carries(n, slice[0])) {
                double[] zeros = cores[n].data().clone();
                double[] entries = zeros.clone();
                for (int i : places(n, slice)) {
                    zeros[i] = 0;
                    entries[i] = random.nextGaussian();
                }
                without[n] = graph.core(n, zeros);
                next[n] = graph.core(n, entries);
            }
        }
        double[] terms = contraction.run(Arrays.asList(next)).data().clone();
        double[] others = contraction.run(Arrays.asList(without)).data();
        for (int i = 0; i < terms.length; i++) {
            terms[i] -= others[i];
        }
        double size = Matrices.norm(terms) / norm * Math.sqrt(graph.dim(slice[0]));
        double factor = size > 0 ? Math.pow(size, -1.0 / graph.carriers(slice[0])) : 1;
        for (int n = 0; n < next.length; n++) {
            if (graph.carries(n, slice[0])) {
                for (int i : places(n, slice)) {
                    next[n].data()[i] *= factor;
                }
            }
        }
        return next;
    }

    /** The entries of a core at one index of one rank. */
    private int[] places(int n, int... slice) {
        int inner = Cores.inner(graph, n, slice[0]);
        int dim = graph.dim(slice[0]);
        return IntStream.range(0, graph.size(graph.core(n)))
                .filter(i -> i / inner % dim == slice[1])
                .toArray();
    }
}
