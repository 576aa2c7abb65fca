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
package io.github.djltcnn.benchmarks;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What the reports write of small results: the part of the page, the tables, the pictures. */
public class ReportTest {

    private static final String HEADER =
            "direction,channels,size,batch,format,rank,chosen_first_ms,chosen_last_ms,autotuned_ms,"
                    + "by_hand_ms,by_hand_order,dense_first_ms,dense_last_ms,chosen_to_best";

    private Path folder;
    private Path page;

    @BeforeMethod
    public void emptyPage() throws IOException {
        Path root = Files.createTempDirectory("report");
        folder = root.resolve("data/performance");
        page = root.resolve("page.md");
        Files.writeString(
                page,
                """
                # Title
                <!-- layers -->
                old
                <!-- /layers -->
                <!-- models -->
                old
                <!-- /models -->
                <!-- memory -->
                old
                <!-- /memory -->
                <!-- predictions -->
                old
                <!-- /predictions -->
                <!-- linalg -->
                old
                <!-- /linalg -->
                end
                """);
    }

    @Test
    public void layers() throws IOException {
        Path first = folder.resolveSibling("first.csv");
        Path second = folder.resolveSibling("second.csv");
        Files.createDirectories(folder);
        Files.write(
                first,
                List.of(
                        "1,false,64,8,32,TR,10,chosen,2.0000",
                        "1,false,64,8,32,TR,10,chosen (last),1.2000",
                        "1,false,64,8,32,TR,10,autotuned,1.0500",
                        "1,false,64,8,32,TR,10,autotuned (last),1.9000",
                        "1,false,64,8,32,TR,10,dense,4.0000",
                        "1,false,64,8,32,TR,10,dense (last),3.0000",
                        "1,false,64,8,32,TR,10,kernel first,1.5000",
                        "1,false,64,8,32,TR,10,1x1; kxk; 1x1 (last),1.0000",
                        "1,false,64,8,32,CP,32,chosen,3.3000",
                        "1,false,64,8,32,CP,32,chosen (last),3.2500",
                        "1,false,64,8,32,CP,32,autotuned,3.0000",
                        "1,false,64,8,32,CP,32,autotuned (last),3.1000",
                        "1,false,64,8,32,CP,32,dense,2.0000",
                        "1,false,64,8,32,CP,32,dense (last),2.5000",
                        "1,false,64,8,32,CP,32,kernel first,3.0000"));
        Files.write(
                second,
                List.of(
                        "2,true,64,8,32,TT,8,chosen,1.0000",
                        "2,true,64,8,32,TT,8,chosen (last),0.5000",
                        "2,true,64,8,32,TT,8,autotuned,1.0000",
                        "2,true,64,8,32,TT,8,autotuned (last),0.5000",
                        "2,true,64,8,32,TT,8,dense,8.0000",
                        "2,true,64,8,32,TT,8,dense (last),4.0000",
                        "2,true,64,8,32,TT,8,kernel first,1.0000"));
        LayerReport.main(
                new String[] {
                    page.toString(), folder.toString(), first.toString(), second.toString()
                });
        Assert.assertEquals(
                part("layers"),
                List.of(
                        "| threads | direction | plan | cells | within 1.10 | within 1.25 | worst "
                                + "| within 1.10 of the best by hand | worst | above 1.05 x dense |",
                        "|---|---|---|---|---|---|---|---|---|---|",
                        "| 1 | forward | chosen | 2 | 0 | 1 | 1.63 | 1 | 1.20 | 1 |",
                        "| 1 | forward | autotuned | 2 | 1 | 1 | 1.50 | 2 | 1.05 | 1 |",
                        "| 2 | forward and backward | chosen | 1 | 1 | 1 | 0.50 | 1 | 0.50 | 0 |",
                        "| 2 | forward and backward | autotuned | 1 | 1 | 1 | 0.50 | 1 | 0.50 | 0"
                                + " |"));
        Assert.assertEquals(
                Files.readAllLines(folder.resolve("layers-1.csv")),
                List.of(
                        HEADER,
                        "forward,64,8,32,TR,10,2.0000,1.2000,1.0500,1.0000,1x1; kxk; 1x1 (last),"
                                + "4.0000,3.0000,1.2000",
                        "forward,64,8,32,CP,32,3.3000,3.2500,3.0000,3.0000,kernel first,"
                                + "2.0000,2.5000,1.6250"));
        Assert.assertEquals(
                Files.readAllLines(folder.resolve("layers-2.csv")),
                List.of(
                        HEADER,
                        "forward and backward,64,8,32,TT,8,1.0000,0.5000,0.5000,1.0000,"
                                + "kernel first,8.0000,4.0000,0.5000"));

        LayerPlot.main(new String[] {folder.toString()});
        for (String picture : List.of("layers-forward.png", "layers-training.png")) {
            BufferedImage image = ImageIO.read(folder.resolve(picture).toFile());
            Assert.assertEquals(image.getWidth(), 560, picture);
            Assert.assertEquals(image.getHeight(), 520, picture);
        }
        Assert.assertEquals(names(folder), 4, "no other files");
    }

