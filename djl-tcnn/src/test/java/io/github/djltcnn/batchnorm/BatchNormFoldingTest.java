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
package io.github.djltcnn.batchnorm;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialConv1d;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;
import io.github.djltcnn.training.Trainable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A layer and its batch normalisation become one layer that computes the same. */
public class BatchNormFoldingTest {

    private static final double CLOSE = 1e-5;

    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {TensorFormats.dense(), 1},
            {TensorFormats.dense(), 2},
            {TensorFormats.tensorRing(Rank.of(3)), 1},
            {TensorFormats.tensorRing(Rank.of(3)), 2},
            {TensorFormats.tensorTrainMatrix(Rank.of(3)), 1},
            {TensorFormats.tensorTrainMatrix(Rank.of(3)), 2},
            {TensorFormats.tucker2(Rank.of(4)), 1},
            {TensorFormats.tucker2(Rank.of(4)), 4},
            {TensorFormats.cp(Rank.of(4)), 2},
            {TensorFormats.hyperTucker2(Rank.of(4)), 1},
            {TensorFormats.blockTerm(2, Rank.of(3)), 2},
            {TensorFormats.graph("i r=4, o2=3 h r, w r o1=4"), 1},
            // One core has all output modes, not in the order of the channels.
            {TensorFormats.graph("i r=4 o1=3, o2=4 h r o1 w"), 1},
        };
    }

    @Test(dataProvider = "formats")
    public void aTensorialConvolutionComputesTheSame(TensorFormat format, int groups) {
        for (boolean bias : new boolean[] {true, false}) {
            SequentialBlock net =
                    new SequentialBlock()
                            .add(
                                    TensorialConv2d.builder()
                                            .setFormat(format)
                                            .setKernelShape(new Shape(3, 3))
                                            .setFilters(12 * groups)
                                            .optStride(new Shape(1, 2))
                                            .optPadding(new Shape(1, 0))
                                            .optGroups(groups)
                                            .optBias(bias)
                                            .build())
                            .add(BatchNorm.builder().optEpsilon(1e-3f).build())
                            .add(Activation.reluBlock());
            check(net, new Shape(2, 8, 7, 6), 1);
        }
    }

    /** Float64 arrays were Java's memory once, which the collector frees when nothing holds it. */
    @Test
    public void foldedNumbersStayWhatTheyAre() {
        for (DataType dataType : new DataType[] {DataType.FLOAT64, DataType.FLOAT32}) {
            try (NDManager manager = NDManager.newBaseManager()) {
                Shape input = new Shape(1, 16, 8, 8);
                SequentialBlock net =
                        new SequentialBlock()
                                .add(
                                        Conv2d.builder()
                                                .setKernelShape(new Shape(3, 3))
                                                .setFilters(16)
                                                .build())
                                .add(BatchNorm.builder().build())
                                .add(
                                        TensorialConv2d.builder()
                                                .setFormat(TensorFormats.tucker2(Rank.of(4)))
                                                .setKernelShape(new Shape(3, 3))
                                                .setFilters(16)
                                                .build())
                                .add(BatchNorm.builder().build());
                net.initialize(manager, dataType, input);
                List<Block> folded = new ArrayList<>();
                for (int n = 0; n < 20; n++) {
                    folded.add(BatchNormFolding.fold(net, input, manager));
                }
                List<double[]> before = numbers(folded);
                for (int round = 0; round < 3; round++) {
                    System.gc();
                    List<ByteBuffer> others = new ArrayList<>();
                    for (int n = 0; n < 200; n++) {
                        ByteBuffer other = ByteBuffer.allocateDirect(128 << (n % 8));
                        while (other.hasRemaining()) {
                            other.put((byte) 0x55);
                        }
                        others.add(other);
                    }
                    List<double[]> after = numbers(folded);
                    for (int n = 0; n < before.size(); n++) {
                        Assert.assertEquals(after.get(n), before.get(n), others.size() + "");
                    }
                }
            }
        }
    }

    private static List<double[]> numbers(List<Block> blocks) {
        return blocks.stream()
                .flatMap(block -> BlockTree.parameters(block).values().stream())
                .map(p -> RealArrays.toDouble(p.getArray()))
                .toList();
    }

    @Test
    public void aFoldedModelRecordsNoGradients() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Block folded = BatchNormFolding.fold(net, TinyNet.INPUT, manager);
            for (Parameter parameter : BlockTree.parameters(folded).values()) {
                Assert.assertFalse(parameter.getArray().hasGradient(), parameter.getName());
            }
        }
    }

    @Test
    public void normalisationsWhoseStatisticsAreKeptFoldToo() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            NDArray x = manager.randomNormal(TinyNet.INPUT);
            NDArray expected = TinyNet.forward(net, manager, x);
            Trainable.freezeStatistics(net);
            Block folded = BatchNormFolding.fold(net, TinyNet.INPUT, manager);
            Assert.assertEquals(norms(folded), 0);
            close(TinyNet.forward(folded, manager, x), expected);
        }
    }

    @Test
    public void otherDimensionsAndLinearLayersToo() {
        TensorFormat ring = TensorFormats.tensorRing(Rank.of(3));
        check(
                new SequentialBlock()
                        .add(
                                TensorialConv1d.builder()
                                        .setFormat(ring)
                                        .setKernelShape(new Shape(3))
                                        .setFilters(6)
                                        .build())
                        .add(BatchNorm.builder().build()),
                new Shape(2, 4, 9),
                1);
        check(
                new SequentialBlock()
                        .add(TensorialLinear.builder().setFormat(ring).setUnits(6).build())
                        .add(BatchNorm.builder().build())
                        .add(Linear.builder().setUnits(5).build())
                        .add(BatchNorm.builder().optScale(false).optCenter(false).build()),
                new Shape(3, 8),
                2);
    }

    /** Checks outputs, that the given tree is as it was, and that nothing is left in it. */
    private static void check(SequentialBlock net, Shape input, int expectedFolds) {
        try (NDManager manager = NDManager.newBaseManager();
                NDManager other = NDManager.newBaseManager()) {
            net.initialize(manager, DataType.FLOAT32, input);
            shake(net, manager);
            int before = manager.getManagedArrays().size();
            Block folded = BatchNormFolding.fold(net, input, other);
            Assert.assertEquals(manager.getManagedArrays().size(), before);
            Assert.assertEquals(
                    other.getManagedArrays().size(), folded.getParameters().size(), "arrays left");
            Assert.assertEquals(norms(net) - norms(folded), expectedFolds);
            NDArray x = other.randomNormal(input);
            close(TinyNet.forward(folded, other, x), TinyNet.forward(net, manager, x));
        }
    }

    /** Random parameters, positive variances among them. */
    private static void shake(Block net, NDManager manager) {
        net.getParameters()
                .values()
                .forEach(
                        p -> {
                            NDArray noise = manager.randomUniform(0.2f, 0.9f, p.getShape());
                            noise.copyTo(p.getArray());
                            noise.close();
                        });
    }

    private static long norms(Block net) {
        return BlockTree.leaves(net, net.getInputShapes()[0]).stream()
                .filter(leaf -> leaf.block() instanceof BatchNorm)
                .count();
    }

    private static void close(NDArray found, NDArray expected) {
        float scale = expected.abs().max().getFloat();
        float off = found.sub(expected).abs().max().getFloat();
        Assert.assertTrue(off <= CLOSE * scale, off + " off, values go to " + scale);
    }

    @Test
    public void theScaleIsOneMoreCoreUnlessOneHasAllOutputs() {
        Assert.assertEquals(
                network(TensorFormats.tensorRing(Rank.of(2))),
                "r0=2 i1=2 r1=2, r1 i2=2 r2=2, r2 h=3 w=3 r3=2, r3 o1=3 r4=2, r4 o2=2 r0, o1 o2");
        Assert.assertEquals(
                network(TensorFormats.tucker2(Rank.of(2))), "i=4 r1=2, r1 r2=2 h=3 w=3, r2 o=6");
    }

    private static String network(TensorFormat format) {
        SequentialBlock net =
                new SequentialBlock()
                        .add(
                                TensorialConv2d.builder()
                                        .setFormat(format)
                                        .setKernelShape(new Shape(3, 3))
                                        .setFilters(6)
                                        .build())
                        .add(BatchNorm.builder().build());
        Shape input = new Shape(1, 4, 5, 5);
        try (NDManager manager = NDManager.newBaseManager()) {
            net.initialize(manager, DataType.FLOAT32, input);
            Block layer = BatchNormFolding.fold(net, input, manager).getChildren().valueAt(0);
            TensorNetwork network = ((TensorialConv2d) layer).getNetwork();
            return network.toString();
        }
    }

    @DataProvider
    public Object[][] savedFormats() {
        return new Object[][] {
            {null}, {TensorFormats.tensorRing(Rank.of(2))}, {TensorFormats.tucker2(Rank.of(2))}
        };
    }

    /** A residual net with branches; dense where there is no format. */
    @Test(dataProvider = "savedFormats")
    public void aFoldedModelIsIndependentAndCanBeSaved(TensorFormat format) throws Exception {
        Path folder = Files.createTempDirectory("folded").resolve("saved");
        try (NDManager own = NDManager.newBaseManager()) {
            NDArray x = own.randomNormal(TinyNet.INPUT);
            NDArray expected;
            Model folded;
            try (Model model = Model.newInstance("tiny")) {
                Block net = TinyNet.initialized(model.getNDManager());
                if (format != null) {
                    net =
                            Tensorizer.builder()
                                    .setFormat(format)
                                    .optEvenIfLarger(true)
                                    .build()
                                    .convert(net, TinyNet.INPUT)
                                    .block();
                }
                model.setBlock(net);
                folded = BatchNormFolding.fold(model);
                expected = TinyNet.forward(net, model.getNDManager(), x);
                Assert.assertEquals(norms(net), 2);
            }
            // The model is closed, the folded one lives on.
            try (folded) {
                Assert.assertEquals(norms(folded.getBlock()), 0);
                close(TinyNet.forward(folded.getBlock(), folded.getNDManager(), x), expected);
                TensorialModels.save(
                        folded,
                        folder,
                        new SaveOptions().optBase(TinyNet.class, Map.of("classes", "4")));
            }
            try (Model loaded = TensorialModels.load(folder)) {
                NDArray found = TinyNet.forward(loaded.getBlock(), loaded.getNDManager(), x);
                close(found, expected);
                Assert.assertEquals(norms(loaded.getBlock()), 0);
                // And once more, from what knows its base by itself.
                TensorialModels.save(loaded, folder);
            }
            TensorialModels.load(folder).close();
        }
    }

    @Test
    public void otherNormalisationsStay() {
        Conv2d conv = Conv2d.builder().setKernelShape(new Shape(1, 1)).setFilters(3).build();
        SequentialBlock net =
                new SequentialBlock()
                        .add(BatchNorm.builder().build())
                        .add(conv)
                        .add(Activation.reluBlock())
                        .add(BatchNorm.builder().build())
                        .add(Conv2d.builder().setKernelShape(new Shape(1, 1)).setFilters(4).build())
                        .add(BatchNorm.builder().optAxis(2).build());
        check(net, new Shape(2, 3, 4, 4), 0);
    }

    @Test
    public void whatCannotBeFoldedIsRefused() {
        try (Model model = Model.newInstance("empty");
                NDManager manager = NDManager.newBaseManager()) {
            model.setBlock(TinyNet.block(4));
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> BatchNormFolding.fold(model));
            Assert.assertEquals(
                    e.getMessage(), "Model empty has no parameters yet; initialize or load it");

            SequentialBlock net = new SequentialBlock().add(LayerNorm.builder().build());
            net.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
            e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> BatchNormFolding.fold(net, new Shape(2, 3), manager));
            Assert.assertTrue(e.getMessage().contains("LayerNorm"), e.getMessage());
        }
    }
}
