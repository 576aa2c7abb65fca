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
package io.github.djltcnn.models;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.translate.NoopTranslator;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.testing.files.Folders;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Saved folders whose model is compiled for predictions, by each way of asking for it. */
public class CompileOptionTest {

    private static final float[] MEAN = {.5f, .4f, .3f};
    private static final float[] DEVIATION = {.2f, .25f, .3f};
    private static final List<String> LABELS = List.of("a", "b", "c", "d");

    private Path root;
    private Path folder;
    private float[] pixels;
    private float[] expected;

    /** Saves a converted model that normalises its input, and what it predicts. */
    @BeforeClass
    public void save() throws IOException {
        root = Files.createTempDirectory("compile-option");
        folder = root.resolve("tiny");
        try (Model model = Model.newInstance("tiny")) {
            Block block = TinyNet.initialized(model.getNDManager());
            Tensorizer.builder()
                    .setFormat(TensorFormats.tucker2(Rank.of(3)))
                    .optKeepFirst(true)
                    .build()
                    .convert(block, TinyNet.INPUT);
            model.setBlock(block);
            TensorialModels.setNormalization(model, MEAN, DEVIATION);
            TensorialModels.save(
                    model,
                    folder,
                    new SaveOptions()
                            .optBase(TinyNet.class, Map.of("classes", "4"))
                            .optLabels(LABELS));
            NDManager manager = model.getNDManager();
            NDArray x = manager.randomUniform(0, 1, new Shape(3, 3, 8, 8));
            pixels = x.toFloatArray();
            expected = TinyNet.forward(model.getBlock(), manager, x).toFloatArray();
        }
    }

    /** Deletes what was saved. */
    @AfterClass(alwaysRun = true)
    public void delete() throws IOException {
        Folders.delete(root);
    }

    private static Compiled compiled(Model model) {
        Block block = model.getBlock();
        Assert.assertTrue(block instanceof NormalizedInput, block.getClass().getName());
        Block network = ((NormalizedInput) block).getBlock();
        Assert.assertTrue(network instanceof Compiled, network.getClass().getName());
        return (Compiled) network;
    }

