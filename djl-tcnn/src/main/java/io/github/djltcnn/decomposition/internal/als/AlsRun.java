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
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import java.util.ArrayList;
import java.util.List;

/**
 * Alternating least squares on any network: core after core becomes the best it can be given the
 * others ({@link CoreLeastSquares}), in sweeps.
 *
 * <p>Between sweeps the scales are evened out ({@link Cores#balance}), and the cores are carried on
 * along the line of the last sweep with Nesterov's weights {@code (k - 1) / (k + 2)}, which
 * shortens the long plateaus of the plain iteration; a sweep that does not lower the error is taken
 * back and the line begun anew (Mitchell, Ye and De Sterck, "Nesterov acceleration of alternating
 * least squares for canonical tensor decomposition", Numer. Linear Algebra Appl. 27, 2020).
 */
final class AlsRun {

    /** Below this relative error the reckoning of the error is rounding. */
    static final double EXACT = 1e-8;

    /** So many sweeps in a row that gain next to nothing end a run. */
    private static final int STILL = 8;

    /** The same of sweeps that gain nothing at all. */
    private static final int STUCK = 3;

    /** What a ridge has faded to at the end, as a share of the first. */
    private static final double FADED = 1e-4;

    /** AlsRun in which it shows whether a ridge leaves anything alive. */
    private static final int PROBE = 12;

    /** The last ridge of a fading polish, as a share of the unit, and the ratio of two. */
    private static final double LAST_SHARE = 1e-6;

    private static final double FADING = 0.8;

    /** Fewer steps than twice those of fading are spent without a ridge. */
    private static final int FADING_STEPS = 100;

    private final Graph graph;
    private final Tensor kernel;
    private final double energy;
    private final Sweep sweep;
    private double ridge;
    private Tensor[] cores;
    private Tensor[] previous;
    private final List<Double> history = new ArrayList<>();
    private int momentum;
    private double damping = 1e-2;
    private double objective = Double.POSITIVE_INFINITY;

    /** Begins at the given cores, which are replaced and not changed. */
    AlsRun(Graph graph, Tensor kernel, Sweep sweep, Tensor[] start, double ridge) {
        this.graph = graph;
        this.kernel = kernel;
        this.sweep = sweep;
        this.energy = Matrices.dot(kernel.data(), 0, kernel.data(), 0, kernel.data().length);
        this.ridge = ridge * unit();
        this.cores = start.clone();
    }

    /** Squared norm of the kernel over that of a core of a balanced network: ridges count in it. */
    private double unit() {
        return Math.pow(energy, 1 - 1.0 / graph.numCores());
    }

    /**
     * Finds a better start: sweeps under a ridge that fades away. A ridge lets only the strongest
     * terms live at first, and the others join in one by one, so that fewer starts end in terms
     * that cancel one another. The first ridge is the largest, by halves from 1, under which
     * anything lives at all.
     *
     * @param sweeps the number of sweeps, after which there is no ridge
     * @return the multiply-adds spent
     */
    double anneal(int sweeps) {
        Tensor[] start = cores;
        double first = 1;
        double spent = 0;
        for (int step = 0; step < sweeps; step++) {
            ridge = first * unit() * Math.pow(FADED, (double) step / sweeps);
            objective = Double.POSITIVE_INFINITY;
            step();
            spent += sweep.operations();
            if (step < PROBE && error() > 0.98 && first > 1e-6) {
                // Nothing lives under this ridge.
                cores = start;
                previous = null;
                momentum = 0;
                first /= 2;
                step = -1;
            }
        }
        ridge = 0;
        objective = Double.POSITIVE_INFINITY;
        previous = null;
        momentum = 0;
        history.clear();
        return spent;
    }

    Tensor[] cores() {
        return cores;
    }

    List<Double> history() {
        return history;
    }

    double error() {
        return history.isEmpty() ? Double.POSITIVE_INFINITY : history.get(history.size() - 1);
    }

    /**
     * AlsRun until the error stays, is rounding, or the sweeps or multiply-adds are used up.
     *
     * @return the multiply-adds spent
     */
    double run(int sweeps, double tolerance, double maxMacs) {
        double perSweep = sweep.operations();
        int patience = tolerance > 0 ? STILL : STUCK;
        double spent = 0;
        int still = 0;
        for (int step = 0; step < sweeps && still < patience; step++) {
            if (spent + perSweep > maxMacs && !history.isEmpty()) {
                break;
            }
            double last = error();
            step();
            spent += perSweep;
            if (error() < EXACT) {
                break;
            }
            still = last - error() <= tolerance * last ? still + 1 : 0;
        }
        return spent;
    }

    /**
     * Moves all cores at once until the error stays, is rounding, or the steps or multiply-adds are
     * used up.
     *
     * @param ridge the ridge to begin under, as a share of the unit, which fades away as in {@link
     *     #anneal}; 0 for none
     * @return the multiply-adds spent
     */
    double polish(int steps, double tolerance, double maxMacs, double ridge) {
        GaussNewton all = new GaussNewton(graph, kernel, cores);
        if (history.isEmpty()) {
            history.add(all.error());
        }
        double share = steps >= FADING_STEPS ? ridge : 0;
        double perStep = NormalEquations.macs(graph);
        double spent = 0;
        int still = 0;
        for (int step = 0; step < steps && still < 3 && spent + perStep <= maxMacs; step++) {
            Interruption.check();
            double last = all.error();
            all.ridge(share * unit());
            boolean fell = all.step();
            spent += perStep;
            if (!fell && share == 0) {
                break;
            }
            if (share == 0) {
                history.add(Math.min(all.error(), error()));
            }
            if (all.error() < EXACT) {
                break;
            }
            boolean moves = share > 0 || last - all.error() > tolerance * last;
            still = moves ? 0 : still + 1;
            share = share < LAST_SHARE ? 0 : share * FADING;
        }
        if (all.error() > error()) {
            history.clear(); // cut off under the ridge
        }
        history.add(all.error());
        Cores.balance(graph, all.cores());
        cores = all.cores();
        return spent;
    }

    private void step() {
        Interruption.check();
        Tensor[] from = cores;
        Tensor[] now = Cores.extrapolate(cores, previous, momentum);
        sweep.run(kernel, energy, now, damping, ridge);
        double squared = sweep.squaredError();
        double error = Math.sqrt(squared / energy);
        double penalised = squared;
        for (int n = 0; n < now.length && ridge > 0; n++) {
            double norm = Matrices.norm(now[n].data());
            penalised += ridge * norm * norm;
        }
        if (penalised > objective) {
            // The line led astray, or rounding is all that is left.
            history.add(error());
            momentum = 0;
            previous = null;
            return;
        }
        history.add(error);
        objective = penalised;
        momentum++;
        damping = Math.max(damping / 3, 1e-10);
        Cores.balance(graph, now);
        previous = from;
        cores = now;
    }
}
