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
package io.github.djltcnn.initializer;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.testing.DenseOracle;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.testng.Assert;
import org.testng.Reporter;
import org.testng.annotations.AfterClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * How fast each core learns: {@code E|g_n|^2 s_n} is the same number for all cores, {@code s_1 ..
 * s_N * ranks * |dK|^2} for a gradient dK of the kernel.
 */
public class GradientNormTest {

    private static final int DRAWS = 200;
    private static final Shape INPUT = new Shape(2, 6, 4, 5);

    @DataProvider
    public static Object[][] networks() {
        return Networks.listed().stream()
                .filter(network -> network.inputChannels() == INPUT.get(1))
                .filter(network -> network.minDimensions() == 2)
                .flatMap(n -> Arrays.stream(Split.values()).map(s -> new Object[] {n, s}))
                .toArray(Object[][]::new);
    }

    private int cores;
    private double farthest;

    @AfterClass
    public void report() {
        Reporter.log(
                String.format(
                        Locale.ROOT,
                        "E|g|^2 s of %d cores: the farthest is %.1f standard errors off the theory",
                        cores,
                        farthest),
                true);
    }

    @Test(dataProvider = "networks")
    public void everyCoreHasTheGradientOfTheTheory(TensorNetwork network, Split split) {
        DenseOracle oracle = new DenseOracle(network, Networks.geometry(network, 1, 1));
        Random random = new Random(5);
        double[] x = random.doubles(INPUT.size(), 0, 1).toArray();
        double[] dy = random.doubles(oracle.outputShape(INPUT).size(), -1, 1).toArray();
        double[] dk = oracle.kernelGradient(dy, x, INPUT);

        Fans fans = Fans.nominal(network);
        double product = 2 / fans.in();
        double[] variances = split.variances(network, product, VarianceRule.written(network));
        double expected =
                product
                        * KernelNorm.ranks(network)
                        * Arrays.stream(dk).map(value -> value * value).sum();
        // Signs: the same theory, and tails that do not blur the estimate.
        Settings settings =
                Settings.of(FanMode.IN)
                        .withDistribution(Distribution.SIGN)
                        .withScale(Scale.EXPECTED)
                        .withMirroring(Mirroring.NONE)
                        .withSplit(split);
        double[][] samples = new double[variances.length][DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            List<double[]> cores = new VarianceRule(settings, network, fans).draw(draw);
            List<double[]> gradients = oracle.pullBack(cores, dk);
            for (int n = 0; n < variances.length; n++) {
                for (double value : gradients.get(n)) {
                    samples[n][draw] += value * value * variances[n];
                }
            }
        }
        for (int n = 0; n < variances.length; n++) {
            double mean = Arrays.stream(samples[n]).average().orElseThrow();
            double square = Arrays.stream(samples[n]).map(v -> v * v).average().orElseThrow();
            double error = Math.sqrt(Math.max(0, square - mean * mean) / DRAWS);
            // Four standard errors, for 30 or so estimates; rounding where there is no spread.
            double tolerance = 4 * error + 1e-9 * expected;
            cores++;
            if (error > 1e-9 * expected) {
                farthest = Math.max(farthest, Math.abs(mean - expected) / error);
            }
            Assert.assertEquals(mean, expected, tolerance, "core " + (n + 1));
            Assert.assertTrue(error < 0.15 * expected, "too few draws to tell: " + error / mean);
        }
    }
}
