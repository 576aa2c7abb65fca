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
package io.github.djltcnn.compression;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.testng.Assert;
import org.testng.annotations.Test;
import org.w3c.dom.Document;

/** The four forms of a report. */
public class CompressionReportTest {

    private static final String HOSTILE = "a<script>alert(1)</script>&\"'|\u0007\nb";

    private static CompressionReport report() {
        ConversionReport layers;
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock block = SmallModels.block();
            Shape input = new Shape(1, 3, 8, 8);
            block.initialize(manager, DataType.FLOAT32, input);
            layers =
                    Tensorizer.builder()
                            .setFormat(TensorFormats::tucker2)
                            .optRank(Rank.ratio(0.5))
                            .optKeepFirst(true)
                            .build()
                            .plan(block, input);
        }
        return new CompressionReport(
                HOSTILE,
                "(1, 3, 8, 8)",
                "half of it",
                "here",
                layers,
                List.of(
                        new CompressionReport.Stage("dense", Double.NaN, 1, 0.25),
                        new CompressionReport.Stage("decomposed", Double.NaN, Double.NaN, 1)),
                List.of(
                        new CompressionReport.Latency(PredictionMode.EAGER, 1, 2e-3, 1e-3, 0.5),
                        new CompressionReport.Latency(
                                PredictionMode.COMPILED, 1, 1e-3, 1e-3, Double.NaN)),
                List.of("mind <this>"));
    }

    @Test
    public void jsonIsStrictAndWhatWasNotMeasuredIsNull() throws IOException {
        String json = report().toJson();
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.setStrictness(Strictness.STRICT);
            reader.skipValue();
        }
        Assert.assertFalse(json.contains("NaN") || json.contains("Infinity"), json);
        JsonObject object = JsonParser.parseString(json).getAsJsonObject();
        Assert.assertEquals(object.get("model").getAsString(), HOSTILE);
        JsonObject dense = object.getAsJsonArray("stages").get(0).getAsJsonObject();
        Assert.assertTrue(dense.get("accuracy").isJsonNull());
        Assert.assertEquals(dense.get("agreement").getAsDouble(), 1.0);
        JsonObject time = object.getAsJsonArray("latency").get(1).getAsJsonObject();
        Assert.assertTrue(time.get("ratio").isJsonNull());
        Assert.assertEquals(
                object.getAsJsonObject("conversion").getAsJsonArray("layers").size(),
                report().layers().layers().size());
    }

    /** The page is XML but for its first lines, which says that every tag is closed. */
    @Test
    public void thePageIsWellFormedAndNeedsNothingElse() throws Exception {
        String html = report().toHtml();
        String body = html.substring(html.indexOf("<body>"), html.indexOf("</body>") + 7);
        Document document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(
                                new ByteArrayInputStream(
                                        body.replace("&times;", "×")
                                                .getBytes(StandardCharsets.UTF_8)));
        Assert.assertEquals(document.getElementsByTagName("script").getLength(), 0);
        Assert.assertEquals(document.getElementsByTagName("svg").getLength(), 2);
        int layers = report().layers().layers().size();
        // Two bars for each layer in each of two pictures.
        Assert.assertEquals(document.getElementsByTagName("rect").getLength(), 4 * layers);
        Assert.assertTrue(
                document.getElementsByTagName("h1")
                        .item(0)
                        .getTextContent()
                        .startsWith("a<script>alert(1)</script>&\"'|"));
        for (String outside : List.of("http:", "https:", "src=", "@import", "url(", "<link")) {
            Assert.assertFalse(html.contains(outside), outside);
        }
        Assert.assertFalse(html.contains("<script"), html);
        Assert.assertFalse(html.contains("NaN"), html);
    }

    @Test
    public void aWrittenReportIsWholeAndLeavesNothingAside() throws IOException {
        Path folder = Files.createTempDirectory("report").resolve("deep");
        CompressionReport report = report();
        report.write(folder);
        report.write(folder);
        try (Stream<Path> files = Files.list(folder)) {
            Assert.assertEquals(
                    files.map(file -> file.getFileName().toString()).sorted().toList(),
                    List.of("report.html", "report.json", "report.md", "report.txt"));
        }
        Assert.assertEquals(Files.readString(folder.resolve("report.html")), report.toHtml());
        Assert.assertTrue(report.toMarkdown().contains("| parameters |"), report.toMarkdown());
        Assert.assertTrue(report.toString().contains("Warning: mind <this>"), report.toString());
        Assert.assertThrows(IllegalArgumentException.class, () -> report.stage("later"));
    }
}
