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

import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.github.djltcnn.compression.CompressionReport;
import io.github.djltcnn.examples.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** What the README shows is what the programs are and print. */
public class ReadmeTest {

    private static final Path ROOT = Path.of("..");

    private String readme;

    @BeforeClass
    public void read() throws IOException {
        readme = Files.readString(ROOT.resolve("README.md"));
    }

    @Test
    public void testExampleIsTheProgram() throws IOException {
        String first = "    public static TensorNetwork runExample";
        Assert.assertEquals(block("java"), body("Quickstart", first, "        return kernel;"));
    }

    @Test
    public void testCompressionIsTheProgram() throws IOException {
        String program = body("CompressModel", "        Model model =", "        return result");
        Assert.assertTrue(readme.contains("```java\n" + program + "\n```"), program);
    }

    /** The compressed model is smaller, and knows clothes by the folder alone. */
    @Test
    public void testTheCompressedModelIsAsGoodAsItWas() throws Exception {
        Path folder = Files.createTempDirectory("readme").resolve("small");
        FashionMnist data = FashionMnist.subset();
        try (NDManager manager = NDManager.newBaseManager()) {
            CompressionReport report =
                    CompressModel.runExample(
                            data.train().head(100).toPixelDataset(manager, 200, true), folder);
            long after = report.layers().parametersAfter();
            Assert.assertTrue(after * 3.9 < report.layers().parametersBefore(), "" + report);
            Assert.assertTrue(Files.exists(folder.resolve("report.html")));
        }
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(folder)
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            int right = 0;
            for (int i = 0; i < 200; i++) {
                String likeliest = predictor.predict(data.test().image(i)).best().getClassName();
                right += FashionMnist.CLASSES.get(data.test().label(i)).equals(likeliest) ? 1 : 0;
            }
            Assert.assertTrue(right > 100, right + " of 200");
        }
    }

    /** The lines between two of a program, without their indentation. */
    private static String body(String program, String first, String end) throws IOException {
        List<String> source =
                Files.readAllLines(
                        Path.of("src/main/java/io/github/djltcnn/examples/" + program + ".java"));
        int start = indexOf(source, first);
        // A method's head is not part of its body.
        List<String> lines =
                source.subList(first.contains("static") ? start + 1 : start, indexOf(source, end));
        return String.join("\n", lines).stripIndent();
    }

    @Test
    public void testOutputIsTheProgramsOutput() {
        Console.Result<?> result =
                Console.capture(
                        () -> {
                            try (NDManager manager = NDManager.newBaseManager()) {
                                return Quickstart.runExample(manager);
                            }
                        });
        Assert.assertEquals(result.out().strip(), block("text"));
    }

    @Test
    public void testTableIsTheProgramsOutput() throws IOException {
        String table = Console.capture(ListFormats::runExample).out().strip();
        String page = Files.readString(ROOT.resolve("docs/formats.md"));
        Assert.assertTrue(page.contains("\n\n" + table + "\n\n"), table);
    }

    @Test
    public void testBomHasTheVersionsOfTheBuild() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        String bom = Files.readString(ROOT.resolve("djl-tcnn-bom/pom.xml"));
        for (String tag : List.of("djl.version", "pytorch.version")) {
            String pattern = "<" + tag + ">(.*)</" + tag + ">";
            Assert.assertEquals(find(bom, pattern), find(pom, pattern), tag);
        }
        String version = "</artifactId>\\s*<version>([^$<]*)</version>\\s*<packaging>";
        Assert.assertEquals(find(bom, version), find(pom, version));
    }

    @Test
    public void testVersionsAreTheOnesOfTheBuild() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        String djl = find(pom, "<djl.version>(.*)</djl.version>");
        String pytorch = find(pom, "<pytorch.version>(.*)</pytorch.version>");
        for (String coordinates :
                List.of(
                        "ai.djl:api:" + djl,
                        "ai.djl.pytorch:pytorch-engine:" + djl,
                        "ai.djl.pytorch:pytorch-jni:" + pytorch + "-" + djl,
                        "ai.djl.pytorch:pytorch-native-cpu:" + pytorch)) {
            Assert.assertTrue(readme.contains("`" + coordinates), coordinates);
        }
        Assert.assertEquals(Engine.getInstance().getVersion(), pytorch);
    }

    private static int indexOf(List<String> lines, String start) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                return i;
            }
        }
        throw new AssertionError("No line starts with " + start);
    }

    /** The first code block of a language. */
    private String block(String language) {
        return find(readme, "(?s)```" + language + "\n(.*?)\n```");
    }

    private static String find(String text, String regex) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        Assert.assertTrue(matcher.find(), "Not found: " + regex);
        return matcher.group(1);
    }
}
