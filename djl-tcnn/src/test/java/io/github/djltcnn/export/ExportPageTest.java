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
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.translate.NoopTranslator;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.github.djltcnn.torchscript.Linalg;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What docs/export.md shows is what runs here. */
public class ExportPageTest {

    private static final Path PAGE = Path.of("../docs/export.md");
    private static final Path SOURCE =
            Path.of("src/test/java/io/github/djltcnn/export/ExportPageTest.java");
    private static final Pattern SNIPPET = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    public void everySnippetIsInThisClass() throws Exception {
        String source = plain(Files.readString(SOURCE));
        Matcher snippets = SNIPPET.matcher(Files.readString(PAGE));
        int number = 0;
        while (snippets.find()) {
            Assert.assertTrue(source.contains(plain(snippets.group(1))), snippets.group(1));
            number++;
        }
        Assert.assertEquals(number, 6);
    }

    private static String plain(String code) {
        return code.replaceAll("\\s", "");
    }

    @Test
    public void torchScriptRuns() throws Exception {
        Path folder = Files.createTempDirectory("small");
        NDList scores;
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("small", "PyTorch")) {
            Block block = ExportsTest.small(manager);
            model.setBlock(block);
            NDArray images = manager.randomNormal(new Shape(2, 3, 8, 8));
            ExportReport report =
                    Exports.torchScript(model, new Shape(1, 3, 8, 8), folder.resolve("small.pt"));
            Assert.assertTrue(report.weightBytes() > 0);
            try (Model loaded = Model.newInstance("small", "PyTorch")) {
                loaded.load(folder);
                try (Predictor<NDList, NDList> predictor =
                        loaded.newPredictor(new NoopTranslator())) {
                    scores = predictor.predict(new NDList(images));
                }
            }
            Outputs.assertClose(scores.head(), Outputs.of(block, images), "TorchScript");
        } finally {
            Outputs.delete(folder);
        }
    }

    @Test
    public void onnxRuns() throws Exception {
        Path folder = Files.createTempDirectory("small");
        float[] image = new float[3 * 8 * 8];
        Arrays.fill(image, 100);
        float[] logits;
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("small", "PyTorch")) {
            model.setBlock(ExportsTest.small(manager));
            ExportOptions options =
                    ExportOptions.builder()
                            .optPixels(true)
                            .optNormalize(
                                    new float[] {0.5f, 0.5f, 0.5f},
                                    new float[] {0.25f, 0.25f, 0.25f})
                            .optLabels(List.of("cat", "dog", "bird", "fish", "none"))
                            .build();
            Exports.onnx(model, new Shape(1, 3, 8, 8), folder.resolve("small.onnx"), options);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (OrtSession session =
                            environment.createSession(folder.resolve("small.onnx").toString());
                    OnnxTensor pixels =
                            OnnxTensor.createTensor(
                                    environment, FloatBuffer.wrap(image), new long[] {1, 3, 8, 8});
                    OrtSession.Result result = session.run(Map.of("input", pixels))) {
                logits = ((float[][]) result.get(0).getValue())[0];
            }
            NDArray x = manager.create(image, new Shape(1, 3, 8, 8)).div(255).sub(0.5).div(0.25);
            NDArray wanted = Outputs.of(model.getBlock(), x);
            Outputs.assertClose(manager.create(logits, new Shape(1, 5)), wanted, "ONNX");
        } finally {
            Outputs.delete(folder);
        }
    }

    @Test
    public void compiledRuns() throws Exception {
        NDList scores;
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("small", "PyTorch")) {
            Block block = ExportsTest.small(manager);
            model.setBlock(block);
            NDArray images = manager.randomNormal(new Shape(2, 3, 8, 8));
            try (Compiled compiled = Compiled.of(model, new Shape(1, 3, 8, 8))) {
                model.setBlock(compiled);
                try (Predictor<NDList, NDList> predictor =
                        model.newPredictor(new NoopTranslator())) {
                    scores = predictor.predict(new NDList(images));
                }
            }
            Outputs.assertClose(scores.head(), Outputs.of(block, images), "compiled");
        }
    }

    @Test
    public void linearAlgebraRuns() {
        NDArray product;
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray matrix = manager.randomNormal(new Shape(4, 3));
            try (Linalg.Svd svd = Linalg.svd(matrix)) {
                product = svd.u().mul(svd.s()).matMul(svd.vt());
            }
            Outputs.assertClose(product, matrix, "svd");
        }
    }
}
