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
import io.github.djltcnn.decomposition.Kernels;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Arrays;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The error that no cores are below, and sweeps that stay above it. */
public class LowerBoundTest {

    /** Networks with a cut whose rank is less than its sides; large ones share contractions. */
    @DataProvider
    public Object[][] networks() {
        return new Object[][] {
            {"i=8 r=3, h=3 r, w=3 r, o=9 r"},
            {"r0=2 i=8 r1=3, r1 h=3 w=3 r2=3, r2 o=9 r0"},
            {"rb=2 i=12 r1=2, rb r1 r2=3 h=3 w=3, rb r2 o=11"},
            {"r0=2 i1=6 r1=3, r1 i2=6 r2=4, r2 h=3 w=3 r3=4, r3 o1=6 r4=3, r4 o2=6 r0"},
        };
    }

    @Test(dataProvider = "networks")
    public void testBound(String notation) {
        Graph graph = new Graph(TensorNetwork.parse(notation));
        double[] random = Kernels.random(graph.size(graph.kernel()), 1);
        double energy = Matrices.dot(random, 0, random, 0, random.length);
        Tensor kernel = graph.kernel(random);
        double bound = LowerBound.of(graph, kernel, energy);
        Assert.assertTrue(bound > 0.1, bound + "");
        Tensor[] cores = Starts.start(graph, kernel, 0, 0);
        Sweep sweep = Sweep.of(graph);
        double last = Double.POSITIVE_INFINITY;
        for (int times = 0; times < 20; times++) {
            sweep.run(kernel, energy, cores, 1e-3, 0);
            double error = Cores.relativeError(graph, random, cores);
            Assert.assertEquals(sweep.squaredError(), error * error * energy, 1e-8 * energy);
            Assert.assertTrue(error < last + 1e-9 && error >= bound, error + ", " + bound);
            last = error;
        }
        double[] made = Kernels.contract(graph.network(), Kernels.cores(graph.network(), 3));
        double squares = Arrays.stream(made).map(x -> x * x).sum();
        Assert.assertEquals(LowerBound.of(graph, graph.kernel(made), squares), 0, 1e-6);
    }
}
