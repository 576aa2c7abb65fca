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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The profile of training steps: it runs, and draws the conclusions that it says it draws. */
public class LayerProfileTest {

    private static final String RING = "1,64,8,32,TR,15";
    private static final String MATRIX = "1,64,8,32,TT-matrix,4";

    @Test
    public void everythingOfATinyLayerIsTimed() {
        Map<String, Double> ring =
                LayerProfile.run(new Cell(16, 3, 2, "TR", 10), new Rounds(0, 1, 1, 0, 2));
        Assert.assertTrue(
                ring.keySet()
                        .containsAll(
                                List.of(
                                        "dense",
                                        "dense (last)",
                                        "cores merged, tensordot",
                                        "1x1, rank in batch, kxk, 1x1 (last)")),
                ring.toString());
        // The kernel takes more than half of the multiply-adds of a convolution of few pixels.
        Assert.assertTrue(ring.containsKey("fewest"), ring.toString());
        Assert.assertFalse(ring.containsKey("kernel"), ring.toString());

        Map<String, Double> matrix =
                LayerProfile.run(new Cell(16, 12, 8, "TT-matrix", 8), new Rounds(0, 1, 1, 0, 2));
        Assert.assertTrue(
                matrix.keySet()
                        .containsAll(
                                List.of(
                                        "chosen" + LayerProfile.KERNEL_FIRST,
                                        "sum (last)",
                                        "bare sum",
                                        "kernel",
                                        "calls",
                                        "products")),
                matrix.toString());
        matrix.forEach((name, millis) -> Assert.assertTrue(millis > 0, name));
    }

    @Test
    public void theOperationsOfAContractionAreFound() throws IOException {
        Path file = Files.createTempDirectory(Path.of("target"), "profile").resolve("calls.csv");
        Cell cell = new Cell(16, 3, 1, "TR", 4);
        CallProfile.run(new Results(file.toString()), List.of(cell), 3, 1);
        Map<String, Map<String, Double>> found = Results.read(List.of(file));
        Map<String, Double> forward = found.get(CallProfile.key(1, cell, false));
        Map<String, Double> backward = found.get(CallProfile.key(1, cell, true));
        // Five cores, four products, and two gradients of each.
        Assert.assertEquals(forward.get("PRODUCTS calls"), 4.0);
        Assert.assertEquals(backward.get("PRODUCTS calls"), 8.0);
        Assert.assertFalse(forward.containsKey("GRADIENTS calls"));
        double sum =
                forward.entrySet().stream()
                        .filter(entry -> entry.getKey().endsWith(" micros"))
                        .filter(entry -> !entry.getKey().startsWith("AL"))
                        .mapToDouble(Map.Entry::getValue)
                        .sum();
        Assert.assertEquals(sum, forward.get("ALL micros"), 1e-2);
    }

    private static Map<String, Double> times(
            double dense, double chosen, double sum, double bare, double other) {
        Map<String, Double> times = new LinkedHashMap<>();
        times.put("dense", dense + 1);
        times.put("dense (last)", dense);
        times.put("chosen" + LayerProfile.KERNEL_FIRST, chosen);
        times.put("chosen" + LayerProfile.KERNEL_FIRST + " (last)", chosen + 1);
        times.put("fewest", other);
        times.put("sum", sum);
        times.put("bare sum", bare);
        times.put("kernel", 0.5);
        times.put("calls", 0.25);
        times.put("products", 0.125);
        return times;
    }

