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

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.Split;
import io.github.djltcnn.initializer.TensorialInitializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Data types: what a layer does in each of them, and what it refuses. */
public class LayerTypesTest {

    private static final TensorFormat FORMAT = TensorFormats.tensorRing(Rank.of(3));

    private record Kind(String name, Supplier<TensorialBlock> layer, Shape input) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Kind> KINDS =
            List.of(
                    new Kind(
                            "conv1d",
                            () ->
                                    TensorialConv1d.builder()
                                            .setFormat(FORMAT)
                                            .setKernelShape(new Shape(3))
                                            .setFilters(16)
                                            .build(),
                            new Shape(2, 16, 9)),
                    new Kind(
                            "conv2d",
                            () ->
                                    TensorialConv2d.builder()
                                            .setFormat(FORMAT)
                                            .setKernelShape(new Shape(3, 3))
                                            .setFilters(16)
                                            .build(),
                            new Shape(2, 16, 7, 6)),
                    new Kind(
                            "conv3d",
                            () ->
                                    TensorialConv3d.builder()
                                            .setFormat(FORMAT)
                                            .setKernelShape(new Shape(2, 3, 3))
                                            .setFilters(16)
                                            .build(),
                            new Shape(2, 16, 4, 5, 6)),
                    new Kind(
                            "linear",
                            () -> TensorialLinear.builder().setFormat(FORMAT).setUnits(16).build(),
                            new Shape(3, 5, 16)));

    @DataProvider
    public Object[][] supported() {
        List<Object[]> cases = new ArrayList<>();
        for (Kind kind : KINDS) {
            cases.add(new Object[] {kind, DataType.FLOAT64, 1e-6});
            cases.add(new Object[] {kind, DataType.FLOAT32, 1e-4});
            cases.add(new Object[] {kind, DataType.FLOAT16, 2e-2});
        }
        return cases.toArray(new Object[0][]);
    }

    /** Against the same cores in float64: output and gradients, and the file there and back. */
    @Test(dataProvider = "supported")
    public void computesTrainsSavesAndLoads(Kind kind, DataType type, double tolerance)
            throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialBlock layer = kind.layer().get();
            layer.setInitializer(
                    TensorialInitializer.fanIn().withSplit(Split.SEQUENTIAL).withSeed(3),
                    Parameter.Type.WEIGHT);
            layer.initialize(manager, type, kind.input());
            layer.getCores().forEach(core -> Assert.assertEquals(core.getDataType(), type));
            TensorialBlock exact = kind.layer().get();
            NDList wide = new NDList();
            layer.getCores().forEach(core -> wide.add(wide(core)));
            exact.setCores(
                    layer.getNetwork(),
                    wide,
                    wide(layer.getParameters().get("bias").getArray()),
                    kind.input());
            exact.initialize(manager, DataType.FLOAT64, kind.input());

            NDArray x = manager.randomNormal(kind.input()).toType(type, false);
            ParameterStore store = new ParameterStore(manager, false);
            NDArray y = layer.forward(store, new NDList(x), false).head();
            Assert.assertEquals(y.getDataType(), type);
            near(y, exact.forward(store, new NDList(wide(x)), false).head(), tolerance);

            backward(layer, x, manager);
            backward(exact, wide(x), manager);
            for (int n = 0; n < wide.size(); n++) {
                near(
                        layer.getCores().get(n).getGradient(),
                        exact.getCores().get(n).getGradient(),
                        tolerance);
            }

            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            layer.saveParameters(new DataOutputStream(bytes));
            TensorialBlock loaded = kind.layer().get();
            loaded.loadParameters(
                    manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            loaded.getCores().forEach(core -> Assert.assertEquals(core.getDataType(), type));
            NDArray again = loaded.forward(store, new NDList(x), false).head();
            Assert.assertTrue(again.contentEquals(y), "after loading");
        }
    }

    private static NDArray wide(NDArray array) {
        NDArray wide = array.toType(DataType.FLOAT64, true).duplicate();
        return wide.stopGradient();
    }

    private static void backward(TensorialBlock layer, NDArray x, NDManager manager) {
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray y =
                    layer.forward(new ParameterStore(manager, false), new NDList(x), true).head();
            // The mean itself has no gradient: mirrored output channels cancel.
            collector.backward(y.square().mean());
        }
    }

    private static void near(NDArray found, NDArray expected, double tolerance) {
        double scale = expected.abs().max().getDouble();
        double off = wide(found).sub(expected).abs().max().getDouble();
        Assert.assertTrue(off <= tolerance * scale, off + " of " + scale);
        Assert.assertTrue(scale > 0);
    }

    @DataProvider
    public Object[][] kinds() {
        return KINDS.stream().map(kind -> new Object[] {kind}).toArray(Object[][]::new);
    }

    /** DJL ends the process on bfloat16, so nothing may reach it. */
    @Test(dataProvider = "kinds")
    public void otherTypesAreRefusedAtTheFirstCall(Kind kind) {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (DataType type : List.of(DataType.BFLOAT16, DataType.INT32)) {
                TensorialBlock layer = kind.layer().get();
                IllegalArgumentException e =
                        Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> layer.initialize(manager, type, kind.input()));
                Assert.assertTrue(e.getMessage().contains("float16"), e.getMessage());
            }
            TensorialBlock layer = kind.layer().get();
            layer.initialize(manager, DataType.FLOAT32, kind.input());
            NDArray whole = manager.ones(kind.input(), DataType.INT32);
            NDArray half = manager.ones(kind.input(), DataType.FLOAT16);
            for (boolean training : new boolean[] {false, true}) {
                for (NDArray x : List.of(whole, half)) {
                    IllegalArgumentException e =
                            Assert.expectThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            layer.forward(
                                                    new ParameterStore(manager, false),
                                                    new NDList(x),
                                                    training));
                    Assert.assertTrue(e.getMessage().contains("float32"), e.getMessage());
                }
            }
        }
    }
}
