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

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Exports of models that were never loaded, and inputs that a compiled block was not made for. */
public class HostileExportTest {

    private static final Shape INPUT = new Shape(1, 3, 4, 4);

    private static Model model() {
        Model model = Model.newInstance("made");
        Block block =
                new SequentialBlock()
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(2).build());
        block.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
        model.setBlock(block);
        return model;
    }

    private static Path file() throws IOException {
        return Files.createTempDirectory("export").resolve("model.out");
    }

    /** A model that was made and not loaded has no folder to look for labels in. */
    @Test
    void testModelOfNoFolder() throws IOException {
        try (Model model = model()) {
            Path torch = file();
            Exports.torchScript(model, INPUT, torch);
            Assert.assertTrue(Files.size(torch) > 0);
            Path onnx = file();
            Exports.onnx(model, INPUT, onnx);
            Assert.assertTrue(Files.size(onnx) > 0);
            Assert.assertFalse(Files.exists(onnx.resolveSibling("synset.txt")));
        }
    }

    @Test
    void testLabelsThatDoNotFit() throws IOException {
        try (Model model = model()) {
            Path file = file();
            ExportOptions one = ExportOptions.builder().optLabels(List.of("cat")).build();
            String message =
                    Assert.expectThrows(
                                    IllegalArgumentException.class,
                                    () -> Exports.onnx(model, INPUT, file, one))
                            .getMessage();
            Assert.assertTrue(
                    message.contains("1 labels") && message.contains("2 outputs"), message);
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> Exports.torchScript(model, INPUT, file, one));
            Assert.assertFalse(Files.exists(file));
            for (String label : List.of("a\nb", "a\n", "\r", "\uD800")) {
                Assert.assertThrows(
                        IllegalArgumentException.class,
                        () -> ExportOptions.builder().optLabels(List.of(label, "c")));
            }
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            ExportOptions.builder()
                                    .optNormalize(
                                            new float[1], new float[] {Float.POSITIVE_INFINITY}));
        }
    }

    @Test
    void testBlockWithoutOutput() throws IOException {
        Path file = file();
        for (NDList nothing : new NDList[] {null, new NDList()}) {
            Block block = new LambdaBlock(list -> nothing);
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> Exports.onnx(block, INPUT, file, ExportOptions.standard()));
        }
        Assert.assertFalse(Files.exists(file));
    }

    @Test
    void testCompiledTakesWhatItWasMadeFor() {
        try (Model model = model();
                NDManager manager = NDManager.newBaseManager();
                Compiled compiled = Compiled.of(model, INPUT)) {
            ParameterStore store = new ParameterStore(manager, false);
            NDArray right = manager.ones(new Shape(5, 3, 4, 4));
            Assert.assertEquals(
                    compiled.forward(store, new NDList(right), false).head().getShape(),
                    new Shape(5, 2));
            NDList[] wrong = {
                new NDList(),
                new NDList(right, right),
                new NDList(manager.ones(new Shape(1, 3, 5, 5))),
                new NDList(manager.ones(new Shape(1, 4, 4, 4))),
                new NDList(manager.ones(new Shape(3))),
                new NDList(manager.ones(INPUT, DataType.INT32)),
                new NDList(manager.ones(INPUT, DataType.UINT8)),
                new NDList(manager.ones(INPUT, DataType.FLOAT64)),
            };
            for (NDList inputs : wrong) {
                String message =
                        Assert.expectThrows(
                                        IllegalArgumentException.class,
                                        () -> compiled.forward(store, inputs, false))
                                .getMessage();
                Assert.assertTrue(message.contains("float32"), message);
                Assert.assertTrue(message.contains("(1, 3, 4, 4)"), message);
            }
            Shape[] scalar = {new Shape()};
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> compiled.getOutputShapes(scalar));
        }
    }

    /** What a training that diverged leaves is not handed on unseen. */
    @Test
    void testNumbersThatAreNotFinite() throws IOException {
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            try (Model model = model()) {
                NDArray weight = model.getBlock().getParameters().valueAt(0).getArray();
                weight.set(new NDIndex("1, 2"), bad);
                Path file = file();
                String torch = refusal(() -> Exports.torchScript(model, INPUT, file));
                Assert.assertTrue(torch.contains("parameter 02Linear_weight has values"), torch);
                Assert.assertTrue(torch.contains("optNonFinite(true)"), torch);
                Assert.assertEquals(refusal(() -> Exports.onnx(model, INPUT, file)), torch);
                Assert.assertEquals(refusal(() -> Compiled.of(model, INPUT)), torch);
                Assert.assertFalse(Files.exists(file));
                ExportOptions all = ExportOptions.builder().optNonFinite(true).build();
                Exports.onnx(model, INPUT, file, all);
                Assert.assertTrue(Files.size(file) > 0);
            }
        }
    }

    /** Parameters may be finite, and what becomes of them not. */
    @Test
    void testWeightsThatBecomeInfinite() throws IOException {
        Block block =
                new SequentialBlock()
                        .add(Conv2d.builder().setFilters(2).setKernelShape(new Shape(1, 1)).build())
                        .add(BatchNorm.builder().build());
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, INPUT);
            block.getParameters().valueAt(0).getArray().addi(1e30);
            NDArray gamma = block.getParameters().get("02BatchNorm_gamma").getArray();
            gamma.muli(1e30);
            Path file = file();
            String message =
                    refusal(() -> Exports.onnx(block, INPUT, file, ExportOptions.standard()));
            Assert.assertTrue(
                    message.contains("01Conv2d_weight makes weights of the export that are not"),
                    message);
            ExportOptions apart = ExportOptions.builder().optFoldBatchNorms(false).build();
            Exports.onnx(block, INPUT, file, apart);
        }
    }

    private static String refusal(Assert.ThrowingRunnable export) {
        return Assert.expectThrows(IllegalArgumentException.class, export).getMessage();
    }

    /** A mask of infinite numbers is part of a block, and not of a diverged training. */
    @Test
    void testMasksMayBeInfinite() throws IOException {
        Block block =
                LambdaBlock.singleton(
                        x ->
                                x.maximum(
                                        x.getManager()
                                                .create(
                                                        new float[] {Float.NEGATIVE_INFINITY, 0f},
                                                        new Shape(1, 2))));
        Path file = file();
        Exports.onnx(block, new Shape(1, 2), file, ExportOptions.standard());
        Assert.assertTrue(Files.size(file) > 0);
    }
}
