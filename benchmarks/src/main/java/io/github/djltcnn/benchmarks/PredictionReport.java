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
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes the results of {@link PredictionBenchmark} into the part "predictions" of a page and into
 * {@code predictions.csv}.
 *
 * <p>Arguments: the page, the folder of the tables, then the files of results.
 */
public final class PredictionReport {

    private static final List<String> WAYS = List.of("eager", "folded", "compiled", "onnx");

    private PredictionReport() {}

    /**
     * Writes the report.
     *
     * @param args the page, the folder of the tables, then the files of results
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        List<Path> files = Stream.of(args).skip(2).map(Path::of).toList();
        write(Path.of(args[0]), Path.of(args[1]), Results.read(files));
    }

    /** Writes table and summary of these results. */
    static void write(Path page, Path folder, Map<String, Map<String, Double>> results)
            throws IOException {
        Csv table =
                new Csv(
                        "threads",
                        "network",
                        "layers",
                        "image",
                        "batch",
                        "parameters",
                        "macs_to_dense",
                        "steps_per_layer",
                        "onnx_operations",
                        "eager_ms",
                        "folded_ms",
                        "compiled_ms",
                        "onnx_ms",
                        "compiled_to_eager",
                        "onnx_to_eager",
                        "eager_to_dense",
                        "folded_to_dense",
                        "compiled_to_dense",
                        "onnx_to_dense");
        StringBuilder text = new StringBuilder();
        text.append("| threads | network | layers | batch | eager | folded | compiled ")
                .append("| ONNX Runtime | compiled / eager | ONNX / eager ")
                .append("| to dense: eager, folded, compiled, ONNX |\n|")
                .append("---|".repeat(11))
                .append('\n');
        Map<String, Map<String, Double>> twins = new HashMap<>();
        results.forEach(
                (key, times) -> {
                    String[] c = key.split(",", -1);
                    String kind = c[0] + c[1] + c[3] + c[4];
                    if (c[2].equals("dense")) {
                        twins.put(kind, times);
                    }
                    double[] ms = WAYS.stream().mapToDouble(times::get).toArray();
                    double[] toDense =
                            WAYS.stream()
                                    .mapToDouble(way -> toDense(times, twins.get(kind), way))
                                    .toArray();
                    table.add(
                            c[0],
                            c[1],
                            c[2],
                            c[3],
                            c[4],
                            Math.round(times.get("parameters")),
                            times.getOrDefault("macs to dense", Double.NaN),
                            times.getOrDefault("steps per layer", Double.NaN),
                            Math.round(times.get("operations")),
                            ms[0],
                            ms[1],
                            ms[2],
                            ms[3],
                            ms[2] / ms[0],
                            ms[3] / ms[0],
                            toDense[0],
                            toDense[1],
                            toDense[2],
                            toDense[3]);
                    text.append(
                            String.format(
                                    Locale.ROOT,
                                    "| %s | %s | %s | %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f"
                                            + " | %.2f, %.2f, %.2f, %.2f |%n",
                                    c[0],
                                    c[1],
                                    c[2],
                                    c[4],
                                    ms[0],
                                    ms[1],
                                    ms[2],
                                    ms[3],
                                    ms[2] / ms[0],
                                    ms[3] / ms[0],
                                    toDense[0],
                                    toDense[1],
                                    toDense[2],
                                    toDense[3]));
                });
        table.write(folder.resolve("predictions.csv"));
        Page.replace(page, "predictions", text.toString());
    }

    private static double toDense(
            Map<String, Double> times, Map<String, Double> dense, String way) {
        return dense == null ? Double.NaN : times.get(way) / dense.get(way);
    }
}
