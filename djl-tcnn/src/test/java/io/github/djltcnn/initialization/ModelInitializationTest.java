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
package io.github.djltcnn.initialization;

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
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.calibration.VarianceProbe;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.Gain;
import io.github.djltcnn.initializer.Mirroring;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.testng.Assert;
import org.testng.Reporter;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which layers read pairs is found by a pass, whatever stands between them. */
public class ModelInitializationTest {

    private static final Shape INPUT = new Shape(4, 8, 8, 8);
    private static final TensorialInitializer RULE = TensorialInitializer.fanIn().withSeed(5);

    private NDManager manager;
    private NDList noise;

    @BeforeMethod
    public void setUp() {
        Engine.getInstance().setRandomSeed(8);
        manager = NDManager.newBaseManager();
        noise = new NDList(manager.randomNormal(INPUT));
    }

    @AfterMethod
    public void tearDown() {
        manager.close();
    }

    private static Block convolution(TensorFormat format, int filters, int groups) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1))
                .optGroups(groups)
                .build();
    }

    private static Block convolution() {
        return convolution(TensorFormats.tucker2(Rank.of(6)), 8, 1);
    }

    private static SequentialBlock plain(TensorFormat format) {
        SequentialBlock net = new SequentialBlock();
        for (int layer = 0; layer < 4; layer++) {
            net.add(convolution(format, 8, 1)).add(Activation.reluBlock());
        }
        return net.add(Blocks.batchFlattenBlock())
                .add(TensorialLinear.builder().setFormat(format).setUnits(10).build());
    }

    @DataProvider
    public static Object[][] formats() {
        return new Object[][] {
            {TensorFormats.cp(Rank.of(4))},
            {TensorFormats.tensorTrain(Rank.of(3))},
            {TensorFormats.tensorRing(Rank.of(3))},
            {TensorFormats.dense()},
        };
    }

    /** Layers behind ReLU get the cores of BOTH, the first those of OUTPUTS, number by number. */
    @Test(dataProvider = "formats")
    public void aPlainNetworkIsMirroredThroughout(TensorFormat format) {
        SequentialBlock found = plain(format);
        found.initialize(manager, DataType.FLOAT32, INPUT);
        int owned = manager.getManagedArrays().size();
        ModelInitializationReport report = ModelInitialization.run(found, RULE, noise);
        Assert.assertEquals(manager.getManagedArrays().size(), owned);
        Assert.assertEquals(mirrored(report), List.of(false, true, true, true, true));
        // The input is noise; pairs are pairs to the last digit.
        Assert.assertEquals(report.layers().get(0).overlap(), 2 / Math.PI, 0.05);
        for (ModelInitializationReport.Layer layer : report.layers().subList(1, 5)) {
            Assert.assertEquals(layer.overlap(), 0, 1e-12);
        }
        SequentialBlock both = plain(format);
        both.setInitializer(RULE.withMirroring(Mirroring.BOTH), Parameter.Type.WEIGHT);
        both.initialize(manager, DataType.FLOAT32, INPUT);
        SequentialBlock outputs = plain(format);
        outputs.setInitializer(RULE.withMirroring(Mirroring.OUTPUTS), Parameter.Type.WEIGHT);
        outputs.initialize(manager, DataType.FLOAT32, INPUT);
        List<TensorialBlock> layers = layers(found);
        for (int n = 0; n < layers.size(); n++) {
            List<TensorialBlock> expected = layers(n == 0 ? outputs : both);
            Assert.assertTrue(
                    numbers(layers.get(n)).equals(numbers(expected.get(n))), "layer " + n);
        }
        Assert.assertFalse(numbers(layers.get(0)).equals(numbers(layers(both).get(0))));
        Assert.assertTrue(report.toString().contains("02 TensorialConv2d"), report.toString());
        Assert.assertTrue(report.toString().contains(" as they are\n"), report.toString());
        Assert.assertTrue(report.toString().contains("0.000  mirrored\n"), report.toString());
    }

    private static List<Boolean> mirrored(ModelInitializationReport report) {
        return report.layers().stream().map(ModelInitializationReport.Layer::mirrored).toList();
    }

    private static List<TensorialBlock> layers(Block block) {
        List<TensorialBlock> layers = new ArrayList<>();
        for (Block child : block.getChildren().values()) {
            if (child instanceof TensorialBlock layer) {
                layers.add(layer);
            } else {
                layers.addAll(layers(child));
            }
        }
        return layers;
    }

    private static String numbers(TensorialBlock layer) {
        return layer.getCores().stream()
                .map(core -> Arrays.toString(core.toFloatArray()))
                .collect(Collectors.joining());
    }

    private static SequentialBlock residual(int blocks) {
        SequentialBlock net = new SequentialBlock().add(convolution()).add(Activation.reluBlock());
        for (int n = 0; n < blocks; n++) {
            Block branch =
                    new SequentialBlock()
                            .add(convolution())
                            .add(Activation.reluBlock())
                            .add(convolution());
            net.add(
                    new ParallelBlock(
                            list ->
                                    new NDList(
                                            Activation.relu(
                                                    list.get(0)
                                                            .singletonOrThrow()
                                                            .add(list.get(1).singletonOrThrow())
                                                            .mul(Math.sqrt(0.5)))),
                            List.of(branch, LambdaBlock.singleton(x -> x))));
        }
        return net;
    }

    /** Adding a shortcut blurs pairs; what is left of them is still far from strangers. */
    @Test
    public void pairsAreFoundBehindShortcuts() {
        SequentialBlock net = residual(9);
        net.initialize(manager, DataType.FLOAT32, INPUT);
        ModelInitializationReport report = ModelInitialization.run(net, RULE, noise);
        Reporter.log(report.toString(), true);
        List<ModelInitializationReport.Layer> behind = report.layers().subList(1, 19);
        for (int n = 0; n < behind.size(); n++) {
            Assert.assertTrue(behind.get(n).mirrored(), report.toString());
            // In a branch, the second layer reads the first; the first reads a sum.
            if (n % 2 == 1) {
                Assert.assertEquals(behind.get(n).overlap(), 0, 1e-12, report.toString());
            }
        }
        Assert.assertTrue(behind.get(16).overlap() > 0.02, report.toString());
    }

    /** Between two layers, what keeps pairs and what does not. */
    @DataProvider
    public static Object[][] between() {
        Block relu = Activation.reluBlock();
        return new Object[][] {
            {"ReLU", relu, 0, true},
            {"leaky ReLU", Activation.leakyReluBlock(0.01f), 0.02, true},
            {"nothing", new LambdaBlock(list -> list), 1, false},
            {"tanh", Activation.tanhBlock(), 1, false},
            {"sigmoid", Activation.sigmoidBlock(), 0.6, false},
            {
                "ReLU, maxima",
                new SequentialBlock().add(relu).add(Pool.maxPool2dBlock(new Shape(2, 2))),
                0.6,
                false
            },
            {
                "ReLU, every second pixel",
                new SequentialBlock()
                        .add(relu)
                        .add(Pool.avgPool2dBlock(new Shape(1, 1), new Shape(2, 2))),
                0,
                true
            },
            {
                "ReLU, the same twice",
                new SequentialBlock().add(relu).add(LambdaBlock.singleton(x -> x.concat(x, 1))),
                1,
                false
            },
        };
    }

    @Test(dataProvider = "between")
    public void whatStandsBetweenDecides(
            String name, Block between, double overlap, boolean mirrored) {
        SequentialBlock net =
                new SequentialBlock().add(convolution()).add(between).add(convolution());
        net.initialize(manager, DataType.FLOAT32, INPUT);
        ModelInitializationReport.Layer second =
                ModelInitialization.run(net, RULE, noise).layers().get(1);
        Assert.assertEquals(second.overlap(), overlap, 0.05, name);
        Assert.assertEquals(second.mirrored(), mirrored, name);
    }

    /** Overlaps of two channels whose distribution is known. */
    @Test
    public void theOverlapIsWhatTheFormulaSays() {
        NDArray x = manager.randomNormal(0, 1, new Shape(50, 2, 20, 20), DataType.FLOAT32);
        Assert.assertEquals(ModelInitialization.overlap(x, false), 2 / Math.PI, 0.02);
        NDArray positive = Activation.relu(x);
        Assert.assertEquals(ModelInitialization.overlap(positive, false), 1 / Math.PI, 0.02);
        // 1e-30 squared has no float.
        Assert.assertEquals(
                ModelInitialization.overlap(positive.mul(1e-30f), false),
                ModelInitialization.overlap(positive, false),
                1e-5);
        NDArray rows = manager.create(new float[] {1, 2, 0, 3, 5, 0, 0, 7}, new Shape(1, 2, 4));
        // Channels last: pairs (1, 0), (2, 3), (5, 0), (0, 7).
        Assert.assertEquals(ModelInitialization.overlap(rows, true), 12 / 88.0, 1e-6);
        NDArray three = manager.ones(new Shape(2, 3, 4, 4));
        Assert.assertTrue(Double.isNaN(ModelInitialization.overlap(three, false)));
        Assert.assertTrue(Double.isNaN(ModelInitialization.overlap(three.sub(three), false)));
    }

    /**
     * Without activations inputs are each other's negatives, and mirrored inputs double the second
     * moment in every layer; the pass finds that out.
     */
    @Test
    public void whereInputsAreNoPairsTheSecondMomentIsKept() {
        TensorialInitializer rule = RULE.withGain(Gain.linear());
        SequentialBlock net = new SequentialBlock();
        for (int layer = 0; layer < 12; layer++) {
            net.add(convolution(TensorFormats.tucker2(Rank.of(8)), 8, 1));
        }
        net.setInitializer(rule.withMirroring(Mirroring.BOTH), Parameter.Type.WEIGHT);
        net.initialize(manager, DataType.FLOAT32, INPUT);
        double told = growth(net);
        ModelInitialization.run(net, rule, noise);
        double found = growth(net);
        // Zeros beyond the border take their share of both.
        Assert.assertEquals(Math.log(told / found) / Math.log(2), 11, 2);
    }

    private double growth(Block net) {
        List<VarianceProbe.Layer> layers = VarianceProbe.of(net, noise).layers();
        return layers.get(layers.size() - 1).feature() / layers.get(0).feature();
    }

    @Test
    public void groupsAreNotMirrored() {
        Block net =
                new SequentialBlock()
                        .add(convolution())
                        .add(Activation.reluBlock())
                        .add(convolution(TensorFormats.tucker2(Rank.of(2)), 8, 2));
        net.initialize(manager, DataType.FLOAT32, INPUT);
        ModelInitializationReport report = ModelInitialization.run(net, RULE, noise);
        Assert.assertEquals(mirrored(report), List.of(false, false));
        Assert.assertEquals(report.layers().get(1).overlap(), 0, 1e-12);
    }

    /** The next prediction knows the new cores, and training can go on with them. */
    @Test
    public void modelsPredictWithTheNewCoresAndFrozenOnesStay() {
        try (Model model = Model.newInstance("drawn")) {
            SequentialBlock net = plain(TensorFormats.tucker2(Rank.of(4)));
            model.setBlock(net);
            net.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            List<TensorialBlock> layers = layers(net);
            Parameter middle = layers.get(2).getParameters().get("core2");
            middle.freeze(true);
            String frozen = numbers(layers.get(2));
            NDArray before = predict(net);
            ModelInitializationReport report = ModelInitialization.run(model, RULE, noise);
            Assert.assertEquals(mirrored(report), List.of(false, true, false, true, true));
            Assert.assertFalse(report.layers().get(2).drawn());
            Assert.assertTrue(report.toString().contains("0.000  frozen\n"), report.toString());
            Assert.assertTrue(numbers(layers.get(2)).equals(frozen), "changed");
            NDArray after = predict(net);
            Assert.assertFalse(after.allClose(before), "still the old cores");
            // A copy of the net with these cores and nothing kept.
            SequentialBlock copy = plain(TensorFormats.tucker2(Rank.of(4)));
            copy.initialize(manager, DataType.FLOAT32, INPUT);
            for (int n = 0; n < layers.size(); n++) {
                NDList from = layers.get(n).getCores();
                layers(copy)
                        .get(n)
                        .changeCores(
                                to -> {
                                    for (int m = 0; m < to.size(); m++) {
                                        from.get(m).copyTo(to.get(m));
                                    }
                                });
                for (NDArray core : from) {
                    Assert.assertEquals(
                            core.hasGradient(), core != middle.getArray(), "layer " + n);
                }
            }
            Assert.assertTrue(after.allClose(predict(copy), 1e-5, 1e-6, false));
        }
    }

    private NDArray predict(Block net) {
        return net.forward(new ParameterStore(manager, false), noise, false).singletonOrThrow();
    }

    /** Without a seed the numbers follow the engine's. */
    @Test
    public void theEngineSeedIsFollowed() {
        SequentialBlock net = plain(TensorFormats.cp(Rank.of(4)));
        net.initialize(manager, DataType.FLOAT32, INPUT);
        List<String> draws = new ArrayList<>();
        for (int seed : new int[] {1, 1, 2}) {
            Engine.getInstance().setRandomSeed(seed);
            ModelInitialization.run(net, TensorialInitializer.fanIn(), noise);
            draws.add(numbers(layers(net).get(3)));
        }
        Assert.assertTrue(draws.get(0).equals(draws.get(1)), "same seed, other numbers");
        Assert.assertFalse(draws.get(0).equals(draws.get(2)), "other seed, same numbers");
    }

    @Test
    public void whatCannotBeDrawnIsExplained() {
        SequentialBlock net = plain(TensorFormats.cp(Rank.of(4)));
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> ModelInitialization.run(net, RULE, noise));
        Assert.assertTrue(e.getMessage().contains("not initialized"), e.getMessage());
    }
}
