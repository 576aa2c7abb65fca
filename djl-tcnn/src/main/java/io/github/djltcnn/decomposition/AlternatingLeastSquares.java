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
 * first; the others follow while multiply-adds are left and none is exact. In a small network each
 * start runs to its end at once, and all cores move together there ({@link GaussNewton}), every
 * other time under a ridge that fades away.
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

    /** The share of the multiply-adds that trying out all starts may take. */
    private static final double TRIAL_SHARE = 0.2;

    /** The share after which no further start is run to its end. */
    private static final double FURTHER_SHARE = 0.4;

    /** All cores move at once where the multiply-adds allow for so many such steps. */
    private static final double MANY_STEPS = 2_000;

    /** The same where a tolerance below {@link #TIGHT} asks for the last digits. */
    private static final double FEW_STEPS = 100;

    private static final double TIGHT = 1e-5;

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
        List<Sweeps> runs = new ArrayList<>();
        List<Tensor[]> starts = new ArrayList<>();
        double steps = settings.tolerance() < TIGHT ? FEW_STEPS : MANY_STEPS;
        Sweeps best =
                GaussNewton.macs(graph) * steps <= settings.maxMacs()
                        ? oneByOne(graph, kernel, updates, settings, runs, starts)
                        : bestFirst(graph, kernel, updates, settings, runs, starts);
        int count = runs.size();
        Tensor[] start = starts.get(runs.indexOf(best));
        double norm = Matrices.norm(kernel.data());
        double ridge = 1e-8;
        while (amplification(graph, best) > CANCELLATION * norm && ridge < 1) {
            best = new Sweeps(graph, kernel, updates, start, ridge);
            best.run(settings.maxSweeps(), settings.tolerance(), settings.maxMacs());
            ridge *= 10;
        }
        String name = graph.isRing() ? "TR-SVD + ALS" : graph.isStar() ? "CP-ALS" : "ALS";
        return Fit.of(best.cores(), Fit.history(best.history()), name, count);
    }

    /** Tries all starts with a few sweeps and runs the best of them to their ends. */
    private static Sweeps bestFirst(
            Graph graph,
            Tensor kernel,
            CoreUpdate[] updates,
            Settings settings,
            List<Sweeps> runs,
            List<Tensor[]> starts) {
        double perSweep = Arrays.stream(updates).mapToDouble(CoreUpdate::macs).sum();
        // One start in four is annealed, which makes it so much dearer.
        double perStart = (TRIAL_SWEEPS + ANNEALING_SWEEPS / 4.0) * perSweep;
        double affordable = TRIAL_SHARE * settings.maxMacs() / perStart;
        int count = (int) Math.max(1, Math.min(settings.starts(), affordable));
        int trial = count == 1 ? 1 : Math.min(TRIAL_SWEEPS, settings.maxSweeps());
        double budget = settings.maxMacs();
        for (int start = 0; start < count; start++) {
            starts.add(start(graph, kernel, start, settings.seed()));
            Sweeps run = new Sweeps(graph, kernel, updates, starts.get(start), 0);
            if (start % 4 == 1) {
                budget -= run.anneal(ANNEALING_SWEEPS);
            }
            budget -= run.run(trial, 0, budget);
            runs.add(run);
        }
        List<Sweeps> order = new ArrayList<>(runs);
        order.sort(Comparator.comparingDouble(Sweeps::error));
        Sweeps best = order.get(0);
        for (Sweeps run : order) {
            boolean late = budget < (1 - FURTHER_SHARE) * settings.maxMacs();
            if (best.error() < Sweeps.EXACT || (run != best && late)) {
                break;
            }
            int left = settings.maxSweeps() - trial;
            budget -= run.run(left, settings.tolerance(), Math.max(0, budget));
            best = run.error() < best.error() ? run : best;
        }
        return best;
    }

    /** Runs one start after the other to its end, all cores at once, until one is exact. */
    private static Sweeps oneByOne(
            Graph graph,
            Tensor kernel,
            CoreUpdate[] updates,
            Settings settings,
            List<Sweeps> runs,
            List<Tensor[]> starts) {
        double budget = settings.maxMacs();
        Sweeps best = null;
        for (int start = 0; start < settings.starts(); start++) {
            starts.add(start(graph, kernel, start, settings.seed()));
            enlarge(graph, kernel, starts.get(start));
            Sweeps run = new Sweeps(graph, kernel, updates, starts.get(start), 0);
            int trial = start % 4 == 0 ? Math.min(TRIAL_SWEEPS, settings.maxSweeps()) : 0;
            if (trial > 0) {
                budget -= run.run(trial, 0, Math.max(0, budget));
            }
            budget -=
                    run.polish(
                            settings.maxSweeps() - trial,
                            settings.tolerance(),
                            Math.max(0, budget),
                            start % 2 == 1);
            runs.add(run);
            best = best == null || run.error() < best.error() ? run : best;
            if (best.error() < Sweeps.EXACT || budget < (1 - FURTHER_SHARE) * settings.maxMacs()) {
                break;
            }
        }
        return best;
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
