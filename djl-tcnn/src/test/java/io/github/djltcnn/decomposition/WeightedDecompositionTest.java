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
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Decompositions for a weighted error, against the definition of it. */
public class WeightedDecompositionTest {

    private static final KernelSpec SPEC = KernelSpec.of(12, 10, new Shape(3, 3));

    /** Formats and graphs of every kind, with and without groups. */
    @DataProvider
    public Object[][] formats() {
        KernelSpec grouped = new KernelSpec(12, 8, new Shape(3, 3), 2);
        KernelSpec depthwise = new KernelSpec(6, 6, new Shape(3, 3), 6);
        KernelSpec linear = KernelSpec.linear(20, 14);
        KernelSpec line = KernelSpec.of(8, 6, new Shape(5));
        Rank rank = Rank.upTo(3);
        return new Object[][] {
            {SPEC, TensorFormats.tucker2(rank)},
            {SPEC, TensorFormats.tensorTrain(rank)},
            {SPEC, TensorFormats.tensorTrainMatrix(rank)},
            {SPEC, TensorFormats.tensorRing(rank)},
            {SPEC, TensorFormats.cp(Rank.upTo(6))},
            {SPEC, TensorFormats.hyperTucker2(Rank.upTo(6))},
            {SPEC, TensorFormats.blockTerm(2, rank)},
            {SPEC, TensorFormats.graph("i r1=3, r1 r2=2 h, r2 r3=3 w, r3 o")},
            {SPEC, TensorFormats.graph("i=12 o=10 r=4, i=12 r=4 h w")},
            {grouped, TensorFormats.tucker2(rank)},
            {grouped, TensorFormats.tensorRing(rank)},
            {grouped, TensorFormats.graph("g=2 i r1=3, r1 h w r2=2, r2 o")},
            {depthwise, TensorFormats.cp(Rank.upTo(2))},
            {linear, TensorFormats.tucker2(Rank.upTo(5))},
            {linear, TensorFormats.cp(Rank.upTo(5))},
            {line, TensorFormats.tensorTrain(rank)},
        };
    }

    @Test(dataProvider = "formats")
    public void isNeverAbovePlainCores(KernelSpec spec, TensorFormat format) {
        for (boolean separable : new boolean[] {false, true}) {
            KernelWeighting weighting = weighting(spec, 7, separable, true);
            double[] kernel = Kernels.random(spec.denseParameterCount(), 3);
            TensorNetwork network = TensorFormats.network(format, spec);
            Decomposer decomposer = Decomposer.builder().optMaxSweeps(60).build();
            Decomposition plain = decomposer.decompose(kernel, spec, network);
            Decomposition found = decomposer.decompose(kernel, network, weighting);
            double before = weighting.relativeError(kernel, plain.toKernel());
            double after = weighting.relativeError(kernel, found.toKernel());
            Assert.assertEquals(found.weightedError(), after, 1e-9);
            double[] history = found.history();
            Assert.assertEquals(history[history.length - 1], after, 1e-6 + 1e-4 * after);
            Assert.assertTrue(after <= before * (1 + 1e-9), after + " > " + before);
        }
    }

    @Test
    public void wrongWeightsAreRefused() {
        double[] s = square(1, 108, 1);
        double[] kernel = Kernels.random(SPEC.denseParameterCount(), 1);
        refused("108 x 108", () -> KernelWeighting.of(SPEC, new double[9], null));
        refused("output weights", () -> KernelWeighting.of(SPEC, s, new double[9]));
        refused("all zero", () -> KernelWeighting.of(SPEC, new double[108 * 108], null));
        double[] negative = s.clone();
        negative[0] = -1;
        refused("diagonal", () -> KernelWeighting.of(SPEC, negative, null));
        KernelWeighting weighting = KernelWeighting.of(SPEC, s, null);
        refused("entries", () -> weighting.squaredDistance(kernel, new double[3]));
        refused("entries", () -> weighting.relativeError(new double[3], kernel));
        refused("entries", () -> weighting.scaled(new double[3], TensorFormats.cp(Rank.of(1))));
        TensorNetwork other = TensorNetwork.parse("i=4 r=2, r h=3 w=3, r o=5");
        refused(
                "does not fit",
                () -> Decomposer.builder().build().decompose(kernel, other, weighting));
    }

