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
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.testing.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        Folders.delete(folder);
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
        Assert.assertTrue(result.out().contains(" of 20 layers converted"), result.out());
    }

    @Test
    public void theTableHasALineForEachWayAndGoesOnWhereItStopped() throws Exception {
        Path csv = folder.resolve("tables").resolve("compression.csv");
        String[] args = {
            "--formats", "tk2", "--folds", "2", "--images", "64", "--csv", csv.toString()
        };
        Console.Result<Integer> first = Console.capture(() -> CompressionTable.runExample(args));
        Assert.assertEquals(first.value().intValue(), 4);
        List<String> lines = first.out().lines().filter(line -> line.startsWith("|")).toList();
        Assert.assertTrue(lines.get(2).startsWith("| dense | - | 1 | 270,810 | 1.00 | "));
        Assert.assertTrue(lines.get(3).startsWith("| tk2 | layer | 2 | "), lines.get(3));
        Assert.assertTrue(lines.get(4).startsWith("| tk2 | parameters | 2 | "), lines.get(4));
        Assert.assertTrue(lines.get(5).startsWith("| tk2 | macs | 2 | "), lines.get(5));
        // The whole-model budget has as many as the layers together had.
        List<String> rows = Files.readAllLines(csv);
        Assert.assertEquals(rows.size(), 5);
        long layer = Long.parseLong(rows.get(2).split(",", -1)[3]);
        long model = Long.parseLong(rows.get(3).split(",", -1)[3]);
        Assert.assertTrue(model <= layer && model > 0.97 * layer, rows.toString());

        // Rows that are there are printed, not measured: the marked one comes out as it is.
        Files.write(csv, List.of(rows.get(0), rows.get(1), "tk2,layer,2,7,7,0.1,0.2,0.3,0.4"));
        Console.Result<Integer> second =
                Console.capture(
                        () ->
                                CompressionTable.runExample(
                                        "--formats",
                                        "tk2",
                                        "--folds",
                                        "2",
                                        "--ranks",
                                        "layer",
                                        "--csv",
                                        csv.toString()));
        Assert.assertTrue(
                second.out()
                        .contains("| tk2 | layer | 2 | 7 | 38687.14 | 7 | 0.1 | 0.2 | 0.3 | 0.4 |"),
                second.out());
        Files.write(csv, List.of("another,header"));
        IOException e =
                Assert.expectThrows(IOException.class, () -> CompressionTable.runExample(args));
        Assert.assertTrue(e.getMessage().contains("does not begin with"), e.getMessage());
    }

    @Test
    public void answersToImagesKeepMoreThanKernels() throws Exception {
        Path csv = folder.resolve("answers.csv");
        Console.Result<Integer> result =
                Console.capture(
                        () ->
                                CompressOnImages.runExample(
                                        "--formats",
                                        "tk2",
                                        "--folds",
                                        "4",
                                        "--train",
                                        "100",
                                        "--test",
                                        "200",
                                        "--distil",
                                        "64",
                                        "--csv",
                                        csv.toString()));
        Assert.assertEquals(result.value().intValue(), 3);
        List<String[]> rows =
                Files.readAllLines(csv).stream().map(line -> line.split(",", -1)).toList();
        Assert.assertEquals(rows.size(), 4);
        double kernels = Double.parseDouble(rows.get(2)[9]);
        double answers = Double.parseDouble(rows.get(3)[9]);
        Assert.assertTrue(answers > kernels + 0.1, answers + " and " + kernels);
        Assert.assertTrue(answers > 0.7, result.out());
        double distilled = Double.parseDouble(rows.get(3)[11]);
        Assert.assertTrue(distilled > answers - 0.05, result.out());
    }

    @Test
    public void decompositionsAreMeasuredInMachinesOfTheirOwn() throws Exception {
        Path csv = folder.resolve("decomposition.csv");
        Console.Result<Integer> result =
                Console.capture(
                        () ->
                                DecompositionTable.runExample(
                                        "--channels",
                                        "16",
                                        "--formats",
                                        "tucker2,tensorRing",
                                        "--csv",
                                        csv.toString()));
        Assert.assertEquals(result.value().intValue(), 2);
        Assert.assertTrue(
                result.out()
                        .matches(
                                "(?s).*\\| 16 x 16 x 3 x 3 \\| \\d+ \\| \\d+ \\| tensorRing \\| .*"),
                result.out());
        Assert.assertEquals(Files.readAllLines(csv).size(), 3);
    }

    @Test
    public void theTrainingProgramSavesWhatTheZooShips() throws Exception {
        Path out = folder.resolve("dense");
        TrainingResult result =
                Console.capture(
                                () ->
                                        TrainDenseResNet.runExample(
                                                "--images",
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
        Assert.assertThrows(
                ParameterException.class, () -> CompressionTable.runExample("--formats", "svd"));
        Assert.assertThrows(
                ParameterException.class, () -> CompressionTable.runExample("--ranks", "best"));
        Assert.assertThrows(
                ParameterException.class, () -> DecompositionTable.runExample("--formats", "svd"));
        Assert.assertThrows(
                ParameterException.class, () -> CompressOnImages.runExample("--weights", "file"));
        Assert.assertThrows(
                ParameterException.class, () -> CompressOnImages.runExample("--save", "folder"));
    }
}