    private void assertPredicts(Model model) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
            NDArray x = manager.create(pixels, new Shape(3, 3, 8, 8));
            float[] all = predictor.predict(new NDList(x)).head().toFloatArray();
            Assert.assertEquals(all, expected, 1e-5f);
            float[] last = predictor.predict(new NDList(x.get("2:"))).head().toFloatArray();
            for (int n = 0; n < last.length; n++) {
                Assert.assertEquals(last[n], expected[2 * last.length + n], 1e-5f);
            }
        }
    }

    private static Criteria.Builder<NDList, NDList> criteria(Path folder) {
        return Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optTranslator(new NoopTranslator())
                .optModelPath(folder);
    }

    @Test
    public void byTheOptionOfLoading() throws Exception {
        Compiled block;
        try (Model model = TensorialModels.load(folder, new LoadOptions().optCompile(true))) {
            block = compiled(model);
            assertPredicts(model);
            ModelInfo info = ModelInfo.of(model);
            Assert.assertEquals(info.labels(), LABELS);
            Assert.assertEquals(info.mean(), List.of(.5f, .4f, .3f));
            Assert.assertEquals(info.input(), new Shape(1, 3, 8, 8));
            Assert.assertEquals(info.output(), new Shape(1, 4));
            Assert.assertEquals(model.getBlock().getParameters().size(), 0);
            Assert.assertSame(Compiled.replace(model), block);
        }
        // The model was its owner.
        try (NDManager manager = NDManager.newBaseManager()) {
            Assert.expectThrows(
                    IllegalStateException.class,
                    () -> TinyNet.forward(block, manager, manager.ones(TinyNet.INPUT)));
        }
    }

    /** Values of the argument as code and as texts. */
    @DataProvider
    public Object[][] values() {
        return new Object[][] {{"true"}, {true}, {" True"}};
    }

    @Test(dataProvider = "values")
    public void byAnArgumentOfCriteria(Object value) throws Exception {
        try (ZooModel<NDList, NDList> model =
                criteria(folder).optArgument("compile", value).build().loadModel()) {
            compiled(model);
            assertPredicts(model);
        }
    }

    @Test
    public void byTheOptionOfSaving() throws Exception {
        Path served = root.resolve("served");
        try (Model model = TensorialModels.load(folder)) {
            TensorialModels.save(model, served, new SaveOptions().optCompile(true));
            try (ZooModel<NDList, NDList> loaded = criteria(served).build().loadModel()) {
                compiled(loaded);
                assertPredicts(loaded);
            }
            // Whoever loads it may still say no, and who loads it here wants to train it.
            try (ZooModel<NDList, NDList> loaded =
                            criteria(served).optArgument("compile", "false").build().loadModel();
                    Model plain = TensorialModels.load(served)) {
                Assert.assertTrue(loaded.getBlock().getParameters().size() > 0);
                Assert.assertTrue(plain.getBlock().getParameters().size() > 0);
                assertPredicts(loaded);
            }
            // A save that says nothing leaves what the folder says; one that says no does not.
            TensorialModels.save(model, served);
            Assert.assertTrue(properties(served).contains("compile=true"));
            TensorialModels.save(model, served, new SaveOptions().optCompile(false));
            Assert.assertFalse(properties(served).contains("compile"));
        }
    }

    private static String properties(Path folder) throws IOException {
        return Files.readString(folder.resolve("serving.properties"));
    }

    @Test
    public void byALineInTheProperties() throws Exception {
        Path edited = root.resolve("edited");
        try (Model model = TensorialModels.load(folder)) {
            TensorialModels.save(model, edited);
        }
        Files.writeString(
                edited.resolve("serving.properties"), "compile=true\n", StandardOpenOption.APPEND);
        BufferedImage picture = new BufferedImage(9, 11, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(4, 4, 0xff8020);
        Image image = ImageFactory.getInstance().fromImage(picture);
        try (ZooModel<Image, Classifications> model = images(edited);
                Predictor<Image, Classifications> predictor = model.newPredictor();
                ZooModel<Image, Classifications> plain = images(folder);
                Predictor<Image, Classifications> eager = plain.newPredictor()) {
            compiled(model);
            Classifications found = predictor.predict(image);
            Classifications wanted = eager.predict(image);
            Assert.assertEquals(found.getClassNames(), LABELS);
            for (String label : LABELS) {
                Assert.assertEquals(
                        found.get(label).getProbability(),
                        wanted.get(label).getProbability(),
                        1e-5);
            }
        }
    }

    private static ZooModel<Image, Classifications> images(Path folder) throws Exception {
        return Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optModelPath(folder)
                .build()
                .loadModel();
    }

    @Test
    public void anotherValueIsRefused() {
        Exception refusal =
                Assert.expectThrows(
                        Exception.class,
                        () -> criteria(folder).optArgument("compile", "yes").build().loadModel());
        Assert.assertTrue(
                refusal.getMessage().contains("compile is true or false, got \"yes\""),
                refusal.getMessage());
    }

    @Test
    public void bytesArePixelsAsBefore() throws Exception {
        try (Model model = TensorialModels.load(folder, new LoadOptions().optCompile(true));
                Model plain = TensorialModels.load(folder)) {
            NDManager manager = model.getNDManager();
            NDArray bytes =
                    manager.arange(0, 192, 1).toType(DataType.UINT8, false).reshape(1, 3, 8, 8);
            float[] found = TinyNet.forward(model.getBlock(), manager, bytes).toFloatArray();
            float[] wanted = TinyNet.forward(plain.getBlock(), manager, bytes).toFloatArray();
            Assert.assertEquals(found, wanted, 1e-5f);
        }
    }

    @Test
    public void itIsNeitherTrainedNorSavedNorConverted() throws Exception {
        Path elsewhere = root.resolve("elsewhere");
        try (Model model = TensorialModels.load(folder, new LoadOptions().optCompile(true))) {
            IllegalArgumentException saving =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> TensorialModels.save(model, elsewhere));
            Assert.assertTrue(
                    saving.getMessage().contains("load it without compile=true"),
                    saving.getMessage());
            Assert.assertFalse(Files.exists(elsewhere));
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss());
            try (Trainer trainer = model.newTrainer(config);
                    NDManager manager = model.getNDManager().newSubManager()) {
                trainer.initialize(TinyNet.INPUT);
                IllegalStateException training =
                        Assert.expectThrows(
                                IllegalStateException.class,
                                () -> {
                                    GradientCollector collector = trainer.newGradientCollector();
                                    try {
                                        trainer.forward(new NDList(manager.ones(TinyNet.INPUT)));
                                    } finally {
                                        collector.close();
                                    }
                                });
                Assert.assertTrue(
                        training.getMessage().contains("without compile=true"),
                        training.getMessage());
            }
            int layers =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .build()
                            .convert(model.getBlock(), TinyNet.INPUT)
                            .report()
                            .layers()
                            .size();
            Assert.assertEquals(layers, 0);
            assertPredicts(model);
        }
    }

    @Test
    public void aModelWithoutNumbersIsRefused() {
        try (Model model = Model.newInstance("tiny")) {
            IllegalArgumentException none =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> Compiled.replace(model));
            model.setBlock(TinyNet.block(4));
            IllegalArgumentException raw =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> Compiled.replace(model));
            Assert.assertEquals(raw.getMessage(), none.getMessage());
            Assert.assertTrue(raw.getMessage().contains("load or initialize"), raw.getMessage());
        }
    }

    @Test
    public void predictionsLeaveNothingWithTheModel() throws Exception {
        try (Model model = TensorialModels.load(folder, new LoadOptions().optCompile(true));
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
                NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(pixels, new Shape(3, 3, 8, 8));
            model.getNDManager().cap();
            for (int n = 0; n < 20; n++) {
                predictor.predict(new NDList(x)).close();
            }
            Assert.assertEquals(model.getNDManager().getManagedArrays().size(), 0);
        }
    }
}