    @Test
    public void whatIsAbove() {
        // 1.139 times the multiply-adds of the convolution, whatever was measured.
        Assert.assertEquals(
                new ProfileRow(RING, times(4, 5, 3, 3, 3)).reason(),
                ProfileRow.Reason.MULTIPLY_ADDS);
        Assert.assertEquals(
                new ProfileRow(MATRIX, times(4, 5, 4.6, 4.5, 9)).reason(),
                ProfileRow.Reason.PRODUCTS);
        Assert.assertEquals(
                new ProfileRow(MATRIX, times(4, 5, 4.6, 4.3, 9)).reason(),
                ProfileRow.Reason.KERNEL);
        Assert.assertEquals(
                new ProfileRow(MATRIX, times(4, 5, 4.3, 4.2, 9)).reason(),
                ProfileRow.Reason.CHOICE);
        Assert.assertEquals(
                new ProfileRow(MATRIX, times(4, 5, 4.6, 4.5, 4.3)).reason(),
                ProfileRow.Reason.CHOICE);
    }

    @Test
    public void theReportCountsThem() throws IOException {
        Map<String, Map<String, Double>> results = new LinkedHashMap<>();
        results.put(RING, times(4, 6, 5.5, 5.2, 9));
        results.put(MATRIX, times(4, 5, 4.6, 4.3, 9));
        results.put("1,64,8,32,CP,32", Map.of("dense", 4.0, "chosen", 1.0, "fewest", 2.0));
        results.put("2,64,8,32,TT-matrix,4", times(2, 2.1, 2.2, 2.3, 9));
        Cell cell = CallProfile.CELLS.get(0);
        for (int threads = 1; threads <= 2; threads++) {
            results.put(
                    CallProfile.key(threads, cell, true),
                    Map.of("VIEWS calls", 24.0, "VIEWS micros", 30.0 + threads, "ALL micros", 9.0));
        }
        Path folder = Files.createTempDirectory("profile");
        Path page = folder.resolve("page.md");
        Files.writeString(page, "<!-- profile -->\nold\n<!-- /profile -->\n");
        ProfileReport.write(page, folder, results);
        List<String> lines = Files.readAllLines(page);
        Assert.assertTrue(lines.contains("| 1 | 3 | 2 | 1 | 0 | 1 | 0 | 2 | 1.09 |"), "" + lines);
        Assert.assertTrue(lines.contains("| 2 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1.00 |"), "" + lines);
        Assert.assertTrue(
                lines.contains("| dense convolution, forward and backward | 2.00 |"), "" + lines);

        List<Map<String, String>> steps = Csv.read(folder.resolve("profile-1.csv"));
        Assert.assertEquals(
                steps.stream().map(row -> row.get("format")).toList(), List.of("TR", "TT-matrix"));
        Map<String, String> ring = new LinkedHashMap<>(steps.get(0));
        // 3 x 2048 x 64 x 64 x 9 multiply-adds of the convolution in 4 ms.
        Assert.assertEquals(ring.get("dense_gmacs_per_s"), "56.6231");
        double kernel = new ProfileRow(RING, results.get(RING)).kernelShare();
        Assert.assertEquals(
                Double.parseDouble(ring.get("kernel_macs_percent_of_dense")), 100 * kernel, 1e-4);
        Assert.assertEquals(
                Double.parseDouble(ring.get("products_gmacs_per_s")),
                56.6231 * kernel * 4 / 0.125,
                1e-2);
        ring.keySet()
                .removeAll(
                        List.of(
                                "dense_gmacs_per_s",
                                "kernel_macs_percent_of_dense",
                                "products_gmacs_per_s",
                                "fewest_macs_to_dense"));
        Assert.assertEquals(
                String.join(",", ring.values()),
                "64,8,32,TR,15,4.0000,6.0000,1.5000,0.5000,1.3750,0.2500,0.1250,1.3000,2.2500,"
                        + "1.0909,multiply-adds of any order");
        Assert.assertEquals(
                Csv.read(folder.resolve("profile-2.csv")).get(0).get("above_1.10_because_of"), "");
        Assert.assertEquals(
                Files.readAllLines(folder.resolve("profile-operations.csv")),
                List.of(
                        "format,rank,channels,direction,operations,calls,microseconds_threads_1,"
                                + "microseconds_threads_2",
                        "TR,10,16,backward,views,24,31.0000,32.0000",
                        "TR,10,16,backward,all,,9.0000,9.0000"));
    }
}
