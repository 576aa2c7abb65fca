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
package io.github.djltcnn.integration;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.export.Exports;
import io.github.djltcnn.models.LoadOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.testing.files.Folders;
import io.github.djltcnn.zoo.TcnnZoo;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeSuite;
import org.testng.annotations.Test;

/** DJL with its engine for ONNX Runtime beside PyTorch's: an exported file, and models of ours. */
public class OnnxEngineTest {

    private static final int SIZE = 8;
    private static final List<String> LABELS = List.of("cat", "dog", "bird");

    private Path folder;

    /** DJL wants to be the first to start ONNX Runtime in a process, and other tests use it too. */
    @BeforeSuite
    public void startEngine() {
        Assert.assertNotNull(Engine.getEngine("OnnxRuntime"));
    }

    /** An empty folder. */
    @BeforeClass
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("onnx-engine");
    }

    /** Deletes what was written. */
    @AfterClass(alwaysRun = true)
    public void deleteFolder() throws IOException {
        Folders.delete(folder);
    }

    private static Image picture() {
        BufferedImage picture = new BufferedImage(11, 9, BufferedImage.TYPE_INT_RGB);
        for (int n = 0; n < 99; n++) {
            picture.setRGB(n % 11, n / 11, n * 0x010203);
        }
        return ImageFactory.getInstance().fromImage(picture);
    }

    @Test
    public void anExportedFileClassifiesTheSame() throws Exception {
        try (Model model = TcnnZoo.create("tr_resnet20_r4", 3, new Shape(3, SIZE, SIZE))) {
            // The numbers that pixels are normalised by are in the model, and so in the file.
            TensorialModels.setNormalization(
                    model, new float[] {.5f, .4f, .3f}, new float[] {.2f, .25f, .3f});
            TensorialModels.setLabels(model, LABELS);
            Exports.onnx(model, new Shape(1, 3, SIZE, SIZE), folder.resolve("small.onnx"));
            Criteria<Image, Classifications> criteria =
                    Criteria.builder()
                            .setTypes(Image.class, Classifications.class)
                            .optEngine("OnnxRuntime")
                            .optModelPath(folder.resolve("small.onnx"))
                            .optTranslatorFactory(new ImageClassificationTranslatorFactory())
                            .optArgument("resize", "true")
                            .optArgument("width", 8)
                            .optArgument("height", 8)
                            .optArgument("applySoftmax", "true")
                            .build();
            try (ZooModel<Image, Classifications> loaded = criteria.loadModel();
                    Predictor<Image, Classifications> predictor = loaded.newPredictor();
                    Predictor<Image, Classifications> ours =
                            model.newPredictor(
                                    TensorialModels.translator(
                                            model, Image.class, Classifications.class))) {
                Assert.assertEquals(
                        loaded.getNDManager().getEngine().getEngineName(), "OnnxRuntime");
                Classifications found = predictor.predict(picture());
                Classifications wanted = ours.predict(picture());
                Assert.assertEquals(found.getClassNames(), LABELS);
                for (String label : LABELS) {
                    Assert.assertEquals(
                            found.get(label).getProbability(),
                            wanted.get(label).getProbability(),
                            1e-5,
                            label);
                }
            }
        }
    }

    /** The other engine is there, and none of our ways takes it by mistake. */
    @Test
    public void modelsOfOursChoosePyTorch() throws Exception {
        Assert.assertTrue(Engine.getAllEngines().contains("OnnxRuntime"));
        Path saved = folder.resolve("saved");
        try (Model model = TcnnZoo.load("resnet20_fashionmnist")) {
            assertPyTorch(model);
            TensorialModels.save(model, saved);
            try (Model loaded = TensorialModels.load(saved, new LoadOptions().optCompile(true));
                    NDManager manager = loaded.getNDManager().newSubManager()) {
                assertPyTorch(loaded);
                Agreement.predict(loaded.getBlock(), manager.zeros(new Shape(1, 1, 28, 28)));
            }
            try (Compiled compiled = Compiled.of(model, new Shape(1, 1, 28, 28))) {
                Assert.assertTrue(compiled.getWeightBytes() > 0);
            }
        }
        for (String url : List.of(saved.toUri().toString(), "tcnn://tr_resnet20?rank=3")) {
            Criteria<NDList, NDList> criteria =
                    Criteria.builder()
                            .setTypes(NDList.class, NDList.class)
                            .optModelUrls(url)
                            .build();
            try (ZooModel<NDList, NDList> model = criteria.loadModel()) {
                assertPyTorch(model);
            }
        }
    }

    private static void assertPyTorch(Model model) {
        Assert.assertEquals(model.getNDManager().getEngine().getEngineName(), "PyTorch");
    }
}
