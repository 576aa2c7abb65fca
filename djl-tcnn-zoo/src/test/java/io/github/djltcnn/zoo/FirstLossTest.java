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
package io.github.djltcnn.zoo;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import io.github.djltcnn.initializer.TensorialInitializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Every network of the zoo starts to train from the loss of a guess, ln(classes). */
public class FirstLossTest {

    private static final double CLOSE = 0.05;
    private static final int SEEDS = 4;
    private static final int BATCH = 16;

    /** Every family, and the depths. */
    @DataProvider
    public Object[][] names() {
        return Stream.of(
                        "resnet20",
                        "tr_resnet20_r10",
                        "tt_resnet20_r4",
                        "cp_resnet20_r2",
                        "tk2_resnet20_r4",
                        "htk2_resnet20_r4",
                        "bt_resnet20_r2",
                        "tr_resnet32_r4",
                        "tk2_resnet56_r4",
                        "resnet110",
                        "resnet18",
                        "cp_resnet50_r4")
                .map(name -> new Object[] {name})
                .toArray(Object[][]::new);
    }

    @Test(dataProvider = "names")
    public void isThatOfAGuess(String name) {
        ResNetSpec named = ResNetSpec.parse(name);
        boolean small = ResNetSpec.CIFAR_LAYERS.contains(named.layers());
        int[] classes = {10, 100, 1000, 10};
        for (int seed = 0; seed < SEEDS; seed++) {
            int size = small ? 8 : 33;
            ResNetSpec spec =
                    named.withOutSize(classes[seed])
                            .withImage(new Shape(seed % 2 == 0 ? 3 : 1, size, size))
                            .withSeed(seed);
            try (Model model = TcnnZoo.create(spec)) {
                check(model.getBlock(), spec, name);
            }
        }
    }

    private static void check(Block block, ResNetSpec spec, String name) {
        double guess = Math.log(spec.outSize());
        try (NDManager manager = NDManager.newBaseManager()) {
            for (NDArray images : List.of(noise(manager, spec), smooth(manager, spec))) {
                double loss = loss(block, images, spec.outSize());
                Assert.assertEquals(loss, guess, CLOSE * guess, name + " " + spec);
            }
        }
    }

    private static NDArray noise(NDManager manager, ResNetSpec spec) {
        return manager.randomNormal(new Shape(BATCH).addAll(spec.image()));
    }

    /** Neighbours alike and images of different brightness, as in photographs. */
    private static NDArray smooth(NDManager manager, ResNetSpec spec) {
        long rows = spec.image().get(1);
        NDArray brightness = manager.randomNormal(new Shape(BATCH, spec.image().get(0), 1, 1));
        NDArray slope = manager.randomNormal(new Shape(BATCH, 1, 1, 1));
        NDArray ramp = manager.linspace(-1, 1, (int) rows).reshape(1, 1, rows, 1);
        return brightness.add(slope.mul(ramp)).broadcast(new Shape(BATCH).addAll(spec.image()));
    }

    /** The loss of a first step. */
    private static double loss(Block block, NDArray images, int classes) {
        NDManager manager = images.getManager();
        NDList answers =
                block.forward(new ParameterStore(manager, false), new NDList(images), true);
        NDArray labels = manager.arange(BATCH).mod(classes).toType(DataType.FLOAT32, false);
        return Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), answers).getFloat();
    }

    @Test
    public void whateverInitializerDrawsTheWeights() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (String name : List.of("resnet20", "tr_resnet20_r4")) {
                ResNetSpec spec = ResNetSpec.parse(name).withImage(new Shape(1, 12, 12));
                Block block = spec.newBlock();
                block.setInitializer(new XavierInitializer(), Parameter.Type.WEIGHT);
                block.initialize(manager, DataType.FLOAT32, spec.inputShape());
                check(block, spec, name);
            }
        }
    }

    @Test
    public void theOptionsAreWhatTheNetworkStartsWith() {
        ResNetSpec spec = ResNetSpec.parse("tk2_resnet20_r4").withImage(new Shape(1, 12, 12));
        try (NDManager manager = NDManager.newBaseManager()) {
            Block plain = spec.newBuilder().optResidualGamma(0).optHeadScale(1).build();
            Block quarter = spec.newBuilder().optHeadScale(0.25f).build();
            for (Block block : List.of(plain, quarter)) {
                block.setInitializer(
                        TensorialInitializer.fanIn().withSeed(3), Parameter.Type.WEIGHT);
                block.initialize(manager, DataType.FLOAT32, spec.inputShape());
            }
            for (int core = 1; core <= 3; core++) {
                String name = "05head_02linear_core" + core;
                NDArray drawn = head(plain, core);
                NDArray scaled = head(quarter, core).div(Math.cbrt(0.25));
                Assert.assertTrue(scaled.allClose(drawn), name);
            }
            Assert.assertEquals(gammas(plain, "norm2"), List.of(0f));
            Assert.assertEquals(gammas(plain, "norm1"), List.of(1f));
            Assert.assertEquals(gammas(quarter, "norm2"), List.of((float) (1 / Math.sqrt(9))));
        }
    }

    private static NDArray head(Block block, int core) {
        return block.getParameters().stream()
                .filter(entry -> entry.getKey().endsWith("linear_core" + core))
                .findFirst()
                .orElseThrow()
                .getValue()
                .getArray();
    }

    private static List<Float> gammas(Block block, String norm) {
        return block.getParameters().stream()
                .filter(entry -> entry.getKey().matches(".*body.*" + norm + "_gamma"))
                .map(entry -> entry.getValue().getArray().toFloatArray()[0])
                .distinct()
                .toList();
    }

    /** A weight that is there is not multiplied again. */
    @Test
    public void loadedParametersStayAsTheyAre() throws Exception {
        ResNetSpec spec = ResNetSpec.parse("tr_resnet20_r4").withImage(new Shape(1, 12, 12));
        try (Model model = TcnnZoo.create(spec);
                NDManager manager = NDManager.newBaseManager()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            model.getBlock().saveParameters(new DataOutputStream(bytes));
            Block loaded = spec.newBlock();
            loaded.loadParameters(
                    manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            loaded.initialize(manager, DataType.FLOAT32, spec.inputShape());
            for (int core = 1; core <= 4; core++) {
                Assert.assertEquals(
                        head(loaded, core).toFloatArray(),
                        head(model.getBlock(), core).toFloatArray());
            }
        }
    }

    @DataProvider
    public Object[][] wrong() {
        return new Object[][] {{-0.1f}, {Float.NaN}, {Float.POSITIVE_INFINITY}};
    }

    @Test(dataProvider = "wrong")
    public void wrongOptionsAreRefused(float value) {
        TensorialResNet.Builder builder = TensorialResNet.cifar(20);
        Assert.expectThrows(IllegalArgumentException.class, () -> builder.optResidualGamma(value));
        Assert.expectThrows(IllegalArgumentException.class, () -> builder.optHeadScale(value));
        Assert.expectThrows(IllegalArgumentException.class, () -> builder.optHeadScale(0));
    }
}
