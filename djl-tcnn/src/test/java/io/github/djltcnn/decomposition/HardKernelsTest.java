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
import io.github.djltcnn.decomposition.internal.budget.RankBudget;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Kernels of any scale, with equal singular values, at high ranks; and interrupted work. */
public class HardKernelsTest {

    private static final Decomposer DECOMPOSER =
            Decomposer.builder().optStarts(1).optMaxSweeps(20).build();

    /** Scales next to the ends of float64. */
    @DataProvider
    public Object[][] scales() {
        return new Object[][] {{1e306}, {1e-290}};
    }

    /** Rules that read singular values, and others, find at any scale what they find next to 1. */
    @Test(dataProvider = "scales")
    public void testScales(double scale) {
        KernelSpec spec = KernelSpec.of(12, 8, new Shape(3, 3));
        double[] kernel = Kernels.random(spec.denseParameterCount(), 5);
        for (Rank rank :
                List.of(
                        Rank.of(2),
                        Rank.error(0.5),
                        Rank.energy(0.7),
                        Rank.evbmf(),
                        Rank.bestRatio(0.3))) {
            for (TensorFormat format :
                    List.of(TensorFormats.tucker2(rank), TensorFormats.tensorTrainMatrix(rank))) {
                same(kernel, spec, format, scale, 1e-9);
            }
        }
        same(kernel, spec, TensorFormats.tensorRing(Rank.error(0.5)), scale, 1e-3);
        same(kernel, spec, TensorFormats.cp(Rank.of(4)), scale, 1e-3);
    }

