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

import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What every decomposition keeps, whatever its algorithm. */
abstract class DecompositionContract {

    private static final int STARTS = 48;

    /** The networks the algorithm is for. */
    abstract String[] networks();

    /** The relative error within which a kernel made of cores is found again. */
    abstract double recovery();

    /** Pairs of a network and a seed. */
    @DataProvider
    public Object[][] cases() {
        String[] networks = networks();
        Object[][] cases = new Object[networks.length][];
        for (int n = 0; n < networks.length; n++) {
            cases[n] = new Object[] {TensorNetwork.parse(networks[n]), 100 + n};
        }
        return cases;
    }

    Decomposer.Builder builder() {
        return Decomposer.builder().optSeed(1).optStarts(STARTS).optTolerance(1e-6);
    }

    @Test(dataProvider = "cases")
    public void testExactRecovery(TensorNetwork network, int seed) {
        double[] kernel = Kernels.contract(network, Kernels.cores(network, seed));
        double[] before = kernel.clone();
        Decomposition found = builder().build().decompose(kernel, Kernels.spec(network), network);
        Assert.assertEquals(kernel, before, "the kernel is not changed");
        Assert.assertEquals(found.network(), network);
        // From the definition, not by the code that is under test.
        double[][] cores = new double[network.cores().size()][];
        for (int n = 0; n < cores.length; n++) {
            cores[n] = found.core(n);
        }
        double error = Kernels.distance(Kernels.contract(network, cores), kernel);
        Assert.assertTrue(error <= recovery(), network + ", seed " + seed + ": error " + error);
        Assert.assertEquals(found.relativeError(), error, 1e-10);
        Assert.assertTrue(found.starts() >= 1 && found.starts() <= STARTS);
    }

    @Test(dataProvider = "cases")
    public void testErrorNeverRises(TensorNetwork network, int seed) {
        double[] kernel = Kernels.random(network.denseParameterCount(), seed);
        Decomposition found =
                builder()
                        .optMaxSweeps(20)
                        .build()
                        .decompose(kernel, Kernels.spec(network), network);
        double[] history = found.history();
        for (int n = 1; n < history.length; n++) {
            Assert.assertTrue(history[n] <= history[n - 1] + 1e-9, network + ", seed " + seed);
        }
        Assert.assertEquals(history[history.length - 1], found.relativeError(), 1e-6);
        Assert.assertTrue(found.relativeError() <= 1);
    }

    @Test(dataProvider = "cases")
    public void testSameSeedSameNumbersAndScale(TensorNetwork network, int seed) {
        KernelSpec spec = Kernels.spec(network);
        double[] kernel = Kernels.random(network.denseParameterCount(), seed);
        Decomposer decomposer = builder().optStarts(2).optMaxSweeps(5).build();
        Decomposition first = decomposer.decompose(kernel, spec, network);
        Decomposition second = decomposer.decompose(kernel, spec, network);
        for (int n = 0; n < network.cores().size(); n++) {
            Assert.assertEquals(first.core(n), second.core(n));
        }
        for (double scale : new double[] {1e-150, 1e-5, 1e150}) {
            double[] scaled = kernel.clone();
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] *= scale;
            }
            Decomposition third = decomposer.decompose(scaled, spec, network);
            // Singular vectors may turn round with the scale, and starts with them.
            Assert.assertEquals(third.relativeError(), first.relativeError(), 1e-2);
        }
    }

    @Test(dataProvider = "cases")
    public void testMaximalRanksHoldAnyKernel(TensorNetwork network, int seed) {
        // The ranks but for rb, the number of blocks, which is part of a format.
        String bare = network.toString().replaceAll("(r\\d*)=\\d+", "$1");
        if (bare.equals(network.toString())) {
            return; // nothing is left to choose
        }
        double[] kernel = Kernels.random(network.denseParameterCount(), seed);
        Decomposition found =
                builder()
                        .optStarts(2)
                        .build()
                        .decompose(
                                kernel,
                                Kernels.spec(network),
                                TensorFormats.graph(bare, Rank.max()));
        Assert.assertTrue(found.relativeError() <= 1e-6, found + ", seed " + seed);
    }
}
