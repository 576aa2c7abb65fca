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

import ai.djl.Application;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.NoopTranslator;
import io.github.djltcnn.testing.files.Folders;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The zoo as users meet it: by name, by criteria, by URL; seeds, training, serving. */
public class TcnnZooTest {

    @DataProvider
    public Object[][] criteria() {
        return new Object[][] {
            {"tcnn://tr_resnet20?rank=4&classes=5&channels=1&height=28&width=28"},
            {"tcnn://tr_resnet20_r4?classes=5&channels=1&height=28&width=28&topK=3"},
            {"filter"},
            {"arguments"},
        };
    }

    @Test(dataProvider = "criteria")
    public void everyWayToAModelGivesTheSameParameters(String way) throws Exception {
        Criteria.Builder<NDList, NDList> builder =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optTranslator(new NoopTranslator());
        if (way.startsWith("tcnn:")) {
            builder.optModelUrls(way);
        } else {
            builder.optGroupId(TcnnZoo.GROUP_ID)
                    .optApplication(Application.CV.IMAGE_CLASSIFICATION)
                    .optArtifactId("tr_resnet")
                    .optFilter("layers", "20")
                    .optArgument("classes", 5)
                    .optArgument("channels", 1)
                    .optArgument("height", 28)
                    .optArgument("width", 28);
            if ("filter".equals(way)) {
                builder.optFilter("rank", "4");
            } else {
                builder.optArgument("rank", 4);
            }
        }
        try (Model expected = TcnnZoo.create("tr_resnet20_r4", 5, new Shape(1, 28, 28));
                ZooModel<NDList, NDList> model = builder.build().loadModel()) {
            assertSameParameters(expected, model, true);
            Assert.assertEquals(model.getName().substring(0, 11), "tr_resnet20");
        }
    }

    private static void assertSameParameters(Model a, Model b, boolean same) {
        List<Parameter> left = a.getBlock().getParameters().values();
        List<Parameter> right = b.getBlock().getParameters().values();
        Assert.assertEquals(left.size(), right.size());
        boolean equal = true;
        for (int n = 0; n < left.size(); n++) {
            Assert.assertEquals(left.get(n).getName(), right.get(n).getName());
            equal &= left.get(n).getArray().contentEquals(right.get(n).getArray());
        }
        Assert.assertEquals(equal, same);
    }

    @Test
    public void theSeedMakesTheParameters() {
        ResNetSpec spec = ResNetSpec.parse("tr_resnet20_r3");
        try (Model one = TcnnZoo.create(spec.withSeed(1));
                Model again = TcnnZoo.create(spec.withSeed(1));
                Model two = TcnnZoo.create(spec.withSeed(2))) {
            assertSameParameters(one, again, true);
            assertSameParameters(one, two, false);
        }
    }

    /** Numbers seen once stay: a change here breaks the promise that names and seeds make. */
    @Test
    public void parametersOfANameAndSeedNeverChange() {
        try (Model model = TcnnZoo.create("tr_resnet20_r10", 10, new Shape(3, 32, 32))) {
            List<Parameter> parameters = model.getBlock().getParameters().values();
            float[] first = parameters.get(0).getArray().toFloatArray();
            float[] last = parameters.get(parameters.size() - 2).getArray().toFloatArray();
            Assert.assertEquals(first.length, 300);
            Assert.assertEquals(last.length, 1000);
            float[] found = {first[0], first[299], last[0], last[999]};
            float[] expected = {-0.19601905f, -0.2377299f, 0.28236276f, 0.13614585f};
            Assert.assertEquals(found, expected, 1e-6f, Arrays.toString(found));
        }
    }

