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
import io.github.djltcnn.decomposition.Kernels;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.network.TensorNetwork;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The least squares problem of one core while the others stand still. */
public class CoreLeastSquaresTest {

    /** Gram matrices that are formed and those that are only applied lead to the same error. */
    @Test
    public void testUpdateWithAndWithoutGramMatrix() {
        Graph graph = new Graph(TensorNetwork.parse("g=2 i=4 r0=2 r1=2, r1 g h=3 r2=2, r2 o=5 r0"));
        double[] entries = Kernels.random(graph.size(graph.kernel()), 3);
        Tensor kernel = graph.kernel(entries);
        double energy = Matrices.dot(entries, 0, entries, 0, entries.length);
        double[][] raw = Kernels.cores(graph.network(), 5);
        Tensor[] cores = new Tensor[raw.length];
        for (int n = 0; n < cores.length; n++) {
            cores[n] = graph.core(n, raw[n]);
        }
        for (int n = 0; n < cores.length; n++) {
            CoreLeastSquares direct = new CoreLeastSquares(graph, n, 1e6, 1e6);
            CoreLeastSquares applied = new CoreLeastSquares(graph, n, 10, 0);
            // In slices, which keep nothing from step to step, or with all that stays kept.
            CoreLeastSquares whole = new CoreLeastSquares(graph, n, 1e6, 0);
            double[] a = direct.update(kernel, energy, cores, 0.5, 0.1).data();
            double[] b = applied.update(kernel, energy, cores, 0.5, 0.1).data();
            double[] c = whole.update(kernel, energy, cores, 0.5, 0.1).data();
            Assert.assertTrue(Kernels.distance(c, b) < 1e-9, "core " + n);
            // Both go from the same core to nearly the same error, the applied one in a few steps.
            double start = Kernels.distance(Kernels.contract(graph.network(), raw), entries);
            Assert.assertTrue(direct.squaredError() < start * start * energy);
            Assert.assertEquals(
                    applied.squaredError(), direct.squaredError(), 0.02 * energy, "core " + n);
            Assert.assertEquals(a.length, b.length);
            // The reckoned error is that of the new core.
            double[][] changed = raw.clone();
            changed[n] = b;
            double error = Kernels.distance(Kernels.contract(graph.network(), changed), entries);
            Assert.assertEquals(applied.squaredError(), error * error * energy, 1e-9 * energy);
        }
    }

    /**
     * The cost of a sweep of CP grows with the rank as its multiply-adds do, also where
     * intermediates get too large and the work goes in slices.
     */
    @Test
    public void testCostGrowsSmoothlyWithTheRank() {
        double[] perRank = new double[3];
        int[] ranks = {820, 860, 1374};
        for (int n = 0; n < ranks.length; n++) {
            String notation = "i=512 r=" + ranks[n] + ", h=3 r, w=3 r, o=512 r";
            Graph graph = new Graph(TensorNetwork.parse(notation));
            Einsum whole = graph.contraction(graph.size(graph.kernel()) / 2.0 + 1e5);
            double sweep = AlternatingLeastSquares.operationsPerSweep(graph);
            perRank[n] = (sweep + whole.operations()) / ranks[n];
            Assert.assertTrue(whole.slices() <= 9, whole.slices() + " slices");
        }
        // Gram matrices and their factors grow faster than the rank, by the rank itself.
        Assert.assertTrue(perRank[1] < 1.15 * perRank[0], perRank[1] + ", " + perRank[0]);
        Assert.assertTrue(perRank[2] < 1374.0 / 820 * perRank[0], perRank[2] + ", " + perRank[0]);
    }
}
