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

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.initialization.ModelInitialization;
import io.github.djltcnn.initialization.ModelInitializationReport;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
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
                        "--initializers=BOTH,FOUND,CALIBRATED,LIBTORCH"),
                0);
        Assert.assertTrue(Files.size(folder.resolve("depth.png")) > 10_000);
        List<String> lines = Files.readAllLines(folder.resolve("depth.csv"));
        Assert.assertEquals(lines.size(), 1 + 5 * 4 * 6);
        for (String line : lines) {
            String[] cells = line.split(",", -1);
            if (cells[2].equals("6")) {
                double decades = Double.parseDouble(cells[3]);
                switch (cells[1]) {
                    case "BOTH" -> Assert.assertEquals(decades, 0, 0.6, line);
                    case "FOUND" -> Assert.assertEquals(decades, 0, 0.1, line);
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
            "--rates=0.01",
            "--networks=PLAIN12",
            "--formats=TUCKER2",
            "--initializers=BOTH,FOUND,XAVIER",
            "--workers=1"
        };
        Assert.assertEquals(CompareTraining.runExample(options), 0);
        List<String> lines = Files.readAllLines(file);
        Assert.assertEquals(lines.size(), 4);
        double ours = TrainingRecord.parse(lines.get(1)).loss();
        double found = TrainingRecord.parse(lines.get(2)).loss();
        double theirs = TrainingRecord.parse(lines.get(3)).loss();
        Assert.assertTrue(ours < 2.0, lines.get(1));
        Assert.assertTrue(found < 2.0, lines.get(2));
        Assert.assertTrue(theirs > 2.25, lines.get(3));
        Assert.assertTrue(Files.exists(file.resolveSibling("training-PLAIN12.png")));
        // Nothing is left to do.
        Assert.assertEquals(CompareTraining.runExample(options), 0);
        Assert.assertEquals(Files.readAllLines(file), lines);
    }

    @DataProvider
    public static Object[][] networks() {
        return new Object[][] {
            {NamedNetwork.PLAIN12, NamedFormat.TT},
            {NamedNetwork.RESIDUAL20, NamedFormat.TT},
            {NamedNetwork.PLAIN12, NamedFormat.CP},
            {NamedNetwork.RESIDUAL20, NamedFormat.CP},
            {NamedNetwork.PLAIN12, NamedFormat.TUCKER2},
            {NamedNetwork.RESIDUAL20, NamedFormat.TUCKER2},
            {NamedNetwork.PLAIN12, NamedFormat.TR},
            {NamedNetwork.RESIDUAL20, NamedFormat.TR}
        };
    }

    /** What a pass finds in these networks is the column "both mirrored", number by number. */
    @Test(dataProvider = "networks")
    public void theNetworksThatAreTrainedReadPairsThroughout(
            NamedNetwork network, NamedFormat format) {
        Shape input = new Shape(8, 1, 14, 14);
        TensorialInitializer both = (TensorialInitializer) NamedInitializer.BOTH.create(3);
        Engine.getInstance().setRandomSeed(3);
        try (NDManager manager = NDManager.newBaseManager()) {
            Block told = network.build(format.format());
            told.setInitializer(both, Parameter.Type.WEIGHT);
            told.initialize(manager, DataType.FLOAT32, input);
            Block found = network.build(format.format());
            found.initialize(manager, DataType.FLOAT32, input);
            ModelInitializationReport report =
                    ModelInitialization.run(
                            found,
                            both.withSeed(3),
                            new NDList(manager.randomNormal(0, 1, input, DataType.FLOAT32)));
            Assert.assertTrue(
                    report.layers().stream().skip(1).allMatch(layer -> layer.mirrored()),
                    report.toString());
            int same = 0;
            for (int n = 0; n < told.getParameters().size(); n++) {
                Parameter expected = told.getParameters().valueAt(n);
                // Not the dense head, which the pass leaves alone.
                if (expected.getName().startsWith("core")) {
                    float[] actual = found.getParameters().valueAt(n).getArray().toFloatArray();
                    Assert.assertEquals(actual, expected.getArray().toFloatArray());
                    same++;
                }
            }
            Assert.assertTrue(same >= 3 * report.layers().size(), same + " cores compared");
        }
    }

    @Test
    public void pictureShowsEveryCoreAndMode() {
        TensorNetwork network = TensorNetwork.parse("i=4 r=2, r h=3 w=3, r o=8");
        String svg = NetworkDrawing.svg(network);
        network.modes().forEach(mode -> Assert.assertTrue(svg.contains(">" + mode + "<"), svg));
        Assert.assertEquals(svg.split("r=\"15\"", -1).length - 1, network.cores().size());
    }
}