    @Test
    public void theZooIsRegisteredWithDjl() throws Exception {
        Assert.assertTrue(ModelZoo.hasModelZoo(TcnnZoo.GROUP_ID));
        Criteria<?, ?> ours =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optModelZoo(ModelZoo.getModelZoo(TcnnZoo.GROUP_ID))
                        .build();
        List<MRL> models = ModelZoo.listModels(ours).get(Application.CV.IMAGE_CLASSIFICATION);
        long count = 0;
        for (MRL mrl : models) {
            if (mrl.getGroupId().equals(TcnnZoo.GROUP_ID)) {
                for (Artifact artifact : mrl.listArtifacts()) {
                    if (!artifact.getFiles().isEmpty()) {
                        Assert.assertTrue(TcnnZoo.listTrained().contains(artifact.getName()));
                        continue;
                    }
                    ResNetSpec spec = ResNetSpec.of(artifact.getArguments());
                    Assert.assertEquals(spec.name(), artifact.getName());
                    Assert.assertEquals(artifact.getProperties().get("layers"), spec.layers() + "");
                    count++;
                }
            }
        }
        Assert.assertEquals(count, TcnnZoo.list("*").size());
    }

    @DataProvider
    public Object[][] badUrls() {
        return new Object[][] {
            {
                "tcnn://tr_resnet21",
                "No model \"tr_resnet21\" in the zoo; the nearest are tr_resnet2"
            },
            {"tcnn://tr_resnet20?rank=0", "rank is from 1 to 512, got 0"},
            {"tcnn://tr_resnet20?rnak=4", "Unknown argument \"rnak\""},
            {"tcnn://tr_resnet20?blockFactory=java.lang.Runtime", "Unknown argument"},
            {"tcnn://tr_resnet20?synsetUrl=file:///etc/passwd", "Unknown argument"},
            {"tcnn://tr_resnet20?classes=1000000000000", "whole number"},
            {"tcnn://tr_resnet20?rank=10d", "whole number"},
            {"tcnn://tr_resnet20?rank=0x1p3", "whole number"},
            {"tcnn://tr_resnet20?rank=NaN", "whole number"},
            {"tcnn://tr_resnet20?rank=", "whole number"},
            {"tcnn://tr_resnet20?height=１２", "whole number"},
            {"tcnn:///", "No model \"\""},
            {"tcnn://tr_resnet20/../x", "No model"},
        };
    }

