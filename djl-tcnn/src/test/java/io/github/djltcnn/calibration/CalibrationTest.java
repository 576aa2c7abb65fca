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
package io.github.djltcnn.calibration;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.Distribution;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Probe and calibration, on plain and residual networks of real blocks. */
public class CalibrationTest {

    private static final Shape INPUT = new Shape(4, 3, 10, 9);

    private static Block convolution(TensorFormat format, int filters) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1))
                .optName("conv" + filters)
                .build();
    }

    private static SequentialBlock plain(TensorFormat format) {
        SequentialBlock net = new SequentialBlock();
        for (int layer = 0; layer < 6; layer++) {
            net.add(convolution(format, 8)).add(Activation.reluBlock());
        }
        return net.add(Blocks.batchFlattenBlock())
                .add(
                        TensorialLinear.builder()
                                .setFormat(TensorFormats.dense())
                                .setUnits(5)
                                .build());
    }

    private static SequentialBlock residual(TensorFormat format) {
        SequentialBlock net = new SequentialBlock().add(convolution(format, 8));
        for (int block = 0; block < 4; block++) {
            SequentialBlock branch =
                    new SequentialBlock()
                            .add(Activation.reluBlock())
                            .add(convolution(format, 8))
                            .add(Activation.reluBlock())
                            .add(convolution(format, 8));
            net.add(
                    new ParallelBlock(
                            list ->
                                    new NDList(
                                            list.get(0)
                                                    .singletonOrThrow()
                                                    .add(list.get(1).singletonOrThrow())),
                            List.of(branch, LambdaBlock.singleton(x -> x))));
        }
        return net;
    }

    @DataProvider
    public static Object[][] networks() {
        return new Object[][] {
            {plain(TensorFormats.cp(Rank.of(4)))},
            {plain(TensorFormats.tensorTrain(Rank.of(3)))},
            {residual(TensorFormats.tucker2(Rank.of(4)))},
            {residual(TensorFormats.tensorRing(Rank.of(3)))},
        };
    }

    private static NDList initialize(Block block, NDManager manager, double biases) {
        Engine.getInstance().setRandomSeed(3);
        block.setInitializer(TensorialInitializer.fanIn().withSeed(1), Parameter.Type.WEIGHT);
        block.setInitializer(new ConstantInitializer((float) biases), Parameter.Type.BIAS);
        block.initialize(manager, DataType.FLOAT32, INPUT);
        return new NDList(manager.randomNormal(INPUT));
    }

    @Test(dataProvider = "networks")
    public void everyLayerHasTheTargetAfterwards(Block block) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList batch = initialize(block, manager, 0);
            int owned = manager.getManagedArrays().size();
            for (double target : new double[] {1, 0.3}) {
                CalibrationReport report =
                        Calibration.run(block, batch, Calibration.Direction.FORWARD, target);
                Assert.assertEquals(manager.getManagedArrays().size(), owned);
                VarianceProbe probe = VarianceProbe.of(block, batch);
                Assert.assertEquals(manager.getManagedArrays().size(), owned);
                Assert.assertEquals(report.layers().size(), probe.layers().size());
                for (VarianceProbe.Layer layer : probe.layers()) {
                    Assert.assertEquals(layer.feature(), target, 1e-4 * target, layer.name());
                }
            }
        }
    }

    @Test
    public void aModelIsCalibratedAndABiasLeftAlone() {
        SequentialBlock block = plain(TensorFormats.cp(Rank.of(4)));
        try (Model model = Model.newInstance("calibrated")) {
            model.setBlock(block);
            NDList batch = initialize(block, model.getNDManager(), 0.5);
            CalibrationReport first = Calibration.run(model, batch);
            Assert.assertTrue(Math.abs(first.layers().get(3).factor() - 1) > 1e-3);
            Assert.assertTrue(first.toString().contains("04 conv8"), first.toString());
            // Done once, there is nothing left to do.
            for (CalibrationReport.Layer layer : Calibration.run(model, batch).layers()) {
                Assert.assertEquals(layer.before(), 1, 1e-4);
                Assert.assertEquals(layer.factor(), 1, 1e-4);
            }
            for (Block child : block.getChildren().values()) {
                if (child instanceof TensorialConv2d) {
                    float[] bias =
                            child.getDirectParameters().get("bias").getArray().toFloatArray();
                    Assert.assertEquals(bias[0], 0.5f);
                }
            }
        }
    }

    @Test
    public void coresCanBeTrainedAfterCalibrationIfTheyCouldBefore() {
        SequentialBlock block = plain(TensorFormats.cp(Rank.of(4)));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList batch = initialize(block, manager, 0);
            Parameter frozen = block.getChildren().get(2).getValue().getParameters().valueAt(1);
            frozen.freeze(true);
            Calibration.run(block, batch, Calibration.Direction.GEOMETRIC, 1);
            for (Parameter parameter : block.getParameters().values()) {
                Assert.assertEquals(
                        parameter.getArray().hasGradient(),
                        parameter != frozen,
                        parameter.getName());
            }
        }
    }

    @Test
    public void theGeometricMeanOfBothGainsIsKept() {
        // Without activations a layer's input is the output of the one before, gradients too.
        SequentialBlock block = new SequentialBlock();
        for (int layer = 0; layer < 6; layer++) {
            // 16 channels: with AVX-512, oneDNN of libtorch 2.7.1 reads memory that nobody wrote
            // for
            // the input gradients of 8, which then are NaN now and then.
            block.add(convolution(TensorFormats.tucker2(Rank.of(4)), 16));
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList batch = initialize(block, manager, 0);
            double[] forward = extremes(block, batch, Calibration.Direction.FORWARD);
            double[] both = extremes(block, batch, Calibration.Direction.GEOMETRIC);
            // Features never drift under the first, gradients pay for it; the second shares out.
            Assert.assertEquals(forward[0], 1, 1e-3);
            double drift = Math.log(forward[1]);
            Assert.assertTrue(Math.abs(drift) > 0.03, "nothing to share out: " + drift);
            Assert.assertEquals(Math.log(both[0]), -drift / 2, 1e-3);
            Assert.assertEquals(Math.log(both[1]), drift / 2, 1e-3);
        }
    }

    /** From the first to the last convolution: growth of features, and of gradients going back. */
    private static double[] extremes(Block block, NDList batch, Calibration.Direction direction) {
        // The same random error for both: how much gradients drift depends on it.
        Engine.getInstance().setRandomSeed(9);
        Calibration.run(block, batch, direction, 1);
        Engine.getInstance().setRandomSeed(9);
        List<VarianceProbe.Layer> layers = VarianceProbe.of(block, batch).layers();
        return new double[] {
            layers.get(5).feature() / layers.get(0).feature(),
            layers.get(0).gradient() / layers.get(5).gradient()
        };
    }

    /** The probe against gradients and features taken by hand on a net of one convolution. */
    @Test
    public void theProbeMeasuresWhatItSays() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block conv = convolution(TensorFormats.dense(), 8);
            Block linear =
                    TensorialLinear.builder().setFormat(TensorFormats.dense()).setUnits(5).build();
            SequentialBlock net =
                    new SequentialBlock()
                            .add(conv)
                            .add(Activation.reluBlock())
                            .add(Blocks.batchFlattenBlock())
                            .add(linear);
            NDList batch = initialize(net, manager, 0);
            Engine.getInstance().setRandomSeed(4);
            VarianceProbe probe = VarianceProbe.of(net, batch);

            Engine.getInstance().setRandomSeed(4);
            ParameterStore store = new ParameterStore(manager, false);
            NDArray y = conv.forward(store, batch, false).singletonOrThrow().duplicate();
            y.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray out =
                        linear.forward(store, new NDList(Activation.relu(y).reshape(4, -1)), false)
                                .singletonOrThrow();
                NDArray noise = manager.randomNormal(0, 1, out.getShape(), DataType.FLOAT32);
                collector.backward(out.mul(noise).sum());
            }
            VarianceProbe.Layer layer = probe.layers().get(0);
            Assert.assertEquals(layer.feature(), mean(y.square()), 1e-5 * layer.feature());
            double fourth = mean(y.square().square());
            Assert.assertEquals(
                    layer.featureKurtosis(),
                    fourth / layer.feature() / layer.feature(),
                    1e-4 * layer.featureKurtosis());
            NDArray gradient = y.getGradient();
            double second = mean(gradient.square());
            Assert.assertEquals(layer.gradient(), second, 1e-4 * layer.gradient());
            // Scaled up first: fourth powers of small gradients are no floats.
            double fourthPower = mean(gradient.div(Math.sqrt(second)).pow(4));
            Assert.assertEquals(
                    layer.gradientKurtosis(), fourthPower, 1e-4 * layer.gradientKurtosis());
            Assert.assertEquals(probe.layers().size(), 2);
            // Eight output channels, but in pairs of opposite sign.
            Assert.assertTrue(layer.effectiveRank() > 2 && layer.effectiveRank() <= 4.001);
            Assert.assertEquals(probe.toCsv().lines().count(), 3);
            Assert.assertTrue(probe.toCsv().contains("\n01 conv8,"), probe.toCsv());
            String[] cells = probe.toCsv().lines().toList().get(1).split(",", -1);
            double[] written = {
                layer.feature(),
                layer.featureKurtosis(),
                layer.gradient(),
                layer.gradientKurtosis(),
                layer.effectiveRank()
            };
            Assert.assertEquals(cells.length, 1 + written.length);
            for (int n = 0; n < written.length; n++) {
                double read = Double.parseDouble(cells[n + 1]);
                Assert.assertEquals(read, written[n], 1e-3 * written[n], probe.toCsv());
            }
            Assert.assertTrue(probe.toString().contains("02 TensorialLinear"), probe.toString());
        }
    }

    private static double mean(NDArray array) {
        return array.mean().getFloat();
    }

    @Test
    public void theEffectiveRankOfAnOrthogonalProjectionIsItsRank() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block =
                    TensorialLinear.builder()
                            .setFormat(TensorFormats.graph("i r=3, r o"))
                            .setUnits(12)
                            .build();
            block.setInitializer(
                    TensorialInitializer.fanIn().withDistribution(Distribution.ORTHOGONAL),
                    Parameter.Type.WEIGHT);
            block.initialize(manager, DataType.FLOAT32, new Shape(2, 7));
            VarianceProbe probe =
                    VarianceProbe.of(block, new NDList(manager.randomNormal(new Shape(2, 7))));
            Assert.assertEquals(probe.layers().get(0).effectiveRank(), 3, 1e-4);
        }
    }

    /** Signals of 1e-40 and 1e+30 are measured, although their squares have no float. */
    @Test
    public void momentsHaveNoScale() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray values = manager.create(new float[] {1, -2, 3, 0});
            Moments one = Moments.of(values);
            Assert.assertEquals(one.second(), 3.5, 1e-12);
            Assert.assertEquals(one.kurtosis(), 24.5 / 12.25, 1e-12);
            Moments small = Moments.of(values.mul(1e-30f));
            Assert.assertEquals(small.second(), 3.5e-60, 1e-66);
            Assert.assertEquals(small.kurtosis(), 2, 1e-5);
            Assert.assertEquals(Moments.of(values.mul(0)).second(), 0.0);
        }
    }

    @Test
    public void whatCannotBeCalibratedIsExplained() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList batch = new NDList(manager.randomNormal(INPUT));
            SequentialBlock block = plain(TensorFormats.cp(Rank.of(4)));
            assertSays(
                    "not initialized",
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> VarianceProbe.of(block, batch)));
            Block linear = Linear.builder().setUnits(2).build();
            linear.initialize(manager, DataType.FLOAT32, INPUT);
            assertSays(
                    "no tensorial layer",
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> VarianceProbe.of(linear, batch)));
            block.setInitializer(new ConstantInitializer(0), Parameter.Type.WEIGHT);
            block.initialize(manager, DataType.FLOAT32, INPUT);
            assertSays(
                    "1 conv8 has outputs of second moment 0.0",
                    Assert.expectThrows(
                            IllegalStateException.class,
                            () -> Calibration.run(block, batch, Calibration.Direction.FORWARD, 1)));
            assertSays(
                    "got -1.0",
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    Calibration.run(
                                            block, batch, Calibration.Direction.FORWARD, -1)));
        }
    }

    private static void assertSays(String text, Exception e) {
        Assert.assertTrue(e.getMessage().contains(text), e.getMessage());
    }

    @Test
    public void namesWithCommasStayOneFieldOfTheCsv() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block linear =
                    TensorialLinear.builder()
                            .setFormat(TensorFormats.dense())
                            .setUnits(3)
                            .optName("a, \"b\"")
                            .build();
            linear.initialize(manager, DataType.FLOAT32, new Shape(4, 5));
            NDList batch = new NDList(manager.randomNormal(new Shape(4, 5)));
            String line = VarianceProbe.of(linear, batch).toCsv().split("\n", -1)[1];
            Assert.assertTrue(line.startsWith("\"01 a, \"\"b\"\"\","), line);
        }
    }
}
