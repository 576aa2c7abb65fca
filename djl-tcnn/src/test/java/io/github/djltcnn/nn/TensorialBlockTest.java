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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.NoopTranslator;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.TensorialInitializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Life of the blocks: parameters, initializers, files, memory, threads. */
public class TensorialBlockTest {

    private static final Shape INPUT = new Shape(2, 4, 6, 6);

    private static TensorialConv2d conv(TensorFormat format) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(8)
                .optPadding(new Shape(1, 1))
                .optName("body.conv")
                .build();
    }

    private static SequentialBlock net(int rank) {
        return new SequentialBlock()
                .add(conv(TensorFormats.tensorRing(Rank.of(rank))))
                .add(Activation::relu)
                .add(
                        new ParallelBlock(
                                        lists ->
                                                new NDList(
                                                        lists.get(0)
                                                                .singletonOrThrow()
                                                                .add(
                                                                        lists.get(1)
                                                                                .singletonOrThrow())))
                                .add(conv(TensorFormats.tucker2(Rank.of(rank))))
                                .add(conv(TensorFormats.cp(Rank.of(rank)))))
                .add(Blocks.batchFlattenBlock())
                .add(
                        TensorialLinear.builder()
                                .setFormat(TensorFormats.tensorTrain(Rank.of(rank)))
                                .setUnits(3)
                                .build());
    }

    @Test
    public void parametersAreTheCoresInOrder() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.tucker2(Rank.of(2, 3)));
            Assert.assertEquals(conv.getParameters().keys(), List.of("core", "bias"));
            conv.initialize(manager, DataType.FLOAT32, INPUT);
            Assert.assertEquals(
                    conv.getParameters().keys(), List.of("core1", "core2", "core3", "bias"));
            Assert.assertEquals(
                    conv.getParameters().get("core2").getArray().getShape(), new Shape(2, 3, 3, 3));
            Assert.assertEquals(conv.getParameters().get("core1").getType(), Parameter.Type.WEIGHT);
            Assert.assertTrue(conv.getParameters().get("core1").getArray().hasGradient());
        }
    }

    @Test
    public void aForeignInitializerIsHonoured() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(2);
            net.setInitializer(new ConstantInitializer(0.5f), Parameter.Type.WEIGHT);
            net.initialize(manager, DataType.FLOAT32, INPUT);
            net.getParameters()
                    .forEach(
                            pair -> {
                                if (pair.getValue().getType() == Parameter.Type.WEIGHT) {
                                    Assert.assertEquals(
                                            pair.getValue().getArray().mean().getFloat(), 0.5f);
                                }
                            });
        }
    }

    @Test
    public void theConfigurationReachesEveryLayer() {
        try (Model model = Model.newInstance("net")) {
            model.setBlock(net(2));
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optInitializer(
                                    TensorialInitializer.fanOut().withSeed(5),
                                    Parameter.Type.WEIGHT);
            float[] first;
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(INPUT);
                first = flat(model.getBlock());
            }
            SequentialBlock again = net(2);
            again.setInitializer(TensorialInitializer.fanOut().withSeed(5), Parameter.Type.WEIGHT);
            again.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            Assert.assertEquals(first, flat(again));
            SequentialBlock other = net(2);
            other.setInitializer(TensorialInitializer.fanOut().withSeed(6), Parameter.Type.WEIGHT);
            other.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            Assert.assertFalse(Arrays.equals(first, flat(other)));
        }
    }

    private static float[] flat(Block block) {
        List<Float> values = new ArrayList<>();
        for (Parameter parameter : block.getParameters().values()) {
            for (float value : parameter.getArray().toFloatArray()) {
                values.add(value);
            }
        }
        float[] flat = new float[values.size()];
        for (int n = 0; n < flat.length; n++) {
            flat[n] = values.get(n);
        }
        return flat;
    }

    @Test
    public void aSingleCoreCanHaveItsOwnInitializerOnceItIsThere() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.tucker2(Rank.of(2)));
            conv.initialize(manager, DataType.FLOAT32, INPUT);
            conv.getParameters().values().forEach(Parameter::close);
            conv.setInitializer(new ConstantInitializer(3), "core2");
            conv.initialize(manager, DataType.FLOAT32, INPUT);
            Assert.assertEquals(conv.getParameters().get("core2").getArray().mean().getFloat(), 3f);
            Assert.assertNotEquals(
                    conv.getParameters().get("core1").getArray().mean().getFloat(), 3f);
            // The next network draws afresh, with another number of channels.
            conv.getParameters().values().forEach(Parameter::close);
            conv.setInitializer(TensorialInitializer.fanIn(), Parameter.Type.WEIGHT);
            conv.initialize(manager, DataType.FLOAT32, new Shape(1, 6, 6, 6));
            Assert.assertEquals(conv.getNetwork().inputChannels(), 6);
        }
    }

    @Test
    public void frozenBeforeIsFrozenAfter() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.tucker2(Rank.of(2)));
            conv.freezeParameters(true);
            conv.initialize(manager, DataType.FLOAT32, INPUT);
            conv.getParameters()
                    .values()
                    .forEach(parameter -> Assert.assertFalse(parameter.requiresGradient()));
        }
    }

    @Test
    public void savedAndLoadedPredictsTheSame() throws Exception {
        Path dir = Files.createTempDirectory("tensorial");
        float[] before;
        try (Model model = Model.newInstance("net")) {
            model.setBlock(net(3));
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                    .optOptimizer(
                                            Optimizer.sgd()
                                                    .setLearningRateTracker(Tracker.fixed(0.05f))
                                                    .build()))) {
                trainer.initialize(INPUT);
                train(trainer, 3);
            }
            before = predict(model);
            model.save(dir, "net");
        }
        try (Model model = Model.newInstance("net")) {
            model.setBlock(net(3));
            model.load(dir, "net");
            Assert.assertEquals(predict(model), before);
            // A loaded block can be trained further.
            try (Trainer trainer =
                    model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()))) {
                trainer.initialize(INPUT);
                train(trainer, 1);
            }
            Assert.assertNotEquals(predict(model), before);
        }
        try (Model model = Model.newInstance("net")) {
            model.setBlock(net(4));
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> model.load(dir, "net"));
            Assert.assertTrue(e.getMessage().contains("body.conv"), e.getMessage());
            Assert.assertTrue(e.getMessage().contains("TR(4)"), e.getMessage());
            Assert.assertTrue(e.getMessage().contains("r0=3"), e.getMessage());
        }
    }

    private static void train(Trainer trainer, int steps) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            NDArray x = manager.arange(2 * 4 * 36).toType(DataType.FLOAT32, false).div(288);
            NDArray labels = manager.create(new int[] {0, 2});
            for (int step = 0; step < steps; step++) {
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDList output = trainer.forward(new NDList(x.reshape(INPUT)));
                    collector.backward(trainer.getLoss().evaluate(new NDList(labels), output));
                }
                trainer.step();
            }
        }
    }

    private static float[] predict(Model model) throws Exception {
        try (NDManager manager = model.getNDManager().newSubManager();
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
            NDArray x = manager.arange(2 * 4 * 36).toType(DataType.FLOAT32, false).div(100);
            NDList output = predictor.predict(new NDList(x.reshape(INPUT)));
            output.attach(manager);
            return output.singletonOrThrow().toFloatArray();
        }
    }

    @DataProvider
    public Object[][] others() {
        return new Object[][] {
            {TensorFormats.tensorRing(Rank.of(3))},
            {TensorFormats.tensorTrain(Rank.of(2))},
            {TensorFormats.cp(Rank.of(2))},
            {TensorFormats.dense()},
        };
    }

    @Test(dataProvider = "others")
    public void anotherFormatIsRefusedByName(TensorFormat other) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            byte[] saved = saved(manager, TensorFormats.tensorRing(Rank.of(2)));
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> load(manager, conv(other), saved));
            Assert.assertTrue(e.getMessage().contains("body.conv"), e.getMessage());
            Assert.assertTrue(e.getMessage().contains(other.toString()), e.getMessage());
        }
    }

    @Test
    public void aTruncatedFileIsRefusedByName() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            byte[] saved = saved(manager, TensorFormats.tensorRing(Rank.of(2)));
            for (int length = 0; length < saved.length; length += 7) {
                byte[] part = Arrays.copyOf(saved, length);
                MalformedModelException e =
                        Assert.expectThrows(
                                MalformedModelException.class,
                                () ->
                                        load(
                                                manager,
                                                conv(TensorFormats.tensorRing(Rank.of(2))),
                                                part));
                Assert.assertTrue(e.getMessage().contains("body.conv"), e.getMessage());
            }
        }
    }

    @Test
    public void aPlainConvolutionsFileIsRefused() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block dense =
                    ai.djl.nn.convolutional.Conv2d.builder()
                            .setKernelShape(new Shape(3, 3))
                            .setFilters(8)
                            .build();
            dense.initialize(manager, DataType.FLOAT32, INPUT);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            dense.saveParameters(new DataOutputStream(bytes));
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> load(manager, conv(TensorFormats.dense()), bytes.toByteArray()));
            Assert.assertTrue(e.getMessage().contains("version"), e.getMessage());
        }
    }

    private static byte[] saved(NDManager manager, TensorFormat format) throws IOException {
        TensorialConv2d conv = conv(format);
        conv.initialize(manager, DataType.FLOAT32, INPUT);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        conv.saveParameters(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static void load(NDManager manager, Block block, byte[] saved)
            throws IOException, MalformedModelException {
        block.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(saved)));
    }

    @Test
    public void passesLeaveNothingBehind() {
        try (NDManager modelManager = NDManager.newBaseManager()) {
            for (TensorFormat format : TensorialConvolutionTest.FORMATS) {
                Block block = conv(format);
                block.initialize(modelManager, DataType.FLOAT32, INPUT);
                passes(block, modelManager, INPUT);
            }
            Block linear =
                    TensorialLinear.builder()
                            .setFormat(TensorFormats.tensorRing(Rank.of(2)))
                            .setUnits(5)
                            .build();
            linear.initialize(modelManager, DataType.FLOAT32, new Shape(2, 3, 12));
            passes(linear, modelManager, new Shape(2, 3, 12));
        }
    }

    /** A capped manager throws when anything is attached to it. */
    private static void passes(Block block, NDManager modelManager, Shape inputShape) {
        ParameterStore store = new ParameterStore(modelManager, false);
        try (NDManager manager = modelManager.newSubManager()) {
            NDArray x = manager.ones(inputShape);
            for (boolean training : new boolean[] {false, true}) {
                // The first pass may keep what inference reuses; nothing may come after it.
                block.forward(store, new NDList(x), training).close();
                int owned = modelManager.getManagedArrays().size();
                for (int pass = 0; pass < 100; pass++) {
                    NDList output = block.forward(store, new NDList(x), training);
                    Assert.assertSame(output.singletonOrThrow().getManager(), manager);
                    output.close();
                }
                Assert.assertEquals(modelManager.getManagedArrays().size(), owned, "" + block);
                Assert.assertEquals(manager.getManagedArrays().size(), 1, "" + block);
            }
        }
    }

    @Test
    public void aCappedModelManagerIsNeverTouched() {
        for (TensorFormat format : TensorialConvolutionTest.FORMATS) {
            try (NDManager modelManager = NDManager.newBaseManager();
                    NDManager inputs = NDManager.newBaseManager()) {
                Block block = conv(format);
                block.initialize(modelManager, DataType.FLOAT32, INPUT);
                modelManager.cap();
                ParameterStore store = new ParameterStore(modelManager, false);
                NDArray x = inputs.ones(INPUT);
                for (int pass = 0; pass < 3; pass++) {
                    block.forward(store, new NDList(x), false).close();
                    block.forward(store, new NDList(x), true).close();
                }
            }
        }
    }

    @Test
    public void threadsPredictTheSame() throws Exception {
        try (Model model = Model.newInstance("net")) {
            SequentialBlock net = net(3);
            net.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            model.setBlock(net);
            float[] expected = predict(model);
            ExecutorService pool = Executors.newFixedThreadPool(4);
            try {
                List<Future<?>> futures = new ArrayList<>();
                for (int thread = 0; thread < 4; thread++) {
                    futures.add(
                            pool.submit(
                                    () -> {
                                        for (int pass = 0; pass < 25; pass++) {
                                            Assert.assertEquals(predict(model), expected);
                                        }
                                        return null;
                                    }));
                }
                for (Future<?> future : futures) {
                    future.get();
                }
            } finally {
                pool.shutdown();
            }
        }
    }

    @Test
    public void aLinearLayerTakesAnyNumberOfAxes() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialLinear linear =
                    TensorialLinear.builder()
                            .setFormat(TensorFormats.tensorRing(Rank.of(3)))
                            .setUnits(6)
                            .build();
            linear.initialize(manager, DataType.FLOAT32, new Shape(2, 3, 8));
            linear.getParameters().get("bias").getArray().set(new float[] {1, 2, 3, 4, 5, 6});
            ParameterStore store = new ParameterStore(manager, false);
            NDArray x = manager.randomNormal(new Shape(2, 3, 8));
            NDArray y = linear.forward(store, new NDList(x), false).singletonOrThrow();
            Assert.assertEquals(y.getShape(), new Shape(2, 3, 6));
            Assert.assertEquals(
                    linear.getOutputShapes(new Shape[] {x.getShape()})[0], y.getShape());
            NDArray rows =
                    linear.forward(store, new NDList(x.reshape(6, 8)), false).singletonOrThrow();
            Assert.assertEquals(rows.toFloatArray(), y.toFloatArray());
            NDArray single =
                    linear.forward(store, new NDList(x.get(1, 2)), false).singletonOrThrow();
            Assert.assertEquals(single.getShape(), new Shape(6));
            for (int n = 0; n < 6; n++) {
                Assert.assertEquals(single.getFloat(n), y.getFloat(1, 2, n), 1e-5f);
            }
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> linear.forward(store, new NDList(manager.ones(new Shape(2, 7))), false));
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> TensorialLinear.builder().setUnits(3).build());
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () ->
                            TensorialLinear.builder()
                                    .setFormat(TensorFormats.dense())
                                    .setUnits(0)
                                    .build());
        }
    }

    @Test
    public void anOrdinaryInitializerNameStillWorks() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.cp(Rank.of(2)));
            conv.setInitializer(new NormalInitializer(7f), "core");
            conv.initialize(manager, DataType.FLOAT32, INPUT);
            double spread = 0;
            int count = 0;
            for (Parameter parameter : conv.getParameters().values()) {
                if (parameter.getType() == Parameter.Type.WEIGHT) {
                    for (float value : parameter.getArray().toFloatArray()) {
                        spread += (double) value * value;
                        count++;
                    }
                }
            }
            Assert.assertTrue(Math.sqrt(spread / count) > 3, "normal of deviation 7");
        }
    }
}
