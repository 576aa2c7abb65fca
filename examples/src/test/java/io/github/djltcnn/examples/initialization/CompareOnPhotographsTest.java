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
package io.github.djltcnn.examples.initialization;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Runs the program on a few pictures. */
public class CompareOnPhotographsTest {

    private Path folder;

    /** Two classes of noise. */
    @BeforeClass
    public void makePhotographs() throws IOException {
        folder = Files.createTempDirectory("photographs");
        Random random = new Random(1);
        for (String part : List.of("train", "test")) {
            for (String label : List.of("cat", "ship")) {
                Path images = Files.createDirectories(folder.resolve(part).resolve(label));
                for (int n = 0; n < (part.equals("train") ? 25 : 5); n++) {
                    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
                    for (int at = 0; at < 32 * 32; at++) {
                        image.setRGB(at % 32, at / 32, random.nextInt(1 << 24));
                    }
                    ImageIO.write(image, "png", images.resolve(n + ".png").toFile());
                }
            }
        }
    }

    @AfterClass
    public void remove() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(
                            file -> {
                                try {
                                    Files.delete(file);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
        }
    }

    @Test
    public void aComparisonThatWasStoppedGoesOn() throws Exception {
        Path file = folder.resolve("photographs.csv");
        Path picture = folder.resolve("photographs.png");
        String[] options = {
            "--folder", folder.toString(),
            "--networks", "cp_resnet20_r2,odd",
            "--initializers", "OUTPUTS,TEDNET",
            "--rates", "0.1",
            "--seeds", "1",
            "--epochs", "1",
            "--photographs", "50",
            "--tests", "10",
            "--out", file.toString(),
            "--picture", picture.toString()
        };
        CompareOnPhotographs.runExample(options);
        List<String> lines = Files.readAllLines(file);
        // TedNet's rule is for CP alone; one rate, and two beyond it.
        Assert.assertTrue(lines.size() == 1 + 3 * 3, "" + lines);
        Assert.assertEquals(
                lines.stream().filter(line -> line.startsWith("odd,OUTPUTS,")).count(),
                lines.stream().filter(line -> line.startsWith("odd,")).count());
        String tables = new PhotographReport(file).tables();
        for (String row : List.of("cp_resnet20_r2 | TedNet's for CP", "odd | orthogonal")) {
            Assert.assertTrue(tables.contains("| " + row), tables);
        }

        // Without the last line: it is found again to the digit.
        Files.write(file, lines.subList(0, lines.size() - 1));
        CompareOnPhotographs.runExample(options);
        List<String> again = Files.readAllLines(file);
        Assert.assertEquals(again.size(), lines.size());
        for (int n = 0; n < lines.size(); n++) {
            Assert.assertEquals(withoutTime(again.get(n)), withoutTime(lines.get(n)));
        }
    }

    private static String withoutTime(String line) {
        return line.replaceFirst("(^[^,]*(,[^,]*){5}),[^,]*,", "$1,");
    }

    @Test
    public void linesAreRead() {
        PhotographRecord record =
                PhotographRecord.parse("odd,PAPER,0.02,1,3,100,5.0,2.2 2.0,0.1500 0.3500 0.5500");
        Assert.assertEquals(record.loss(), 2.0);
        Assert.assertEquals(record.accuracy(), 0.55);
        // Two steps an epoch; half way between the second and the third.
        Assert.assertEquals(record.stepsTo(0.45), 5, 1e-9);
        Assert.assertEquals(record.stepsTo(0.15), 2, 1e-9);
        Assert.assertTrue(Double.isNaN(record.stepsTo(0.6)));
        PhotographRecord broken = PhotographRecord.parse("odd,PAPER,0.02,1,3,100,5.0,2.2,0.1500");
        Assert.assertEquals(broken.loss(), Double.POSITIVE_INFINITY);
        Assert.assertEquals(broken.accuracy(), 0.1);
    }
}
