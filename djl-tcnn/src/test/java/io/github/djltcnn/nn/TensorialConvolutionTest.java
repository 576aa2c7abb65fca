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
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.ChannelPieces;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.testing.DenseOracle;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Outputs and gradients of the convolutions against the definition, for every format. */
public class TensorialConvolutionTest {

    private static final long SEED = 20260502;

    /** Every format, at ranks small enough for the oracle. */
    static final List<TensorFormat> FORMATS =
            List.of(
                    TensorFormats.cp(Rank.of(3)),
                    TensorFormats.cpJoint(Rank.of(3)),
                    TensorFormats.tucker2(Rank.of(2, 3)),
                    TensorFormats.hyperTucker2(Rank.of(3)),
                    TensorFormats.tensorTrain(Rank.of(2)),
                    TensorFormats.tensorTrainMatrix(Rank.of(2)),
                    TensorFormats.tensorRing(Rank.of(2)),
                    TensorFormats.tensorRing(Rank.of(2)).withPieces(ChannelPieces.whole()),
                    TensorFormats.blockTerm(2, Rank.of(2, 3)),
                    TensorFormats.dense());

    /** One setting of a convolution: the sizes that DJL's builders take. */
    private record Setting(
            Shape input, Shape kernel, Shape stride, Shape padding, Shape dilation, int groups) {

        TensorialConvolution build(TensorFormat format, int filters, boolean bias) {
            TensorialConvolution.ConvolutionBuilder<?> builder =
                    switch (kernel.dimension()) {
                        case 1 -> TensorialConv1d.builder();
                        case 2 -> TensorialConv2d.builder();
                        default -> TensorialConv3d.builder();
                    };
            builder.setFormat(format)
                    .setFilters(filters)
                    .setKernelShape(kernel)
                    .optStride(stride)
                    .optPadding(padding)
                    .optDilation(dilation)
                    .optGroups(groups)
                    .optBias(bias);
            return switch (kernel.dimension()) {
                case 1 -> ((TensorialConv1d.Builder) builder).build();
                case 2 -> ((TensorialConv2d.Builder) builder).build();
                default -> ((TensorialConv3d.Builder) builder).build();
            };
        }

        /** The shape that DJL's own convolution of these settings puts out. */
        Shape denseOutputShape(int filters) {
            Convolution.ConvolutionBuilder<?> builder =
                    switch (kernel.dimension()) {
                        case 1 -> Conv1d.builder();
                        case 2 -> Conv2d.builder();
                        default -> Conv3d.builder();
                    };
            builder.setFilters(filters)
                    .setKernelShape(kernel)
                    .optStride(stride)
                    .optPadding(padding)
                    .optDilation(dilation)
                    .optGroups(groups);
            Block dense =
                    switch (kernel.dimension()) {
                        case 1 -> ((Conv1d.Builder) builder).build();
                        case 2 -> ((Conv2d.Builder) builder).build();
                        default -> ((Conv3d.Builder) builder).build();
                    };
            return dense.getOutputShapes(new Shape[] {input})[0];
        }
    }

    private static final List<Setting> SETTINGS =
            List.of(
                    new Setting(
                            new Shape(2, 4, 9),
                            new Shape(3),
                            new Shape(1),
                            new Shape(1),
                            new Shape(1),
                            1),
                    new Setting(
                            new Shape(1, 8, 11),
                            new Shape(4),
                            new Shape(2),
                            new Shape(0),
                            new Shape(2),
                            2),
                    new Setting(
                            new Shape(2, 4, 6, 5),
                            new Shape(3, 3),
                            new Shape(1, 1),
                            new Shape(1, 1),
                            new Shape(1, 1),
                            1),
                    new Setting(
                            new Shape(2, 6, 7, 8),
                            new Shape(3, 2),
                            new Shape(2, 1),
                            new Shape(0, 2),
                            new Shape(1, 3),
                            1),
                    new Setting(
                            new Shape(1, 8, 6, 6),
                            new Shape(3, 3),
                            new Shape(2, 2),
                            new Shape(1, 1),
                            new Shape(1, 1),
                            4),
                    new Setting(
                            new Shape(2, 5, 4, 4),
                            new Shape(1, 1),
                            new Shape(1, 1),
                            new Shape(0, 0),
                            new Shape(1, 1),
                            1),
                    new Setting(
                            new Shape(1, 4, 3, 5, 4),
                            new Shape(2, 3, 1),
                            new Shape(1, 2, 1),
                            new Shape(1, 0, 2),
                            new Shape(1, 1, 1),
                            1),
                    new Setting(
                            new Shape(1, 4, 4, 4, 4),
                            new Shape(2, 2, 2),
                            new Shape(2, 1, 2),
                            new Shape(0, 1, 1),
                            new Shape(1, 2, 1),
                            2));

