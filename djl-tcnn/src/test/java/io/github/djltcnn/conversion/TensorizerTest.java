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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialSequential;
import java.util.ArrayList;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Conversion of layers and trees: what is computed stays, what cannot be converted is refused. */
public class TensorizerTest {

    @DataProvider
    public Object[][] geometries() {
        List<Object[]> cases = new ArrayList<>();
        TensorFormat[] formats = {
            TensorFormats.tucker2(Rank.max()), TensorFormats.tensorTrain(Rank.max())
        };
        for (TensorFormat format : formats) {
            for (int dimensions = 1; dimensions <= 3; dimensions++) {
                cases.add(new Object[] {format, dimensions, 1, 0, 1, 1, true});
                cases.add(new Object[] {format, dimensions, 2, 1, 1, 1, false});
                cases.add(new Object[] {format, dimensions, 1, 2, 2, 1, true});
                cases.add(new Object[] {format, dimensions, 3, 1, 1, 2, true});
                cases.add(new Object[] {format, dimensions, 2, 0, 2, 4, false});
            }
        }
        return cases.toArray(Object[][]::new);
    }

    @Test(dataProvider = "geometries")
    public void atFullRankALayerComputesTheSame(
            TensorFormat format,
            int dimensions,
            int stride,
            int padding,
            int dilation,
            int groups,
            boolean bias) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Convolution.ConvolutionBuilder<?> builder =
                    dimensions == 1
                            ? Conv1d.builder()
                            : dimensions == 2 ? Conv2d.builder() : Conv3d.builder();
            // Strides differ by axis: (1, 2) and the like.
            builder.setKernelShape(shape(dimensions, 3, 0));
            builder.setFilters(12);
            builder.optStride(shape(dimensions, stride, -1));
            builder.optPadding(shape(dimensions, padding, 0));
            builder.optDilation(shape(dimensions, dilation, 0));
            builder.optGroups(groups);
            builder.optBias(bias);
            Block conv =
                    builder instanceof Conv1d.Builder b
                            ? b.build()
                            : builder instanceof Conv2d.Builder b
                                    ? b.build()
                                    : ((Conv3d.Builder) builder).build();
            Shape input = new Shape(2, 8).addAll(shape(dimensions, 9, 1));
            conv.initialize(manager, DataType.FLOAT32, input);
            conv.getParameters()
                    .values()
                    .forEach(p -> manager.randomNormal(p.getShape()).copyTo(p.getArray()));
            NDArray x = manager.randomNormal(input);
            NDArray expected = TinyNet.forward(conv, manager, x);

            Conversion conversion =
                    Tensorizer.builder()
                            .setFormat(format)
                            .optEvenIfLarger(true)
                            .build()
                            .convert(conv, input);
            Assert.assertTrue(conversion.block() instanceof TensorialBlock);
            Assert.assertEquals(conversion.report().converted(), 1);
            Assert.assertTrue(conversion.report().layers().get(0).relativeError() < 1e-6);
            NDArray found = TinyNet.forward(conversion.block(), manager, x);
            close(found, expected, 1e-4);