    private static void same(
            double[] kernel, KernelSpec spec, TensorFormat format, double scale, double tolerance) {
        double[] scaled = kernel.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= scale;
        }
        Decomposition expected = DECOMPOSER.decompose(kernel, spec, format);
        Decomposition found = DECOMPOSER.decompose(scaled, spec, format);
        Assert.assertEquals(found.network(), expected.network(), format + " at " + scale);
        Assert.assertEquals(
                found.relativeError(), expected.relativeError(), tolerance, format + "");
        double[] approximation = found.toKernel();
        double squares = 0;
        double norm = 0;
        for (int i = 0; i < kernel.length; i++) {
            double difference = approximation[i] / scale - kernel[i];
            squares += difference * difference;
            norm += kernel[i] * kernel[i];
        }
        Assert.assertEquals(Math.sqrt(squares / norm), expected.relativeError(), 1e-3);
    }

    /** Numbers below 2.2e-308 have few digits, and still a decomposition. */
    @Test
    public void testSubnormalKernel() {
        KernelSpec spec = KernelSpec.of(12, 8, new Shape(3, 3));
        double[] kernel = Kernels.random(spec.denseParameterCount(), 5);
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] *= 1e-310;
        }
        for (Rank rank : List.of(Rank.error(0.5), Rank.energy(0.7), Rank.evbmf())) {
            Decomposition found = DECOMPOSER.decompose(kernel, spec, TensorFormats.tucker2(rank));
            Assert.assertTrue(found.relativeError() < 1, found.toString());
        }
        budget(kernel, spec, TensorFormats.tucker2(Rank.of(1)), 0.4);
    }

    private static RankBudget.Choice budget(
            double[] kernel, KernelSpec spec, TensorFormat format, double share) {
        RankBudget.Layer layer =
                new RankBudget.Layer(
                        "layer",
                        () -> kernel,
                        spec,
                        format,
                        ConvolutionGeometry.of(spec.kernel()),
                        List.of(new Shape(1, spec.inputChannels(), 8, 8)));
        Decomposer few = Decomposer.builder().optStarts(1).optMaxMacs(1e9).build();
        RankBudget.Choice choice =
                RankBudget.solve(Rank.targetParameters(share), List.of(layer), 0, few).get(0);
        Assert.assertTrue(choice.cost() <= share * kernel.length, choice.toString());
        Assert.assertTrue(choice.error() < 1, choice.toString());
        return choice;
    }

    /** Sizes of square kernels with equal singular values. */
    @DataProvider
    public Object[][] sizes() {
        return new Object[][] {{64}, {130}, {256}, {1000}};
    }

    /**
     * Orthogonal matrices, whole and mirrored: outputs c and c + C / 2 are each other's negatives,
     * as initializers make them, and half of the singular values are 0.
     */
    @Test(dataProvider = "sizes")
    public void testOrthogonalKernels(int size) {
        double[][] rows = orthonormal(size, new Random(size));
        double[] whole = new double[size * size];
        double[] mirrored = new double[size * size];
        for (int i = 0; i < size; i++) {
            System.arraycopy(rows[i], 0, whole, i * size, size);
            for (int j = 0; j < size; j++) {
                double sign = 2 * i < size ? 1 : -1;
                mirrored[i * size + j] = sign * rows[i % (size / 2)][j];
            }
        }
        KernelSpec spec = KernelSpec.of(size, size, new Shape());
        TensorFormat half = TensorFormats.graph("i r, r o", Rank.of(size / 2));
        double error = DECOMPOSER.decompose(whole, spec, half).relativeError();
        Assert.assertEquals(error, Math.sqrt(0.5), 1e-9);
        error = DECOMPOSER.decompose(mirrored, spec, half).relativeError();
        Assert.assertEquals(error, 0, 1e-9);
    }

    private static double[][] orthonormal(int size, Random random) {
        double[][] rows = new double[size][size];
        for (int n = 0; n < size; n++) {
            for (int i = 0; i < size; i++) {
                rows[n][i] = random.nextGaussian();
            }
            for (int m = 0; m < n; m++) {
                double dot = 0;
                for (int i = 0; i < size; i++) {
                    dot += rows[m][i] * rows[n][i];
                }
                for (int i = 0; i < size; i++) {
                    rows[n][i] -= dot * rows[m][i];
                }
            }
            double square = 0;
            for (double entry : rows[n]) {
                square += entry * entry;
            }
            for (int i = 0; i < size; i++) {
                rows[n][i] /= Math.sqrt(square);
            }
        }
        return rows;
    }

    /** A budget tries CP at six tenths of the parameters, where the kernel is made in slices. */
    @Test
    public void testBudgetAtHighRank() {
        KernelSpec spec = KernelSpec.of(256, 256, new Shape(3, 3));
        double[] kernel = Kernels.random(spec.denseParameterCount(), 3);
        RankBudget.Choice choice = budget(kernel, spec, TensorFormats.cp(Rank.of(1)), 0.6);
        Assert.assertTrue(choice.network().mode("r").size() > 600, choice.toString());
    }

    /** What a thread does that is interrupted at once or later. */
    @DataProvider
    public Object[][] interrupted() {
        return new Object[][] {
            {TensorFormats.cp(Rank.of(40))},
            {TensorFormats.tensorRing(Rank.bestRatio(0.3))},
            {TensorFormats.tucker2(Rank.error(0.2))},
            {TensorFormats.tensorTrain(Rank.max())},
        };
    }

    @Test(dataProvider = "interrupted")
    public void testInterrupted(TensorFormat format) throws InterruptedException {
        KernelSpec spec = KernelSpec.of(32, 32, new Shape(3, 3));
        double[] kernel = Kernels.random(spec.denseParameterCount(), 3);
        double[] before = kernel.clone();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        boolean[] stays = new boolean[1];
        Thread thread =
                new Thread(
                        () -> {
                            Thread.currentThread().interrupt();
                            try {
                                Decomposer.builder().build().decompose(kernel, spec, format);
                            } catch (RuntimeException e) {
                                thrown.set(e);
                            }
                            stays[0] = Thread.currentThread().isInterrupted();
                        });
        thread.start();
        thread.join();
        Assert.assertTrue(thrown.get() instanceof CancellationException, thrown.get() + "");
        Assert.assertTrue(stays[0], "the thread stays interrupted");
        Assert.assertEquals(kernel, before);
    }

    /** Work without an end in sight ends when it is interrupted. */
    @Test(timeOut = 120_000)
    public void testInterruptedInTheMiddle() throws InterruptedException {
        KernelSpec spec = KernelSpec.of(32, 32, new Shape(3, 3));
        double[] kernel = Kernels.random(spec.denseParameterCount(), 3);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Decomposer endless =
                Decomposer.builder()
                        .optMaxMacs(1e300)
                        .optTolerance(0)
                        .optMaxSweeps(Integer.MAX_VALUE)
                        .build();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                endless.decompose(kernel, spec, TensorFormats.cp(Rank.of(40)));
                            } catch (RuntimeException e) {
                                thrown.set(e);
                            }
                        });
        thread.start();
        Thread.sleep(500);
        Assert.assertTrue(thread.isAlive(), "still at work: " + thrown.get());
        thread.interrupt();
        thread.join();
        Assert.assertTrue(thrown.get() instanceof CancellationException, thrown.get() + "");
    }
}