    @DataProvider
    public Object[][] grid() {
        List<Object[]> cases = new ArrayList<>();
        for (TensorFormat format : FORMATS) {
            SETTINGS.forEach(setting -> cases.add(new Object[] {format, setting}));
        }
        return cases.toArray(new Object[0][]);
    }

    @Test(dataProvider = "grid")
    public void outputsAndGradientsAreThoseOfTheDefinition(TensorFormat format, Setting setting) {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConvolution conv = setting.build(format, 8, true);
            conv.initialize(manager, DataType.FLOAT64, setting.input());
            TensorNetwork network = conv.getNetwork();
            DenseOracle oracle = new DenseOracle(network, conv.getGeometry());
            Random random = new Random(SEED);
            List<double[]> cores = DenseOracle.randomCores(network, random);
            double[] bias = random.doubles(8).toArray();
            double[] x = random.doubles(setting.input().size()).map(u -> u - 0.4).toArray();
            for (int n = 0; n < cores.size(); n++) {
                conv.getParameters().get("core" + (n + 1)).getArray().set(cores.get(n));
            }
            conv.getParameters().get("bias").getArray().set(bias);
            double[] kernel = oracle.kernel(cores);
            Shape outputShape = oracle.outputShape(setting.input());
            Assert.assertEquals(
                    conv.getOutputShapes(new Shape[] {setting.input()})[0], outputShape);
            Assert.assertEquals(setting.denseOutputShape(8), outputShape);
            double[] dy = random.doubles(outputShape.size()).map(u -> u - 0.5).toArray();

            NDArray input = manager.create(x, setting.input());
            input.setRequiresGradient(true);
            ParameterStore store = new ParameterStore(manager, false);
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                NDArray y = conv.forward(store, new NDList(input), true).singletonOrThrow();
                assertClose(y, oracle.convolve(x, setting.input(), kernel, bias), outputShape, "y");
                collector.backward(y.mul(manager.create(dy, outputShape)).sum());
            }
            assertClose(
                    input.getGradient(),
                    oracle.inputGradient(dy, setting.input(), kernel),
                    setting.input(),
                    "dx");
            List<double[]> pulled =
                    oracle.pullBack(cores, oracle.kernelGradient(dy, x, setting.input()));
            for (int n = 0; n < cores.size(); n++) {
                NDArray core = conv.getParameters().get("core" + (n + 1)).getArray();
                assertClose(core.getGradient(), pulled.get(n), core.getShape(), "core" + (n + 1));
            }
            double[] db = new double[8];
            int positions = (int) outputShape.slice(2).size();
            for (int n = 0; n < dy.length; n++) {
                db[n / positions % 8] += dy[n];
            }
            NDArray biasArray = conv.getParameters().get("bias").getArray();
            assertClose(biasArray.getGradient(), db, new Shape(8), "bias");
            // Without training another order may be chosen; the numbers stay.
            NDArray again = conv.forward(store, new NDList(input), false).singletonOrThrow();
            assertClose(
                    again, oracle.convolve(x, setting.input(), kernel, bias), outputShape, "eval");
        }
    }

    /** Compares relative to the largest entry. */
    private static void assertClose(NDArray actual, double[] expected, Shape shape, String what) {
        Assert.assertEquals(actual.getShape(), shape, what);
        double[] values = actual.toDoubleArray();
        double scale = 1e-12;
        for (double value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        for (int n = 0; n < values.length; n++) {
            Assert.assertEquals(values[n], expected[n], 1e-8 * scale, what + " at " + n);
        }
    }

    @Test
    public void behavesWithoutBiasInFloat32() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (TensorFormat format : FORMATS) {
                Setting setting = SETTINGS.get(2);
                TensorialConvolution conv = setting.build(format, 6, false);
                conv.initialize(manager, DataType.FLOAT32, setting.input());
                Assert.assertFalse(conv.getParameters().contains("bias"));
                List<double[]> cores = new ArrayList<>();
                conv.getParameters()
                        .values()
                        .forEach(
                                p ->
                                        cores.add(
                                                p.getArray()
                                                        .toType(DataType.FLOAT64, true)
                                                        .toDoubleArray()));
                DenseOracle oracle = new DenseOracle(conv.getNetwork(), conv.getGeometry());
                NDArray x = manager.randomNormal(setting.input());
                double[] expected =
                        oracle.convolve(
                                x.toType(DataType.FLOAT64, true).toDoubleArray(),
                                setting.input(),
                                oracle.kernel(cores),
                                null);
                float[] actual =
                        conv.forward(new ParameterStore(manager, false), new NDList(x), false)
                                .singletonOrThrow()
                                .toFloatArray();
                for (int n = 0; n < actual.length; n++) {
                    Assert.assertEquals(actual[n], expected[n], 1e-4, format.toString());
                }
            }
        }
    }

    @DataProvider
    public Object[][] refused() {
        TensorFormat ring = TensorFormats.tensorRing(Rank.of(2));
        return new Object[][] {
            {TensorialConv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3)), "setFormat"},
            {TensorialConv2d.builder().setFilters(4).setFormat(ring), "setKernelShape"},
            {
                TensorialConv2d.builder().setFormat(ring).setKernelShape(new Shape(3, 3)),
                "setFilters"
            },
            {
                TensorialConv2d.builder()
                        .setFormat(ring)
                        .setKernelShape(new Shape(3))
                        .setFilters(4),
                "2 spatial dimensions"
            },
            {
                TensorialConv2d.builder()
                        .setFormat(ring)
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(4)
                        .optStride(new Shape(1)),
                "stride"
            },
            {
                TensorialConv2d.builder()
                        .setFormat(ring)
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(4)
                        .optGroups(3),
                "optGroups(3) does not divide 4 filters"
            },
        };
    }

    @Test(dataProvider = "refused")
    public void buildersRefuseWithTheReason(TensorialConv2d.Builder builder, String reason) {
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, builder::build);
        Assert.assertTrue(e.getMessage().contains(reason), e.getMessage());
    }

    @Test
    public void refusesInputsThatDoNotFit() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv =
                    TensorialConv2d.builder()
                            .setFormat(TensorFormats.tensorRing(Rank.of(2)))
                            .setKernelShape(new Shape(3, 3))
                            .setFilters(4)
                            .optName("stage1.conv2")
                            .build();
            Assert.expectThrows(IllegalStateException.class, conv::getNetwork);
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> conv.initialize(manager, DataType.FLOAT32, new Shape(2, 4, 8)));
            conv.initialize(manager, DataType.FLOAT32, new Shape(2, 4, 8, 8));
            ParameterStore store = new ParameterStore(manager, false);
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    conv.forward(
                                            store,
                                            new NDList(manager.ones(new Shape(2, 5, 8, 8))),
                                            false));
            Assert.assertTrue(e.getMessage().contains("stage1.conv2"), e.getMessage());
            Assert.assertTrue(e.getMessage().contains("takes 4 input channels"), e.getMessage());
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () ->
                            conv.forward(
                                    store, new NDList(manager.ones(new Shape(2, 4, 2, 2))), false));
        }
    }
}
