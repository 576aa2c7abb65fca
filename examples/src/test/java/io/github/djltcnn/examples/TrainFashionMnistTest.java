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

import io.github.djltcnn.examples.TrainingOutcome.Epoch;
import io.github.djltcnn.testing.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Runs {@link TrainFashionMnist} with few images. */
public class TrainFashionMnistTest {

    /**
     * By how much the training loss falls in 18 steps, at least: a quarter of the least that seeds
     * 1 to 3 gave (0.20 to 0.39). The network starts from ln(10), so no step goes far enough for
     * roundings to grow.
     */
    private static final double LEAST_LEARNED = 0.05;

    private Path folder;

    @BeforeClass
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("train-fashion-mnist");
    }

    @AfterClass
    public void removeFolder() throws IOException {
        Folders.delete(folder);
    }

    @Test
    public void testSmallTraining() throws IOException {
        Console.Result<TrainingOutcome> result =
                Console.capture(() -> run("small", "--images", "96", "--epochs", "3"));
        TrainingOutcome outcome = result.value();

        Assert.assertEquals(
                outcome.epochs().stream().map(Epoch::number).toList(), List.of(1, 2, 3));
        Assert.assertTrue(
                outcome.epochs().get(2).trainLoss()
                        < outcome.epochs().get(0).trainLoss() - LEAST_LEARNED,
                "does not learn: " + outcome.epochs());
        Assert.assertEquals(outcome.guesses().size(), 10);
        Assert.assertEquals(
                outcome.testAccuracy(),
                outcome.epochs().get(2).testAccuracy(),
                1e-6,
                "the saved model is not the trained one");

        Path out = outcome.folder();
        try (var files = Files.list(out)) {
            Assert.assertEquals(
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()),
                    Set.of("tr_resnet20_r4-0000.params", "curves.png", "guesses.png"));
        }
        Assert.assertNotNull(ImageIO.read(out.resolve("curves.png").toFile()));
        Assert.assertNotNull(ImageIO.read(out.resolve("guesses.png").toFile()));

        List<String> lines = result.out().lines().toList();
        Assert.assertEquals(
                lines.stream().filter(line -> line.matches("epoch \\d/3: .*")).count(), 3);
        Assert.assertEquals(lines.stream().filter(line -> line.contains(" -> ")).count(), 10);
        Matcher parameters =
                Pattern.compile("parameters: (\\d+) \\(dense (\\d+), (\\d+\\.\\d) times fewer\\)")
                        .matcher(lines.get(lines.size() - 2));
        Assert.assertTrue(parameters.matches(), lines.get(lines.size() - 2));
        Assert.assertEquals(Long.parseLong(parameters.group(1)), outcome.parameters());
        Assert.assertEquals(Long.parseLong(parameters.group(2)), outcome.denseParameters());
        Assert.assertEquals(Double.parseDouble(parameters.group(3)), outcome.compression(), 0.051);
        Assert.assertEquals(
                lines.get(lines.size() - 1),
                String.format(Locale.ROOT, "test accuracy: %.4f", outcome.testAccuracy()));
    }

    @Test
    public void testSameSeedSameNumbers() throws Exception {
        String[] options = {"--images", "32", "--epochs", "1", "--seed", "5"};
        TrainingOutcome first = run("first", options);
        TrainingOutcome second = run("second", options);
        Assert.assertEquals(first.epochs(), second.epochs());
        Assert.assertEquals(first.guesses(), second.guesses());

        options[options.length - 1] = "6";
        TrainingOutcome other = run("second", options);
        Assert.assertNotEquals(
                first.epochs().get(0).trainLoss(), other.epochs().get(0).trainLoss());
    }

    private TrainingOutcome run(String out, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--rank", "4", "--batch-size", "16"));
        all.addAll(List.of("--out", folder.resolve(out).toString()));
        return TrainFashionMnist.runExample(all.toArray(new String[0]));
    }
}
