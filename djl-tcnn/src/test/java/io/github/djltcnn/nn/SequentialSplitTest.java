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
package io.github.djltcnn.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.Distribution;
import io.github.djltcnn.initializer.Scale;
import io.github.djltcnn.initializer.Split;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * {@link Split#SEQUENTIAL} in a layer: whatever the input becomes on its way through the cores, in
 * the order that the layer's plan has chosen, has the second moment of the input.
 */
public class SequentialSplitTest {

    private static final int DRAWS = 200;
    private static final Shape INPUT = new Shape(2, 16, 9, 9);

    @DataProvider
    public static Object[][] formats() {
        return new Object[][] {
            {TensorFormats.cp(Rank.of(8)), 24},
            {TensorFormats.tucker2(Rank.of(6, 8)), 24},
            {TensorFormats.tensorTrain(Rank.of(4)), 16},
            {TensorFormats.tensorRing(Rank.of(3)), 16},
            {TensorFormats.blockTerm(2, Rank.of(4)), 16},
            // Written from the output to the input: no plan meets these as they stand.
            {TensorFormats.graph("o r2, r2 r1 h w, r1 i", Rank.of(6)), 24},
            {TensorFormats.graph("w r, o r, h r, i r", Rank.of(8)), 24},
        };
    }

    /** Each mean of many draws within five standard errors of its prediction. */
    @Test(dataProvider = "formats")
    public void everyIntermediateOfThePlanHasUnitScale(TensorFormat format, int filters) {
        TensorialConv2d conv =
                TensorialConv2d.builder()
                        .setFormat(format)
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(filters)
                        .optBias(false)
                        .build();
        conv.setInitializer(
                TensorialInitializer.fanIn()
                        .withDistribution(Distribution.SIGN)
                        .withScale(Scale.EXPECTED)
                        .withSplit(Split.SEQUENTIAL)
                        .withSeed(11),
                Parameter.Type.WEIGHT);
        try (NDManager manager = NDManager.newBaseManager()) {
            conv.initialize(manager, DataType.FLOAT32, INPUT);
            List<List<Integer>> order =
                    ContractionPlanner.create(conv.getNetwork(), conv.getGeometry())
                            .plan(INPUT, true)
                            .contractionPath();
            double[][] moments = new double[order.size()][DRAWS];
            Random random = new Random(5);
            List<Part> parts = new ArrayList<>();
            Set<Integer> met = new TreeSet<>();
            for (List<Integer> next : order) {
                met.addAll(next);
                parts.add(Part.of(conv.getNetwork(), met));
            }
            for (int draw = 0; draw < DRAWS; draw++) {
                conv.getParameters().values().forEach(Parameter::close);
                conv.initialize(manager, DataType.FLOAT32, INPUT);
                for (int n = 0; n < order.size(); n++) {
                    moments[n][draw] = parts.get(n).moment(conv, random, manager);
                }
            }
            for (int n = 0; n < order.size(); n++) {
                double expected = n == order.size() - 1 ? 2 : 1;
                double z = score(moments[n], expected);
                Assert.assertTrue(
                        Math.abs(z) < 5, format + ", order " + order + ", step " + n + ": " + z);
            }
        }
    }

    @Test
    public void theOrderIsThatOfThePlanAndNotTheWrittenOne() {
        TensorNetwork network = TensorNetwork.parse("o=64 r2=4, r2 r1=4 h=3 w=3, r1 i=64");
        List<List<Integer>> order =
                ContractionPlanner.create(network, ConvolutionGeometry.of(new Shape(3, 3)))
                        .plan(new Shape(8, 64, 16, 16), true)
                        .contractionPath();
        List<Integer> flat = order.stream().flatMap(List::stream).toList();
        Assert.assertEquals(Set.copyOf(flat), Set.of(0, 1, 2));
        Assert.assertEquals(flat.size(), 3);
        Assert.assertNotEquals(flat, List.of(0, 1, 2));
        // Each of 64 channels, 4 ranks and 9 taps is summed where it is met last.
        TensorialConv2d conv =
                TensorialConv2d.builder()
                        .setFormat(TensorFormats.graph("o r2=4, r2 r1=4 h w, r1 i"))
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(64)
                        .optBias(false)
                        .build();
        conv.setInitializer(
                TensorialInitializer.fanIn()
                        .withDistribution(Distribution.SIGN)
                        .withScale(Scale.EXPECTED)
                        .withSplit(Split.SEQUENTIAL),
                Parameter.Type.WEIGHT);
        try (NDManager manager = NDManager.newBaseManager()) {
            conv.initialize(manager, DataType.FLOAT32, new Shape(8, 64, 16, 16));
            double[] variances = {2.0 / 4, 1.0 / 36, 1.0 / 64};
            for (int n = 0; n < variances.length; n++) {
                NDArray core = conv.getDirectParameters().valueAt(n).getArray();
                Assert.assertEquals(core.square().mean().getFloat(), variances[n], 1e-6);
            }
        }
    }

    /** The cores that an input has met, as a convolution of their own. */
    private record Part(List<Integer> met, Shape inputShape, ContractionPlan plan) {

        /** Ranks that go on are outputs of the part, input pieces that go on are its groups. */
        static Part of(TensorNetwork network, Set<Integer> met) {
            Map<String, String> names = new HashMap<>();
            for (Mode mode : network.modes()) {
                boolean goesOn = false;
                for (int n = 0; n < network.cores().size(); n++) {
                    goesOn |= !met.contains(n) && network.cores().get(n).contains(mode);
                }
                String prefix =
                        !goesOn || mode.role() == Role.OUTPUT
                                ? ""
                                : mode.role() == Role.INPUT ? "g" : "o";
                names.put(mode.name(), prefix + mode.name());
            }
            List<Core> cores = new ArrayList<>();
            for (int n : met) {
                cores.add(
                        new Core(
                                network.cores().get(n).modes().stream()
                                        .map(m -> new Mode(names.get(m.name()), m.size()))
                                        .toList()));
            }
            TensorNetwork part = new TensorNetwork(cores);
            Shape inputShape = new Shape(2, part.inputChannels(), 9, 9);
            ConvolutionGeometry window = ConvolutionGeometry.of(part.kernelShape(2));
            return new Part(
                    List.copyOf(met),
                    inputShape,
                    ContractionPlanner.create(part, window).plan(inputShape, false));
        }

        /** The second moment that a signal of variance 1 has behind the part. */
        double moment(TensorialConv2d conv, Random random, NDManager manager) {
            try (NDManager scratch = manager.newSubManager()) {
                NDList cores = new NDList();
                for (int n : met) {
                    cores.add(conv.getDirectParameters().valueAt(n).getArray());
                }
                float[] noise = new float[(int) inputShape.size()];
                for (int i = 0; i < noise.length; i++) {
                    noise[i] = (float) random.nextGaussian();
                }
                NDArray y = plan.execute(scratch.create(noise, inputShape), cores, null);
                return y.square().mean().getFloat();
            }
        }
    }

    private static double score(double[] sample, double expected) {
        double mean = 0;
        double square = 0;
        for (double value : sample) {
            mean += value / sample.length;
            square += value * value / sample.length;
        }
        return (mean - expected) / Math.sqrt((square - mean * mean) / (sample.length - 1));
    }
}
