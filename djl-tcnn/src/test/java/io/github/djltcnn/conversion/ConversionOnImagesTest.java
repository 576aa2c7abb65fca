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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.statistics.ModelStatistics;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Conversions that look at images. */
@Test(singleThreaded = true)
public class ConversionOnImagesTest {

    private static final int IMAGES = 96;

    /** Images whose channels and neighbours are much alike, as those of the world are. */
    private static NDArray images(NDManager manager, DataType type) {
        NDArray noise = manager.randomNormal(new Shape(IMAGES, 1, 4, 4));
        NDArray large = noise.repeat(2, 2).repeat(3, 2);
        NDArray all = large.concat(large.mul(-0.5f), 1).concat(large.mul(0.3f), 1);
        return all.add(manager.randomNormal(all.getShape()).mul(0.2f)).toType(type, false);
    }

    private static Dataset dataset(NDArray images) {
        return new ArrayDataset.Builder().setData(images).setSampling(32, false).build();
    }

    private static Tensorizer.Builder builder(TensorFormat format) {
        return Tensorizer.builder().setFormat(format).optEvenIfLarger(true);
    }

    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {TensorFormats.tucker2(Rank.upTo(3)), DataType.FLOAT32},
            {TensorFormats.tensorTrain(Rank.upTo(3)), DataType.FLOAT32},
            {TensorFormats.cp(Rank.upTo(4)), DataType.FLOAT64},
            {TensorFormats.tucker2(Rank.targetParameters(0.5)), DataType.FLOAT32},
            {TensorFormats.tensorRing(Rank.bestRatio(0.5)), DataType.FLOAT32},
        };
    }

    /**
     * The answers are nearer than those of a conversion by kernels, with statistics measured anew.
     */
    @Test(dataProvider = "formats")
    public void theAnswersAreKept(TensorFormat format, DataType type) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray images = images(manager, type);
            double plain = distance(manager, images, builder(format), type);
            double fitted =
                    distance(
                            manager,
                            images,
                            builder(format).optImages(dataset(images), IMAGES),
                            type);
            Assert.assertTrue(fitted < plain, fitted + " against " + plain);
        }
    }

    private static double distance(
            NDManager manager, NDArray images, Tensorizer.Builder builder, DataType type) {
        manager.getEngine().setRandomSeed(5);
        SequentialBlock like = TinyNet.initialized(manager);
        SequentialBlock net = TinyNet.block(4);
        net.initialize(manager, type, TinyNet.INPUT);
        for (int n = 0; n < net.getParameters().size(); n++) {
            like.getParameters()
                    .valueAt(n)
                    .getArray()
                    .toType(type, true)
                    .copyTo(net.getParameters().valueAt(n).getArray());
        }
        NDArray before = TinyNet.forward(net, manager, images);
        Conversion conversion = builder.build().convert(net, TinyNet.INPUT);
        Assert.assertTrue(conversion.report().converted() > 0);
        NDArray after = TinyNet.forward(conversion.block(), manager, images);
        double[] a = RealArrays.toDouble(before);
        double[] b = RealArrays.toDouble(after);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    @Test
    public void reportsSayWhatTheAnswersLose() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            NDArray images = images(manager, DataType.FLOAT32);
            Tensorizer tensorizer =
                    builder(TensorFormats.tucker2(Rank.upTo(3)))
                            .optImages(dataset(images), 50)
                            .build();
            int arrays = manager.getManagedArrays().size();
            ConversionReport planned = tensorizer.plan(net, TinyNet.INPUT);
            Assert.assertEquals(manager.getManagedArrays().size(), arrays);
            Assert.assertEquals(planned.converted(), 4);
            ConversionReport report = tensorizer.convert(net, TinyNet.INPUT).report();
            for (LayerReport layer : report.layers()) {
                Assert.assertTrue(layer.weightedError() >= 0, layer.path());
                Assert.assertTrue(layer.weightedError() <= 1, layer.path());
            }
        }
    }

    /** Without images each layer is fitted by itself to what was measured. */
    @Test
    public void statisticsAloneWeighKernels() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            NDArray images = images(manager, DataType.FLOAT32);
            ModelStatistics statistics =
                    ModelStatistics.of(net, List.of(new NDList(images)), 0, null);
            ConversionReport report =
                    builder(TensorFormats.tucker2(Rank.targetParameters(0.6)))
                            .optStatistics(statistics)
                            .build()
                            .convert(net, TinyNet.INPUT)
                            .report();
            Assert.assertTrue(report.converted() > 0);
            for (LayerReport layer : report.layers()) {
                Assert.assertEquals(layer.isConverted(), layer.weightedError() >= 0);
            }
        }
    }

    /** Whatever fails, blocks, numbers and arrays are those there were. */
    @Test
    public void aFailureLeavesTheModelAsItWas() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            NDArray images = images(manager, DataType.FLOAT32);
            TensorFormat format = TensorFormats.tucker2(Rank.upTo(3));
            unharmed(
                    net,
                    manager,
                    IllegalArgumentException.class,
                    builder(format).optImages(new Empty(), 5));
            NDArray small = manager.ones(new Shape(4, 2, 8, 8));
            unharmed(
                    net,
                    manager,
                    IllegalArgumentException.class,
                    builder(format).optImages(dataset(small), 5));
            unharmed(
                    net,
                    manager,
                    CancellationException.class,
                    builder(format)
                            .optImages(dataset(images), 64)
                            .optProgress(new InterruptsAt("Fitting", 2)));
            Assert.assertTrue(Thread.interrupted());
            unharmed(
                    net,
                    manager,
                    IllegalStateException.class,
                    builder(format)
                            .optImages(dataset(images), 64)
                            .optProgress(new FailsAt("Fitting", 3)));
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> builder(format).optImages(new Empty(), 0));
            // A dataset that ends early is all there is.
            builder(format).optImages(dataset(images), 10_000).build().convert(net, TinyNet.INPUT);
        }
    }

    private static <T extends Throwable> void unharmed(
            SequentialBlock net, NDManager manager, Class<T> type, Tensorizer.Builder builder) {
        List<Block> blocks = net.getChildren().values();
        Map<String, double[]> numbers = new LinkedHashMap<>();
        BlockTree.parameters(net)
                .forEach((n, p) -> numbers.put(n, RealArrays.toDouble(p.getArray())));
        int arrays = manager.getManagedArrays().size();
        Tensorizer tensorizer = builder.build();
        Assert.expectThrows(type, () -> tensorizer.convert(net, TinyNet.INPUT));
        Assert.assertEquals(net.getChildren().values(), blocks);
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
        BlockTree.parameters(net)
                .forEach(
                        (n, p) ->
                                Assert.assertEquals(
                                        RealArrays.toDouble(p.getArray()), numbers.get(n), n));
    }

    /** A dataset without images. */
    private static final class Empty implements Dataset {

        @Override
        public Iterable<Batch> getData(NDManager manager) {
            return List.of();
        }

        @Override
        public void prepare(Progress progress) throws IOException {
            // nothing to prepare
        }
    }

    /** Interrupts its thread at a step of a stage. */
    private static final class InterruptsAt extends At {

        InterruptsAt(String stage, int step) {
            super(stage, step);
        }

        @Override
        void act() {
            Thread.currentThread().interrupt();
        }
    }

    /** Fails at a step of a stage. */
    private static final class FailsAt extends At {

        FailsAt(String stage, int step) {
            super(stage, step);
        }

        @Override
        void act() {
            throw new IllegalStateException("no more");
        }
    }

    /** Does something at a step of a stage. */
    private abstract static class At implements Progress {

        private final String stage;
        private final int step;
        private String now = "";
        private int count;

        At(String stage, int step) {
            this.stage = stage;
            this.step = step;
        }

        abstract void act();

        @Override
        public void reset(String message, long max, String trailingMessage) {
            now = message;
            count = 0;
        }

        @Override
        public void start(long initialProgress) {
            // counted from 0
        }

        @Override
        public void end() {
            // nothing to show
        }

        @Override
        public void increment(long increment) {
            count++;
            if (now.equals(stage) && count == step) {
                act();
            }
        }

        @Override
        public void update(long progress, String message) {
            // increments are enough
        }
    }
}
