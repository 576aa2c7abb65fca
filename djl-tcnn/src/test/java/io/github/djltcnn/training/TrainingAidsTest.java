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
package io.github.djltcnn.training;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialLinear;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What surrounds fine-tuning: freezing, learning rates, batch normalisation. */
@Test(singleThreaded = true)
public class TrainingAidsTest {

    private static Model tensorial() {
        Model model = Model.newInstance("tiny");
        SequentialBlock net = TinyNet.initialized(model.getNDManager());
        model.setBlock(
                Tensorizer.builder()
                        .setFormat(TensorFormats.tucker2(Rank.of(2)))
                        .optFilter(path -> path.contains("Conv2d"))
                        .build()
                        .convert(net, TinyNet.INPUT)
                        .block());
        return model;
    }

    private static Map<String, float[]> values(Block block) {
        Map<String, float[]> values = new LinkedHashMap<>();
        BlockTree.parameters(block)
                .forEach((path, p) -> values.put(path, p.getArray().toFloatArray()));
        return values;
    }

    private static float moved(Map<String, float[]> before, Map<String, float[]> after, String p) {
        float most = 0;
        for (int n = 0; n < before.get(p).length; n++) {
            most = Math.max(most, Math.abs(before.get(p)[n] - after.get(p)[n]));
        }
        return most;
    }

