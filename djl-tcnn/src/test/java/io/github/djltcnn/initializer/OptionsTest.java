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
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.testing.DenseOracle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What each option promises, on networks of every kind. */
public class OptionsTest {

    private static List<double[]> draw(Settings settings, TensorNetwork network, long seed) {
        return new VarianceRule(settings, network, Fans.nominal(network)).draw(seed);
    }

    private static double[] kernel(TensorNetwork network, List<double[]> cores) {
        return new DenseOracle(network, Networks.geometry(network, 1, 0)).kernel(cores);
    }

    private static double squared(double... values) {
        return Arrays.stream(values).map(x -> x * x).sum();
    }

    @DataProvider
    public static Object[][] networks() {
        List<TensorNetwork> networks = new ArrayList<>(Networks.listed());
        Random random = new Random(1);
        for (int n = 0; n < 30; n++) {
            networks.add(Networks.random(random));
        }
        return networks.stream().map(n -> new Object[] {n}).toArray(Object[][]::new);
    }

    @Test(dataProvider = "networks")
    public void theNormIsThatOfTheKernel(TensorNetwork network) {
        List<double[]> cores = DenseOracle.randomCores(network, new Random(2));
        double expected = squared(kernel(network, cores));
        Assert.assertEquals(KernelNorm.squared(network, cores), expected, 1e-10 * expected);
    }

    @Test(dataProvider = "networks")
    public void exactScaleGivesEveryDrawTheExpectedNorm(TensorNetwork network) {
        // gain / (i * window) on each of o * i * window entries, in each group.
        double expected = 2.0 * network.outputChannels();
        for (Distribution distribution : Distribution.values()) {
            Settings exact =
                    Settings.of(FanMode.IN).withScale(Scale.EXACT).withDistribution(distribution);
            for (long seed = 0; seed < 3; seed++) {
                double norm = squared(kernel(network, draw(exact, network, seed)));
                Assert.assertEquals(norm, expected, 1e-9 * expected, distribution.toString());
            }
        }
    }

    /** A kernel of 10^12 entries, 8 terabytes, is never built. */
    @Test
    public void theNormOfAKernelThatNoMemoryHoldsIsExact() {
        TensorNetwork network =
                TensorNetwork.parse("i1=1000 r1=4, r1 i2=1000 r2=3, r2 o1=1000 r3=4, r3 o2=1000");
        List<double[]> cores = draw(Settings.of(FanMode.IN), network, 4);
        Assert.assertEquals(KernelNorm.squared(network, cores), 2e6, 1e-3);
        // By hand: Gram matrices from the left, rank by rank.
        double[][] gram = {{1}};
        int left = 1;
        for (double[] core : cores) {
            int right = core.length / left / 1000;
            double[][] next = new double[right][right];
            for (int piece = 0; piece < 1000; piece++) {
                for (int a = 0; a < left; a++) {
                    for (int b = 0; b < left; b++) {
                        for (int c = 0; c < right; c++) {
                            for (int d = 0; d < right; d++) {
                                next[c][d] +=
                                        gram[a][b]
                                                * core[(a * 1000 + piece) * right + c]
                                                * core[(b * 1000 + piece) * right + d];
                            }
                        }
                    }
                }
            }
            gram = next;
            left = right;
        }
        Assert.assertEquals(gram[0][0], 2e6, 1e-3);
    }

    @Test(dataProvider = "networks")
    public void everySplitHasTheSameProduct(TensorNetwork network) {
        for (Split split : Split.values()) {
            double product = 1;
            for (double variance : split.variances(network, 0.037, VarianceRule.written(network))) {
                product *= variance;
            }
            Assert.assertEquals(product, 0.037, 1e-12, split.toString());
        }
    }

