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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.contraction.Objective;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.Layout;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The planner and whole models. */
public class PlanningTest {

    private static final Shape INPUT = new Shape(2, 4, 8, 8);

    private static TensorialConv2d conv(int filters, int stride) {
        return TensorialConv2d.builder()
                .setFormat(TensorFormats.tucker2(Rank.of(3)))
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(1, 1))
                .build();
    }

    private static SequentialBlock net() {
        TensorialConv2d shared = conv(8, 1);
        return new SequentialBlock()
                .add(conv(8, 2))
                .add(Activation.reluBlock())
                .add(
                        new ParallelBlock(
                                        lists ->
                                                new NDList(
                                                        lists.get(0)
                                                                .head()
                                                                .add(lists.get(1).head())))
                                .add(shared)
                                .add(Blocks.identityBlock()))
                .add(shared)
                .add(Blocks.batchFlattenBlock())
                .add(
                        TensorialLinear.builder()
                                .setFormat(TensorFormats.tensorTrain(Rank.of(2)))
                                .setUnits(5)
                                .build());
    }

    private static float[] predict(Block net, NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = scope.arange(512f).div(512).reshape(INPUT);
            return net.forward(new ParameterStore(scope, false), new NDList(x), false)
                    .head()
                    .toFloatArray();
        }
    }

    @Test
    public void inputsOfAllLayersAreFound() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net();
            net.initialize(manager, DataType.FLOAT32, INPUT);
            int owned = manager.getManagedArrays().size();
            List<Planning.LayerInput> found = Planning.inputs(net, new Shape(3, 4, 8, 8));
            Assert.assertEquals(manager.getManagedArrays().size(), owned);
            Assert.assertEquals(
                    found.stream().map(Planning.LayerInput::input).toList(),
                    List.of(new Shape(3, 4, 8, 8), new Shape(3, 8, 4, 4), new Shape(3, 128)));
            Assert.assertEquals(found.get(0).path(), net.getChildren().keys().get(0));
            Assert.assertTrue(found.get(1).path().endsWith("01TensorialConv2d"), "" + found);
        }
    }

    @Test
    public void explainingChangesNothingThatRuns() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net();
            net.initialize(manager, DataType.FLOAT32, INPUT);
            float[] before = predict(net, manager);
            int owned = manager.getManagedArrays().size();
            String table = Planning.explain(net, INPUT);
            for (String words : List.of("01TensorialConv2d", "channels first", "prediction")) {
                Assert.assertTrue(table.contains(words), words + " in\n" + table);
            }
            String training =
                    Planning.explain(net, INPUT, true, Layout.CHANNELS_LAST, Device.gpu());
            Assert.assertTrue(training.contains("training"), training);
            Assert.assertTrue(training.contains("channels last"), training);
            Assert.assertEquals(predict(net, manager), before);
            Assert.assertEquals(manager.getManagedArrays().size(), owned);
        }
    }

    @Test
    public void optionsReachEveryLayerBeforeAndAfterInitialization() {
        PlannerOptions memory = PlannerOptions.standard().withObjective(Objective.MEMORY);
        PlannerOptions tight = PlannerOptions.standard().withMemoryLimit(64);
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net();
            Planning.setOptions(net, memory);
            net.initialize(manager, DataType.FLOAT32, INPUT);
            float[] before = predict(net, manager);
            for (Planning.LayerInput found : Planning.inputs(net, INPUT)) {
                Assert.assertEquals(found.layer().getPlannerOptions(), memory);
                Assert.assertEquals(found.layer().engine().planner().options(), memory);
            }
            Planning.setOptions(net, tight);
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> predict(net, manager));
            Assert.assertTrue(e.getMessage().contains("within 64 bytes"), e.getMessage());
            Planning.setOptions(net, memory);
            Assert.assertEquals(predict(net, manager), before);
        }
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> Planning.setOptions(Blocks.batchFlattenBlock(), tight));
    }

    @Test
    public void theBuildersOfALinearLayerAndAConvolutionTakeTheSameOptions() {
        PlannerOptions options =
                PlannerOptions.standard()
                        .withObjective(Objective.MACS)
                        .withMemoryLimit(1 << 20)
                        .withAutotuning(true);
        Assert.assertEquals(
                TensorialLinear.builder()
                        .setFormat(TensorFormats.dense())
                        .setUnits(3)
                        .optObjective(Objective.MACS)
                        .optMemoryLimit(1 << 20)
                        .optAutotune(true)
                        .build()
                        .getPlannerOptions(),
                options);
        Assert.assertEquals(
                TensorialConv1d.builder()
                        .setFormat(TensorFormats.dense())
                        .setKernelShape(new Shape(3))
                        .setFilters(3)
                        .optObjective(Objective.MACS)
                        .optMemoryLimit(1 << 20)
                        .optAutotune(true)
                        .build()
                        .getPlannerOptions(),
                options);
    }

    @Test
    public void autotuningAWholeModelKeepsItsAnswers() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net();
            net.initialize(manager, DataType.FLOAT64, INPUT);
            NDArray x = manager.randomNormal(INPUT).toType(DataType.FLOAT64, false);
            ParameterStore store = new ParameterStore(manager, false);
            double[] before = net.forward(store, new NDList(x), false).head().toDoubleArray();
            int owned = manager.getManagedArrays().size();
            Assert.assertEquals(Planning.autotune(net, false, INPUT, INPUT).size(), 3);
            Assert.assertEquals(manager.getManagedArrays().size(), owned);
            double[] after = net.forward(store, new NDList(x), false).head().toDoubleArray();
            for (int n = 0; n < before.length; n++) {
                Assert.assertEquals(after[n], before[n], 1e-10);
            }
            Assert.assertEquals(Planning.autotune(net, true, INPUT).size(), 3);
        }
    }

    @Test
    public void whatCannotBePlannedIsExplained() {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> Planning.inputs(net(), INPUT));
        Assert.assertTrue(e.getMessage().contains("not initialized"), e.getMessage());
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net();
            net.initialize(manager, DataType.FLOAT32, INPUT);
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> Planning.explain(net, new Shape(2, 5, 8, 8)));
        }
    }
}