    private static void step(Trainer trainer) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            NDArray x = manager.randomNormal(TinyNet.INPUT);
            NDArray labels = manager.create(new float[] {1, 3});
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList out = trainer.forward(new NDList(x));
                collector.backward(trainer.getLoss().evaluate(new NDList(labels), out));
            }
            trainer.step();
        }
    }

    private static DefaultTrainingConfig sgd(ParameterTracker rate) {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(Optimizer.sgd().setLearningRateTracker(rate).build());
    }

    @Test
    public void onlyTheCoresMoveWhenOnlyTheyAreThawed() {
        try (Model model = tensorial();
                Trainer trainer = model.newTrainer(sgd(Tracker.fixed(0.1f)))) {
            Trainable.Status status = Trainable.onlyCores(model.getBlock());
            Map<String, float[]> before = values(model.getBlock());
            step(trainer);
            Map<String, float[]> after = values(model.getBlock());
            long trainable = 0;
            for (String path : before.keySet()) {
                boolean core = path.matches(".*core\\d+");
                boolean statistic = path.contains("running");
                Assert.assertEquals(moved(before, after, path) > 0, core || statistic, path);
                trainable += core ? before.get(path).length : 0;
            }
            Assert.assertEquals(status.trainable(), trainable);
            Assert.assertTrue(status.toString().startsWith("trainable: "));
            Trainable.Status all = Trainable.all(model.getBlock());
            Assert.assertEquals(
                    all.trainable(), ModelSummary.of(model.getBlock(), TinyNet.INPUT).trainable());
            step(trainer);
            Map<String, float[]> thawed = values(model.getBlock());
            Assert.assertTrue(moved(after, thawed, "06Linear.weight") > 0);
        }
    }

    @Test
    public void aFilterThatChoosesNothingIsRefusedAndChangesNothing() {
        try (Model model = tensorial()) {
            Block block = model.getBlock();
            Trainable.Status before = Trainable.onlyCores(block);
            for (Predicate<String> filter :
                    List.<Predicate<String>>of(
                            path -> path.startsWith("fc."), path -> path.contains("running"))) {
                IllegalArgumentException e =
                        Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> Trainable.only(block, filter));
                Assert.assertTrue(e.getMessage().contains("[01Conv2d."), e.getMessage());
            }
            Assert.assertEquals(Trainable.status(block), before);
            Trainable.Status head = Trainable.only(block, path -> path.startsWith("06Linear."));
            Assert.assertEquals(head.trainable(), 12 * 4 + 4);
        }
        try (Model model = Model.newInstance("dense")) {
            model.setBlock(TinyNet.block(4));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> Trainable.all(model.getBlock()));
            model.setBlock(TinyNet.initialized(model.getNDManager()));
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> Trainable.onlyCores(model.getBlock()));
            Assert.assertTrue(e.getMessage().contains("no tensorial layer"), e.getMessage());
        }
    }

    /** A user's own parameter of a name that cores have. */
    private static final class Shift extends AbstractBlock {

        private final Parameter core1 =
                addParameter(
                        Parameter.builder()
                                .setName("core1")
                                .setType(Parameter.Type.WEIGHT)
                                .optShape(new Shape(1, 1))
                                .build());

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            NDArray x = inputs.singletonOrThrow();
            return new NDList(x.add(store.getValue(core1, x.getDevice(), training)));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
        }
    }

    @Test
    public void coresAreThoseOfTensorialLayersWhateverOtherParametersAreCalled() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Shift shift = new Shift();
            SequentialBlock net =
                    new SequentialBlock()
                            .add(
                                    TensorialLinear.builder()
                                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                                            .setUnits(5)
                                            .build())
                            .add(shift);
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 6));
            Trainable.Status status = Trainable.onlyCores(net);
            Assert.assertEquals(status.trainable(), 6 * 2 + 2 * 2 + 2 * 5);
            Assert.assertFalse(shift.core1.requiresGradient());
        }
    }

    @Test
    public void keptStatisticsStayAndNormaliseInTrainingToo() {
        try (Model model = tensorial()) {
            Block block = model.getBlock();
            NDManager manager = model.getNDManager();
            NDArray x = manager.randomNormal(TinyNet.INPUT).mul(3);
            NDArray predicted = TinyNet.forward(block, manager, x);
            List<String> paths = List.copyOf(BlockTree.parameters(block).keySet());
            Assert.assertEquals(Trainable.freezeStatistics(block), 2);
            Assert.assertEquals(Trainable.freezeStatistics(block), 2);
            Assert.assertEquals(List.copyOf(BlockTree.parameters(block).keySet()), paths);
            NDArray trained =
                    block.forward(new ParameterStore(manager, false), new NDList(x), true)
                            .singletonOrThrow();
            Assert.assertTrue(
                    trained.sub(predicted).abs().max().getFloat()
                            <= 1e-5f * predicted.abs().max().getFloat());
            try (Trainer trainer = model.newTrainer(sgd(Tracker.fixed(0.1f)))) {
                trainer.initialize(TinyNet.INPUT);
                Map<String, float[]> before = values(block);
                step(trainer);
                Map<String, float[]> after = values(block);
                for (String path : before.keySet()) {
                    Assert.assertEquals(
                            moved(before, after, path) > 0, !path.contains("running"), path);
                }
                Trainable.thawStatistics(block);
                step(trainer);
                Map<String, float[]> thawed = values(block);
                Assert.assertTrue(moved(after, thawed, "02BatchNorm.runningMean") > 0);
            }
        }
    }

    @Test
    public void statisticsOutOfReachAreRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock none = new SequentialBlock().add(Linear.builder().setUnits(2).build());
            none.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> Trainable.freezeStatistics(none));
            Block alone = BatchNorm.builder().build();
            alone.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> Trainable.freezeStatistics(alone));
            SequentialBlock opaque = new SequentialBlock();
            opaque.setReturnIntermediate(true);
            opaque.add(BatchNorm.builder().build());
            SequentialBlock net =
                    new SequentialBlock().add(BatchNorm.builder().build()).add(opaque);
            net.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> Trainable.freezeStatistics(net));
            Assert.assertTrue(e.getMessage().contains("02SequentialBlock.01"), e.getMessage());
            Assert.assertTrue(net.getChildren().get("01BatchNorm") instanceof BatchNorm);
        }
    }

    @Test
    public void everyParameterMovesByItsOwnRate() {
        try (Model model = tensorial()) {
            Block block = model.getBlock();
            LearningRates rates =
                    LearningRates.of(
                            block,
                            Tracker.fixed(0.5f),
                            path -> path.endsWith("core1") ? 0 : path.endsWith("core2") ? 2 : 1);
            Map<String, Parameter> parameters = BlockTree.parameters(block);
            String path = "04ParallelBlock.01SequentialBlock.01Conv2d.";
            Assert.assertEquals(rates.getNewValue(parameters.get(path + "core1").getId(), 7), 0f);
            Assert.assertEquals(rates.getNewValue(parameters.get(path + "core2").getId(), 7), 1f);
            Assert.assertEquals(rates.getNewValue("another", 7), 0.5f);
            try (Trainer trainer = model.newTrainer(sgd(rates))) {
                Map<String, float[]> before = values(block);
                step(trainer);
                Map<String, float[]> after = values(block);
                Assert.assertEquals(moved(before, after, path + "core1"), 0f);
                Assert.assertTrue(moved(before, after, path + "core2") > 0);
            }
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> LearningRates.of(block, Tracker.fixed(1f), p -> -1));
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> LearningRates.of(TinyNet.block(2), Tracker.fixed(1f), p -> 1));
        }
    }

    /** Against the mean and the unbiased variance of the batches themselves. */
    @Test
    public void recalibratedStatisticsAreThoseOfTheData() throws Exception {
        for (float momentum : new float[] {0.9f, 0.5f}) {
            try (Model model = Model.newInstance("norm")) {
                NDManager manager = model.getNDManager();
                SequentialBlock net =
                        new SequentialBlock()
                                .add(BatchNorm.builder().optMomentum(momentum).build());
                net.initialize(manager, DataType.FLOAT32, new Shape(4, 2, 3));
                model.setBlock(net);
                NDArray data = manager.randomNormal(new Shape(12, 2, 3)).mul(3).add(5);
                ArrayDataset dataset =
                        new ArrayDataset.Builder().setData(data).setSampling(4, false).build();
                int arrays = manager.getManagedArrays().size();
                Assert.assertEquals(BatchNorms.recalibrate(model, dataset, 2), 2);
                Assert.assertEquals(manager.getManagedArrays().size(), arrays);
                for (int channel = 0; channel < 2; channel++) {
                    double[] mean = new double[2];
                    double[] variance = new double[2];
                    for (int batch = 0; batch < 2; batch++) {
                        for (int pass = 0; pass < 2; pass++) {
                            for (int n = 0; n < 12; n++) {
                                double v = data.getFloat(4 * batch + n / 3, channel, n % 3);
                                if (pass == 0) {
                                    mean[batch] += v / 12;
                                } else {
                                    variance[batch] += Math.pow(v - mean[batch], 2) / 11;
                                }
                            }
                        }
                    }
                    float[] runningMean = statistic(net, "runningMean");
                    float[] runningVar = statistic(net, "runningVar");
                    Assert.assertEquals(runningMean[channel], (mean[0] + mean[1]) / 2, 1e-4);
                    Assert.assertEquals(runningVar[channel], (variance[0] + variance[1]) / 2, 1e-3);
                }
                Assert.assertEquals(BatchNorms.recalibrate(model, dataset, 100), 3);
            }
        }
    }

    private static float[] statistic(Block net, String name) {
        return BlockTree.parameters(net).entrySet().stream()
                .filter(e -> e.getKey().endsWith(name))
                .findFirst()
                .orElseThrow()
                .getValue()
                .getArray()
                .toFloatArray();
    }
}
