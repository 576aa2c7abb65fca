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
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.testing.files.Folders;
import io.github.djltcnn.torchscript.Linalg;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What docs/export.md shows is what runs here. */
public class ExportPageTest {

    private static final Path PAGE = Path.of("../docs/export.md");
    private static final Path SOURCE =
            Path.of("src/test/java/io/github/djltcnn/export/ExportPageTest.java");
    private static final Path OTHER_SOURCE =
            Path.of(
                    "../integration-tests/src/test/java/io/github/djltcnn/integration/"
                            + "OnnxEngineTest.java");
    private static final Pattern SNIPPET = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern PROPERTIES =
            Pattern.compile("```properties\\n(.*?)```", Pattern.DOTALL);

    @Test
    public void everySnippetIsInATest() throws Exception {
        String source = plain(Files.readString(SOURCE) + Files.readString(OTHER_SOURCE));
        Matcher snippets = SNIPPET.matcher(Files.readString(PAGE));
        int number = 0;
        while (snippets.find()) {
            Assert.assertTrue(source.contains(plain(snippets.group(1))), snippets.group(1));
            number++;
        }
        Assert.assertEquals(number, 9);
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
            Folders.delete(folder);
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
            Folders.delete(folder);
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

    /** The folder of a `.pt` file as DJL Serving is given it, through the loader that it uses. */
    @Test
    public void theFolderForServingRuns() throws Exception {
        Path folder = Files.createDirectory(Files.createTempDirectory("serving").resolve("small"));
        Matcher properties = PROPERTIES.matcher(Files.readString(PAGE));
        Assert.assertTrue(properties.find());
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("small", "PyTorch")) {
            model.setBlock(ExportsTest.small(manager));
            ExportOptions options =
                    ExportOptions.builder().optLabels(List.of("a", "b", "c", "d", "e")).build();
            Exports.torchScript(model, new Shape(1, 3, 8, 8), folder.resolve("small.pt"), options);
            Files.writeString(folder.resolve("serving.properties"), properties.group(1));
            Criteria<Input, Output> criteria =
                    Criteria.builder()
                            .setTypes(Input.class, Output.class)
                            .optModelUrls(folder.toUri().toString())
                            .build();
            try (ZooModel<Input, Output> served = criteria.loadModel();
                    Predictor<Input, Output> predictor = served.newPredictor()) {
                Input input = new Input();
                input.add("data", png());
                Output output = predictor.predict(input);
                Classifications found = (Classifications) output.getData();
                NDArray wanted =
                        Outputs.of(model.getBlock(), manager.full(new Shape(1, 3, 8, 8), 0.2f))
                                .softmax(1);
                for (int n = 0; n < 5; n++) {
                    double probability =
                            found.get(List.of("a", "b", "c", "d", "e").get(n)).getProbability();
                    Assert.assertEquals(probability, wanted.getFloat(0, n), 1e-5);
                }
            }
        } finally {
            Folders.delete(folder.getParent());
        }
    }

    /** Grey of 51 of 255. */
    private static byte[] png() throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int n = 0; n < 64; n++) {
            image.setRGB(n % 8, n / 8, 0x333333);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    @Test
    public void compileByOneOptionRuns() throws Exception {
        Path root = Files.createTempDirectory("compile");
        Path folder = root.resolve("tiny");
        Class<TinyNet> factory = TinyNet.class;
        try (Model model = Model.newInstance("tiny", "PyTorch")) {
            model.setBlock(TinyNet.initialized(model.getNDManager()));
            TensorialModels.save(
                    model, folder, new SaveOptions().optBase(factory, Map.of()).optCompile(true));
            Criteria<NDList, NDList> criteria =
                    Criteria.builder()
                            .setTypes(NDList.class, NDList.class)
                            .optModelPath(folder)
                            .optArgument("compile", "true")
                            .optTranslator(new NoopTranslator())
                            .build();
            try (ZooModel<NDList, NDList> compiled = criteria.loadModel();
                    Predictor<NDList, NDList> predictor = compiled.newPredictor()) {
                Assert.assertTrue(compiled.getBlock() instanceof Compiled);
                NDArray x = model.getNDManager().randomNormal(TinyNet.INPUT);
                Outputs.assertClose(
                        predictor.predict(new NDList(x)).head(),
                        Outputs.of(model.getBlock(), x),
                        "compiled by option");
            }
        } finally {
            Folders.delete(root);
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