    private static void refused(String words, Assert.ThrowingRunnable call) {
        String message = Assert.expectThrows(IllegalArgumentException.class, call).getMessage();
        Assert.assertTrue(message.contains(words), message);
    }

    /** CP and Tucker-2, with kernels that no cores give exactly. */
    @DataProvider
    public Object[][] published() {
        return new Object[][] {
            {"i=6 r=3, r h=3, r w=3, r o=5"}, {"i=6 r1=3, r1 r2=2 h=3 w=3, r2 o=5"},
        };
    }

    /**
     * Alternating least squares in the norm of the covariance of the input, {@code |(K - K')
     * S^(1/2)|}, each factor solved for exactly in turn (Kalle et al., "Distribution-aware tensor
     * decomposition for compression of convolutional neural networks", arXiv:2511.04494, 2025),
     * written down from that formula: begun at the same plain cores, it ends no lower.
     */
    @Test(dataProvider = "published")
    public void thePublishedSchemeEndsNoLower(String notation) {
        TensorNetwork network = TensorNetwork.parse(notation);
        KernelSpec spec = Kernels.spec(network);
        double[] s = square(1, 54, 3);
        KernelWeighting weighting = KernelWeighting.of(spec, s, null);
        double[] kernel = Kernels.random(spec.denseParameterCount(), 4);
        Decomposer decomposer = Decomposer.builder().optTolerance(1e-6).build();
        Decomposition plain = decomposer.decompose(kernel, spec, network);
        double[][] cores = new double[network.cores().size()][];
        for (int n = 0; n < cores.length; n++) {
            cores[n] = plain.core(n);
        }
        for (int sweep = 0; sweep < 60; sweep++) {
            for (int n = 0; n < cores.length; n++) {
                cores[n] = nearest(network, cores, n, kernel, s);
            }
        }
        double reference = weighting.relativeError(kernel, Kernels.contract(network, cores));
        double found = decomposer.decompose(kernel, network, weighting).weightedError();
        double before = weighting.relativeError(kernel, plain.toKernel());
        Assert.assertTrue(reference < before, reference + " after " + before);
        Assert.assertTrue(found <= 1.001 * reference, found + " against " + reference);
    }

    /** What is lost if only the mean square of each input counts, not what they have in common. */
    @Test(dataProvider = "published")
    public void aDiagonalOfTheMomentsIsNotEnough(String notation) {
        TensorNetwork network = TensorNetwork.parse(notation);
        KernelSpec spec = Kernels.spec(network);
        double[] s = square(1, 54, 3);
        double[] diagonal = new double[s.length];
        for (int i = 0; i < s.length; i += 55) {
            diagonal[i] = s[i];
        }
        KernelWeighting whole = KernelWeighting.of(spec, s, null);
        double[] kernel = Kernels.random(spec.denseParameterCount(), 4);
        Decomposer decomposer = Decomposer.builder().optTolerance(1e-6).build();
        double found = decomposer.decompose(kernel, network, whole).weightedError();
        Decomposition by =
                decomposer.decompose(kernel, network, KernelWeighting.of(spec, diagonal, null));
        double other = whole.relativeError(kernel, by.toKernel());
        Assert.assertTrue(found < 0.98 * other, found + " against " + other);
    }

