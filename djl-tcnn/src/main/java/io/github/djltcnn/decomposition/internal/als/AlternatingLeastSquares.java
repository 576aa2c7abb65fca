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
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Algorithm;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Fit;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Limits;
import io.github.djltcnn.decomposition.internal.svd.RingSvd;
import java.util.Random;

/**
 * Alternating least squares from several starts, for any network.
 *
 * <p>A ring starts from its TR-SVD ({@link RingSvd}), and ends there if a single sweep is above the
 * multiply-adds allowed. Elsewhere the first start takes the leading singular vectors of the kernel
 * unfolded at each core, filled up at random; the others are random. One start in four is annealed
 * ({@link AlsRun#anneal}). All starts run a few sweeps, then they run to their ends, the best
 * first; the others follow while multiply-adds are left and none is exact. In a small network all
 * cores move together ({@link GaussNewton}), most starts under a ridge that fades away, and where
 * more starts are asked for than a few, most of them are hops from the best ({@link BasinHopping}).
 *
 * <p>A fit whose terms cancel more than {@value #CANCELLATION}-fold is degenerate: its components
 * grow without bound for ever smaller gains (De Silva and Lim, "Tensor rank and the ill-posedness
 * of the best low-rank approximation problem", SIAM J. Matrix Anal. Appl. 30, 2008). It is fitted
 * again with a ridge on the cores, ten times larger each time, until they stay bounded.
 */
public final class AlternatingLeastSquares implements Algorithm {

    /** Rounding the cores of a fit with this much cancellation to float32 costs about 1e-4. */
    static final double CANCELLATION = 1e3;

    @Override
    public boolean fits(Graph graph) {
        return true;
    }

    @Override
    public Fit fit(Graph graph, Tensor kernel, Limits limits) {
        Sweep sweep = Sweep.of(graph);
        try (Workspace space = Workspace.forWork(sweep.operations())) {
            return fit(graph, space.keep(kernel), sweep, limits);
        }
    }

    private static Fit fit(Graph graph, Tensor kernel, Sweep sweep, Limits limits) {
        double perSweep = sweep.operations();
        if (graph.topology().isRing() && perSweep > limits.maxMacs()) {
            // Not one sweep is affordable.
            Tensor[] cores = RingSvd.start(graph, kernel, new Random(limits.seed()), 1e-3);
            double[] error = {Cores.relativeError(graph, kernel.data(), cores)};
            return new Fit(cores, error, "TR-SVD", 1);
        }
        MultiStart search = new MultiStart(graph, kernel, sweep, limits);
        AlsRun best = search.best();
        Tensor[] start = search.startOf(best);
        double norm = Matrices.norm(kernel.data());
        double ridge = 1e-8;
        while (Cores.amplification(graph, best.cores()) > CANCELLATION * norm && ridge < 1) {
            best = new AlsRun(graph, kernel, sweep, start, ridge);
            best.run(limits.maxSweeps(), limits.tolerance(), limits.maxMacs());
            ridge *= 10;
        }
        String name =
                graph.topology().isRing()
                        ? "TR-SVD + ALS"
                        : graph.topology().isStar() ? "CP-ALS" : "ALS";
        return new Fit(best.cores(), Fit.history(best.history()), name, search.count());
    }

    /**
     * Returns the cost of one sweep over all cores.
     *
     * @param graph a network without groups
     * @return multiply-adds, and with slices the entries that they copy and add
     */
    public static double operationsPerSweep(Graph graph) {
        return Sweep.of(graph).operations();
    }
}
