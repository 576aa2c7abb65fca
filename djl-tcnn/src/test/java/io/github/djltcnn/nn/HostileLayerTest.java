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

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Layers that are built, asked and fed wrongly. */
public class HostileLayerTest {

    private static TensorialConv2d.Builder conv() {
        return TensorialConv2d.builder()
                .setFormat(TensorFormats.tucker2(Rank.upTo(4)))
                .setKernelShape(new Shape(3, 3))
                .setFilters(8);
    }

    private static TensorialLinear linear() {
        return TensorialLinear.builder()
                .setFormat(TensorFormats.tensorTrain(Rank.upTo(2)))
                .setUnits(4)
                .build();
    }

    private static NDList forward(NDManager manager, Block block, NDList inputs) {
        return block.forward(new ParameterStore(manager, false), inputs, false);
    }

    @Test
    void testBuildersWithoutOptions() {
        Assert.assertThrows(IllegalArgumentException.class, () -> conv().optPlannerOptions(null));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> TensorialLinear.builder().optPlannerOptions(null));
        Assert.assertThrows(IllegalArgumentException.class, () -> conv().optStride(null).build());
        Assert.assertThrows(IllegalArgumentException.class, () -> linear().setPlannerOptions(null));
    }

    /** Such a layer was built, and its outputs had other channels than it said. */
    @Test
    void testFormatOfAnotherKernel() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d other =
                    conv().optBias(false)
                            .setFormat(spec -> TensorNetwork.parse("i=8 r=2, r o=5 h=3 w=3"))
                            .build();
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> other.initialize(manager, DataType.FLOAT32, new Shape(1, 8, 8, 8)));
            Assert.assertFalse(other.isInitialized());
            TensorialLinear none =
                    TensorialLinear.builder().setFormat(spec -> null).setUnits(3).build();
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> none.initialize(manager, DataType.FLOAT32, new Shape(2, 8)));
        }
    }

    @Test
    void testOneInput() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Block layer : new Block[] {conv().build(), linear()}) {
                Assert.assertThrows(
                        IllegalArgumentException.class,
                        () -> layer.initialize(manager, DataType.FLOAT32));
                Shape input =
                        layer instanceof TensorialLinear ? new Shape(2, 8) : new Shape(1, 8, 8, 8);
                Assert.assertThrows(
                        IllegalArgumentException.class,
                        () -> layer.initialize(manager, DataType.FLOAT32, input, input));
                layer.initialize(manager, DataType.FLOAT32, input);
                Assert.assertThrows(
                        IllegalArgumentException.class,
                        () -> forward(manager, layer, new NDList()));
                Assert.assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                forward(
                                        manager,
                                        layer,
                                        new NDList(manager.ones(input), manager.ones(input))));
            }
        }
    }

    @Test
    void testLinearOfAScalar() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialLinear layer = linear();
            Shape[] scalar = {new Shape()};
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> layer.getOutputShapes(scalar));
            layer.initialize(manager, DataType.FLOAT32, new Shape(2, 8));
            Assert.assertThrows(IllegalArgumentException.class, () -> layer.explain(new Shape()));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> layer.explain(new Shape(-1, 8)));
            String message =
                    Assert.expectThrows(
                                    IllegalArgumentException.class,
                                    () -> forward(manager, layer, new NDList(manager.create(1f))))
                            .getMessage();
            Assert.assertTrue(message.contains("at least one dimension"), message);
            Assert.assertEquals(
                    forward(manager, layer, new NDList(manager.ones(new Shape(0, 8))))
                            .head()
                            .getShape(),
                    new Shape(0, 4));
        }
    }

    @Test
    void testPlanningOfUnknownSizes() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d layer = conv().build();
            layer.initialize(manager, DataType.FLOAT32, new Shape(1, 8, 8, 8));
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> Planning.inputs(layer, new Shape(-1, 8, 8, 8)));
            Assert.assertThrows(IllegalArgumentException.class, () -> Planning.inputs(layer));
            Shape immense = new Shape(1L << 45, 8, 8, 8);
            String message =
                    Assert.expectThrows(
                                    IllegalArgumentException.class,
                                    () -> Planning.inputs(layer, immense))
                            .getMessage();
            Assert.assertTrue(message.contains(immense.toString()), message);
            NDList empty = new NDList(manager.ones(new Shape(0, 8, 8, 8)));
            LayerObserver nobody = new LayerObserver() {};
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> LayerPass.observe(layer, empty, nobody, outputs -> {}));
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> LayerPass.observe(layer, new NDList(), nobody, outputs -> {}));
        }
    }

    @DataProvider
    Object[][] wholeNumbers() {
        return new Object[][] {
            {DataType.INT32}, {DataType.INT64}, {DataType.INT8}, {DataType.BOOLEAN}
        };
    }

    /** Pixels as whole numbers were taken for numbers from 0 to 1, or ended in the engine. */
    @Test(dataProvider = "wholeNumbers")
    void testNormalisationOfWholeNumbers(DataType dataType) {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (int channels : new int[] {1, 3}) {
                float[] mean = new float[channels];
                float[] deviation = new float[channels];
                java.util.Arrays.fill(deviation, 2f);
                NormalizedInput block =
                        new NormalizedInput(Blocks.identityBlock(), mean, deviation);
                block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 4, 4));
                NDList pixels = new NDList(manager.ones(new Shape(1, 3, 4, 4), dataType));
                String message =
                        Assert.expectThrows(
                                        IllegalArgumentException.class,
                                        () -> forward(manager, block, pixels))
                                .getMessage();
                Assert.assertTrue(message.contains(dataType.toString()), message);
                Assert.assertThrows(
                        IllegalArgumentException.class,
                        () -> forward(manager, block, new NDList()));
            }
        }
    }
}