    @Test
    public void splitsKeepTheKernelAndShareOutItsVariance() {
        TensorNetwork ring = Networks.listed().get(4);
        double[] equal = kernel(ring, draw(Settings.of(FanMode.IN), ring, 3));
        double[] variances = Split.EQUAL_UPDATE.variances(ring, 0.1, VarianceRule.written(ring));
        for (int n = 1; n < variances.length; n++) {
            Assert.assertEquals(
                    variances[n] * Math.sqrt((double) ring.cores().get(n).size()),
                    variances[0] * Math.sqrt((double) ring.cores().get(0).size()),
                    1e-12);
        }
        for (Split split : Split.values()) {
            double[] other = kernel(ring, draw(Settings.of(FanMode.IN).withSplit(split), ring, 3));
            for (int i = 0; i < equal.length; i++) {
                Assert.assertEquals(other[i], equal[i], 1e-12);
            }
        }
    }

    /** The cores met first are a convolution of their own, whose outputs are the ranks cut. */
    @Test
    public void sequentialSplitKeepsEveryIntermediateAtUnitScale() {
        for (int index : new int[] {2, 3, 5}) {
            TensorNetwork network = Networks.listed().get(index);
            List<Integer> order = new ArrayList<>(VarianceRule.written(network));
            for (int shuffle = 0; shuffle < 4; shuffle++) {
                double gain = 2 / Fans.nominal(network).in();
                double[] variances = Split.SEQUENTIAL.variances(network, gain, order);
                double product = 1;
                for (int met = 1; met <= variances.length; met++) {
                    product *= variances[order.get(met - 1)];
                    double moment = product * summed(network, order, met);
                    Assert.assertEquals(moment, met < variances.length ? 1 : 2, 1e-12);
                }
                Collections.shuffle(order, new Random(shuffle));
            }
        }
    }

    /** The number of products in one number behind the first cores. */
    private static double summed(TensorNetwork network, List<Integer> order, int met) {
        double count = 1;
        for (Mode mode : network.modes()) {
            boolean later =
                    order.subList(met, order.size()).stream()
                            .anyMatch(n -> network.cores().get(n).contains(mode));
            count *= later || mode.role() == Role.OUTPUT ? 1 : (double) mode.size();
        }
        return count;
    }

