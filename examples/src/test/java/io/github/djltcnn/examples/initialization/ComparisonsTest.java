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

import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Each program runs and says what the documents say, on a scale that a build can afford. */
public class ComparisonsTest {

    @Test
    public void depthSeparatesTheInitializers() throws IOException {
        Path folder = Files.createTempDirectory("depth");
        Assert.assertEquals(
                CompareDepth.runExample(
                        "--out=" + folder,
                        "--layers=6",
                        "--seeds=2",
                        "--initializers=BOTH,CALIBRATED,LIBTORCH"),
                0);
        Assert.assertTrue(Files.size(folder.resolve("depth.png")) > 10_000);
        List<String> lines = Files.readAllLines(folder.resolve("depth.csv"));
        Assert.assertEquals(lines.size(), 1 + 5 * 3 * 6);
        for (String line : lines) {
            String[] cells = line.split(",", -1);
            if (cells[2].equals("6")) {
                double decades = Double.parseDouble(cells[3]);
                switch (cells[1]) {
                    case "BOTH" -> Assert.assertEquals(decades, 0, 0.6, line);
                    case "CALIBRATED" -> Assert.assertEquals(decades, 0, 1e-3, line);
                    default -> Assert.assertTrue(decades < -4, line);
                }
            }
        }
    }

    @Test
    public void trainingSeparatesTheInitializersAndGoesOnWhereItStopped() throws IOException {
        Path file = Files.createTempDirectory("training").resolve("training.csv");
        String[] options = {
            "--out=" + file,
            "--steps=40",
            "--seeds=1",
            "--rates=0.03",
            "--networks=PLAIN12",
            "--formats=TUCKER2",
            "--initializers=BOTH,XAVIER",
            "--workers=1"
        };
        Assert.assertEquals(CompareTraining.runExample(options), 0);
        List<String> lines = Files.readAllLines(file);
        Assert.assertEquals(lines.size(), 3);
        double ours = TrainingRecord.parse(lines.get(1)).loss();
        double theirs = TrainingRecord.parse(lines.get(2)).loss();
        Assert.assertTrue(ours < 2.0, lines.get(1));
        Assert.assertTrue(theirs > 2.25, lines.get(2));
        Assert.assertTrue(Files.exists(file.resolveSibling("training-PLAIN12.png")));
        // Nothing is left to do.
        Assert.assertEquals(CompareTraining.runExample(options), 0);
        Assert.assertEquals(Files.readAllLines(file), lines);
    }

    @Test
    public void pictureShowsEveryCoreAndMode() {
        TensorNetwork network = TensorNetwork.parse("i=4 r=2, r h=3 w=3, r o=8");
        String svg = NetworkDrawing.svg(network);
        network.modes().forEach(mode -> Assert.assertTrue(svg.contains(">" + mode + "<"), svg));
        Assert.assertEquals(svg.split("r=\"15\"", -1).length - 1, network.cores().size());
    }
}
