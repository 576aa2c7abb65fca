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
import ai.djl.training.TrainingResult;
import io.github.djltcnn.conversion.TensorialModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import picocli.CommandLine.ParameterException;

/** Runs the programs about compression with few images. */
public class CompressionProgramsTest {

    private Path folder;

    @BeforeClass
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("compression");
    }

    @AfterClass
    public void removeFolder() throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    public void compressedModelsWinBackAccuracyAndComeBack() throws Exception {
        Console.Result<CompressAndFineTune.Outcome> result =
                Console.capture(
                        () ->
                                CompressAndFineTune.runExample(
                                        "--images",
                                        "300",
                                        "--ratio",
                                        "0.5",
                                        "--out",
                                        folder.resolve("compressed").toString()));
        CompressAndFineTune.Outcome outcome = result.value();
        Assert.assertTrue(outcome.dense() > 0.85, outcome.toString());
        Assert.assertTrue(
                outcome.parametersAfter() < 0.55 * outcome.parametersBefore(), outcome.toString());
        Assert.assertTrue(outcome.recalibrated() > 0.7, outcome.toString());
        Assert.assertTrue(outcome.tuned() > 0.7, outcome.toString());
        Assert.assertEquals(outcome.loaded(), outcome.tuned(), 1e-9);
        Assert.assertTrue(result.out().contains("18 of 20 layers converted"), result.out());
    }

    @Test
    public void theTableHasALineForEachWay() throws Exception {
        Console.Result<Integer> result =
                Console.capture(
                        () ->
                                CompressionTable.runExample(
                                        "--formats", "tk2", "--folds", "2", "--images", "64"));
        Assert.assertEquals(result.value().intValue(), 1);
        Assert.assertTrue(
                result.out().lines().anyMatch(line -> line.startsWith("| tk2 | 2 | ")),
                result.out());
    }

    @Test
    public void theTrainingProgramSavesWhatTheZooShips() throws Exception {
        Path out = folder.resolve("dense");
        TrainingResult result =
                Console.capture(
                                () ->
                                        TrainDenseResNet.runExample(
                                                "--limit",
                                                "64",
                                                "--batch",
                                                "32",
                                                "--epochs",
                                                "1",
                                                "--output",
                                                out.toString()))
                        .value();
        Assert.assertTrue(Float.isFinite(result.getTrainLoss()));
        try (Model model = TensorialModels.load(out.resolve("model"))) {
            Assert.assertEquals(model.getName(), "resnet20_fashionmnist");
            Assert.assertEquals(model.getProperty("seed"), "1");
        }
    }

    @Test
    public void wrongOptionsAreSaidInALine() {
        ParameterException e =
                Assert.expectThrows(
                        ParameterException.class,
                        () -> CompressAndFineTune.runExample("--format", "svd"));
        Assert.assertEquals(e.getMessage(), "--format: expected one of tr, tt, tk2, cp, got svd");
        Assert.assertThrows(
                ParameterException.class, () -> CompressAndFineTune.runExample("--ratio", "2"));
        Assert.assertThrows(
                ParameterException.class, () -> TrainDenseResNet.runExample("--epochs", "0"));
    }
}
