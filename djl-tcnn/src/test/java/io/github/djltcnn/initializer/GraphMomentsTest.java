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
import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * The theorem behind the rule, on graphs nobody chose: second moments of features and gradients are
 * what the fans say, for every graph that the rules of {@link GraphEnumeration} allow.
 *
 * <p>A seeded sample is tested at every build. All graphs, with the z-scores of each written to a
 * file, by
 *
 * <pre>mvn -q -pl djl-tcnn -am test -Dtest=GraphMomentsTest \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dgraphs=all -Dgraphs.out=docs/data/graphs.csv.gz
 * </pre>
 */
public class GraphMomentsTest {

    private static final int DRAWS = 1000;
    private static final int SAMPLE = 160;
    private static final long SEED = 2024;

    @Test
    public void theGraphsAreAsManyAsCountedElsewhere() {
        Assert.assertEquals(GraphEnumeration.graphs(0).size(), 32);
        Assert.assertEquals(GraphEnumeration.graphs(1).size(), 191);
        Assert.assertEquals(GraphEnumeration.graphs(2).size(), 7177);
    }

    @Test
    public void enumeratedGraphsHaveTheMomentsOfTheirFans() throws IOException {
        List<TensorNetwork> graphs = GraphScores.graphs("graphs", SAMPLE, SEED);
        List<String> lines = new ArrayList<>();
        lines.add("graph,s1p0 fwd,bwd,s1p1 fwd,bwd,s2p0 fwd,bwd,s2p1 fwd,bwd");
        List<Double> all = new ArrayList<>();
        for (TensorNetwork graph : graphs) {
            StringBuilder line = new StringBuilder("\"").append(graph).append('"');
            for (int setting = 0; setting < 4; setting++) {
                ConvolutionGeometry geometry =
                        Networks.geometry(graph, 2, 1 + setting / 2, setting % 2, 1);
                MomentSampler.Scores scores =
                        new MomentSampler(graph, geometry, new Shape(4, 5))
                                .sample(DRAWS, SEED + all.size());
                for (double score : new double[] {scores.forward(), scores.backward()}) {
                    all.add(score);
                    line.append(String.format(Locale.ROOT, ",%.2f", score));
                }
            }
            lines.add(line.toString());
        }
        GraphScores.write("graphs.out", lines);
        GraphScores.check("moments", all);
    }

    /** Channel modes on several cores, group modes, ranks of any kind, 1 to 3 dimensions. */
    @Test
    public void randomNetworksHaveTheMomentsOfTheirFans() {
        Random random = new Random(SEED);
        List<Double> all = new ArrayList<>();
        for (int n = 0; n < 160; n++) {
            TensorNetwork network = Networks.random(random);
            int least = Math.max(1, network.minDimensions());
            int dimensions = least + random.nextInt(4 - least);
            ConvolutionGeometry geometry =
                    Networks.geometry(
                            network, dimensions, 1 + random.nextInt(2), random.nextInt(2), 1);
            Shape spatial = new Shape(random.longs(dimensions, 3, 6).toArray());
            MomentSampler.Scores scores =
                    new MomentSampler(network, geometry, spatial).sample(DRAWS, SEED + n);
            all.add(scores.forward());
            all.add(scores.backward());
        }
        GraphScores.check("moments", all);
    }

    /**
     * The default too, whose entries depend on one another: forward for inputs of any mean,
     * backward for any gradients without mirrored outputs and for gradients of mean 0 with them.
     */
    @Test
    public void theDefaultHasTheMomentsOfTheFans() {
        Settings mirrored = Settings.of(FanMode.IN);
        Settings plain = mirrored.withMirroring(Mirroring.NONE);
        List<TensorNetwork> graphs = GraphScores.graphs();
        Collections.shuffle(graphs, new Random(SEED));
        Random random = new Random(SEED);
        List<Double> all = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            TensorNetwork network = n % 2 == 0 ? graphs.get(n) : Networks.random(random);
            ConvolutionGeometry geometry =
                    Networks.geometry(
                            network,
                            Math.max(1, network.minDimensions()),
                            1 + n / 2 % 2,
                            n / 4 % 2,
                            1);
            Shape spatial = Networks.fill(geometry.numDimensions(), 4);
            MomentSampler.Scores scores =
                    new MomentSampler(network, geometry, spatial, plain, 0.5)
                            .sample(DRAWS / 2, SEED + n);
            all.add(scores.forward());
            all.add(scores.backward());
            scores =
                    new MomentSampler(network, geometry, spatial, mirrored, 0)
                            .sample(DRAWS / 2, SEED - n);
            all.add(scores.forward());
            all.add(scores.backward());
        }
        GraphScores.check("moments", all);
    }

    /** The test is not blind: a prediction that is off by a quarter is seen in every graph. */
    @Test
    public void aWrongPredictionIsSeen() {
        for (TensorNetwork graph : GraphEnumeration.graphs(0)) {
            MomentSampler sampler =
                    new MomentSampler(graph, Networks.geometry(graph, 1, 1), new Shape(4, 5));
            Assert.assertTrue(sampler.sample(DRAWS, SEED, 1.25).forward() < -5, graph.toString());
            Assert.assertTrue(sampler.sample(DRAWS, SEED, 0.75).backward() > 5, graph.toString());
        }
    }
}
