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

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Fit;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.weighting.WeightedFit;
import io.github.djltcnn.decomposition.internal.weighting.WeightedProblem;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;

/** Cores for a weighted error, from the plain ones and those of the scaled kernel. */
final class WeightedSolver {

    private final Decomposer decomposer;
    private final TensorNetwork network;
    private final KernelWeighting weighting;
    private final Graph graph;

    WeightedSolver(Decomposer decomposer, TensorNetwork network, KernelWeighting weighting) {
        this.decomposer = decomposer;
        this.network = network;
        this.weighting = weighting;
        this.graph = new Graph(network);
    }

    Decomposition solve(double[] kernel, Decomposition plain) {
        WeightedProblem problem = new WeightedProblem(graph, kernel, weighting.weight());
        if (!(problem.energy() > 0)) {
            throw new IllegalArgumentException(
                    "The kernel weighs nothing: what the layer is given is in directions that it"
                            + " does not see; decompose it without weights");
        }
        Tensor[] given = new Tensor[graph.numCores()];
        for (int n = 0; n < given.length; n++) {
            given[n] = graph.core(n, plain.core(n));
        }
        Tensor[] start = problem.enter(given);
        String name = plain.algorithm();
        Fit scaled = decomposer.fit(problem.kernel(), network);
        if (problem.error(scaled.cores()) < problem.error(start)) {
            start = scaled.cores();
            name = scaled.algorithm();
        }
        List<Double> history = List.of(problem.error(start));
        Tensor[] found = start;
        if (!problem.isPlain() && history.get(0) > 0) {
            WeightedFit fit = new WeightedFit(problem, start);
            fit.run(decomposer.limits());
            found = fit.cores();
            history = fit.history();
            name += " + weighted ALS";
        }
        Tensor[] cores = problem.leave(found);
        Cores.balance(graph, cores);
        double[] approximation = Cores.contract(graph, cores).data();
        double error = Cores.relativeError(graph, kernel, cores);
        double terms = Cores.amplification(graph, cores) / Matrices.norm(kernel);
        double weighted = weighting.relativeError(kernel, approximation);
        return new Decomposition(
                network, new Fit(cores, Fit.history(history), name, 2), error, terms, weighted);
    }
}