    @Test(dataProvider = "badUrls")
    public void badUrlsAreRefusedAtOnce(String url, String message) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> Criteria.builder().optModelUrls(url));
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    public void badFiltersAreRefused() {
        Criteria.Builder<NDList, NDList> builder =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optTranslator(new NoopTranslator())
                        .optGroupId(TcnnZoo.GROUP_ID)
                        .optArtifactId("tr_resnet");
        Assert.assertThrows(
                ModelNotFoundException.class,
                () -> builder.optFilter("layers", "21").build().loadModel());
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                builder.optFilter("layers", "20")
                                        .optFilter("rank", "-1")
                                        .build()
                                        .loadModel());
        Assert.assertEquals(e.getMessage(), "rank is from 1 to 512, got -1");
    }

    @Test
    public void imagesGoInAndClassesComeOut() throws Exception {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelUrls(
                                "tcnn://tt_resnet20?rank=4&classes=3&synset=cat%2Cdog%2Cfish&seed=5")
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            Classifications result = predictor.predict(picture());
            Assert.assertEquals(result.getClassNames(), List.of("cat", "dog", "fish"));
            double sum = result.getProbabilities().stream().mapToDouble(p -> p).sum();
            Assert.assertEquals(sum, 1, 1e-5);

            // Once warm, a prediction attaches nothing to the model's manager.
            NDManager manager = model.getNDManager();
            int before = manager.getManagedArrays().size();
            manager.cap();
            for (int n = 0; n < 100; n++) {
                predictor.predict(picture());
            }
            Assert.assertEquals(manager.getManagedArrays().size(), before);
        }
    }

    private static Image picture() {
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.ORANGE);
        graphics.fillOval(5, 5, 20, 20);
        graphics.dispose();
        return ImageFactory.getInstance().fromImage(image);
    }

    /** The same by name and by filter; and what it says of itself. */
    @Test
    public void trainedModelsShipWithTheJar() throws Exception {
        Assert.assertTrue(TcnnZoo.listTrained().contains("resnet20_fashionmnist"));
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optGroupId(TcnnZoo.GROUP_ID)
                        .optArtifactId("resnet")
                        .optFilter("dataset", "fashionmnist")
                        .build();
        try (Model model = TcnnZoo.load("resnet20_fashionmnist");
                ZooModel<Image, Classifications> same = criteria.loadModel();
                Predictor<Image, Classifications> predictor = same.newPredictor()) {
            assertSameParameters(model, same, true);
            Assert.assertTrue(model.getProperty("provenance.accuracy").startsWith("0.9"));
            Assert.assertTrue(predictor.predict(picture()).getClassNames().contains("Sandal"));
        }
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> TcnnZoo.load("resnet20"));
        Assert.assertTrue(e.getMessage().contains("resnet20_fashionmnist"), e.getMessage());
    }

    @DataProvider
    public Object[][] families() {
        return TcnnZoo.list("*resnet20*").stream()
                .map(name -> new Object[] {name})
                .toArray(Object[][]::new);
    }

    /** Ready to train: ten steps on one batch of two classes bring its loss well down. */
    @Test(dataProvider = "families", singleThreaded = true)
    public void everyFamilyTrains(String name) {
        try (Model model = TcnnZoo.create(name, 2, new Shape(1, 12, 12))) {
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    Optimizer.adam()
                                            .optLearningRateTracker(Tracker.fixed(0.01f))
                                            .build());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(16, 1, 12, 12));
                try (NDManager manager = trainer.getManager().newSubManager()) {
                    NDArray labels = manager.arange(16f).mod(2);
                    NDArray x =
                            manager.randomNormal(new Shape(16, 1, 12, 12))
                                    .add(labels.reshape(16, 1, 1, 1));
                    float first = step(trainer, x, labels);
                    float last = first;
                    for (int n = 0; n < 10; n++) {
                        last = step(trainer, x, labels);
                    }
                    Assert.assertTrue(last < 0.6 * first, "loss from " + first + " to " + last);
                }
            }
        }
    }

    private static float step(Trainer trainer, NDArray x, NDArray labels) {
        float value;
        try (GradientCollector collector = trainer.newGradientCollector();
                NDManager manager = x.getManager().newSubManager()) {
            NDArray input = x.duplicate();
            input.attach(manager);
            NDList out = trainer.forward(new NDList(input));
            NDArray loss = trainer.getLoss().evaluate(new NDList(labels), out);
            value = loss.getFloat();
            collector.backward(loss);
        }
        trainer.step();
        return value;
    }

    @Test
    public void savedModelsComeBackThroughCriteria() throws Exception {
        ResNetSpec spec =
                ResNetSpec.parse("tr_resnet20_r4").withOutSize(5).withImage(new Shape(1, 28, 28));
        Path dir = Files.createTempDirectory("tcnn-zoo");
        try (Model model = TcnnZoo.create(spec.withSeed(9))) {
            model.save(dir, "mine");
            Criteria<NDList, NDList> criteria =
                    Criteria.builder()
                            .setTypes(NDList.class, NDList.class)
                            .optModelPath(dir)
                            .optModelName("mine")
                            .optArguments(spec.toArguments())
                            .optTranslator(new NoopTranslator())
                            .build();
            try (ZooModel<NDList, NDList> loaded = criteria.loadModel()) {
                assertSameParameters(model, loaded, true);
            }
            Map<String, Object> other = spec.withRank(5).toArguments();
            Exception e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () ->
                                    criteria.toBuilder()
                                            .optArguments(other)
                                            .build()
                                            .loadModel()
                                            .close());
            Assert.assertTrue(e.getMessage().contains("Layer stem.conv"), e.getMessage());
        } finally {
            Folders.delete(dir);
        }
    }
}
