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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
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
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> ExportOptions.builder().optLabels(List.of("a\nb", "c")));
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
}
