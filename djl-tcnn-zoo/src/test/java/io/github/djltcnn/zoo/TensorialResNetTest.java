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

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import com.sun.jna.Native;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Sizes, shapes and file handling of the residual networks. */
public class TensorialResNetTest {

    @DataProvider
    public Object[][] counts() {
        return new Object[][] {
            {"tr_resnet20_r10", 57_386},
            {"tr_resnet32_r10", 93_082},
            {"tt_resnet20_r10", 56_316},
            {"tt_resnet32_r10", 92_852},
            {"resnet32", 464_154},
            {"resnet18", 11_689_512},
            {"resnet34", 21_797_672},
            {"resnet50", 25_557_032},
        };
    }

    @Test(dataProvider = "counts")
    public void parameterCountsAreThePublishedOnes(String name, long expected) {
        ResNetSpec spec = ResNetSpec.parse(name);
        try (NDManager manager = NDManager.newBaseManager()) {
            Block net = spec.newBlock();
            net.setInitializer((m, shape, type) -> m.zeros(shape, type), p -> true);
            net.initialize(manager, DataType.FLOAT32, spec.inputShape());
            Assert.assertEquals(trainable(net), expected);
        }
    }

    private static long trainable(Block net) {
        return net.getParameters().values().stream()
                .filter(p -> p.getType() != Parameter.Type.RUNNING_MEAN)
                .filter(p -> p.getType() != Parameter.Type.RUNNING_VAR)
                .mapToLong(p -> p.getShape().size())
                .sum();
    }

    @DataProvider
    public Object[][] inputs() {
        return new Object[][] {
            {"tr_resnet20_r4", new Shape(2, 3, 32, 32)},
            {"tt_resnet20_r4", new Shape(1, 1, 28, 28)},
            {"tr_resnet20_r3", new Shape(2, 5, 33, 27)},
            {"cp_resnet20_r8", new Shape(1, 3, 7, 9)},
            {"tk2_resnet20_r8", new Shape(2, 3, 16, 16)},
            {"htk2_resnet20_r8", new Shape(2, 3, 16, 16)},
            {"bt_resnet20_r2", new Shape(2, 3, 16, 16)},
            {"resnet20", new Shape(2, 2, 1, 1)},
            {"tr_resnet18_r2", new Shape(1, 3, 65, 64)},
            {"tk2_resnet50_r4", new Shape(1, 3, 40, 33)},
            {"resnet34", new Shape(1, 4, 32, 32)},
        };
    }

    /** And the shapes said before are those that come out, with nothing else left behind. */
    @Test(dataProvider = "inputs")
    public void anyInputGivesOneRowPerImage(String name, Shape input) {
        ResNetSpec spec =
                ResNetSpec.parse(name)
                        .withOutSize(7)
                        .withImage(new Shape(input.get(1), input.get(2), input.get(3)));
        try (NDManager manager = NDManager.newBaseManager()) {
            Block net = ResNetBlockFactory.initialized(spec, manager);
            Shape expected = new Shape(input.get(0), 7);
            Assert.assertEquals(net.getOutputShapes(new Shape[] {input})[0], expected);
            manager.cap(); // nothing may attach to the manager of the parameters
            try (NDManager own = NDManager.newBaseManager()) {
                NDArray x = own.randomNormal(input);
                NDArray y = forward(net, manager, x);
                Assert.assertEquals(y.getShape(), expected);
                Assert.assertFalse(y.isNaN().any().getBoolean(), "not a number");
                Assert.assertFalse(y.isInfinite().any().getBoolean(), "infinite");
                Assert.assertSame(y.getManager(), x.getManager());
            }
        }
    }

    private static NDArray forward(Block net, NDManager parameters, NDArray x) {
        ParameterStore store = new ParameterStore(parameters, false);
        return net.forward(store, new NDList(x), false).singletonOrThrow();
    }

