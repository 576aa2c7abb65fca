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
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.decomposition.internal.budget.RankBudget;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Ranks that are read off kernels, one at a time and for a whole model. */
public class FittedRankTest {

    private static final KernelSpec SPEC = KernelSpec.of(12, 8, new Shape(3, 3));
    private static final Decomposer DECOMPOSER =
            Decomposer.builder().optStarts(2).optMaxSweeps(60).build();

    /** A kernel of low rank with noise, the ratio of whose norms is given. */
    private static double[] noisy(TensorNetwork network, double noise, long seed) {
        double[] kernel = Kernels.contract(network, Kernels.cores(network, seed));
        double norm = Matrices.norm(kernel);
        Random random = new Random(seed);
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] += noise * norm / Math.sqrt(kernel.length) * random.nextGaussian();
        }
        return kernel;
    }

    private static double[] decaying() {
        double[] kernel = Kernels.random(SPEC.denseParameterCount(), 3);
        for (int i = 0; i < kernel.length; i++) {
            int out = i / (12 * 9);
            int in = i / 9 % 12;
            kernel[i] /= Math.pow(1 + out, 1.0) * Math.pow(1 + in, 0.8);
        }
        return kernel;
    }

    /** Formats with an unset rank. */
    @DataProvider
    public Object[][] formats() {
        Rank rank = Rank.of(1);
        return new Object[][] {
            {TensorFormats.tucker2(rank)},
            {TensorFormats.tensorTrain(rank)},
            {TensorFormats.tensorTrainMatrix(rank)},
            {TensorFormats.tensorRing(rank)},
            {TensorFormats.cpJoint(rank)},
            {TensorFormats.blockTerm(2, rank)},
            {TensorFormats.graph("i r1, r1 r2 h w, r2 o", rank)},
        };
    }

    @Test(dataProvider = "formats")
    public void testErrorIsKeptWithFewParameters(TensorFormat format) {
        double[] kernel = decaying();
        long last = Long.MAX_VALUE;
        for (double error : new double[] {0.1, 0.3, 0.6}) {
            Decomposition found =
                    DECOMPOSER.decompose(kernel, SPEC, format.withRank(Rank.error(error)));
            Assert.assertTrue(found.relativeError() <= error, error + ": " + found);
            Assert.assertTrue(found.network().parameterCount() <= last, error + ": " + found);
            last = found.network().parameterCount();
        }
        Assert.assertTrue(last < SPEC.denseParameterCount() / 3, format + ": " + last);
    }

    /** Formats whose ranks a share of the parameters leaves a choice, and one it does not. */
    @DataProvider
    public Object[][] shared() {
        return new Object[][] {
            {TensorFormats.tucker2(Rank.of(1))},
            {TensorFormats.tensorTrain(Rank.of(1))},
            {TensorFormats.tensorTrainMatrix(Rank.of(1))},
            {TensorFormats.tensorRing(Rank.of(1))},
            {TensorFormats.cp(Rank.of(1))},
        };
    }

    @Test(dataProvider = "shared")
    public void testBestRatioIsNoWorseThanRatio(TensorFormat format) {
        double[] kernel = decaying();
        for (double ratio : new double[] {0.1, 0.3, 0.6}) {
            Decomposition even =
                    DECOMPOSER.decompose(kernel, SPEC, format.withRank(Rank.ratio(ratio)));
            Decomposition best =
                    DECOMPOSER.decompose(kernel, SPEC, format.withRank(Rank.bestRatio(ratio)));
            Assert.assertTrue(
                    best.network().parameterCount() <= ratio * SPEC.denseParameterCount(),
                    best.toString());
            Assert.assertTrue(
                    best.relativeError() <= even.relativeError() * (1 + 1e-6), best + ", " + even);
        }
        message(
                () -> DECOMPOSER.decompose(kernel, SPEC, format.withRank(Rank.bestRatio(0.001))),
                "parameters at rank 1 already");
    }

    @Test
    public void testRanksOfAnExactKernelAreFound() {
        TensorNetwork network = TensorNetwork.parse("i=12 r1=3, r1 r2=4 h=3 w=3, r2 o=8");
        double[] kernel = Kernels.contract(network, Kernels.cores(network, 5));
        for (Rank rank : List.of(Rank.error(1e-3), Rank.energy(1 - 1e-9), Rank.evbmf())) {
            Decomposition found = DECOMPOSER.decompose(kernel, SPEC, TensorFormats.tucker2(rank));
            Assert.assertEquals(found.network(), network, rank.toString());
        }
    }

    @Test
    public void testEvbmfSeesThroughNoise() {
        KernelSpec spec = KernelSpec.of(32, 24, new Shape(3, 3));
        TensorNetwork network = TensorNetwork.parse("i=32 r1=4, r1 r2=5 h=3 w=3, r2 o=24");
        double[] kernel = noisy(network, 0.3, 7);
        Decomposition found =
                DECOMPOSER.decompose(kernel, spec, TensorFormats.tucker2(Rank.evbmf()));
        Assert.assertEquals(found.network(), network);
        double[] noise = new Random(1).doubles(kernel.length, -1, 1).toArray();
        found = DECOMPOSER.decompose(noise, spec, TensorFormats.tucker2(Rank.evbmf()));
        Assert.assertEquals(found.network().mode("r1").size(), 1, "noise alone has no rank");
    }

    @Test
    public void testEnergyIsKeptAtEveryBond() {
        Decomposition found =
                DECOMPOSER.decompose(decaying(), SPEC, TensorFormats.tucker2(Rank.energy(0.9)));
        // Two bonds lose a tenth of the energy each at most.
        Assert.assertTrue(found.relativeError() <= Math.sqrt(0.2), found.toString());
        Assert.assertTrue(found.relativeError() >= Math.sqrt(0.02), found.toString());
    }

    @Test
    public void testGroups() {
        KernelSpec spec = new KernelSpec(12, 8, new Shape(3, 3), 2);
        double[] kernel = Kernels.random(spec.denseParameterCount(), 11);
        Decomposition found =
                DECOMPOSER.decompose(kernel, spec, TensorFormats.tensorTrain(Rank.error(0.4)));
        Assert.assertTrue(found.relativeError() <= 0.4);
        Assert.assertEquals(found.network().groups(), 2);
    }

    @Test
    public void testRefusals() {
        double[] kernel = decaying();
        message(
                () ->
                        DECOMPOSER.decompose(
                                kernel, SPEC, TensorFormats.tensorRing(Rank.energy(0.9))),
                "needs bonds that each cut the network in two");
        message(
                () ->
                        DECOMPOSER.decompose(
                                kernel, SPEC, TensorFormats.tucker2(Rank.targetMacs(0.5))),
                "is a budget for all layers of a model");
        message(
                () -> TensorFormats.tucker2(Rank.error(0.1)).network(SPEC),
                "trained weights, which a fresh layer does not have");
        message(() -> Rank.energy(0), "above 0 and at most 1, got 0.0");
    }

    @Test
    public void testBudget() {
        // One layer of low rank, one of full rank, one too small to gain.
        TensorNetwork low = TensorNetwork.parse("i=12 r1=2, r1 r2=2 h=3 w=3, r2 o=8");
        List<double[]> kernels =
                List.of(
                        noisy(low, 0.01, 1),
                        Kernels.random(SPEC.denseParameterCount(), 2),
                        Kernels.random(2 * 2, 3));
        List<KernelSpec> specs = List.of(SPEC, SPEC, KernelSpec.of(2, 2, new Shape(1, 1)));
        List<RankBudget.Layer> layers = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            double[] kernel = kernels.get(n);
            Shape window = specs.get(n).kernel();
            layers.add(
                    new RankBudget.Layer(
                            "layer " + n,
                            () -> kernel,
                            specs.get(n),
                            TensorFormats.tucker2(Rank.of(1)),
                            ConvolutionGeometry.of(window),
                            List.of(new Shape(1, specs.get(n).inputChannels(), 8, 8))));
        }
        for (Rank target : List.of(Rank.targetParameters(0.6), Rank.targetMacs(0.6))) {
            List<RankBudget.Choice> choices = RankBudget.solve(target, layers, 100, DECOMPOSER);
            double cost = 100;
            long dense = 100;
            for (RankBudget.Choice choice : choices) {
                cost += choice.cost();
                dense +=
                        target.equals(Rank.targetMacs(0.6))
                                ? choice.network()
                                        .denseMacs(
                                                choice.layer().geometry(),
                                                choice.layer().inputShapes().get(0))
                                : choice.layer().spec().denseParameterCount();
            }
            // What the last step saves too much is given back.
            Assert.assertTrue(cost <= 0.6 * dense, target + ": " + cost + " of " + dense);
            Assert.assertTrue(cost >= 0.57 * dense, target + ": " + cost + " of " + dense);
            Assert.assertTrue(choices.get(2).dense());
            Assert.assertFalse(choices.get(0).dense());
            // The layer of low rank pays first.
            Assert.assertTrue(choices.get(0).error() < 0.1, choices.toString());
            Assert.assertTrue(choices.get(0).cost() < choices.get(1).cost() / 2);
        }
        message(
                () -> RankBudget.solve(Rank.targetParameters(0.01), layers, 100, DECOMPOSER),
                "the least that these formats come to is");
        message(() -> RankBudget.solve(Rank.of(3), layers, 0, DECOMPOSER), "got \"3\"");
    }

    @Test
    public void testBudgetOfRings() {
        double[] kernel = decaying();
        RankBudget.Layer layer =
                new RankBudget.Layer(
                        "ring",
                        () -> kernel,
                        SPEC,
                        TensorFormats.tensorRing(Rank.of(1)),
                        ConvolutionGeometry.of(SPEC.kernel()),
                        List.of(new Shape(1, 12, 8, 8)));
        RankBudget.Choice choice =
                RankBudget.solve(Rank.targetParameters(0.4), List.of(layer), 0, DECOMPOSER).get(0);
        Assert.assertTrue(choice.network().parameterCount() <= 0.4 * SPEC.denseParameterCount());
        Assert.assertTrue(choice.error() > 0 && choice.error() < 1);
    }

    private static void message(Assert.ThrowingRunnable call, String part) {
        IllegalArgumentException e = Assert.expectThrows(IllegalArgumentException.class, call);
        Assert.assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
