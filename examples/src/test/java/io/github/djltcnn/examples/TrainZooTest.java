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
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.TensorialModels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The program that trains models for the zoo. */
public class TrainZooTest {

    @Test
    public void aModelIsTrainedMeasuredAndSaved() throws Exception {
        Path out = Files.createTempDirectory("zoo");
        String[] options = {
            "--model",
            "resnet20",
            "--images",
            "128",
            "--epochs",
            "1",
            "--batch-size",
            "64",
            "--out",
            out.toString()
        };
        TrainZoo.Outcome outcome = TrainZoo.runExample(options);
        Assert.assertEquals(outcome.testPictures(), 128);
        try (Model model = TensorialModels.load(outcome.folder())) {
            ModelInfo info = ModelInfo.of(model);
            Assert.assertEquals(info.name(), "resnet20_fashionmnist");
            Assert.assertTrue(info.provenance().get("accuracy").endsWith(" on 128 test images"));
        }
        Assert.assertTrue(Files.size(out.resolve("curves.csv")) > 0);
        // The training is done: a second start measures again, and nothing else.
        Assert.assertEquals(TrainZoo.runExample(options), outcome);
    }
}
