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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.decomposition.internal.svd.Spectra;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What a decomposer refuses, and how the formats compare. */
public class DecomposerTest {

    private static final KernelSpec SPEC = KernelSpec.of(6, 4, new Shape(3, 3));
    private static final Decomposer DECOMPOSER = Decomposer.builder().build();

    @Test
    public void testRefusals() {
        double[] kernel = Kernels.random(SPEC.denseParameterCount(), 1);
        TensorFormat tucker = TensorFormats.tucker2(Rank.of(2));
        message(() -> DECOMPOSER.decompose(new double[5], SPEC, tucker), "has 216 entries, got 5");
        message(() -> DECOMPOSER.decompose(new double[216], SPEC, tucker), "are zero");
        double[] broken = kernel.clone();
        broken[17] = Double.NaN;
        message(() -> DECOMPOSER.decompose(broken, SPEC, tucker), "Entry 17 of the kernel");
        broken[17] = Double.POSITIVE_INFINITY;
        message(() -> DECOMPOSER.decompose(broken, SPEC, tucker), "is Infinity");
        message(
                () -> DECOMPOSER.decompose(kernel, SPEC, TensorFormats.tucker2(Rank.of(2, 5))),
                "Tucker-2 rank 5 exceeds the largest useful rank 4 of bond r2");
        TensorFormat ring = TensorFormats.graph("r0=2 i r1=40, r1 h w r2=2, r2 o r0");
        message(
                () -> DECOMPOSER.decompose(kernel, SPEC, ring),
                "rank 40 exceeds the largest useful rank 12 of bond r1");
        message(
                () -> DECOMPOSER.decompose(kernel, SPEC, TensorNetwork.parse("i=6 r=2, r o=4")),
                "does not fit");
        message(() -> Decomposer.builder().optStarts(0), "At least 1 start");
        message(() -> Decomposer.builder().optTolerance(-1), "got -1.0");
        message(() -> Decomposer.builder().optMaxSweeps(0), "got 0");
        message(() -> Decomposer.builder().optMaxMacs(0), "above 0, got 0.0");
    }

    @Test
    public void testFloat32KernelAndCopies() {
        double[] kernel = new double[216];
        float[] rounded = new float[216];
        for (int i = 0; i < 216; i++) {
            rounded[i] = (float) Math.sin(i * i);
            kernel[i] = rounded[i];
        }
        TensorFormat format = TensorFormats.tensorTrain(Rank.max());
        Decomposition a = DECOMPOSER.decompose(kernel, SPEC, format);
        Decomposition b = DECOMPOSER.decompose(rounded, SPEC, format);
        Assert.assertEquals(a.core(0), b.core(0));
        a.core(0)[0] = 1e9;
        a.history()[0] = 1e9;
        Assert.assertEquals(a.core(0), b.core(0), "immutable");
        Assert.assertEquals(a.history(), b.history());
        Assert.assertTrue(Kernels.distance(a.toKernel(), kernel) < 1e-6);
        Assert.assertTrue(a.toString().startsWith("TT-SVD of \"i1=3 r1=3"), a.toString());
    }

    @Test
    public void testOneZeroGroup() {
        KernelSpec spec = new KernelSpec(6, 4, new Shape(3), 2);
        double[] kernel = Kernels.random(spec.denseParameterCount(), 4);
        Arrays.fill(kernel, 0, kernel.length / 2, 0);
        for (TensorFormat format :
                new TensorFormat[] {
                    TensorFormats.tucker2(Rank.max()), TensorFormats.cp(Rank.max())
                }) {
            Decomposition found = DECOMPOSER.decompose(kernel, spec, format);
            Assert.assertTrue(found.relativeError() < 1e-6, found.toString());
        }
    }

    /** Kernels that have structure, as trained ones do, and seeds. */
    @DataProvider
    public Object[][] kernels() {
        return new Object[][] {{1}, {2}, {3}};
    }

    private static double[] structured(KernelSpec spec, int seed) {
        Random random = new Random(seed);
        double[] kernel = new double[(int) spec.denseParameterCount()];
        int[] shuffled = random.ints(0, 1000).limit(64).toArray();
        for (int i = 0; i < kernel.length; i++) {
            int in = i / 9 % 16;
            int out = i / 144;
            double weight = 1.0 / (1 + shuffled[in] % 16) / (1 + shuffled[16 + out] % 16);
            kernel[i] = random.nextGaussian() * weight;
        }
        return kernel;
    }