    private static long names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.count();
        }
    }

    @Test
    public void aPointPerCellAndASeriesPerFormat() {
        LayerRow ring = new LayerRow(true, new Cell(64, 8, 32, "TR", 4), 3, 1, 1, 1, "any", 4, 5);
        LayerRow other = new LayerRow(true, new Cell(64, 8, 32, "TR", 6), 2, 3, 1, 1, "any", 7, 6);
        LayerRow unknown =
                new LayerRow(true, new Cell(64, 8, 32, "new", 6), 9, 9, 9, 9, "any", 8, 8);
        XYChart chart = LayerPlot.chart(2, List.of(ring, other, unknown));
        Assert.assertEquals(chart.getTitle(), "forward and backward, threads: 2");
        Assert.assertEquals(
                chart.getSeriesCollection().stream().map(XYSeries::getName).toList(),
                List.of("as fast as dense", "TR", "new"));
        Assert.assertEquals(chart.getSeries("TR").getXData(), new double[] {4, 6});
        Assert.assertEquals(chart.getSeries("TR").getYData(), new double[] {1, 2});
        Assert.assertEquals(chart.getSeries("new").getXData(), new double[] {8});
    }

    /** Files that are no tables of layers. */
    @DataProvider
    public Object[][] broken() {
        String row = "forward,64,8,32,TR,10,2,1,1,1,any,4,3,1";
        return new Object[][] {
            {List.of(HEADER, row + ",1"), "Line 2 .* 15 values.* 14 columns"},
            {List.of(HEADER, row.replace("64", "many")), "Not a row of layer times.*many.*"},
            {List.of(HEADER, row.replace("forward", "back")), "Not a row of layer times.*back.*"},
            {List.of("a,b", "1,2"), "Not a row of layer times.*"}
        };
    }

    @Test(dataProvider = "broken")
    public void brokenTablesAreRefused(List<String> lines, String message) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("layers-1.csv"), lines);
        IOException e = Assert.expectThrows(IOException.class, () -> LayerPlot.draw(folder));
        Assert.assertTrue(e.getMessage().matches(message), e.getMessage());
        Assert.assertEquals(names(folder), 1, "no picture");
    }

    @Test
    public void withoutTablesThereIsNoPicture() throws IOException {
        Files.createDirectories(folder);
        Assert.expectThrows(IOException.class, () -> LayerPlot.draw(folder));
    }

    /** The pictures beside the page can be drawn from the tables beside it. */
    @Test
    public void theTablesOfTheGridHaveEveryCell() throws IOException {
        Path tables = Path.of("..", "docs", "data", "performance");
        for (int threads = 1; threads <= 2; threads++) {
            List<Map<String, String>> lines =
                    Csv.read(tables.resolve("layers-" + threads + ".csv"));
            int next = 0;
            for (boolean training : new boolean[] {false, true}) {
                for (Cell cell : Cell.grid()) {
                    LayerRow row = LayerRow.parse(lines.get(next));
                    Assert.assertEquals(row.cell(), cell);
                    Assert.assertEquals(row.training(), training);
                    next++;
                }
            }
            Assert.assertEquals(lines.size(), next);
        }
    }

    @Test
    public void models() throws IOException {
        Map<String, Map<String, Double>> results = new LinkedHashMap<>();
        Map<String, Double> training = new LinkedHashMap<>();
        training.put("tensorial", 90.0);
        training.put("tensorial (last)", 80.0);
        training.put("dense", 100.0);
        training.put("dense (last)", 64.0);
        training.put("zoo", 70.0);
        training.put("zoo: forward", 30.0);
        training.put("zoo: backward", 38.0);
        training.put("zoo: update", 2.0);
        results.put("1,train,32,32,8", training);
        Map<String, Double> prediction = new LinkedHashMap<>();
        double first = 5;
        for (String kind : List.of("", " folded", " autotuned")) {
            prediction.put("tensorial" + kind, first--);
            prediction.put("tensorial" + kind + " (last)", 6.0);
            prediction.put("dense" + kind, 20.0);
            prediction.put("dense" + kind + " (last)", 10.0);
            prediction.put("zoo" + kind, 12.0);
        }
        for (String stage : List.of("stem", "stage1", "stage2", "stage3", "stage4", "head")) {
            prediction.put("tensorial: " + stage, 0.5);
        }
        results.put("2,predict,18,64,1", prediction);
        ModelReport.write(page, folder, results);
        Assert.assertEquals(
                part("models"),
                List.of(
                        "| threads | what | network, image, batch | tensorial (first / last)"
                                + " | stock dense (first / last) | zoo's dense | first / first"
                                + " | best / best | batch norm folded | layers autotuned |",
                        "|---|---|---|---|---|---|---|---|---|---|",
                        "| 1 | training step | ResNet-32, 32 x 32, 8 | 90.0 / 80.0 | 100.0 / 64.0"
                                + " | 70.0 | 0.90 | 1.25 |  |  |",
                        "| 2 | prediction | ResNet-18, 64 x 64, 1 | 5.0 / 6.0 | 20.0 / 10.0 | 12.0"
                                + " | 0.25 | 0.50 | 0.40 | 0.30 |"));
        List<String> networks = Files.readAllLines(folder.resolve("models.csv"));
        Assert.assertEquals(
                networks.get(1),
                "1,training step,,ResNet-32,32,8,90.0000,80.0000,100.0000,64.0000,70.0000,0.9000,"
                        + "1.2500");
        Assert.assertEquals(
                networks.get(3),
                "2,prediction,batch norm folded,ResNet-18,64,1,4.0000,6.0000,20.0000,10.0000,"
                        + "12.0000,0.2000,0.4000");
        Assert.assertTrue(networks.get(4).startsWith("2,prediction,layers autotuned,ResNet-18,"));
        Assert.assertEquals(networks.size(), 5);
        Assert.assertEquals(
                Files.readAllLines(folder.resolve("model-parts.csv")),
                List.of(
                        "threads,network,whose,forward_ms,backward_ms,update_ms",
                        "1,ResNet-32,zoo's dense,30.0000,38.0000,2.0000"));
        Assert.assertEquals(
                Files.readAllLines(folder.resolve("model-stages.csv")),
                List.of(
                        "threads,network,batch,whose,stem_ms,stage1_ms,stage2_ms,stage3_ms,"
                                + "stage4_ms,head_ms",
                        "2,ResNet-18,1,tensorial,0.5000,0.5000,0.5000,0.5000,0.5000,0.5000"));
    }

    @Test
    public void memory() throws IOException {
        MemoryBenchmark.report(
                page,
                folder,
                List.of(
                        "train,32,32,8,1,dense,default,203.8,5728,457,467",
                        "train,32,32,8,1,dense,keep,205.3,613,488,489",
                        "predict,18,64,8,1,tensorial,keep,72.7,5549,444,477"));
        Assert.assertEquals(
                part("memory").subList(1, 4),
                List.of(
                        "|---|---|---|---|---|---|---|",
                        "| 1 | training step, 32 x 32, batch 8 | ResNet-32, dense | 203.8 / 205.3"
                                + " | 5728 / 613 | 457 / 488 | 467 / 489 |",
                        "| 1 | prediction, 64 x 64, batch 8 | ResNet-18, tensorial | - / 72.7"
                                + " | - / 5549 | - / 444 | - / 477 |"));
        Assert.assertEquals(
                Files.readAllLines(folder.resolve("memory.csv")),
                List.of(
                        "threads,what,network,whose,image,batch,buffers,ms,page_faults,"
                                + "resident_mib,highest_mib",
                        "1,training step,ResNet-32,dense,32,8,as glibc does,203.8,5728,457,467",
                        "1,training step,ResNet-32,dense,32,8,kept,205.3,613,488,489",
                        "1,prediction,ResNet-18,tensorial,64,8,kept,72.7,5549,444,477"));
    }

    @Test
    public void aTableRefusesWhatItCannotHold() {
        Csv table = new Csv("a", "b");
        Assert.expectThrows(IllegalArgumentException.class, () -> table.add("x"));
        Assert.expectThrows(IllegalArgumentException.class, () -> table.add("x", "y, z"));
        Assert.expectThrows(IllegalArgumentException.class, () -> table.add("x", "y\nz"));
    }

    /** The lines of a part of the page; what is around it must be as before. */
    private List<String> part(String name) throws IOException {
        List<String> lines = Files.readAllLines(page);
        Assert.assertEquals(lines.get(0), "# Title");
        Assert.assertEquals(lines.get(lines.size() - 1), "end");
        return lines.subList(
                lines.indexOf("<!-- " + name + " -->") + 1,
                lines.indexOf("<!-- /" + name + " -->"));
    }

    @Test
    public void predictionsAreComparedWithTheDenseTwin() throws IOException {
        Map<String, Map<String, Double>> results = new LinkedHashMap<>();
        results.put("1,ResNet-20,dense,32,1", prediction(4, 2, 1.5, 1));
        results.put("1,ResNet-20,CP a quarter,32,1", prediction(2, 1.9, 0.75, 2));
        results.get("1,ResNet-20,CP a quarter,32,1").put("macs to dense", 0.3);
        PredictionReport.write(page, folder, results);
        String text = Files.readString(page);
        Assert.assertTrue(
                text.contains(
                        "| 1 | ResNet-20 | CP a quarter | 1 | 2.00 | 1.90 | 0.75 | 2.00 | 0.38"
                                + " | 1.00 | 0.50, 0.95, 0.50, 2.00 |"),
                text);
        Map<String, String> row = Csv.read(folder.resolve("predictions.csv")).get(1);
        Assert.assertEquals(row.get("macs_to_dense"), "0.3000");
        Assert.assertEquals(row.get("steps_per_layer"), "");
        Assert.assertEquals(row.get("parameters"), "70");
        Assert.assertEquals(row.get("compiled_to_dense"), "0.5000");
    }

    private static Map<String, Double> prediction(
            double eager, double folded, double compiled, double onnx) {
        return new LinkedHashMap<>(
                Map.of(
                        "eager",
                        eager,
                        "folded",
                        folded,
                        "compiled",
                        compiled,
                        "onnx",
                        onnx,
                        "parameters",
                        70.0,
                        "operations",
                        9.0));
    }

    @Test
    public void linearAlgebraHasALinePerOperation() throws IOException {
        Map<String, Map<String, Double>> results = new LinkedHashMap<>();
        for (int n : new int[] {8, 32, 128, 512, 1024}) {
            results.put("1,svd," + n, Map.of("linalg", 0.25 * n, "ejml", 0.001 * n));
        }
        LinalgBenchmark.report(page, folder, results);
        String text = Files.readString(page);
        Assert.assertTrue(text.contains("| Linalg / EJML, ms | 8 | 32 | 128 |"), text);
        Assert.assertTrue(
                text.contains("| svd | 2.0 / 0.008 | 8.0 / 0.032 | 32.0 / 0.128 |"), text);
        Assert.assertEquals(
                Csv.read(folder.resolve("linalg.csv")).get(0).get("ejml_to_linalg"), "0.0040");
    }
}
