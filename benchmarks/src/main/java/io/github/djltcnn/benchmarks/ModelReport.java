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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes the results of {@link ModelBenchmark}: every case, and how the tensorial network compares
 * with its dense twin, into the part "models" of a page and into {@code models.csv}; the parts of a
 * training step into {@code model-parts.csv}; the stages of a prediction into {@code
 * model-stages.csv}.
 *
 * <p>Arguments: the page, the folder of the tables, then the files of results.
 */
public final class ModelReport {

    private static final Map<String, String> WHOSE =
            Map.of("tensorial", "tensorial", "zoo", "zoo's dense", "dense", "stock dense");

    private static final List<String> STAGES =
            List.of("stem", "stage1", "stage2", "stage3", "stage4", "head");

    private final Csv networks =
            new Csv(
                    "threads",
                    "what",
                    "variant",
                    "network",
                    "image",
                    "batch",
                    "tensorial_first_ms",
                    "tensorial_last_ms",
                    "stock_first_ms",
                    "stock_last_ms",
                    "zoo_dense_ms",
                    "first_to_first",
                    "best_to_best");
    private final Csv parts =
            new Csv("threads", "network", "whose", "forward_ms", "backward_ms", "update_ms");
    private final Csv stages =
            new Csv(
                    "threads",
                    "network",
                    "batch",
                    "whose",
                    "stem_ms",
                    "stage1_ms",
                    "stage2_ms",
                    "stage3_ms",
                    "stage4_ms",
                    "head_ms");
    private final StringBuilder text = new StringBuilder();

    private ModelReport(Map<String, Map<String, Double>> cases) {
        text.append("| threads | what | network, image, batch | tensorial (first / last) ")
                .append("| stock dense (first / last) | zoo's dense | first / first ")
                .append("| best / best | batch norm folded | layers autotuned |\n|")
                .append("---|".repeat(10))
                .append('\n');
        cases.forEach(
                (key, times) -> {
                    List<String> columns = List.of(key.split(",", -1));
                    row(columns, times);
                    parts(columns, times);
                    stages(columns, times);
                });
    }

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

    /** Writes tables and summary of these results. */
    static void write(Path page, Path folder, Map<String, Map<String, Double>> results)
            throws IOException {
        ModelReport report = new ModelReport(results);
        report.networks.write(folder.resolve("models.csv"));
        report.parts.write(folder.resolve("model-parts.csv"));
        report.stages.write(folder.resolve("model-stages.csv"));
        Page.replace(page, "models", report.text.toString());
    }

    /** A case in the page, and in the table with each of its variants. */
    private void row(List<String> columns, Map<String, Double> times) {
        double[] ours = pair(times, "tensorial");
        double[] dense = pair(times, "dense");
        text.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %s | ResNet-%s, %s x %s, %s | %.1f / %.1f | %.1f / %.1f | %.1f"
                                + " | %.2f | %.2f |",
                        columns.get(0),
                        what(columns),
                        columns.get(2),
                        columns.get(3),
                        columns.get(3),
                        columns.get(4),
                        ours[0],
                        ours[1],
                        dense[0],
                        dense[1],
                        times.get("zoo"),
                        ours[0] / dense[0],
                        variant(columns, times, "", "")));
        if (times.containsKey("tensorial folded")) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            " %.2f | %.2f |%n",
                            variant(columns, times, " folded", ""),
                            variant(columns, times, "", " autotuned")));
        } else {
            text.append(String.format("  |  |%n"));
        }
    }

    /** Adds a row to the table; tells the better layout next to the better of the twin. */
    private double variant(
            List<String> columns, Map<String, Double> times, String folded, String tuned) {
        String variant = tuned.isEmpty() ? "" : "layers autotuned";
        double[] ours = pair(times, "tensorial" + folded + tuned);
        double[] dense = pair(times, "dense" + folded);
        double best = Math.min(ours[0], ours[1]) / Math.min(dense[0], dense[1]);
        networks.add(
                columns.get(0),
                what(columns),
                folded.isEmpty() ? variant : "batch norm folded",
                "ResNet-" + columns.get(2),
                columns.get(3),
                columns.get(4),
                ours[0],
                ours[1],
                dense[0],
                dense[1],
                times.get("zoo" + folded),
                ours[0] / dense[0],
                best);
        return best;
    }

    private static String what(List<String> columns) {
        return columns.get(1).equals("train") ? "training step" : "prediction";
    }

    /** The parts of a training step, inputs with channels first. */
    private void parts(List<String> columns, Map<String, Double> times) {
        for (String whose : List.of("tensorial", "zoo", "dense")) {
            if (times.containsKey(whose + ": forward")) {
                parts.add(
                        columns.get(0),
                        "ResNet-" + columns.get(2),
                        WHOSE.get(whose),
                        times.get(whose + ": forward"),
                        times.get(whose + ": backward"),
                        times.get(whose + ": update"));
            }
        }
    }

    /** The stages of a prediction, inputs with channels first. */
    private void stages(List<String> columns, Map<String, Double> times) {
        for (String whose : List.of("tensorial", "zoo")) {
            if (times.containsKey(whose + ": stage4")) {
                List<Object> row = new ArrayList<>();
                row.add(columns.get(0));
                row.add("ResNet-" + columns.get(2));
                row.add(columns.get(4));
                row.add(WHOSE.get(whose));
                STAGES.forEach(stage -> row.add(times.get(whose + ": " + stage)));
                stages.add(row.toArray());
            }
        }
    }

    private static double[] pair(Map<String, Double> times, String name) {
        return new double[] {times.get(name), times.get(name + " (last)")};
    }
}
