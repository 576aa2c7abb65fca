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

import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.Kernels;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * BasinHopping around a fit: deterministic, within what is allowed, and better than fresh starts.
 */
public class BasinHoppingTest {

    private static final TensorNetwork NETWORK =
            TensorNetwork.parse("r0=3 i1=3 h=2, r0 r1=2 o1=4, r1 i2=3 r0 w=2");

    private final Graph graph = new Graph(NETWORK);
    private final Tensor kernel =
            graph.kernel(Kernels.contract(NETWORK, Kernels.cores(NETWORK, 1)));

    @Test
    public void testFindsWhatTheKernelWasMadeOf() {
        BasinHopping hops = hops(5);
        double before = hops.error();
        double spent = hops.run(200, Double.POSITIVE_INFINITY);
        Assert.assertTrue(before > 0.1, "starts at " + before);
        Assert.assertTrue(hops.error() < AlsRun.EXACT, "ends at " + hops.error());
        Assert.assertTrue(hops.count() > 0 && spent > 0);
        double[][] cores = new double[hops.cores().length][];
        for (int n = 0; n < cores.length; n++) {
            cores[n] = hops.cores()[n].data();
        }
        double error = Kernels.distance(Kernels.contract(NETWORK, cores), kernel.data());
        Assert.assertEquals(error, hops.error(), 1e-7);
    }

    @Test
    public void testNeverWorseAndTheSameAgain() {
        double last = hops(7).error();
        for (int count = 0; count < 4; count++) {
            BasinHopping some = hops(7);
            BasinHopping again = hops(7);
            some.run(count, Double.POSITIVE_INFINITY);
            again.run(count, Double.POSITIVE_INFINITY);
            Assert.assertTrue(some.error() <= last, some.error() + " after " + last);
            Assert.assertEquals(again.error(), some.error(), 0.0);
            last = some.error();
        }
    }

    @Test
    public void testMultiplyAdds() {
        BasinHopping none = hops(9);
        Assert.assertEquals(none.run(10, 29 * NormalEquations.macs(graph)), 0.0);
        Assert.assertEquals(none.count(), 0);
        double limit = 70 * NormalEquations.macs(graph);
        BasinHopping few = hops(9);
        Assert.assertTrue(few.run(10, limit) <= limit);
        Assert.assertTrue(few.count() > 0);
    }

    @Test
    public void testNoRankToDraw() {
        TensorNetwork alone = TensorNetwork.parse("i=3 o=4 r0=2");
        Graph one = new Graph(alone);
        double[][] cores = Kernels.cores(alone, 1);
        Tensor target = one.kernel(Kernels.random(12, 2));
        BasinHopping hops =
                new BasinHopping(one, target, new Tensor[] {one.core(0, cores[0])}, new Random(1));
        Assert.assertEquals(hops.run(10, Double.POSITIVE_INFINITY), 0.0);
    }

    private BasinHopping hops(long seed) {
        double[][] entries = Kernels.cores(NETWORK, seed);
        Tensor[] cores = new Tensor[entries.length];
        for (int n = 0; n < cores.length; n++) {
            cores[n] = graph.core(n, entries[n]);
        }
        return new BasinHopping(graph, kernel, cores, new Random(seed));
    }
}