    @Test(dataProvider = "kernels")
    public void testRingIsNoWorseThanTrain(int seed) {
        KernelSpec spec = KernelSpec.of(16, 16, new Shape(3, 3));
        double[] kernel = structured(spec, seed);
        for (double ratio : new double[] {0.1, 0.25, 0.5}) {
            Decomposition train =
                    DECOMPOSER.decompose(
                            kernel, spec, TensorFormats.tensorTrain(Rank.ratio(ratio)));
            Decomposition ring =
                    DECOMPOSER.decompose(kernel, spec, TensorFormats.tensorRing(Rank.ratio(ratio)));
            Assert.assertTrue(
                    ring.relativeError() <= train.relativeError() * (1 + 1e-9),
                    "seed " + seed + ": " + ring + " but " + train);
        }
        for (double error : new double[] {0.2, 0.5}) {
            Decomposition train =
                    DECOMPOSER.decompose(
                            kernel, spec, TensorFormats.tensorTrain(Rank.error(error)));
            Decomposition ring =
                    DECOMPOSER.decompose(kernel, spec, TensorFormats.tensorRing(Rank.error(error)));
            Assert.assertTrue(ring.relativeError() <= error && train.relativeError() <= error);
            Assert.assertTrue(
                    ring.network().parameterCount() <= train.network().parameterCount() * 1.1,
                    "seed " + seed + ": " + ring + " but " + train);
        }
    }

    /**
     * At a tenth of the parameters: ranks that are chosen from the weights make the ring better
     * than the train, which it contains, and than the ring of even ranks.
     */
    @Test
    public void testRingOfChosenRanksBeatsTheTrain() {
        Decomposer some = Decomposer.builder().optStarts(1).optMaxMacs(2e9).build();
        KernelSpec spec = KernelSpec.of(32, 32, new Shape(3, 3));
        Random random = new Random(1);
        double[] kernel = new double[32 * 32 * 9];
        for (int i = 0; i < kernel.length; i++) {
            int in = i / 9 % 32;
            int out = i / 288;
            double decay = Math.pow((1.0 + in) * (1.0 + out), -0.7);
            kernel[i] = random.nextGaussian() * decay;
        }
        for (double ratio : new double[] {0.1, 0.3}) {
            double least = Double.POSITIVE_INFINITY;
            for (Rank rank : new Rank[] {Rank.ratio(ratio), Rank.bestRatio(ratio)}) {
                Decomposition train = some.decompose(kernel, spec, TensorFormats.tensorTrain(rank));
                least = Math.min(least, train.relativeError());
            }
            Decomposition even =
                    some.decompose(kernel, spec, TensorFormats.tensorRing(Rank.ratio(ratio)));
            Decomposition ring =
                    some.decompose(kernel, spec, TensorFormats.tensorRing(Rank.bestRatio(ratio)));
            Assert.assertTrue(ring.network().parameterCount() <= ratio * kernel.length);
            Assert.assertTrue(ring.relativeError() < least, ring + ", train " + least);
            Assert.assertTrue(ring.relativeError() <= even.relativeError(), ring + ", " + even);
        }
    }

    /** Where there is no work to spend on sweeps, the train itself is the ring. */
    @Test
    public void testRingFallsBackToTheTrain() {
        KernelSpec spec = KernelSpec.of(16, 16, new Shape(3, 3));
        double[] kernel = structured(spec, 1);
        Decomposer poor = Decomposer.builder().optMaxMacs(1).build();
        Rank rank = Rank.bestRatio(0.2);
        Decomposition train = poor.decompose(kernel, spec, TensorFormats.tensorTrain(rank));
        Decomposition ring = poor.decompose(kernel, spec, TensorFormats.tensorRing(rank));
        Assert.assertTrue(
                ring.relativeError() <= train.relativeError() * (1 + 1e-9), ring + ", " + train);
    }

    @Test(dataProvider = "kernels")
    public void testTrainKeepsItsBound(int seed) {
        KernelSpec spec = KernelSpec.of(16, 16, new Shape(3, 3));
        double[] kernel = structured(spec, seed);
        TensorFormat format = TensorFormats.tensorTrain(Rank.of(3, 8, 8, 3));
        Spectra spectra = Spectra.of(kernel, spec, format.withRank(Rank.max()));
        double bound =
                Math.sqrt(spectra.squaredError(Map.of("r1", 3L, "r2", 8L, "r3", 8L, "r4", 3L)));
        double error = DECOMPOSER.decompose(kernel, spec, format).relativeError();
        Assert.assertTrue(error <= bound && error >= bound / 2, error + " of " + bound);
    }

    private static void message(Assert.ThrowingRunnable call, String part) {
        IllegalArgumentException e = Assert.expectThrows(IllegalArgumentException.class, call);
        Assert.assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
