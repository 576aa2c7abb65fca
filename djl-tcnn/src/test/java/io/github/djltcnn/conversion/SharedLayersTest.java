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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.training.Trainable;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A layer that stands in several places is one layer, and has its parameters once. */
public class SharedLayersTest {

    private static final Shape INPUT = new Shape(1, 8, 6, 6);

    private static Conv2d convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1))
                .optBias(true)
                .build();
    }

    /** The same convolution in three places, two of them within one block that stands twice. */
    private static SequentialBlock net(NDManager manager) {
        Conv2d shared = convolution(12);
        SequentialBlock unit = new SequentialBlock().add(shared).add(Activation.reluBlock());
        SequentialBlock net =
                new SequentialBlock().add(convolution(12)).add(shared).add(unit).add(unit);
        net.initialize(manager, DataType.FLOAT32, INPUT);
        return net;
    }

    private static long parameters(Block block) {
        return BlockTree.parameters(block).values().stream()
                .mapToLong(p -> p.getArray().size())
                .sum();
    }

    @DataProvider
    public Object[][] ranks() {
        return new Object[][] {
            {Rank.ratio(0.4)},
            {Rank.error(0.5)},
            {Rank.targetParameters(0.5)},
            {Rank.targetMacs(0.5)}
        };
    }

    @Test(dataProvider = "ranks")
    public void parametersAreCountedOnceAndMultiplyAddsPerPlace(Rank rank) {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager);
            long before = parameters(net);
            ModelSummary summary = ModelSummary.of(net, INPUT);
            Assert.assertEquals(summary.parameters(), before);
            Assert.assertEquals(summary.trainable(), before);
            Assert.assertEquals(Trainable.status(net).parameters(), before);
            long macs = 36 * 9 * 12 * (8 + 3 * 12);
            Assert.assertEquals(summary.macs(), macs);
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(TensorFormats::tucker2)
                            .optRank(rank)
                            .build()
                            .convert(net, INPUT)
                            .report();
            Assert.assertEquals(report.parametersBefore(), before);
            Assert.assertEquals(report.parametersAfter(), parameters(net));
            Assert.assertEquals(report.bytesAfter(), 4 * parameters(net));
            Assert.assertEquals(report.macsBefore(), macs);
            // A budget may leave a layer as it is.
            int converted = rank.equals(Rank.targetMacs(0.5)) ? 1 : 2;
            Assert.assertEquals(report.converted(), converted);
            Assert.assertTrue(report.toString().contains(converted + " of 2 layers converted"));
            Assert.assertEquals(ModelSummary.of(net, INPUT).parameters(), parameters(net));
            Assert.assertEquals(ModelSummary.of(net, INPUT).macs(), report.macsAfter());
            if (rank.equals(Rank.targetParameters(0.5))) {
                Assert.assertTrue(parameters(net) <= 0.5 * before, parameters(net) + "");
                Assert.assertTrue(parameters(net) > 0.3 * before, parameters(net) + "");
            }
            Assert.assertEquals(
                    report.layers().stream().map(LayerReport::sharedWith).toList(),
                    List.of("", "", "02Conv2d", "02Conv2d"));
        }
    }

    /** The budget of multiply-adds counts a shared layer in each of its places. */
    @Test
    public void aBudgetOfMultiplyAddsKnowsAllPlaces() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager);
            Tensorizer.builder()
                    .setFormat(TensorFormats::tucker2)
                    .optRank(Rank.targetMacs(0.5))
                    .build()
                    .convert(net, INPUT);
            long macs = 0;
            for (BlockTree.Leaf leaf : BlockTree.leaves(net, INPUT)) {
                if (leaf.block() instanceof TensorialConv2d conv) {
                    macs += conv.getNetwork().macs(conv.getGeometry(), leaf.input());
                } else if (leaf.block() instanceof Conv2d) {
                    macs += 36L * 9 * 12 * leaf.input().get(1);
                }
            }
            long dense = 36L * 9 * 12 * (8 + 3 * 12);
            Assert.assertTrue(macs <= 0.5 * dense, macs + " of " + dense);
            Assert.assertTrue(macs > 0.3 * dense, macs + " of " + dense);
        }
    }

    @Test
    public void theSameBlockIsInAllPlacesAfterwards() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager);
            NDArray x = manager.randomNormal(INPUT);
            NDArray expected = TinyNet.forward(net, manager, x);
            Tensorizer.builder()
                    .setFormat(TensorFormats.tucker2(Rank.max()))
                    .optEvenIfLarger(true)
                    .build()
                    .convert(net, INPUT);
            List<Block> places =
                    BlockTree.leaves(net, INPUT).stream()
                            .map(BlockTree.Leaf::block)
                            .filter(TensorialConv2d.class::isInstance)
                            .toList();
            Assert.assertEquals(places.size(), 4);
            Assert.assertSame(places.get(1), places.get(2));
            Assert.assertSame(places.get(1), places.get(3));
            close(TinyNet.forward(net, manager, x), expected);
            Tensorizer.merge(net, INPUT);
            close(TinyNet.forward(net, manager, x), expected);
        }
    }

    /** Converted in one place only, the weights of the other would be gone. */
    @Test
    public void aLayerThatStaysInOnePlaceStaysInAll() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager);
            NDArray x = manager.randomNormal(INPUT);
            NDArray expected = TinyNet.forward(net, manager, x);
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .optFilter(path -> !path.startsWith("02") && !path.startsWith("01"))
                            .build()
                            .convert(net, INPUT)
                            .report();
            Assert.assertEquals(report.converted(), 0);
            for (LayerReport layer : report.layers()) {
                Assert.assertEquals(layer.skipped(), "filtered out");
            }
            close(TinyNet.forward(net, manager, x), expected);
        }
    }

    @Test
    public void onlyTheFirstPlaceOfASharedFirstLayerNeedNotStay() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Conv2d shared = convolution(8);
            SequentialBlock net = new SequentialBlock().add(shared).add(shared);
            net.initialize(manager, DataType.FLOAT32, INPUT);
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .optKeepFirst(true)
                            .build()
                            .convert(net, INPUT)
                            .report();
            Assert.assertEquals(report.layers().get(1).skipped(), "first layer, kept");
            Assert.assertTrue(
                    shared.getDirectParameters().values().stream()
                            .allMatch(Parameter::isInitialized));
        }
    }

    private static void close(NDArray found, NDArray expected) {
        float scale = expected.abs().max().getFloat();
        Assert.assertTrue(found.sub(expected).abs().max().getFloat() <= 1e-4 * scale);
    }
}
