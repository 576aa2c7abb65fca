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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Alternating least squares from several starts, for any network.
 *
 * <p>A ring starts from its TR-SVD ({@link RingSvd}), and ends there if a single sweep is above the
 * multiply-adds allowed. Elsewhere the first start takes the leading singular vectors of the kernel
 * unfolded at each core, filled up at random; the others are random. One start in four is annealed
 * ({@link Sweeps#anneal}). All starts run a few sweeps, then they run to their ends, the best
 * first; the others follow while multiply-adds are left and none is exact. In a small network all
 * cores move together ({@link GaussNewton}), most starts under a ridge that fades away.
 *
 * <p>A fit whose terms cancel more than {@value #CANCELLATION}-fold is degenerate: its components
 * grow without bound for ever smaller gains (De Silva and Lim, "Tensor rank and the ill-posedness
 * of the best low-rank approximation problem", SIAM J. Matrix Anal. Appl. 30, 2008). It is fitted
 * again with a ridge on the cores, ten times larger each time, until they stay bounded.
 */
final class AlternatingLeastSquares implements Algorithm {

    /** Rounding the cores of a fit with this much cancellation to float32 costs about 1e-4. */
    static final double CANCELLATION = 1e3;

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

    /** The ridges that starts of small networks begin under in turn, as {@link Sweeps} counts. */
    private static final double[] RIDGES = {0, 0.03, 0.01, 0.003};

    @Override
    public boolean fits(Graph graph) {
        return true;
    }

    @Override
    public Fit fit(Graph graph, Tensor kernel, Settings settings) {
        CoreUpdate[] updates = Sweeps.updates(graph);
        double perSweep = Arrays.stream(updates).mapToDouble(CoreUpdate::macs).sum();
        if (graph.isRing() && perSweep > settings.maxMacs()) {
            // Not one sweep is affordable.
            Tensor[] cores = RingSvd.start(graph, kernel, new Random(settings.seed()), 1e-3);
            double[][] entries = Arrays.stream(cores).map(Tensor::data).toArray(double[][]::new);
            double[] error = {Decomposer.relativeError(graph, kernel.data(), entries)};
            return Fit.of(cores, error, "TR-SVD", 1);
        }
        Search search = new Search(graph, kernel, updates, settings);
        Sweeps best = search.best();
        Tensor[] start = search.startOf(best);
        double norm = Matrices.norm(kernel.data());
        double ridge = 1e-8;
        while (amplification(graph, best) > CANCELLATION * norm && ridge < 1) {
            best = new Sweeps(graph, kernel, updates, start, ridge);
            best.run(settings.maxSweeps(), settings.tolerance(), settings.maxMacs());
            ridge *= 10;
        }
        String name = graph.isRing() ? "TR-SVD + ALS" : graph.isStar() ? "CP-ALS" : "ALS";
        return Fit.of(best.cores(), Fit.history(best.history()), name, search.count());
    }

    /** The starts of one kernel, and what became of them within the multiply-adds allowed. */
    private static final class Search {

        private final Graph graph;
        private final Tensor kernel;
        private final CoreUpdate[] updates;
        private final Settings settings;
        private final double perSweep;
        private final boolean small;
        private final List<Sweeps> runs = new ArrayList<>();
        private final List<Tensor[]> starts = new ArrayList<>();
        private double budget;

        Search(Graph graph, Tensor kernel, CoreUpdate[] updates, Settings settings) {
            this.graph = graph;
            this.kernel = kernel;
            this.updates = updates;
            this.settings = settings;
            this.budget = settings.maxMacs();
            this.perSweep = Arrays.stream(updates).mapToDouble(CoreUpdate::macs).sum();
            double steps = settings.tolerance() < TIGHT ? FEW_STEPS : MANY_STEPS;
            this.small = NormalEquations.macs(graph) * steps <= settings.maxMacs();
        }

        int count() {
            return runs.size();
        }

        Tensor[] startOf(Sweeps run) {
            return starts.get(runs.indexOf(run));
        }

        /**
         * Tries the starts with a few sweeps or steps, then runs the best of them to their ends.
         */
        Sweeps best() {
            int count = affordable();
            int trial = trial(count);
            boolean exact = false;
            for (int start = 0; start < count && !exact; start++) {
                starts.add(start(graph, kernel, start, settings.seed()));
                if (small) {
                    enlarge(graph, kernel, starts.get(start));
                }
                Sweeps run = new Sweeps(graph, kernel, updates, starts.get(start), 0);
                if (!small && start % 4 == 1) {
                    budget -= run.anneal(ANNEALING_SWEEPS);
                }
                if (small && start == 0) {
                    budget -= run.run(Math.min(TRIAL_SWEEPS, trial), 0, budget);
                }
                advance(run, trial, small ? 1e-3 : 0, RIDGES[start % RIDGES.length]);
                runs.add(run);
                exact = small && run.error() < Sweeps.EXACT;
            }
            List<Sweeps> order = new ArrayList<>(runs);
            order.sort(Comparator.comparingDouble(Sweeps::error));
            Sweeps best = order.get(0);
            for (Sweeps run : order) {
                boolean late = budget < (1 - FURTHER_SHARE) * settings.maxMacs();
                if (best.error() < Sweeps.EXACT || (run != best && late)) {
                    break;
                }
                advance(run, settings.maxSweeps() - trial, settings.tolerance(), 0);
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
            double affordable = TRIAL_SHARE * settings.maxMacs() / perStart;
            return (int) Math.max(1, Math.min(settings.starts(), affordable));
        }

        private int trial(int count) {
            int trial = small ? TRIAL_STEPS : TRIAL_SWEEPS;
            return count == 1 ? 1 : Math.min(trial, settings.maxSweeps());
        }

        /** Some more sweeps, or steps of all cores at once, the first of them under a ridge. */
        private void advance(Sweeps run, int steps, double tolerance, double ridge) {
            double left = Math.max(0, budget);
            budget -=
                    small
                            ? run.polish(steps, tolerance, left, ridge)
                            : run.run(steps, tolerance, left);
        }
    }

    /** Scales cores so that their terms together are as large as the kernel. */
    private static void enlarge(Graph graph, Tensor kernel, Tensor[] cores) {
        double[][] entries = Arrays.stream(cores).map(Tensor::data).toArray(double[][]::new);
        double size = Cores.amplification(graph, entries) / Matrices.norm(kernel.data());
        for (double[] core : entries) {
            Matrices.scale(core, Math.pow(size, -1.0 / cores.length));
        }
    }

    private static double amplification(Graph graph, Sweeps run) {
        return Cores.amplification(
                graph, Arrays.stream(run.cores()).map(Tensor::data).toArray(double[][]::new));
    }

    private static Tensor[] start(Graph graph, Tensor kernel, int start, long seed) {
        Random random = new Random(seed * 1_000_003 + start);
        if (start == 0 && graph.isRing()) {
            return RingSvd.start(graph, kernel, random, 0.1);
        }
        Tensor[] cores = new Tensor[graph.numCores()];
        double scale = Math.pow(Matrices.norm(kernel.data()), 1.0 / cores.length);
        for (int n = 0; n < cores.length; n++) {
            int[] labels = graph.core(n);
            double[] entries = random.doubles(graph.size(labels), -1, 1).toArray();
            cores[n] = graph.core(n, entries);
            int[] rows =
                    Arrays.stream(labels)
                            .filter(l -> !graph.isRank(l) && graph.carriers(l) == 1)
                            .toArray();
            int[] columns = Arrays.stream(labels).filter(graph::isRank).toArray();
            if (start == 0
                    && rows.length > 0
                    && rows.length + columns.length == labels.length
                    && columns.length > 0) {
                cores[n] = spectral(graph, kernel, cores[n], rows, columns);
            }
            Matrices.scale(cores[n].data(), scale / Matrices.norm(cores[n].data()));
        }
        return cores;
    }

    /** Puts the leading singular vectors of an unfolding into the first columns of a core. */
    private static Tensor spectral(
            Graph graph, Tensor kernel, Tensor core, int[] rows, int[] columns) {
        Tensor unfolded = kernel.permute(Tensor.join(rows, kernel.without(rows)));
        int m = graph.size(rows);
        int width = graph.size(columns);
        LeftBasis basis =
                LeftBasis.of(unfolded.data(), m, unfolded.data().length / m, values -> width);
        double[] entries = core.permute(Tensor.join(rows, columns)).data().clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < basis.rank(); j++) {
                entries[i * width + j] = basis.left()[i * basis.rank() + j] * Math.sqrt(m);
            }
        }
        int[] labels = Tensor.join(rows, columns);
        return new Tensor(labels, graph.dims(labels), entries).permute(core.labels());
    }
}
