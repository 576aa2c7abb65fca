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
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.testing.DenseOracle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Giving a layer its network and its numbers. */
public class SetCoresTest {

    private static final Shape INPUT = new Shape(2, 4, 5, 5);
    private static final TensorNetwork TUCKER =
            TensorNetwork.parse("i=4 r1=2, r1 r2=3 h=3 w=3, r2 o=6");

    private static TensorialConv2d conv(TensorFormat format, boolean bias) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(6)
                .optBias(bias)
                .optName("layer")
                .build();
    }

    private static NDList arrays(NDManager manager, List<double[]> cores, TensorNetwork network) {
        NDList arrays = new NDList();
        for (int n = 0; n < cores.size(); n++) {
            arrays.add(manager.create(cores.get(n), network.cores().get(n).shape()));
        }
        return arrays;
    }

    private static double[] numbers(Random random, int size) {
        return random.doubles(size, -1, 1).toArray();
    }

    /** Formats that write the network, write another, and cannot write any. */
    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {TensorFormats.tucker2(Rank.of(2, 3)), true},
            {TensorFormats.tensorRing(Rank.of(5)), false},
            {TensorFormats.tucker2(Rank.error(0.1)), false},
        };
    }

    @Test(dataProvider = "formats")
    public void theLayerIsTheConvolutionOfTheContractedCores(TensorFormat format, boolean writes)
            throws Exception {
        long seed = 11;
        Random random = new Random(seed);
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(format, true);
            DenseOracle oracle = new DenseOracle(TUCKER, conv.getGeometry());
            List<double[]> cores = DenseOracle.randomCores(TUCKER, random);
            double[] bias = numbers(random, 6);
            double[] x = numbers(random, 200);
            double[] expected = oracle.convolve(x, INPUT, oracle.kernel(cores), bias);

            NDList given = arrays(manager, cores, TUCKER);
            conv.setCores(TUCKER, given, manager.create(bias), INPUT);

            Assert.assertTrue(conv.isInitialized());
            Assert.assertEquals(conv.getNetwork(), TUCKER);
            Assert.assertEquals(
                    conv.getFormat(), writes ? format : TensorFormats.of(TUCKER), "its format");
            for (int n = 0; n < given.size(); n++) {
                Assert.assertSame(conv.getCores().get(n), given.get(n));
                Assert.assertFalse(given.get(n).hasGradient());
            }
            check(conv, manager, x, expected);

            // Initializing keeps the numbers, and asks for gradients.
            conv.initialize(manager, DataType.FLOAT64, INPUT);
            Assert.assertSame(conv.getCores().head(), given.head());
            Assert.assertTrue(given.head().hasGradient());
            check(conv, manager, x, expected);

            // Saved and loaded by a layer that has the network as its format.
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            conv.saveParameters(new DataOutputStream(bytes));
            TensorialConv2d loaded = conv(conv.getFormat(), true);
            loaded.loadParameters(
                    manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            check(loaded, manager, x, expected);
        }
    }

    private static void check(
            TensorialConv2d conv, NDManager manager, double[] x, double[] expected) {
        ParameterStore store = new ParameterStore(manager, false);
        for (boolean training : new boolean[] {false, true, false}) {
            try (NDArray input = manager.create(x, INPUT);
                    NDList output = conv.forward(store, new NDList(input), training)) {
                double[] found = output.singletonOrThrow().toDoubleArray();
                for (int n = 0; n < expected.length; n++) {
                    Assert.assertEquals(found[n], expected[n], 1e-12, "entry " + n);
                }
            }
        }
    }

    @Test
    public void setAgainTheOldArraysAreClosedAndTheNewOnesCount() {
        Random random = new Random(12);
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.tensorTrain(Rank.of(2)), false);
            conv.initialize(manager, DataType.FLOAT64, INPUT);
            conv.getParameters().values().forEach(parameter -> parameter.freeze(true));
            int owned = 0;
            for (int round = 0; round < 4; round++) {
                List<double[]> cores = DenseOracle.randomCores(TUCKER, random);
                conv.setCores(TUCKER, arrays(manager, cores, TUCKER), null, INPUT);
                DenseOracle oracle = new DenseOracle(TUCKER, conv.getGeometry());
                double[] x = numbers(random, 200);
                check(conv, manager, x, oracle.convolve(x, INPUT, oracle.kernel(cores), null));
                if (round == 0) {
                    owned = manager.getManagedArrays().size();
                }
                Assert.assertEquals(manager.getManagedArrays().size(), owned, "arrays owned");
                for (Parameter parameter : conv.getParameters().values()) {
                    Assert.assertFalse(parameter.requiresGradient(), "frozen as before");
                }
            }
        }
    }

    @Test
    public void arraysThatAreTheParametersStayOpen() {
        Random random = new Random(13);
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.of(TUCKER), true);
            List<double[]> cores = DenseOracle.randomCores(TUCKER, random);
            NDArray bias = manager.create(numbers(random, 6));
            conv.setCores(TUCKER, arrays(manager, cores, TUCKER), bias, INPUT);
            NDList same = conv.getCores();
            conv.setCores(TUCKER, same, bias, new Shape(1, 4, 9, 9));
            Assert.assertEquals(conv.getInputShapes()[0], new Shape(1, 4, 9, 9));
            double[] x = numbers(random, 200);
            DenseOracle oracle = new DenseOracle(TUCKER, conv.getGeometry());
            check(
                    conv,
                    manager,
                    x,
                    oracle.convolve(x, INPUT, oracle.kernel(cores), bias.toDoubleArray()));
        }
    }

    @Test
    public void whatDoesNotFitIsRefusedAndChangesNothing() {
        Random random = new Random(14);
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.of(TUCKER), true);
            List<double[]> cores = DenseOracle.randomCores(TUCKER, random);
            NDArray bias = manager.create(numbers(random, 6));
            conv.setCores(TUCKER, arrays(manager, cores, TUCKER), bias, INPUT);
            NDList before = conv.getCores();

            NDList two = new NDList(before.get(0), before.get(1));
            refused(conv, TUCKER, two, bias, INPUT, "3 cores, got 2");
            NDList turned = new NDList(before.get(0).transpose(), before.get(1), before.get(2));
            refused(conv, TUCKER, turned, bias, INPUT, "Core 1", "(4, 2)", "(2, 4)");
            NDArray single = before.get(2).toType(DataType.FLOAT32, true);
            NDList mixed = new NDList(before.get(0), before.get(1), single);
            refused(conv, TUCKER, mixed, bias, INPUT, "Core 3", "float32", "float64");
            NDList whole = new NDList();
            before.forEach(core -> whole.add(core.toType(DataType.INT32, true)));
            refused(conv, TUCKER, whole, bias, INPUT, "int32", "float32, float64");
            refused(conv, TUCKER, before, null, INPUT, "optBias(false)");
            refused(conv, TUCKER, before, manager.ones(new Shape(5)), INPUT, "(6)", "(5)");
            refused(conv, TUCKER, before, bias, new Shape(2, 5, 5, 5), "5 -> 6 channels");
            TensorNetwork wide = TensorNetwork.parse("i=4 r=2, r h=5 w=3, r o=6");
            refused(conv, wide, before, bias, INPUT, "h=5", "(3, 3)");
            TensorialConv2d bare = conv(TensorFormats.of(TUCKER), false);
            refused(bare, TUCKER, before, bias, INPUT, "has no bias");

            for (int n = 0; n < before.size(); n++) {
                Assert.assertSame(conv.getCores().get(n), before.get(n));
            }
            double[] x = numbers(random, 200);
            DenseOracle oracle = new DenseOracle(TUCKER, conv.getGeometry());
            check(
                    conv,
                    manager,
                    x,
                    oracle.convolve(x, INPUT, oracle.kernel(cores), bias.toDoubleArray()));
        }
    }

    private static void refused(
            TensorialConv2d conv,
            TensorNetwork network,
            NDList cores,
            NDArray bias,
            Shape input,
            String... words) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> conv.setCores(network, cores, bias, input));
        for (String word : words) {
            Assert.assertTrue(e.getMessage().contains(word), word + " in: " + e.getMessage());
        }
    }

    @Test
    public void aLinearLayerToo() {
        TensorNetwork network = TensorNetwork.parse("i1=3 i2=2 r=4, r o=5");
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialLinear linear =
                    TensorialLinear.builder()
                            .setFormat(TensorFormats.tensorTrain(Rank.of(2)))
                            .setUnits(5)
                            .optBias(false)
                            .build();
            List<double[]> cores = DenseOracle.randomCores(network, new Random(15));
            linear.setCores(network, arrays(manager, cores, network), null, new Shape(3, 7, 6));
            double[] kernel = new DenseOracle(network, linear.getGeometry()).kernel(cores);
            NDArray x = manager.randomNormal(new Shape(3, 7, 6)).toType(DataType.FLOAT64, false);
            NDArray expected = x.matMul(manager.create(kernel, new Shape(5, 6)).transpose());
            NDArray found =
                    linear.forward(new ParameterStore(manager, false), new NDList(x), false)
                            .singletonOrThrow();
            Assert.assertEquals(found.getShape(), new Shape(3, 7, 5));
            Assert.assertTrue(
                    found.sub(expected).abs().max().toType(DataType.FLOAT64, false).getDouble()
                            < 1e-12);
            Assert.assertEquals(linear.getCores().size(), 2);
        }
    }
}
