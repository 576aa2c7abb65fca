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
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A normalisation at the entrance: right numbers, types and shapes, and nothing left behind. */
public class NormalizedInputTest {

    private static final float[] MEAN = {0.5f, 0.25f, 0.125f};
    private static final float[] DEVIATION = {0.5f, 2, 4};

    private static NDArray forward(Block block, NDArray x) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        return block.forward(store, new NDList(x), false).singletonOrThrow();
    }

    @DataProvider
    public Object[][] types() {
        return new Object[][] {
            {DataType.FLOAT32, 1e-6}, {DataType.FLOAT64, 1e-12}, {DataType.FLOAT16, 1e-3}
        };
    }

    @Test(dataProvider = "types")
    public void everyChannelHasItsNumbers(DataType type, double tolerance) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.randomUniform(0, 1, new Shape(2, 3, 4, 5)).toType(type, false);
            NDArray y =
                    forward(new NormalizedInput(Blocks.identityBlock(), MEAN, DEVIATION), x)
                            .toType(DataType.FLOAT64, true);
            NDArray wide = x.toType(DataType.FLOAT64, true);
            for (int c = 0; c < 3; c++) {
                NDArray expected = wide.get(":, " + c).sub(MEAN[c]).div(DEVIATION[c]);
                double off = y.get(":, " + c).sub(expected).abs().max().getDouble();
                Assert.assertTrue(off <= tolerance, off + "");
            }
            Assert.assertEquals(
                    forward(new NormalizedInput(Blocks.identityBlock(), MEAN, DEVIATION), x)
                            .getDataType(),
                    type);
        }
    }

    @Test
    public void bytesAreScaledFirst() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray bytes = manager.create(new Shape(1, 1, 1, 3), DataType.UINT8);
            bytes.set(ByteBuffer.wrap(new byte[] {0, 51, (byte) 255}));
            Block block =
                    new NormalizedInput(
                            Blocks.identityBlock(), new float[] {0.2f}, new float[] {0.4f});
            Assert.assertEquals(
                    forward(block, bytes).toFloatArray(), new float[] {-0.5f, 0, 2}, 1e-6f);
        }
    }

    @Test
    public void nothingIsLeftWithTheInput() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net =
                    new SequentialBlock()
                            .add(
                                    Conv2d.builder()
                                            .setKernelShape(new Shape(3, 3))
                                            .setFilters(2)
                                            .build());
            Block block = new NormalizedInput(net, MEAN, DEVIATION);
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 8, 8));
            try (NDManager own = manager.newSubManager()) {
                NDArray x = own.ones(new Shape(2, 3, 8, 8));
                NDArray first = forward(block, x);
                first.close();
                int before = own.getManagedArrays().size();
                NDArray y = forward(block, x);
                Assert.assertSame(y.getManager(), own);
                Assert.assertEquals(own.getManagedArrays().size(), before + 1);
            }
            Assert.assertEquals(block.getInputShapes()[0], new Shape(1, 3, 8, 8));
        }
    }

    /** One gradient collector per process, so this test runs by itself. */
    @Test(singleThreaded = true)
    public void gradientsReachTheInput() {
        try (NDManager manager = NDManager.newBaseManager();
                GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray x = manager.ones(new Shape(1, 3, 2, 2));
            x.setRequiresGradient(true);
            Block block = new NormalizedInput(Blocks.identityBlock(), MEAN, DEVIATION);
            NDArray y =
                    block.forward(new ParameterStore(manager, false), new NDList(x), true)
                            .singletonOrThrow();
            collector.backward(y.sum());
            Assert.assertEquals(
                    x.getGradient().reshape(3, 4).mean(new int[] {1}).toFloatArray(),
                    new float[] {2, 0.5f, 0.25f},
                    1e-6f);
        }
    }

    @DataProvider
    public Object[][] wrong() {
        return new Object[][] {
            {new float[] {1, 2}, new float[] {1}, "2 means and 1 deviations"},
            {new float[] {}, new float[] {}, "0 means"},
            {new float[] {1}, new float[] {0}, "above 0"},
            {new float[] {1}, new float[] {-1}, "above 0"},
            {new float[] {Float.NaN}, new float[] {1}, "finite"},
            {new float[] {1}, new float[] {Float.POSITIVE_INFINITY}, "mean 1.0"},
            {new float[5000], new float[5000], "at most 4096"},
        };
    }

    @Test(dataProvider = "wrong")
    public void wrongNumbersAreRefused(float[] mean, float[] deviation, String message) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> new NormalizedInput(Blocks.identityBlock(), mean, deviation));
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    public void otherChannelsAreRefused() {
        Block block = new NormalizedInput(Blocks.identityBlock(), MEAN, DEVIATION);
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> block.getOutputShapes(new Shape[] {new Shape(1, 1, 8, 8)}));
        Assert.assertTrue(e.getMessage().contains("3 channels"), e.getMessage());
        Assert.assertThrows(
                IllegalArgumentException.class, () -> new NormalizedInput(block, MEAN, DEVIATION));
    }

    @Test
    public void parametersOfOtherNumbersAreRefused() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = new NormalizedInput(new SequentialBlock(), MEAN, DEVIATION);
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 8, 8));
            ByteArrayOutputStream os = new ByteArrayOutputStream();
            block.saveParameters(new DataOutputStream(os));
            Block same = new NormalizedInput(new SequentialBlock(), MEAN, DEVIATION);
            same.loadParameters(manager, input(os));
            Assert.assertEquals(same.getInputShapes()[0], new Shape(1, 3, 8, 8));
            Block other = new NormalizedInput(new SequentialBlock(), DEVIATION, DEVIATION);
            Assert.assertThrows(
                    MalformedModelException.class, () -> other.loadParameters(manager, input(os)));
        }
    }

    private static DataInputStream input(ByteArrayOutputStream os) {
        return new DataInputStream(new ByteArrayInputStream(os.toByteArray()));
    }
}
