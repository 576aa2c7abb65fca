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

import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * What a step of the cores does to the kernel is what the norms of its derivatives say, for every
 * graph that the rules of {@link GraphEnumeration} allow.
 *
 * <p>A seeded sample is tested at every build. All graphs, with the z-scores of each written to a
 * file, by
 *
 * <pre>mvn -q -pl djl-tcnn -am test -Dtest=KernelStepTest \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dsteps=all -Dsteps.out=docs/data/steps.csv.gz
 * </pre>
 */
public class KernelStepTest {

    private static final int DRAWS = 500;
    private static final int SAMPLE = 100;
    private static final long SEED = 2024;

    /** Against derivatives by the definition, entry by entry. */
    @Test
    public void spectraAreThoseOfTheDefinition() {
        Random random = new Random(SEED);
        List<TensorNetwork> networks = new ArrayList<>(Networks.listed());
        networks.add(TensorNetwork.parse("i=2 h=1 r0=3 r1=1, r1 o=2 w=1"));
        networks.add(TensorNetwork.parse("i=2 o=3 h=3"));
        networks.add(TensorNetwork.parse("i=2 o=3 r=2"));
        networks.add(TensorNetwork.parse("i=2 r=2, r o=3 r1=2"));
        for (int n = 0; n < 40; n++) {
            networks.add(Networks.random(random));
        }
        for (TensorNetwork network : networks) {
            List<double[]> cores = new ArrayList<>();
            network.cores()
                    .forEach(core -> cores.add(random.doubles(core.size(), -1, 2).toArray()));
            List<CoreSpectrum> found = CoreSpectrum.of(network, cores);
            StepSampler sampler = new StepSampler(network);
            for (int n = 0; n < found.size(); n++) {
                compare(found.get(n), sampler.derivatives(cores, n), network + " " + n);
            }
        }
    }

    private static void compare(CoreSpectrum found, double[][] derivatives, String name) {
        int entries = derivatives[0].length;
        double trace = 0;
        double square = 0;
        for (int a = 0; a < entries; a++) {
            for (int b = 0; b < entries; b++) {
                double product = 0;
                for (double[] row : derivatives) {
                    product += row[a] * row[b];
                }
                trace += a == b ? product : 0;
                square += product * product;
            }
        }
        double size = derivatives.length;
        Assert.assertEquals(found.share(), entries / size, 1e-12, name);
        Assert.assertEquals(found.mean(), trace / size, 1e-10 * trace, name);
        Assert.assertEquals(found.meanSquare(), square / size, 1e-10 * square, name);
    }

    /** Chains of more ranks than two copies have labels for. */
    @Test
    public void longChains() {
        for (int length : new int[] {20, 40, 55}) {
            StringBuilder notation = new StringBuilder("i=2 r0=2");
            List<double[]> cores = new ArrayList<>(List.of(new double[] {1, 2, 3, 4}));
            for (int n = 0; n < length; n++) {
                notation.append(", r").append(n).append(" r").append(n + 1).append("=2");
                cores.add(new double[] {0, 1, 1, 0});
            }
            notation.append(", r").append(length).append(" o=1");
            cores.add(new double[] {1, 3});
            List<CoreSpectrum> found =
                    CoreSpectrum.of(TensorNetwork.parse(notation.toString()), cores);
            Assert.assertEquals(found.get(0).mean(), 10, 1e-9);
            Assert.assertEquals(found.get(0).meanSquare(), 100, 1e-9);
            Assert.assertEquals(found.get(1).mean(), 30 * 10 / 2.0, 1e-9);
            Assert.assertEquals(found.get(length + 1).mean(), 30 / 2.0, 1e-9);
        }
    }

    @Test
    public void coresOfAnotherNetworkAreRefused() {
        TensorNetwork network = TensorNetwork.parse("i=2 r=2, r o=3");
        List<double[]> cores = List.of(new double[4], new double[5]);
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> CoreSpectrum.of(network, cores));
        Assert.assertTrue(e.getMessage().contains("[4, 6] entries, got [4, 5]"));
    }

    @Test
    public void stepsMoveTheKernelAsPredicted() throws IOException {
        List<TensorNetwork> graphs = GraphScores.graphs("steps", SAMPLE, SEED);
        List<String> lines = new ArrayList<>();
        lines.add("graph,along,square,sign");
        List<Double> along = new ArrayList<>();
        List<Double> square = new ArrayList<>();
        List<Double> sign = new ArrayList<>();
        for (TensorNetwork graph : graphs) {
            StepSampler.Scores scores =
                    new StepSampler(graph).sample(DRAWS, SEED + along.size(), 1);
            along.add(scores.along());
            square.add(scores.square());
            sign.add(scores.sign());
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "\"%s\",%.2f,%.2f,%.2f",
                            graph,
                            scores.along(),
                            scores.square(),
                            scores.sign()));
        }
        GraphScores.write("steps.out", lines);
        GraphScores.check("steps along the gradient", along);
        GraphScores.check("steps of gradients, their squares", square);
        GraphScores.check("steps of signs", sign);
    }

    /** The test is not blind: a prediction that is off by a factor of 2 is seen in every graph. */
    @Test
    public void aWrongPredictionIsSeen() {
        for (TensorNetwork graph : GraphEnumeration.graphs(0)) {
            StepSampler sampler = new StepSampler(graph);
            StepSampler.Scores high = sampler.sample(DRAWS, SEED, 2);
            StepSampler.Scores low = sampler.sample(DRAWS, SEED, 0.5);
            Assert.assertTrue(high.along() < -5 && low.along() > 5, graph.toString());
            Assert.assertTrue(high.square() < -5 && low.square() > 5, graph.toString());
            // A single core moves by exactly the rate.
            Assert.assertTrue(high.sign() < -5 && low.sign() > 5, graph.toString());
        }
    }
}
