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
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import java.util.ArrayList;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Layers whose cores are contracted together train as layers on their own. */
public class TensorialSequentialTest {

    private static final Shape INPUT = new Shape(4, 8, 6, 6);

    private NDManager manager;

    @BeforeMethod
    public void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterMethod
    public void tearDown() {
        manager.close();
    }

    @DataProvider
    public static Object[][] formats() {
        return new Object[][] {
            {TensorFormats.tensorRing(Rank.of(3))},
            {TensorFormats.tensorTrain(Rank.of(4))},
            {TensorFormats.tucker2(Rank.of(4))},
            {TensorFormats.cp(Rank.of(6))},
            {TensorFormats.hyperTucker2(Rank.of(4))},
            {TensorFormats.blockTerm(2, Rank.of(3))},
        };
    }

    private static TensorialConv2d conv(TensorFormat format, int filters) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1))
                .optName(filters + " filters")
                .build();
    }

    /** Three layers of a kind, two of them within other blocks, and one of another. */
    private static List<Block> layers(TensorFormat format) {
        return List.of(
                conv(format, 8),
                Activation.reluBlock(),
                new ParallelBlock(lists -> new NDList(lists.get(0).head().add(lists.get(1).head())))
                        .add(conv(format, 8))
                        .add(new SequentialBlock().add(conv(format, 8)).add(Activation::relu)),
                conv(format, 6));
    }

    /** The same layers in a plain and in a tensorial block: three passes, each after an update. */
    @Test(dataProvider = "formats")
    public void trainsAsASequentialBlock(TensorFormat format) {
        List<Block> layers = layers(format);
        Block plain = new SequentialBlock().addAll(layers);
        Block joint = new TensorialSequential().addAll(layers);
        plain.initialize(manager, DataType.FLOAT64, INPUT);
        for (int pass = 0; pass < 3; pass++) {
            NDArray x = manager.randomNormal(INPUT, DataType.FLOAT64);
            List<NDArray> expected = pass(plain, x);
            List<NDArray> actual = pass(joint, x);
            Assert.assertEquals(actual.size(), expected.size());
            for (int n = 0; n < actual.size(); n++) {
                double scale = expected.get(n).abs().max().getDouble();
                double difference = actual.get(n).sub(expected.get(n)).abs().max().getDouble();
                Assert.assertTrue(
                        difference <= 1e-10 * scale,
                        format + ", pass " + pass + ", result " + n + ": " + difference);
                Assert.assertTrue(scale > 0);
            }
            plain.getParameters()
                    .values()
                    .forEach(
                            p ->
                                    p.getArray()
                                            .addi(
                                                    manager.randomNormal(
                                                            p.getArray().getShape(),
                                                            DataType.FLOAT64)));
        }
    }

    /** The output of a pass in training, and the gradients of all parameters. */
    private List<NDArray> pass(Block block, NDArray x) {
        List<NDArray> results = new ArrayList<>();
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            ParameterStore store = new ParameterStore(manager, false);
            NDArray y = block.forward(store, new NDList(x), true).singletonOrThrow();
            results.add(y);
            collector.backward(y.square().sum());
        }
        for (Parameter parameter : block.getParameters().values()) {
            NDArray gradient = parameter.getArray().getGradient();
            NDArray copy = gradient.duplicate();
            results.add(copy);
            gradient.subi(copy);
        }
        return results;
    }

    /** In the first pass as in any other, and after a batch of another size. */
    @Test
    public void everyPassContractsLayersOfAKindTogether() {
        List<Block> layers = layers(TensorFormats.tensorRing(Rank.of(3)));
        Block joint = new TensorialSequential().addAll(layers);
        joint.initialize(manager, DataType.FLOAT64, new Shape(1, 8, 6, 6));
        TensorialBlock first = (TensorialBlock) layers.get(0);
        for (int batch : new int[] {4, 3, 4, 1}) {
            NDArray x = manager.randomNormal(new Shape(batch, 8, 6, 6), DataType.FLOAT64);
            try (NDManager scope = manager.newSubManager()) {
                LayerPass contracted =
                        LayerPass.contracted(new ParameterStore(manager, false), joint, x, scope);
                Assert.assertTrue(
                        LayerPass.isContracted(contracted), "an inner block does it again");
                Assert.assertEquals(scope.getManagedArrays().size(), 0);
                joint.forward(contracted, new NDList(x), true);
                int weights =
                        first.engine().planner().plan(x.getShape(), true).program().numWeights();
                // The fourth layer has no other of its kind.
                Assert.assertEquals(scope.getManagedArrays().size(), 3 * weights, "batch " + batch);
            }
        }
    }

    @Test
    public void weightsDoNotOutliveThePass() {
        Block joint =
                new TensorialSequential()
                        .addAll(
                                conv(TensorFormats.tensorRing(Rank.of(3)), 8),
                                conv(TensorFormats.tensorRing(Rank.of(3)), 8));
        joint.initialize(manager, DataType.FLOAT32, INPUT);
        // As the manager of a loaded model, which takes nothing more.
        manager.cap();
        try (NDManager data = NDManager.newBaseManager()) {
            for (int pass = 0; pass < 3; pass++) {
                NDArray x = data.randomNormal(INPUT);
                int before = data.getManagedArrays().size();
                NDArray y =
                        joint.forward(new ParameterStore(data, false), new NDList(x), true)
                                .singletonOrThrow();
                // The result of the first layer, as in any sequential block, and the output.
                Assert.assertEquals(data.getManagedArrays().size(), before + 2, "pass " + pass);
                Assert.assertSame(y.getManager(), data);
            }
        }
    }

    /** As a block of another kind may have it, which knows what it does not use. */
    @Test
    public void layersThatWereNotInitializedAreLeftAlone() {
        TensorialConv2d first = conv(TensorFormats.tensorRing(Rank.of(3)), 8);
        first.initialize(manager, DataType.FLOAT32, INPUT);
        Block tree =
                new SequentialBlock().addAll(first, conv(TensorFormats.tensorRing(Rank.of(3)), 8));
        NDArray x = manager.ones(INPUT);
        try (NDManager scope = manager.newSubManager()) {
            LayerPass contracted =
                    LayerPass.contracted(new ParameterStore(manager, false), tree, x, scope);
            first.forward(contracted, new NDList(x), true);
            Assert.assertEquals(scope.getManagedArrays().size(), 0, "there is no other layer");
        }
    }

    /** No GPU is needed: the pass has its parameters on the CPU alone. */
    @Test
    public void anInputOnADeviceWithoutParametersIsRefused() {
        List<Block> layers = layers(TensorFormats.tensorRing(Rank.of(3)));
        Block joint = new TensorialSequential().add(BatchNorm.builder().build()).addAll(layers);
        joint.initialize(manager, DataType.FLOAT32, INPUT);
        ParameterStore store = new ParameterStore(manager, false);
        LayerPass.checkDevice(store, joint, Device.cpu(), false);
        LayerPass.checkDevice(store, Activation.reluBlock(), Device.gpu(), false);
        IllegalArgumentException whole =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> LayerPass.checkDevice(store, joint, Device.gpu(), false));
        Assert.assertEquals(
                whole.getMessage(),
                "The model got an input on gpu(0), where this pass has no parameters (they are on"
                        + " cpu()); move the input with toDevice, or load the model for that"
                        + " device");
        TensorialBlock layer = (TensorialBlock) layers.get(0);
        for (boolean training : new boolean[] {false, true}) {
            IllegalArgumentException one =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> layer.cores(store, Device.gpu(), training));
            Assert.assertTrue(
                    one.getMessage().startsWith("Layer \"8 filters\" (TensorialConv2d)"),
                    one.getMessage());
        }
    }

    /** An observer has to be told by the layers, and may not be hidden by what wraps it. */
    @Test
    public void observersAreNotHidden() {
        Block joint = new TensorialSequential().addAll(layers(TensorFormats.cp(Rank.of(3))));
        joint.initialize(manager, DataType.FLOAT32, INPUT);
        Observer observer = new Observer();
        Observer second = new Observer();
        for (int pass = 1; pass < 4; pass++) {
            LayerPass store = LayerPass.observing(new ParameterStore(manager, false), observer);
            joint.forward(
                    LayerPass.observing(store, second), new NDList(manager.ones(INPUT)), true);
            Assert.assertEquals(observer.count, 4 * pass);
            Assert.assertEquals(second.count, 4 * pass);
        }
    }

    private static final class Observer implements LayerObserver {

        private int count;

        @Override
        public NDArray onInput(TensorialBlock layer, NDArray input) {
            count++;
            return input;
        }
    }
}