    /** Against a loop over the definition: every second pixel, zeros above and below. */
    @Test
    public void optionAShortcutThinsAndPads() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (long[] size : new long[][] {{4, 4}, {5, 7}, {1, 2}}) {
                NDArray x = manager.randomNormal(new Shape(2, 3, size[0], size[1]));
                PaddedShortcut shortcut = new PaddedShortcut(8);
                NDArray y = forward(shortcut, manager, x);
                Assert.assertEquals(
                        y.getShape(), shortcut.getOutputShapes(new Shape[] {x.getShape()})[0]);
                for (long c = 0; c < 8; c++) {
                    for (long h = 0; h < y.getShape().get(2); h++) {
                        for (long w = 0; w < y.getShape().get(3); w++) {
                            boolean live = c >= 2 && c < 5;
                            float expected = live ? x.getFloat(1, c - 2, 2 * h, 2 * w) : 0;
                            Assert.assertEquals(y.getFloat(1, c, h, w), expected);
                        }
                    }
                }
            }
        }
    }

    @Test
    public void layersAreNamedByTheirPath() {
        Block net = ResNetSpec.parse("tr_resnet20").newBlock();
        String names = String.join(" ", net.getParameters().keys());
        Assert.assertTrue(
                names.contains("02stage1_01unit1_01body_01conv1_core"), "got names " + names);
        Assert.assertTrue(names.contains("05head_02linear_core"), "got names " + names);
    }

    @Test
    public void savedAndLoadedGivesTheSameOutput() throws Exception {
        for (String name : new String[] {"tr_resnet20_r4", "tt_resnet18_r2", "resnet20"}) {
            ResNetSpec spec = ResNetSpec.parse(name).withImage(new Shape(3, 24, 24)).withSeed(3);
            try (NDManager manager = NDManager.newBaseManager()) {
                Block net = ResNetBlockFactory.initialized(spec, manager);
                Block copy = spec.newBlock();
                load(copy, manager, bytes(net));
                NDArray x = manager.randomNormal(new Shape(2, 3, 24, 24));
                NDArray difference = forward(net, manager, x).sub(forward(copy, manager, x));
                Assert.assertEquals(difference.abs().max().getFloat(), 0f);
            }
        }
    }

    private static byte[] bytes(Block net) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        net.saveParameters(new DataOutputStream(out));
        return out.toByteArray();
    }

    private static void load(Block net, NDManager manager, byte[] bytes)
            throws IOException, MalformedModelException {
        net.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    @DataProvider
    public Object[][] misfits() {
        return new Object[][] {
            {"tr_resnet20_r4", "tr_resnet20_r5", 10, "stem.conv"},
            {"tr_resnet20_r4", "tt_resnet20_r4", 10, "stem.conv"},
            {"tr_resnet20_r4", "resnet20", 10, "stem.conv"},
            {"resnet20", "tr_resnet20_r4", 10, "stem.conv"},
            {"resnet20", "resnet20", 11, "head.linear"},
            {"tr_resnet20_r4", "tr_resnet20_r4", 11, "head.linear"},
            {"resnet20", "resnet32", 10, "stage1.unit"},
            {"resnet32", "resnet20", 10, "stage"},
            {"resnet18", "resnet20", 10, "stem.conv"},
            {"tr_resnet20_r4", "tr_resnet32_r4", 10, "stage"},
        };
    }

    @Test(dataProvider = "misfits")
    public void aFileThatDoesNotFitIsRefusedByTheNameOfTheLayer(
            String saved, String loaded, int outSize, String layer) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            ResNetSpec spec =
                    ResNetSpec.parse(saved).withOutSize(10).withImage(new Shape(3, 32, 32));
            byte[] bytes = bytes(ResNetBlockFactory.initialized(spec, manager));
            Block other = ResNetSpec.parse(loaded).withOutSize(outSize).newBlock();
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> load(other, manager, bytes));
            Assert.assertTrue(e.getMessage().contains("Layer " + layer), e.getMessage());
        }
    }

    @Test
    public void aTruncatedFileIsRefusedByTheNameOfTheLayer() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            ResNetSpec spec = ResNetSpec.parse("tr_resnet20_r4");
            byte[] bytes = bytes(ResNetBlockFactory.initialized(spec, manager));
            for (int length = bytes.length - 1; length > 200; length -= bytes.length / 40) {
                byte[] cut = Arrays.copyOf(bytes, length);
                MalformedModelException e =
                        Assert.expectThrows(
                                MalformedModelException.class,
                                () -> load(spec.newBlock(), manager, cut));
                Assert.assertTrue(e.getMessage().startsWith("Layer "), e.getMessage());
            }
        }
    }

    /** Whatever the input: one channel or several, and whichever way it lies. */
    @Test
    public void channelsLieLastFromTheStemToTheHead() {
        for (String name : new String[] {"tr_resnet20_r4", "resnet20", "tr_resnet18_r2"}) {
            for (long channels : new long[] {1, 3}) {
                ResNetSpec spec = ResNetSpec.parse(name).withImage(new Shape(channels, 48, 48));
                try (NDManager manager = NDManager.newBaseManager()) {
                    Block net = ResNetBlockFactory.initialized(spec, manager);
                    NDArray first = manager.randomNormal(new Shape(2, channels, 48, 48));
                    NDArray last =
                            manager.randomNormal(new Shape(2, 48, 48, channels))
                                    .transpose(0, 3, 1, 2);
                    for (NDArray input : new NDArray[] {first, last}) {
                        NDArray x = input;
                        for (Pair<String, Block> child : net.getChildren()) {
                            x = forward(child.getValue(), manager, x);
                            if (!child.getKey().endsWith("head")) {
                                Assert.assertTrue(liesLast(x), name + " " + child.getKey());
                            }
                        }
                    }
                }
            }
        }
    }

    /** The memory of an array is handed out as it is, twice the same, if it is contiguous. */
    private static boolean liesLast(NDArray x) {
        NDArray turned = x.transpose(0, 2, 3, 1);
        ByteBuffer one = turned.toByteBuffer(true);
        ByteBuffer other = turned.toByteBuffer(true);
        return x.getShape().get(1) > 1
                && x.getShape().get(3) > 1
                && Native.getDirectBufferPointer(one).equals(Native.getDirectBufferPointer(other));
    }

    @Test
    public void theLayoutChangesNeitherParametersNorResults() throws Exception {
        for (String name : new String[] {"tr_resnet20_r4", "resnet20"}) {
            for (long channels : new long[] {1, 3}) {
                ResNetSpec spec = ResNetSpec.parse(name).withImage(new Shape(channels, 19, 24));
                try (NDManager manager = NDManager.newBaseManager()) {
                    Block net = ResNetBlockFactory.initialized(spec, manager);
                    TensorialResNet.Builder builder =
                            TensorialResNet.cifar(20).setOutSize(10).optChannelsLast(false);
                    if (spec.family() != ResNetFamily.DENSE) {
                        builder.optFormat(spec.family().bodyFormat(4))
                                .optStemFormat(spec.family().stemFormat(4))
                                .optHeadFormat(spec.family().headFormat(4));
                    }
                    Block plain = builder.build();
                    load(plain, manager, bytes(net));
                    NDArray x = manager.randomNormal(new Shape(2, channels, 19, 24));
                    NDArray y = forward(net, manager, x);
                    NDArray expected = forward(plain, manager, x);
                    float off = y.sub(expected).abs().max().getFloat();
                    float scale = expected.abs().max().getFloat();
                    Assert.assertTrue(off <= 1e-5 * scale, name + ": " + off + " of " + scale);
                }
            }
        }
    }

    @Test
    public void buildersRefuseWhatTheyCannotBuild() {
        check(
                "A CIFAR ResNet has 6n+2 layers (20, 32, 44, 56, 110; from 8 to 1202), got 18",
                () -> TensorialResNet.cifar(18));
        check(
                "An ImageNet ResNet has one of [18, 34, 50] layers, got 20",
                () -> TensorialResNet.imageNet(20));
        check(
                "outSize, the number of classes, is at least 1, got 0",
                () -> TensorialResNet.cifar(20).setOutSize(0));
        Assert.assertThrows(IllegalStateException.class, () -> TensorialResNet.cifar(20).build());
    }

    private static void check(String message, Assert.ThrowingRunnable code) {
        IllegalArgumentException e = Assert.expectThrows(IllegalArgumentException.class, code);
        Assert.assertEquals(e.getMessage(), message);
    }
}