            Block merged = Tensorizer.merge(conversion.block(), input);
            Assert.assertEquals(merged.getClass(), conv.getClass());
            close(TinyNet.forward(merged, manager, x), found, 1e-5);
        }
    }

    private static Shape shape(int dimensions, int size, int step) {
        long[] sizes = new long[dimensions];
        for (int axis = 0; axis < dimensions; axis++) {
            sizes[axis] = Math.max(Math.min(size, 1), size + axis * step);
        }
        return new Shape(sizes);
    }

    private static void close(NDArray found, NDArray expected, double tolerance) {
        Assert.assertEquals(found.getShape(), expected.getShape());
        float scale = expected.abs().max().getFloat();
        float difference = found.sub(expected).abs().max().getFloat();
        Assert.assertTrue(
                difference <= tolerance * scale, difference + " off, where values go to " + scale);
    }

    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {TensorFormats.tucker2(Rank.max())},
            {TensorFormats.tensorTrain(Rank.max())},
            {TensorFormats.tensorTrainMatrix(Rank.max())},
        };
    }

    @Test(dataProvider = "formats")
    public void atFullRankATreeComputesTheSameThereAndBack(TensorFormat format) {
        try (NDManager manager = NDManager.newBaseManager();
                NDManager own = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            NDArray x = own.randomNormal(TinyNet.INPUT);
            NDArray expected = TinyNet.forward(net, manager, x);
            int before = manager.getManagedArrays().size();
            Conversion conversion =
                    Tensorizer.builder()
                            .setFormat(format)
                            .optEvenIfLarger(true)
                            .build()
                            .convert(net, TinyNet.INPUT);
            // A plain root becomes one that trains faster, with the same children under their keys.
            Assert.assertTrue(conversion.block() instanceof TensorialSequential);
            Assert.assertEquals(conversion.block().getChildren().keys(), net.getChildren().keys());
            Assert.assertEquals(
                    conversion.block().getChildren().values(), net.getChildren().values());
            Assert.assertEquals(conversion.block().getInputShapes(), net.getInputShapes());
            Assert.assertEquals(
                    BlockTree.parameters(conversion.block()), BlockTree.parameters(net));
            close(TinyNet.forward(conversion.block(), manager, x), expected, 1e-4);
            Assert.assertEquals(conversion.report().converted(), 4);
            close(TinyNet.forward(net, manager, x), expected, 1e-4);
            Assert.assertSame(Tensorizer.merge(net, TinyNet.INPUT), net);
            close(TinyNet.forward(net, manager, x), expected, 1e-4);
            List<LayerReport> layers = conversion.report().layers();
            Assert.assertEquals(layers.stream().map(LayerReport::path).toList(), TinyNet.PATHS);
            // Neither way leaves an array of a layer behind.
            Assert.assertEquals(manager.getManagedArrays().size(), before);
        }
    }

    @Test
    public void aPlanChangesNothingAndSaysWhatAConversionDoes() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(TensorFormats::tucker2)
                            .optRank(Rank.ratio(0.4))
                            .build();
            List<Block> blocks = net.getChildren().values();
            int arrays = manager.getManagedArrays().size();
            ConversionReport plan = tensorizer.plan(net, TinyNet.INPUT);
            Assert.assertEquals(net.getChildren().values(), blocks);
            Assert.assertEquals(manager.getManagedArrays().size(), arrays);
            ConversionReport done = tensorizer.convert(net, TinyNet.INPUT).report();
            Assert.assertEquals(plan.parametersAfter(), done.parametersAfter());
            Assert.assertEquals(plan.macsAfter(), done.macsAfter());
            Assert.assertTrue(Double.isNaN(plan.layer("01Conv2d").relativeError()));
            Assert.assertTrue(done.layer("01Conv2d").relativeError() > 0);
            Assert.assertTrue(done.parametersAfter() < done.parametersBefore());
            long found =
                    net.getParameters().values().stream().mapToLong(p -> p.getShape().size()).sum();
            Assert.assertEquals(done.parametersAfter(), found);
            Assert.assertEquals(ModelSummary.of(net, TinyNet.INPUT).macs(), done.macsAfter());
        }
    }

    @Test
    public void ranksFittedToAnErrorKeepIt() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.error(0.3)))
                            .optEvenIfLarger(true)
                            .build()
                            .convert(net, TinyNet.INPUT)
                            .report();
            Assert.assertEquals(report.converted(), 4);
            for (LayerReport layer : report.layers()) {
                Assert.assertTrue(layer.relativeError() <= 0.3, layer.toString());
            }
        }
    }

    @Test
    public void ranksForTheWholeModelKeepItsBudget() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Rank rank : new Rank[] {Rank.targetParameters(0.6), Rank.targetMacs(0.6)}) {
                SequentialBlock net = TinyNet.initialized(manager);
                Tensorizer tensorizer =
                        Tensorizer.builder()
                                .setFormat(TensorFormats::tucker2)
                                .optRank(rank)
                                .optKeepFirst(true)
                                .build();
                ConversionReport plan = tensorizer.plan(net, TinyNet.INPUT);
                ConversionReport report = tensorizer.convert(net, TinyNet.INPUT).report();
                Assert.assertEquals(plan.parametersAfter(), report.parametersAfter());
                boolean macs = rank.equals(Rank.targetMacs(0.6));
                double share =
                        macs
                                ? (double) macs(net) / report.macsBefore()
                                : (double) report.parametersAfter() / report.parametersBefore();
                Assert.assertTrue(share <= 0.6, rank + " came to " + share);
                Assert.assertTrue(share > 0.3, rank + " came to " + share);
                Assert.assertEquals(report.layer("01Conv2d").skipped(), "first layer, kept");
            }
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    Tensorizer.builder()
                                            .setFormat(TensorFormats::cp)
                                            .optRank(Rank.targetMacs(0.5))
                                            .build()
                                            .convert(TinyNet.block(4), TinyNet.INPUT));
            Assert.assertTrue(e.getMessage().contains("needs trained weights"), e.getMessage());
        }
    }

    /** With the cores applied one after another: the planner may choose a faster order of more. */
    private static long macs(Block net) {
        long macs = 0;
        for (BlockTree.Leaf leaf : BlockTree.leaves(net, TinyNet.INPUT)) {
            KernelLayer kernel = KernelLayer.of(leaf.block(), leaf.input());
            if (leaf.block() instanceof TensorialBlock tensorial) {
                macs += tensorial.getNetwork().macs(kernel.geometry(), kernel.input());
            } else if (kernel != null) {
                macs += kernel.denseMacs();
            }
        }
        return macs;
    }

    @Test
    public void layersThatStaySayWhy() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tensorRing(Rank.of(3)))
                            .optKeepFirst(true)
                            .optFilter(path -> !path.startsWith("06"))
                            .build()
                            .convert(net, TinyNet.INPUT)
                            .report();
            Assert.assertEquals(report.layer("01Conv2d").skipped(), "first layer, kept");
            Assert.assertEquals(report.layer("06Linear").skipped(), "filtered out");
            Assert.assertTrue(
                    report.layer(TinyNet.PATHS.get(2)).skipped().startsWith("would grow: 96 -> "));
            Assert.assertTrue(report.layer(TinyNet.PATHS.get(1)).isConverted());
            Assert.assertTrue(net.getChildren().get("01Conv2d") instanceof Conv2d);
            Assert.assertTrue(report.toString().contains("1 of 4 layers converted"));
            Assert.assertTrue(report.toMarkdown().startsWith("| layer | format |"));
            Assert.assertTrue(report.toJson().contains("\"macsAfter\""));
            ConversionReport again =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tensorRing(Rank.of(3)))
                            .build()
                            .plan(net, TinyNet.INPUT);
            Assert.assertEquals(again.layer(TinyNet.PATHS.get(1)).skipped(), "tensorial already");
        }
    }

    @Test
    public void aFailureHalfWayLeavesTheTreeAsItWas() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Parameter last = net.getParameters().get("06Linear_weight");
            last.getArray().set(new NDIndex("1, 2"), Float.NaN);
            List<Block> blocks = net.getChildren().values();
            int arrays = manager.getManagedArrays().size();
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .optEvenIfLarger(true)
                            .build();
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> tensorizer.convert(net, TinyNet.INPUT));
            Assert.assertTrue(
                    e.getMessage().startsWith("Cannot convert 06Linear: "), e.getMessage());
            Assert.assertEquals(net.getChildren().values(), blocks);
            Assert.assertEquals(manager.getManagedArrays().size(), arrays);
            Assert.assertTrue(net.isInitialized());
        }
    }

    /** Calls its convolution from a field. */
    private static final class Head extends AbstractBlock {

        private final Block conv =
                Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(32).build();

        Head() {
            addChildBlock("conv", conv);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            return conv.forward(store, inputs, training);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return conv.getOutputShapes(inputs);
        }

        @Override
        public void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
            conv.initialize(manager, type, shapes);
        }
    }

    /** A sequence of its own kind: twice through its children. */
    private static final class Twice extends SequentialBlock {

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            NDList once = super.forwardInternal(store, inputs, training, params);
            return super.forwardInternal(store, once, training, params);
        }
    }

    @Test
    public void aLayerInABlockOfAnotherKindIsRefusedByItsPath() {
        SequentialBlock net = new SequentialBlock().add(new Head());
        Tensorizer.Builder builder =
                Tensorizer.builder().setFormat(TensorFormats.tucker2(Rank.of(4)));
        Shape input = new Shape(1, 16, 8, 8);
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> builder.build().convert(net, input));
        Assert.assertTrue(
                e.getMessage().startsWith("Cannot convert 01Head.conv: its holder 01Head is a "),
                e.getMessage());
        ConversionReport report =
                builder.optFilter(path -> !path.equals("01Head.conv"))
                        .build()
                        .convert(net, input)
                        .report();
        Assert.assertEquals(report.layers(), List.of());

        Twice twice = new Twice();
        twice.add(Conv2d.builder().setKernelShape(new Shape(1, 1)).setFilters(16).build());
        Assert.assertThrows(
                IllegalArgumentException.class,
                () ->
                        Tensorizer.builder()
                                .setFormat(TensorFormats.tucker2(Rank.of(4)))
                                .build()
                                .convert(twice, input));
    }

    @Test
    public void aLayerThatStandsInTwoPlacesStaysOne() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block shared =
                    Conv2d.builder()
                            .setKernelShape(new Shape(3, 3))
                            .optPadding(new Shape(1, 1))
                            .setFilters(8)
                            .build();
            SequentialBlock net = new SequentialBlock().add(shared).add(shared);
            Shape input = new Shape(1, 8, 5, 5);
            net.initialize(manager, DataType.FLOAT32, input);
            NDArray x = manager.randomNormal(input);
            NDArray expected = TinyNet.forward(net, manager, x);
            Tensorizer.builder()
                    .setFormat(TensorFormats.tucker2(Rank.max()))
                    .optEvenIfLarger(true)
                    .build()
                    .convert(net, input);
            List<Block> children = net.getChildren().values();
            Assert.assertTrue(children.get(0) instanceof TensorialBlock);
            Assert.assertSame(children.get(0), children.get(1));
            close(TinyNet.forward(net, manager, x), expected, 1e-4);
        }
    }

    @Test
    public void layersStartAfreshWhenAskedOrWithoutWeights() {
        Tensorizer tensorizer =
                Tensorizer.builder()
                        .setFormat(TensorFormats.tucker2(Rank.of(3)))
                        .optFresh(true)
                        .optInitializer(TensorialInitializer.fanOut().withSeed(3))
                        .build();
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            float[] bias = net.getParameters().get("01Conv2d_bias").getArray().toFloatArray();
            ConversionReport report = tensorizer.convert(net, TinyNet.INPUT).report();
            Assert.assertTrue(Double.isNaN(report.layer("01Conv2d").relativeError()));
            Assert.assertTrue(net.isInitialized());
            Assert.assertEquals(
                    net.getParameters().get("01Conv2d_bias").getArray().toFloatArray(), bias);

            SequentialBlock blank = TinyNet.block(4);
            tensorizer.convert(blank, TinyNet.INPUT);
            Assert.assertFalse(blank.isInitialized());
            blank.initialize(manager, DataType.FLOAT32, TinyNet.INPUT);
            NDArray y = TinyNet.forward(blank, manager, manager.ones(TinyNet.INPUT));
            Assert.assertEquals(y.getShape(), new Shape(2, 4));
        }
    }

    @Test
    public void frozenLayersStayFrozen() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block linear = Linear.builder().setUnits(16).build();
            linear.initialize(manager, DataType.FLOAT64, new Shape(2, 32));
            linear.freezeParameters(true);
            Block tensorial =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .build()
                            .convert(linear, new Shape(2, 32))
                            .block();
            for (Parameter parameter : tensorial.getParameters().values()) {
                Assert.assertFalse(parameter.requiresGradient(), parameter.getName());
                Assert.assertEquals(parameter.getArray().getDataType(), DataType.FLOAT64);
            }
            for (Parameter p :
                    Tensorizer.merge(tensorial, new Shape(2, 32)).getParameters().values()) {
                Assert.assertFalse(p.requiresGradient(), p.getName());
            }
        }
    }

    @Test
    public void whatIsMissingIsSaid() {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> Tensorizer.builder().build());
        Assert.assertTrue(e.getMessage().startsWith("setFormat is required"), e.getMessage());
        e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> Tensorizer.builder().setFormat(TensorFormats::cp).build());
        Assert.assertTrue(e.getMessage().startsWith("optRank is required"), e.getMessage());
        e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                Tensorizer.builder()
                                        .setFormat(TensorFormats.cp(Rank.of(2)))
                                        .build()
                                        .plan(TinyNet.block(4), new Shape(1, 3, 8)));
        Assert.assertTrue(
                e.getMessage().startsWith("Layer 01Conv2d (Conv2d) does not take"), e.getMessage());
    }
}
