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
package io.github.djltcnn.examples.zoo;

import ai.djl.Model;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.zoo.TcnnZoo;
import io.github.djltcnn.zoo.TrainedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** docs/zoo.md says of every model that ships what is so. */
public class ZooPageTest {

    private static final Path PAGE = Path.of("..", "docs", "zoo.md");

    /** So many of the pictures at hand become files. */
    private static final int FILES = 100;

    @Test
    public void thePageHasTheTable() throws Exception {
        String table = TcnnZoo.describe().strip();
        Assert.assertTrue(
                Files.readString(PAGE).contains("\n<!-- zoo -->\n" + table + "\n<!-- /zoo -->\n"),
                table);
    }

    @DataProvider
    public Object[][] models() throws Exception {
        return TcnnZoo.trained().stream()
                .map(model -> new Object[] {model})
                .toArray(Object[][]::new);
    }

    /**
     * On the pictures that ship with this module; colour photographs do not: {@code
     * -Dzoo.cifar=FOLDER} says where they are, {@code test/CLASS/..}.
     */
    @Test(dataProvider = "models")
    public void theAccuracyIsTheOneOfTheTable(TrainedModel described) throws Exception {
        TestPictures pictures;
        double expected = described.accuracy();
        try (Model model = TcnnZoo.load(described.name())) {
            if ("fashionmnist".equals(described.dataset())) {
                pictures =
                        TestPictures.fashion(FashionMnist.subset().test().head(ShipModel.AT_HAND));
                String said = model.getProperty("provenance.accuracy.athand");
                expected = Double.parseDouble(said.substring(0, said.indexOf(' ')));
            } else {
                pictures = colours(Integer.MAX_VALUE);
            }
            Assert.assertEquals(
                    pictures.measure(model).accuracy(), expected, MeasureZoo.TOLERANCE + 1e-4);
        }
    }

    /** PNG files are the pictures; JPEG files nearly so, but for those of CIFAR, which are. */
    @Test(dataProvider = "models")
    public void filesGiveTheSame(TrainedModel described) throws Exception {
        TestPictures pictures =
                "fashionmnist".equals(described.dataset())
                        ? TestPictures.fashion(FashionMnist.subset().test().head(FILES))
                        : colours(FILES);
        try (Model model = TcnnZoo.load(described.name())) {
            double png = MeasureZoo.accuracy(model, pictures, "png");
            double jpg = MeasureZoo.accuracy(model, pictures, "jpg");
            if (pictures instanceof TestPictures.Fashion) {
                Assert.assertEquals(png, pictures.measure(model).accuracy(), 1e-9);
                Assert.assertEquals(jpg, png, .03);
            } else {
                Assert.assertEquals(jpg, png, 1e-9);
            }
        }
    }

    private static TestPictures colours(int count) throws Exception {
        String folder = System.getProperty("zoo.cifar", "");
        if (folder.isEmpty()) {
            throw new SkipException(
                    "the colour photographs are not at hand; -Dzoo.cifar=FOLDER says where");
        }
        return TestPictures.cifar(Path.of(folder), count);
    }

    /** The program that measures whole test data says where the table is wrong. */
    @Test
    public void aRowAgreesWithinThreeThousandths() {
        Assert.assertTrue(new MeasureZoo.Row("m", "png", .9, 10, .903).agrees());
        Assert.assertFalse(new MeasureZoo.Row("m", "png", .9, 10, .9031).agrees());
        List<String> wrong = List.of("--model", "none");
        Assert.assertThrows(
                picocli.CommandLine.ParameterException.class,
                () -> MeasureZoo.runExample(wrong.toArray(String[]::new)));
    }
}
