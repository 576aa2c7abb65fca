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
package io.github.djltcnn.examples.rates;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Runs {@link SweepRates} with two steps a run. */
public class SweepRatesTest {

    @Test
    public void aSweepThatWasStoppedGoesOn() throws Exception {
        Path folder = Files.createTempDirectory("rates");
        Path file = folder.resolve("rates.csv");
        Path picture = folder.resolve("rates.png");
        String[] options = {
            "--networks",
            "NORMALISED",
            "--starts",
            "FRESH,DECOMPOSED",
            "--optimizers",
            "ADAM",
            "--formats",
            "TUCKER2",
            "--ranks",
            "2",
            "--steps",
            "2",
            "--channels",
            "4",
            "--out",
            file.toString(),
            "--picture",
            picture.toString()
        };
        SweepRates.runExample(options);
        List<String> lines = Files.readAllLines(file);
        // Dense, one rate and transferred, from two starts, at eight rates.
        Assert.assertEquals(lines.size(), 1 + 3 * 2 * SweepRates.RATES);
        Assert.assertNotNull(ImageIO.read(picture.toFile()));
        String tables = new RateReport(file).tables();
        Assert.assertTrue(
                tables.contains("| all | all | all | TRANSFER | 2 |"), "two cells: " + tables);

        // Without the last two lines: the first of them is found again to the digit.
        Files.write(file, lines.subList(0, lines.size() - 2));
        SweepRates.runExample(options);
        List<String> again = Files.readAllLines(file);
        Assert.assertEquals(again.size(), lines.size());
        for (int n = 0; n < lines.size(); n++) {
            Assert.assertEquals(withoutTime(again.get(n)), withoutTime(lines.get(n)));
        }
        for (Path path : List.of(file, picture, folder)) {
            Files.delete(path);
        }
    }

    private static String withoutTime(String line) {
        return line.substring(0, line.lastIndexOf(','));
    }
}
