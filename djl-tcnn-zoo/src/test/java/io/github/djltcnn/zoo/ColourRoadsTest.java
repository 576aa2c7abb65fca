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
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.util.NDImageUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.batchnorm.BatchNormFolding;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.testing.files.Folders;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Colour images with a normalisation per channel and labels of a user's, by every road. */
public class ColourRoadsTest {

    private static final ResNetSpec SPEC =
            ResNetSpec.parse("tr_resnet20_r4").withOutSize(7).withImage(new Shape(3, 24, 32));
    private static final float[] MEAN = {.49f, .48f, .45f};
    private static final float[] DEVIATION = {.25f, .24f, .26f};
    private static final List<String> LABELS =
            List.of("tench, fish", "cat", "dog", "Katze", "eau", "x", "y");

    private Path root;
    private final List<Path> files = new ArrayList<>();
    private final List<float[]> expected = new ArrayList<>();

    /** The truth: by hand, on arrays, with the network that knows of no normalisation. */
    @BeforeClass
    public void predictByHand() throws Exception {
        root = Files.createTempDirectory("colour");
        Random random = new Random(7);
        try (Model model = TcnnZoo.create(SPEC);
                NDManager manager = model.getNDManager().newSubManager()) {
            Block network = model.getBlock();
            TensorialModels.save(
                    model,
                    root.resolve("outside"),
                    new SaveOptions().optNormalization(MEAN, DEVIATION).optLabels(LABELS));
            TensorialModels.setNormalization(model, MEAN, DEVIATION);
            TensorialModels.setLabels(model, LABELS);
            TensorialModels.save(model, root.resolve("inside"));
            for (int n = 0; n < 6; n++) {
                // Larger than the model's images, and smaller; opaque with and without alpha.
                int type = n % 2 == 0 ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_3BYTE_BGR;
                BufferedImage picture = new BufferedImage(20 + 30 * n, 64, type);
                for (int x = 0; x < picture.getWidth(); x++) {
                    for (int y = 0; y < picture.getHeight(); y++) {
                        picture.setRGB(x, y, 0xff000000 | random.nextInt(1 << 24));
                    }
                }
                Path file = root.resolve(n + ".png");
                ImageIO.write(picture, "png", file.toFile());
                files.add(file);
                Image image = ImageFactory.getInstance().fromFile(file);
                NDArray pixels = image.toNDArray(manager, Image.Flag.COLOR);
                pixels = NDImageUtils.resize(pixels, 32, 24);
                pixels = pixels.toType(DataType.FLOAT32, true).div(255f).transpose(2, 0, 1);
                NDArray mean = manager.create(MEAN, new Shape(3, 1, 1));
                NDArray deviation = manager.create(DEVIATION, new Shape(3, 1, 1));
                NDArray x = pixels.sub(mean).div(deviation).expandDims(0);
                ParameterStore store = new ParameterStore(manager, false);
                expected.add(
                        network.forward(store, new NDList(x), false)
                                .singletonOrThrow()
                                .softmax(1)
                                .toFloatArray());
            }
        }
    }

    @AfterClass(alwaysRun = true)
    public void deleteFiles() throws IOException {
        Folders.delete(root);
    }

    @DataProvider
    public Object[][] roads() {
        return new Object[][] {
            {"inside"}, {"outside"}, {"factory"}, {"load"}, {"folded"}, {"url"}, {"criteria"}
        };
    }

    @Test(dataProvider = "roads")
    public void everyRoadGivesTheAnswersFoundByHand(String road) throws Exception {
        try (Model model = model(road);
                Predictor<Path, Classifications> predictor = predictor(model)) {
            for (int n = 0; n < files.size(); n++) {
                Classifications answer = predictor.predict(files.get(n));
                boolean fresh = "url".equals(road) || "criteria".equals(road);
                Assert.assertEquals(
                        answer.getClassNames(),
                        fresh ? List.of("0", "1", "2", "3", "4", "5", "6") : LABELS);
                for (int c = 0; c < 7; c++) {
                    Assert.assertEquals(
                            answer.getProbabilities().get(c),
                            expected.get(n)[c],
                            1e-3,
                            road + ", image " + n);
                }
            }
            Assert.assertEquals(ModelInfo.of(model).mean(), List.of(.49f, .48f, .45f));
        }
    }

    @SuppressWarnings("unchecked")
    private static Predictor<Path, Classifications> predictor(Model model) {
        return model instanceof ZooModel<?, ?> zoo
                ? ((ZooModel<Path, Classifications>) zoo).newPredictor()
                : model.newPredictor(
                        TensorialModels.translator(model, Path.class, Classifications.class));
    }

    private Model model(String road) throws Exception {
        Criteria.Builder<Path, Classifications> criteria =
                Criteria.builder().setTypes(Path.class, Classifications.class);
        return switch (road) {
            case "factory" ->
                    criteria.optModelPath(root.resolve("inside"))
                            .optTranslatorFactory(new ResNetTranslatorFactory())
                            .build()
                            .loadModel();
            case "load" -> TensorialModels.load(root.resolve("outside"));
            case "folded" -> {
                try (Model model = TensorialModels.load(root.resolve("inside"))) {
                    Model folded = BatchNormFolding.fold(model);
                    folded.getBlock()
                            .getParameters()
                            .values()
                            .forEach(p -> Assert.assertFalse(p.getArray().hasGradient()));
                    yield folded;
                }
            }
            case "url" ->
                    criteria.optModelUrls(
                                    "tcnn://tr_resnet20?rank=4&classes=7&height=24&width=32"
                                            + "&mean=.49%2C.48%2C.45&std=.25%2C.24%2C.26")
                            .build()
                            .loadModel();
            case "criteria" ->
                    criteria.optGroupId(TcnnZoo.GROUP_ID)
                            .optArtifactId("tr_resnet")
                            .optFilter("layers", "20")
                            .optFilter("rank", "4")
                            .optArgument("classes", 7)
                            .optArgument("height", 24)
                            .optArgument("width", 32)
                            .optArgument("mean", ".49,.48,.45")
                            .optArgument("std", ".25,.24,.26")
                            .build()
                            .loadModel();
            default -> criteria.optModelPath(root.resolve(road)).build().loadModel();
        };
    }

    @Test
    public void otherChannelsThanThoseOfImagesAreRefused() throws Exception {
        Path folder = root.resolve("five");
        try (Model model = TcnnZoo.create(SPEC.withImage(new Shape(5, 16, 16)))) {
            TensorialModels.setNormalization(model, new float[5], new float[] {1, 2, 3, 4, 5});
            TensorialModels.save(model, folder);
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    TensorialModels.translator(
                                            model, Image.class, Classifications.class));
            Assert.assertTrue(e.getMessage().contains("NDList"), e.getMessage());
        }
        try (ZooModel<NDList, NDList> model =
                        Criteria.builder()
                                .setTypes(NDList.class, NDList.class)
                                .optModelPath(folder)
                                .build()
                                .loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDArray x = model.getNDManager().ones(new Shape(2, 5, 16, 16));
            Assert.assertEquals(
                    predictor.predict(new NDList(x)).singletonOrThrow().getShape(),
                    new Shape(2, 7));
        }
    }
}