    @Test
    public void anOrderThatIsNoneIsRefused() {
        TensorNetwork network = TensorNetwork.parse("i=6 r=4, r h=3 w=3, r o=8");
        TensorialInitializer rule = TensorialInitializer.fanIn().withSplit(Split.SEQUENTIAL);
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                rule.bind(
                                        network,
                                        Networks.geometry(network, 1, 1),
                                        new Shape(1, 6, 8, 8),
                                        () -> List.of(0, 2, 2)));
        Assert.assertTrue(e.getMessage().contains("[0, 1, 2]"), e.getMessage());
        Assert.assertTrue(e.getMessage().contains("[0, 2, 2]"), e.getMessage());
    }

    @Test
    public void lawsHaveUnitVarianceAndTheirShape() {
        TensorNetwork line = TensorNetwork.parse("i=200 o=100");
        RandomStream random = new RandomStream(4);
        double[] sign = Distribution.SIGN.draw(line, 0, random);
        Assert.assertTrue(Arrays.stream(sign).allMatch(x -> x == 1 || x == -1));
        // 20,000 fair coins: the mean has a standard error of 0.0071.
        Assert.assertEquals(Arrays.stream(sign).average().orElseThrow(), 0, 0.0213);

        double[] truncated = Distribution.TRUNCATED_NORMAL.draw(line, 0, random);
        double c = 0.8796256610342398;
        double mass = GoodnessOfFit.normal(2) - GoodnessOfFit.normal(-2);
        double p =
                GoodnessOfFit.pValue(
                        truncated,
                        x -> (GoodnessOfFit.normal(x * c) - GoodnessOfFit.normal(-2)) / mass);
        Assert.assertTrue(p > 1e-3, "p = " + p);
        Assert.assertEquals(squared(truncated) / truncated.length, 1, 0.03);
    }

    @Test(dataProvider = "networks")
    public void orthogonalCoresHaveUnitVariance(TensorNetwork network) {
        for (int n = 0; n < network.cores().size(); n++) {
            double[] core = Distribution.ORTHOGONAL.draw(network, n, new RandomStream(5));
            Assert.assertEquals(squared(core), core.length, 1e-9 * core.length);
        }
    }

    /** Core 2 sums r1 (4 rows) and opens r2 (3 columns), at each of the nine frequencies. */
    @Test
    public void orthogonalCoresAreOrthonormalAtEveryFrequencyOfTheWindow() {
        TensorNetwork tucker = TensorNetwork.parse("i=6 r1=4, r1 r2=3 h=3 w=3, r2 o=8");
        double[] core = Distribution.ORTHOGONAL.draw(tucker, 1, new RandomStream(6));
        // A cosine basis of its own: mean, slope, bend.
        double[][] basis = {
            {Math.sqrt(1 / 3.0), Math.sqrt(1 / 3.0), Math.sqrt(1 / 3.0)},
            {Math.sqrt(0.5), 0, -Math.sqrt(0.5)},
            {Math.sqrt(1 / 6.0), -2 * Math.sqrt(1 / 6.0), Math.sqrt(1 / 6.0)}
        };
        for (double[] up : basis) {
            for (double[] across : basis) {
                double[][] matrix = new double[4][3];
                for (int at = 0; at < core.length; at++) {
                    matrix[at / 27][at / 9 % 3] += core[at] * up[at / 3 % 3] * across[at % 3];
                }
                for (int a = 0; a < 3; a++) {
                    for (int b = 0; b < 3; b++) {
                        double dot = 0;
                        for (double[] row : matrix) {
                            dot += row[a] * row[b];
                        }
                        Assert.assertEquals(dot, a == b ? 4 : 0, 1e-10);
                    }
                }
            }
        }
    }

    /** Groups, hyperedges on their way and channel pieces on several cores index matrices. */
    @Test
    public void orthogonalCoresKeepModesThatPassApart() {
        TensorNetwork grouped = Networks.listed().get(7);
        double[] core = Distribution.ORTHOGONAL.draw(grouped, 0, new RandomStream(6));
        for (int g = 0; g < 4; g++) {
            double dot = 0;
            double norm = 0;
            for (int r = 0; r < 3; r++) {
                dot += core[(g * 2) * 3 + r] * core[(g * 2 + 1) * 3 + r];
                norm += core[(g * 2) * 3 + r] * core[(g * 2) * 3 + r];
            }
            Assert.assertEquals(dot, 0, 1e-10);
            Assert.assertEquals(norm, 3, 1e-10);
        }
        // What a constant signal meets in each term of CP is 1 or -1, times the root of the size.
        TensorNetwork cp = TensorNetwork.parse("i=6 r=16, h=3 r, w=3 r, r o=8");
        core = Distribution.ORTHOGONAL.draw(cp, 1, new RandomStream(6));
        for (int r = 0; r < 16; r++) {
            double mean = (core[r] + core[16 + r] + core[32 + r]) / Math.sqrt(3);
            Assert.assertEquals(Math.abs(mean), 1, 1e-12);
        }
        // Input piece i1 passes core 1 and is summed at core 2, output piece o1 the other way.
        TensorNetwork shared = TensorNetwork.parse("i1=2 i2=3 r=4 o1=5, r i1 o1 o2=6");
        Unfolding first = Unfolding.of(shared, 0);
        Assert.assertEquals(first.passing().toString(), "[i1=2]");
        Assert.assertEquals(first.rows().toString(), "[i2=3]");
        Assert.assertEquals(first.columns().toString(), "[r=4, o1=5]");
        Unfolding second = Unfolding.of(shared, 1);
        Assert.assertEquals(second.passing().toString(), "[o1=5]");
        Assert.assertEquals(second.rows().toString(), "[r=4, i1=2]");
        Assert.assertEquals(second.columns().toString(), "[o2=6]");
    }

    @DataProvider
    public static Object[][] mirrorings() {
        List<Object[]> cases = new ArrayList<>();
        for (Object[] network : networks()) {
            for (Mirroring mirroring : Mirroring.values()) {
                cases.add(new Object[] {network[0], mirroring});
            }
        }
        return cases.toArray(Object[][]::new);
    }

    @Test(dataProvider = "mirrorings")
    public void mirroredKernelsChangeTheirSignHalfwayThroughTheChannels(
            TensorNetwork network, Mirroring mirroring) {
        Settings settings = Settings.of(FanMode.IN).withMirroring(mirroring);
        for (Distribution distribution : Distribution.values()) {
            List<double[]> cores = draw(settings.withDistribution(distribution), network, 8);
            double[] kernel = kernel(network, cores);
            int outs = (int) network.outputChannels();
            int ins = (int) (network.inputChannels() / network.groups());
            int window = kernel.length / outs / ins;
            boolean byOutput =
                    mirroring != Mirroring.NONE
                            && Mirror.mirrorable(network, Role.OUTPUT).isPresent();
            boolean byInput =
                    mirroring == Mirroring.BOTH
                            && Mirror.mirrorable(network, Role.INPUT).isPresent();
            for (int at = 0; at < kernel.length; at++) {
                int o = at / window / ins;
                int i = at / window % ins;
                if (byOutput && o < outs / 2) {
                    double other = kernel[at + outs / 2 * ins * window];
                    Assert.assertEquals(other, -kernel[at], 1e-12);
                }
                if (byInput && i < ins / 2) {
                    double other = kernel[at + ins / 2 * window];
                    Assert.assertEquals(other, -kernel[at], 1e-12);
                }
            }
            Assert.assertEquals(squared(kernel), 2.0 * outs, 1e-9 * outs);
        }
    }

    @Test
    public void whatCannotBeHalvedIsNotMirrored() {
        Assert.assertTrue(Mirror.mirrorable(TensorNetwork.parse("i=3 o=8"), Role.INPUT).isEmpty());
        Assert.assertTrue(
                Mirror.mirrorable(TensorNetwork.parse("i1=3 i2=2 o=8"), Role.INPUT).isEmpty());
        Assert.assertTrue(
                Mirror.mirrorable(TensorNetwork.parse("i1=1 i2=2 o=8"), Role.INPUT).isPresent());
        Assert.assertTrue(
                Mirror.mirrorable(TensorNetwork.parse("g=2 i=2 o=8"), Role.OUTPUT).isEmpty());
    }

    @Test
    public void steadyFansGrowLikeThePerronRoot() {
        TensorNetwork network = TensorNetwork.parse("i=5 r=2, r h=3 w=3, r o=7");
        ConvolutionGeometry geometry = Networks.geometry(network, 1, 1);
        FanAnalysis analysis = new FanAnalysis(network, geometry, new Shape(8, 5));
        double taps = (1 + 2 * Math.cos(Math.PI / 9)) * (1 + 2 * Math.cos(Math.PI / 6));
        Assert.assertEquals(analysis.fans(FanCount.STEADY).in(), 10 * taps, 1e-9);
        Assert.assertEquals(analysis.fans(FanCount.STEADY).out(), 14 * taps, 1e-9);
        // Where a stride changes the size there is no stack of layers alike.
        FanAnalysis strided =
                new FanAnalysis(network, Networks.geometry(network, 2, 1), new Shape(8, 5));
        Assert.assertEquals(strided.fans(FanCount.STEADY), strided.fans(FanCount.EXACT));
    }

    @Test
    public void theAnalysisShowsItsCount() {
        TensorNetwork network = TensorNetwork.parse("i=5 r=2, r h=3 w=3, r o=7");
        FanAnalysis analysis =
                new FanAnalysis(network, Networks.geometry(network, 2, 1), new Shape(8, 8));
        Assert.assertEquals(
                analysis.toString(),
                """
                network  i=5 r=2, r h=3 w=3, r o=7
                input    (8, 8), output (4, 4)
                mode     cores     size            forward           backward
                i            1        5                  5                  -
                r            3        2                  2                  2
                h            1        3     3 (live 2.750)     3 (live 1.375)
                w            1        3     3 (live 2.750)     3 (live 1.375)
                o            1        7                  -                  7
                fan             nominal                 90                126
                fan               exact              75.63              26.47
                fan              steady              75.63              26.47
                """);
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                new FanAnalysis(
                                        network,
                                        ConvolutionGeometry.of(new Shape(5, 5)),
                                        new Shape(8, 8)));
        Assert.assertTrue(e.getMessage().contains("(5, 5)"), e.getMessage());
    }
}
