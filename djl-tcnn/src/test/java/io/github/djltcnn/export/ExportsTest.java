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
package io.github.djltcnn.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.onnxruntime.OrtSession;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.testing.files.Folders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Models leave the library and compute the same elsewhere, or are refused by name. */
public class ExportsTest {

    private static final Shape ONE = new Shape(3, 8, 8);
    private static final Shape INPUT = new Shape(1, 3, 8, 8);

    /** A convolution, a norm with statistics as after training, a pool and a linear layer. */
    static Block small(NDManager manager) {
        Block block =
                new SequentialBlock()
                        .add(
                                Conv2d.builder()
                                        .setFilters(8)
                                        .setKernelShape(new Shape(3, 3))
                                        .optPadding(new Shape(1, 1))
                                        .build())
                        .add(BatchNorm.builder().build())
                        .add(Activation.reluBlock())
                        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(5).build());
        block.initialize(manager, DataType.FLOAT32, INPUT);
        Outputs.disturb(block);
        return block;
    }

    @Test
    public void convolutionNormActivationAndLinear() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            Outputs.assertExports(small(manager), ONE, ExportOptions.standard(), "small");
        }
    }

    @Test
    public void aNetworkThatNormalisesItsInput() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block =
                    new NormalizedInput(
                            small(manager),
                            new float[] {.1f, .2f, .3f},
                            new float[] {.4f, .5f, .6f});
            block.initialize(manager, DataType.FLOAT32, INPUT);
            Outputs.assertExports(block, ONE, ExportOptions.standard(), "normalised");
        }
    }

    @Test
    public void normsMayStay() throws Exception {
        ExportOptions options = ExportOptions.builder().optFoldBatchNorms(false).build();
        try (NDManager manager = NDManager.newBaseManager()) {
            Outputs.assertExports(small(manager), ONE, options, "norms");
        }
    }

    @Test
    public void allOptimizationsOfOnnxRuntimeOnAndOff() throws Exception {
        Path folder = Files.createTempDirectory("export");
        Path file = folder.resolve("small.onnx");
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = small(manager);
            Exports.onnx(block, INPUT, file, ExportOptions.standard());
            NDArray x = manager.randomNormal(new Shape(4).addAll(ONE));
            for (OrtSession.SessionOptions.OptLevel level :
                    OrtSession.SessionOptions.OptLevel.values()) {
                Outputs.assertClose(
                        Outputs.ofOnnx(file, x, level), Outputs.of(block, x), level.toString());
            }
        } finally {
            Folders.delete(folder);
        }
    }

    @Test
    public void preprocessingAndLabelsGoAlong() throws Exception {
        Path folder = Files.createTempDirectory("export");
        float[] means = {0.5f, 0.4f, 0.3f};
        float[] deviations = {0.2f, 0.25f, 0.3f};
        ExportOptions options =
                ExportOptions.builder()
                        .optPixels(true)
                        .optNormalize(means, deviations)
                        .optLabels(List.of("a", "b", "c", "d", "e"))
                        .build();
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = small(manager);
            Path torch = folder.resolve("small.pt");
            Path onnx = folder.resolve("small.onnx");
            ExportReport report = Exports.torchScript(block, INPUT, torch, options);
            Exports.onnx(block, INPUT, onnx, options);
            Assert.assertEquals(report.fileBytes(), Files.size(torch));
            Assert.assertTrue(report.toString().contains("(N, 3, 8, 8)"), report.toString());
            NDArray pixels =
                    manager.randomInteger(0, 256, new Shape(2).addAll(ONE), DataType.INT32)
                            .toType(DataType.FLOAT32, false);
            NDArray mean = manager.create(means, new Shape(1, 3, 1, 1));
            NDArray deviation = manager.create(deviations, new Shape(1, 3, 1, 1));
            NDArray wanted = Outputs.of(block, pixels.div(255).sub(mean).div(deviation));
            Outputs.assertClose(Outputs.ofTorchScript(torch, pixels), wanted, "TorchScript");
            Outputs.assertClose(
                    Outputs.ofOnnx(onnx, pixels, OrtSession.SessionOptions.OptLevel.ALL_OPT),
                    wanted,
                    "ONNX");
            Assert.assertEquals(
                    Files.readAllLines(folder.resolve("synset.txt")),
                    List.of("a", "b", "c", "d", "e"));
            Assert.assertEquals(
                    OnnxChecker.check(onnx).getMetadataProps(0).getValue(), "a\nb\nc\nd\ne");
        } finally {
            Folders.delete(folder);
        }
    }

    /** Lambdas that compute what can be written down. */
    @DataProvider
    public Object[][] lambdas() {
        return new Object[][] {
            {"reads a slice", (UnaryOperator<NDArray>) x -> x.get(":, 1:3, ::2, 1")},
            {"splits", (UnaryOperator<NDArray>) x -> x.split(new long[] {1}, 1).get(1)},
            {"stacks", (UnaryOperator<NDArray>) x -> x.stack(x.neg(), 1)},
            {"concatenates", (UnaryOperator<NDArray>) x -> x.concat(x.abs(), -1)},
            {"pads", (UnaryOperator<NDArray>) x -> x.pad(new Shape(1, 2, 0, 1), 0.5)},
            {"swaps axes", (UnaryOperator<NDArray>) x -> x.swapAxes(1, 3)},
            {"reduces", (UnaryOperator<NDArray>) x -> x.max(new int[] {-1}, true)},
            {"means", (UnaryOperator<NDArray>) x -> x.mean(new int[] {1}).softmax(-1)},
            {"changes in place", (UnaryOperator<NDArray>) x -> x.mul(2).addi(1).muli(x)},
            {"batch of zeros", (UnaryOperator<NDArray>) ExportsTest::zeros},
            {"gelu", (UnaryOperator<NDArray>) x -> Activation.gelu(x)},
            {"mish", (UnaryOperator<NDArray>) x -> Activation.mish(x)},
            {"swish", (UnaryOperator<NDArray>) x -> Activation.swish(x, 1.5f)},
            {"softsign", (UnaryOperator<NDArray>) x -> Activation.softSign(x)},
            {"elu", (UnaryOperator<NDArray>) x -> Activation.elu(x, 1.2f)},
            {"clips", (UnaryOperator<NDArray>) x -> x.clip(-0.5, 0.5).square().sqrt()},
            {"products", (UnaryOperator<NDArray>) x -> x.matMul(x.transpose(0, 1, 3, 2))},
            {
                "picks",
                (UnaryOperator<NDArray>) x -> x.getNDArrayInternal().where(x.gt(0), x.mul(3))
            },
        };
    }

    private static NDArray zeros(NDArray x) {
        return x.add(x.getManager().zeros(x.getShape()).add(2));
    }

    @Test(dataProvider = "lambdas")
    public void lambdasAreWrittenDown(String name, UnaryOperator<NDArray> lambda) throws Exception {
        Block block = LambdaBlock.singleton(lambda);
        Outputs.assertExports(block, ONE, ExportOptions.standard(), name);
    }

    /** Lambdas that do not, and what is said of them. */
    @DataProvider
    public Object[][] foreign() {
        return new Object[][] {
            {(UnaryOperator<NDArray>) x -> x.mul(x.sum().getFloat()), "read into Java"},
            {(UnaryOperator<NDArray>) x -> x.sort(1), "sort"},
            {(UnaryOperator<NDArray>) x -> x.getNDArrayInternal().resize(4, 4, 1), "resize"},
            {
                (UnaryOperator<NDArray>) x -> x.add(x.getManager().randomNormal(x.getShape())),
                "randomNormal"
            },
            {(UnaryOperator<NDArray>) ExportsTest::staleView, "in place"},
            {(UnaryOperator<NDArray>) x -> x.mul(x.getShape().get(0) - 7), "batch size"},
            {(UnaryOperator<NDArray>) x -> x.getShape().get(0) > 1 ? x.mul(2) : x, "batch size"},
        };
    }

    private static NDArray staleView(NDArray x) {
        NDArray sum = x.add(1);
        NDArray view = sum.reshape(x.getShape().get(0), -1);
        sum.muli(3);
        return view;
    }

    @Test(dataProvider = "foreign")
    public void whatCannotBeWrittenDownIsRefused(UnaryOperator<NDArray> lambda, String reason)
            throws Exception {
        Path folder = Files.createTempDirectory("export");
        try (NDManager manager = NDManager.newBaseManager()) {
            Block inner = new SequentialBlock().add(Activation.reluBlock());
            ((SequentialBlock) inner).add(LambdaBlock.singleton(lambda, "odd"));
            Block block = new SequentialBlock().add(Activation.reluBlock()).add(inner);
            block.initialize(manager, DataType.FLOAT32, INPUT);
            IllegalArgumentException refusal =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    Exports.torchScript(
                                            block,
                                            INPUT,
                                            folder.resolve("a.pt"),
                                            ExportOptions.standard()));
            Assert.assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
            if (!"batch size".equals(reason) && !refusal.getMessage().contains("through another")) {
                Assert.assertTrue(
                        refusal.getMessage().contains("02SequentialBlock/02LambdaBlock"),
                        refusal.getMessage());
            }
            try (java.util.stream.Stream<Path> files = Files.list(folder)) {
                Assert.assertEquals(files.count(), 0);
            }
        } finally {
            Folders.delete(folder);
        }
    }

    @Test
    public void changingTheInputIsRefused() {
        Block block = LambdaBlock.singleton(x -> x.addi(1));
        IllegalArgumentException refusal =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> Compiled.of(block, INPUT));
        Assert.assertTrue(refusal.getMessage().contains("in place"), refusal.getMessage());
    }

    @Test
    public void blocksWithoutNumbersAreRefused() {
        Block block = Linear.builder().setUnits(3).build();
        IllegalArgumentException refusal =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> Compiled.of(block, new Shape(1, 4)));
        Assert.assertTrue(refusal.getMessage().contains("initialize"), refusal.getMessage());
    }

    @Test
    public void nothingIsAttachedToTheManagerOfTheModel() throws Exception {
        Path folder = Files.createTempDirectory("export");
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = small(manager);
            int before = manager.getManagedArrays().size();
            manager.cap();
            Exports.torchScript(block, INPUT, folder.resolve("a.pt"), ExportOptions.standard());
            Exports.onnx(block, INPUT, folder.resolve("a.onnx"), ExportOptions.standard());
            Assert.assertEquals(manager.getManagedArrays().size(), before);
        } finally {
            Folders.delete(folder);
        }
    }
}
