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

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** The starts of one kernel, and what becomes of them within the multiply-adds allowed. */
final class MultiStart {

    private static final int TRIAL_SWEEPS = 10;

    private static final int ANNEALING_SWEEPS = 150;

    /** Steps after which it shows which starts of a small network get somewhere. */
    private static final int TRIAL_STEPS = 100;

    /** The share of the multiply-adds that trying out all starts may take. */
    private static final double TRIAL_SHARE = 0.2;

    /** The share after which no further start is run to its end. */
    private static final double FURTHER_SHARE = 0.4;

    /** All cores move at once where the multiply-adds allow for so many such steps. */
    private static final double MANY_STEPS = 2_000;

    /** The same where a tolerance below {@link #TIGHT} asks for the last digits. */
    private static final double FEW_STEPS = 100;

    private static final double TIGHT = 1e-5;

    /** The ridges that starts of small networks begin under in turn, as {@link AlsRun} counts. */
    private static final double[] RIDGES = {0, 0.03, 0.01, 0.003};

    /** Starts of a small network from scratch; more than these are hops from the best of them. */
    private static final int FRESH = 16;

    /** What hops leave of the multiply-adds, for the last steps of the best. */
    private static final double LAST_SHARE = 0.05;

    /** What the first start ends at where it is not worth while to try a few others. */
    private static final double FAR = 0.3;

    /** The same below that, next to a bound of the error, which is above this. */
    private static final double NEAR = 5;

    private static final double INEXACT = 0.02;

    /** So many starts are few. */
    private static final int FEW = 4;

    /** Steps of all cores at once with which the only start of a small network ends. */
    private static final int LAST_STEPS = 50;

    private final Graph graph;
    private final Tensor kernel;
    private final Sweep sweep;
    private final Limits limits;
    private final double perSweep;
    private final boolean small;
    private final int hops;
    private final List<AlsRun> runs = new ArrayList<>();
    private final List<Tensor[]> starts = new ArrayList<>();
    private double budget;
    private int hopped;

    MultiStart(Graph graph, Tensor kernel, Sweep sweep, Limits limits) {
        this.graph = graph;
        this.kernel = kernel;
        this.sweep = sweep;
        this.limits = limits;
        this.budget = limits.maxMacs();
        this.perSweep = sweep.operations();
        double steps = limits.tolerance() < TIGHT ? FEW_STEPS : MANY_STEPS;
        this.small = NormalEquations.macs(graph) * steps <= limits.maxMacs();
        this.hops = small ? Math.max(0, limits.starts() - FRESH) : 0;
    }

    /** The starts that were tried, hops among them. */
    int count() {
        return starts.size() + hopped;
    }

    /** The cores that a run began at. */
    Tensor[] startOf(AlsRun run) {
        return starts.get(runs.indexOf(run));
    }

    /**
     * Tries the starts with a few sweeps or steps and runs the best of them to their ends; or, with
     * many starts for a small network, hops from the best of them and runs what comes of it.
     */
    AlsRun best() {
        AlsRun only = approximation();
        return only == null ? search() : only;
    }

    /**
     * A kernel of a trained network is only to be approximated, and there the start from its
     * singular vectors ends about as low as others do: it alone is run. That a kernel is of this
     * kind is told by a bound that no cores can be below, or by what the start ends at, unless many
     * starts are asked for. Null if cores may be hidden in the kernel that all starts are to look
     * for.
     */
    private AlsRun approximation() {
        if (perSweep > limits.maxMacs() / 2 || affordable() == 1 || limits.starts() > FEW) {
            return null; // there is one start in any case
        }
        Tensor[] cores = Starts.start(graph, kernel, 0, limits.seed());
        AlsRun run = new AlsRun(graph, kernel, sweep, cores, 0);
        budget -= run.run(limits.maxSweeps(), limits.tolerance(), budget);
        if (run.error() < FAR) {
            double energy = Matrices.dot(kernel.data(), 0, kernel.data(), 0, kernel.data().length);
            double bound = LowerBound.of(graph, kernel, energy);
            if (bound < INEXACT || run.error() > NEAR * bound) {
                return null;
            }
        }
        if (small) {
            budget -= run.polish(LAST_STEPS, limits.tolerance(), budget, 0);
        }
        starts.add(cores);
        runs.add(run);
        return run;
    }

    private AlsRun search() {
        int count = affordable();
        int trial = trial(count);
        boolean exact = false;
        for (int start = 0; start < count && !exact; start++) {
            Tensor[] cores = Starts.start(graph, kernel, start, limits.seed());
            if (small) {
                Starts.enlarge(graph, kernel, cores);
            }
            AlsRun run = new AlsRun(graph, kernel, sweep, cores, 0);
            if (!small && start % 4 == 1) {
                budget -= run.anneal(ANNEALING_SWEEPS);
            }
            if (small && start == 0) {
                budget -= run.run(Math.min(TRIAL_SWEEPS, trial), 0, budget);
            }
            advance(run, trial, small ? 1e-3 : 0, RIDGES[start % RIDGES.length]);
            starts.add(cores);
            runs.add(run);
            exact = small && run.error() < AlsRun.EXACT;
        }
        List<AlsRun> order = new ArrayList<>(runs);
        order.sort(Comparator.comparingDouble(AlsRun::error));
        AlsRun best = order.get(0);
        if (hops > 0 && !exact) {
            best = hop(order);
            order = List.of(best);
            trial = 0;
        }
        for (AlsRun run : order) {
            boolean late = budget < (1 - FURTHER_SHARE) * limits.maxMacs();
            if (best.error() < AlsRun.EXACT || (run != best && late)) {
                break;
            }
            advance(run, limits.maxSweeps() - trial, limits.tolerance(), 0);
            best = run.error() < best.error() ? run : best;
        }
        return best;
    }

    /** How many starts may be tried: of sweeps one in four is annealed, and dearer. */
    private int affordable() {
        double perStart =
                small
                        ? TRIAL_STEPS * NormalEquations.macs(graph)
                        : (TRIAL_SWEEPS + ANNEALING_SWEEPS / 4.0) * perSweep;
        double affordable = TRIAL_SHARE * limits.maxMacs() / perStart;
        return (int) Math.max(1, Math.min(limits.starts() - hops, affordable));
    }

    private int trial(int count) {
        int trial = small ? TRIAL_STEPS : TRIAL_SWEEPS;
        return count == 1 ? 1 : Math.min(trial, limits.maxSweeps());
    }

    /** Some more sweeps, or steps of all cores at once, the first of them under a ridge. */
    private void advance(AlsRun run, int steps, double tolerance, double ridge) {
        double left = Math.max(0, budget);
        budget -=
                small ? run.polish(steps, tolerance, left, ridge) : run.run(steps, tolerance, left);
    }

    /** Looks for better cores around the best; where that comes to an end, around the next best. */
    private AlsRun hop(List<AlsRun> order) {
        Random random = new Random(limits.seed() * 1_000_003 - 1);
        BasinHopping best = null;
        for (AlsRun run : order) {
            double left = budget - LAST_SHARE * limits.maxMacs();
            if (hopped == hops || left <= 0 || (best != null && best.error() < AlsRun.EXACT)) {
                break;
            }
            BasinHopping search = new BasinHopping(graph, kernel, run.cores(), random);
            budget -= search.run(hops - hopped, left);
            hopped += search.count();
            best = best == null || search.error() < best.error() ? search : best;
        }
        AlsRun run = new AlsRun(graph, kernel, sweep, best.cores(), 0);
        runs.add(run);
        starts.add(best.cores());
        hopped--; // this start is a hop
        return run;
    }
}
