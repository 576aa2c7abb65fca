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
package io.github.djltcnn.examples;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.finetuning.ConfusionMatrix;
import io.github.djltcnn.finetuning.Evaluation;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import io.github.djltcnn.zoo.TrainedModel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.Test;

/** docs/zoo.md says of every model that ships what is so. */
public class ZooPageTest {

    private static final Path PAGE = Path.of("..", "docs", "zoo.md");

    @Test
    public void thePageHasTheTable() throws Exception {
        String table = TcnnZoo.describe().strip();
        Assert.assertTrue(Files.readString(PAGE).contains("\n\n" + table + "\n"), table);
    }

    /** Every shipped model, on the test pictures that ship with this module. */
    @Test
    public void theAccuracyIsTheOneOfTheTable() throws Exception {
        List<TrainedModel> models = TcnnZoo.trained();
        Assert.assertEquals(
                models.stream().map(TrainedModel::name).toList(), TcnnZoo.listTrained());
        LabelledImages test = FashionMnist.subset().test();
        for (TrainedModel described : models) {
            Assert.assertTrue(described.data().startsWith("Fashion-MNIST"), "other pictures here");
            try (Model model = TcnnZoo.load(described.name());
                    NDManager manager = NDManager.newBaseManager()) {
                ConfusionMatrix matrix =
                        Evaluation.of(model, test.toPixelDataset(manager, 100, false));
                Assert.assertEquals(matrix.total(), 2000);
                Assert.assertEquals(matrix.accuracy(), described.accuracy(), .003);
                checkPredictor(model, test, matrix.accuracy());
            }
        }
    }

    /** PNG is the pictures, JPEG nearly so. */
    private static void checkPredictor(Model model, LabelledImages test, double accuracy)
            throws Exception {
        int count = 100;
        for (String type : List.of("png", "jpg")) {
            int right = 0;
            try (Predictor<Image, Classifications> predictor =
                    model.newPredictor(
                            TensorialModels.translator(
                                    model, Image.class, Classifications.class))) {
                for (int n = 0; n < count; n++) {
                    ByteArrayOutputStream file = new ByteArrayOutputStream();
                    BufferedImage picture = (BufferedImage) test.image(n).getWrappedImage();
                    BufferedImage rgb = new BufferedImage(28, 28, BufferedImage.TYPE_INT_RGB);
                    rgb.createGraphics().drawImage(picture, 0, 0, null);
                    ImageIO.write(rgb, type, file);
                    Image image =
                            ImageFactory.getInstance()
                                    .fromInputStream(new ByteArrayInputStream(file.toByteArray()));
                    String best = predictor.predict(image).best().getClassName();
                    right += best.equals(FashionMnist.CLASSES.get(test.label(n))) ? 1 : 0;
                }
            }
            Assert.assertEquals((double) right / count, accuracy, .07, type);
        }
    }
}