    /** The core that is best for the others, by the normal equations written out. */
    private static double[] nearest(
            TensorNetwork network, double[][] cores, int n, double[] kernel, double[] s) {
        int size = cores[n].length;
        int columns = (int) Math.round(Math.sqrt(s.length));
        double[][] images = new double[size][];
        for (int i = 0; i < size; i++) {
            double[][] unit = cores.clone();
            unit[n] = new double[size];
            unit[n][i] = 1;
            images[i] = Kernels.contract(network, unit);
        }
        DMatrixRMaj a = new DMatrixRMaj(images);
        DMatrixRMaj weighted = new DMatrixRMaj(size, kernel.length);
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < kernel.length; k++) {
                int row = k / columns * columns;
                for (int m = 0; m < columns; m++) {
                    weighted.data[i * kernel.length + k] +=
                            images[i][row + m] * s[m * columns + k - row];
                }
            }
        }
        DMatrixRMaj normal = new DMatrixRMaj(size, size);
        CommonOps_DDRM.multTransB(weighted, a, normal);
        DMatrixRMaj right = new DMatrixRMaj(size, 1);
        CommonOps_DDRM.mult(weighted, new DMatrixRMaj(kernel.length, 1, true, kernel), right);
        CommonOps_DDRM.pinv(normal, normal);
        DMatrixRMaj core = new DMatrixRMaj(size, 1);
        CommonOps_DDRM.mult(normal, right, core);
        return core.data;
    }

    @Test
    public void weighsAsDefined() {
        KernelSpec spec = new KernelSpec(6, 4, new Shape(2, 3), 2);
        for (boolean separable : new boolean[] {false, true}) {
            KernelWeighting weighting = weighting(spec, 5, separable, true);
            double[] a = Kernels.random(spec.denseParameterCount(), 1);
            double[] b = Kernels.random(spec.denseParameterCount(), 2);
            double expected = 0;
            int n = 18;
            double[] s = input(spec, 5, separable);
            double[] g = square(2, 2, 11);
            for (int group = 0; group < 2; group++) {
                for (int o = 0; o < 2; o++) {
                    for (int p = 0; p < 2; p++) {
                        for (int i = 0; i < n; i++) {
                            for (int j = 0; j < n; j++) {
                                int at = (group * 2 + o) * n + i;
                                int to = (group * 2 + p) * n + j;
                                expected +=
                                        g[(group * 2 + o) * 2 + p]
                                                * s[(group * n + i) * n + j]
                                                * (a[at] - b[at])
                                                * (a[to] - b[to]);
                            }
                        }
                    }
                }
            }
            Assert.assertEquals(weighting.squaredDistance(a, b), expected, 1e-9 * expected);
        }
    }

    private static KernelWeighting weighting(
            KernelSpec spec, long seed, boolean separable, boolean outputs) {
        int groups = (int) spec.groups();
        int in = (int) spec.inputChannels() / groups;
        int taps = (int) spec.kernel().size();
        int out = (int) spec.outputChannels() / groups;
        double[] g = outputs ? square(groups, out, 11) : null;
        return separable
                ? KernelWeighting.separable(
                        spec, square(groups, in, seed), square(groups, taps, seed + 1), g)
                : KernelWeighting.of(spec, square(groups, in * taps, seed), g);
    }

    /** The moments of the input as one matrix per group. */
    private static double[] input(KernelSpec spec, long seed, boolean separable) {
        int groups = (int) spec.groups();
        int in = (int) spec.inputChannels() / groups;
        int taps = (int) spec.kernel().size();
        if (!separable) {
            return square(groups, in * taps, seed);
        }
        double[] c = square(groups, in, seed);
        double[] w = square(groups, taps, seed + 1);
        int n = in * taps;
        double[] all = new double[groups * n * n];
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    all[(group * n + i) * n + j] =
                            c[(group * in + i / taps) * in + j / taps]
                                    * w[(group * taps + i % taps) * taps + j % taps];
                }
            }
        }
        return all;
    }

    /** Moments of correlated numbers whose sizes fall from one to a hundredth. */
    private static double[] square(int groups, int n, long seed) {
        Random random = new Random(seed);
        double[] all = new double[groups * n * n];
        for (int group = 0; group < groups; group++) {
            for (int sample = 0; sample < 3 * n; sample++) {
                double[] x = new double[n];
                double common = random.nextGaussian();
                for (int i = 0; i < n; i++) {
                    x[i] = (random.nextGaussian() + common) * Math.pow(0.01, (double) i / n);
                }
                for (int i = 0; i < n; i++) {
                    for (int j = 0; j < n; j++) {
                        all[(group * n + i) * n + j] += x[i] * x[j];
                    }
                }
            }
        }
        return all;
    }
}
