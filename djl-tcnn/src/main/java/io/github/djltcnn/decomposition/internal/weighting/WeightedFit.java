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
package io.github.djltcnn.decomposition.internal.weighting;

import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import io.github.djltcnn.decomposition.internal.graph.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Weighted alternating least squares on any network, from given cores: core after core becomes the
 * best it can be given the others ({@link WeightedCore}), in sweeps, carried on along the line of
 * the last sweep as the plain iteration is. The error never rises above that of the start.
 */
public final class WeightedFit {

    /** Sweeps that hardly lower the error, after which it stays. */
    private static final int STILL = 3;

    private final WeightedProblem problem;
    private final Graph graph;
    private final WeightedCore[] updates;
    private final List<Double> history = new ArrayList<>();
    private Tensor[] cores;
    private Tensor[] previous;
    private int momentum;
    private double damping = 1e-3;

    /**
     * Begins at cores.
     *
     * @param problem the problem
     * @param start scaled cores, which are not changed
     */
    public WeightedFit(WeightedProblem problem, Tensor... start) {
        this.problem = problem;
        this.graph = problem.graph();
        this.cores = start.clone();
        this.updates = new WeightedCore[graph.numCores()];
        Arrays.setAll(updates, n -> new WeightedCore(problem, n));
        history.add(problem.error(start));
    }

    /**
     * Sweeps until the error stays or the sweeps or multiply-adds are used up.
     *
     * @param limits the bounds of the work
     */
    public void run(Limits limits) {
        double perSweep = Arrays.stream(updates).mapToDouble(WeightedCore::operations).sum();
        double spent = 0;
        int still = 0;
        try (Workspace space = Workspace.forWork(perSweep)) {
            Tensor image = space.keep(problem.image());
            List<Tensor> weights =
                    problem.couplings().stream().map(c -> space.keep(c.matrix())).toList();
            for (int sweep = 0; sweep < limits.maxSweeps() && still < STILL; sweep++) {
                if (sweep > 0 && spent + perSweep > limits.maxMacs()) {
                    break;
                }
                double last = error();
                step(image, weights);
                spent += perSweep;
                still = last - error() <= limits.tolerance() * last ? still + 1 : 0;
            }
        }
    }

    /**
     * Returns the scaled cores.
     *
     * @return the best so far
     */
    public Tensor[] cores() {
        return cores;
    }

    /**
     * Returns the relative weighted error at the start and after each sweep.
     *
     * @return the errors, never rising
     */
    public List<Double> history() {
        return history;
    }

    private double error() {
        return history.get(history.size() - 1);
    }

    private void step(Tensor image, List<Tensor> weights) {
        Interruption.check();
        Tensor[] from = cores;
        Tensor[] now = Cores.extrapolate(cores, previous, momentum);
        double squared = Double.POSITIVE_INFINITY;
        for (int n = 0; n < now.length; n++) {
            now[n] = updates[n].update(image, weights, now, damping);
            squared = updates[n].squaredError();
        }
        double error = Math.sqrt(squared / problem.energy());
        if (!(error < error())) {
            // The line led astray, or rounding is all that is left.
            history.add(error());
            momentum = 0;
            previous = null;
            return;
        }
        history.add(error);
        momentum++;
        damping = Math.max(damping / 3, 1e-10);
        Cores.balance(graph, now);
        previous = from;
        cores = now;
    }
}
