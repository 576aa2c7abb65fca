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
import ai.djl.basicdataset.cv.classification.ImageFolder;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.evaluator.TopKAccuracy;
import ai.djl.training.listener.TrainingListener;
import io.github.djltcnn.examples.WritePictures;
import io.github.djltcnn.finetuning.Evaluation;
import io.github.djltcnn.finetuning.FineTuner;
import io.github.djltcnn.finetuning.FineTuningResult;
import io.github.djltcnn.zoo.TcnnZoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Datasets, listeners and evaluators of DJL's own with the fine-tuner. */
public class DjlDatasetTest {

    private static final List<String> CLASSES = List.of("Bag", "Sandal");

    @Test
    public void anImageFolderOfDjlIsTrainedOn() throws Exception {
        Path pictures = Files.createTempDirectory("djl-folder");
        WritePictures.runExample(pictures, CLASSES, 16);
        ImageFolder dataset =
                ImageFolder.builder()
                        .setRepositoryPath(pictures)
                        .optFlag(Image.Flag.GRAYSCALE)
                        .addTransform(new Resize(28, 28))
                        .addTransform(new ToTensor())
                        .setSampling(8, true)
                        .build();
        dataset.prepare();
        Assert.assertEquals(dataset.getSynset(), CLASSES);
        try (Model clothes = TcnnZoo.load("resnet20_fashionmnist");
                FineTuningResult result =
                        FineTuner.builder()
                                .setModel(clothes)
                                .setImages(dataset, dataset, CLASSES)
                                .optEpochs(3)
                                .optBatchSize(8)
                                .addEvaluators(new Accuracy(), new TopKAccuracy(2))
                                .addListeners(TrainingListener.Defaults.logging())
                                .build()
                                .run()) {
            Assert.assertEquals(result.trained(), 32);
            Assert.assertTrue(result.accuracy() >= .9, result.toCsv());
            // Our own reading of the folder sees the same pictures.
            Assert.assertEquals(Evaluation.of(result.model(), pictures), result.confusion());
            Assert.assertEquals(Evaluation.of(result.model(), dataset), result.confusion());
        }
    }
}
