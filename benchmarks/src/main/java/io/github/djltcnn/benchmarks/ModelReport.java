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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes the part "models" of a page from the results of {@link ModelBenchmark}: every case, and
 * how the tensorial network compares with its dense twin.
 *
 * <p>Arguments: the page, then the files of results.
 */
public final class ModelReport {

    private static final Map<String, String> WHOSE =
            Map.of("tensorial", "tensorial", "zoo", "zoo's dense", "dense", "stock dense");

    private static final List<String> STAGES =
            List.of("stem", "stage1", "stage2", "stage3", "stage4", "head");

    private final Map<String, Map<String, Double>> cases;
    private final StringBuilder text = new StringBuilder();

    private ModelReport(Map<String, Map<String, Double>> cases) {
        this.cases = cases;
    }

    /**
     * Writes the report.
     *
     * @param args the page, then the files of results
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        List<Path> files = Stream.of(args).skip(1).map(Path::of).toList();
        ModelReport report = new ModelReport(Results.read(files));
        Page.replace(Path.of(args[0]), "models", report.write());
    }

    private String write() {
        text.append("| threads | what | network, image, batch | tensorial (first / last) ")
                .append("| stock dense (first / last) | zoo's dense | first / first ")
                .append("| best / best |\n|---|---|---|---|---|---|---|---|\n");
        cases.forEach(
                (key, times) -> {
                    row(key, times, "", "");
                    if (times.containsKey("tensorial folded")) {
                        row(key, times, " folded", "");
                        row(key, times, "", " autotuned");
                    }
                });
        text.append(
                        "\nThe parts of a training step, inputs with channels first; the loss is part of")
                .append(" the forward pass:\n\n")
                .append("| threads | network | whose | forward | backward | update |\n")
                .append("|---|---|---|---|---|---|\n");
        cases.forEach(this::parts);
        text.append("\nThe stages of a prediction, inputs with channels first:\n\n")
                .append(
                        "| threads | network, batch | whose | stem | stage 1 | stage 2 | stage 3 | stage 4 | head |\n")
                .append("|---|---|---|---|---|---|---|---|---|\n");
        cases.forEach(this::stages);
        return text.toString();
    }

    private void row(String key, Map<String, Double> times, String folded, String tuned) {
        List<String> columns = List.of(key.split(",", -1));
        double[] ours = pair(times, "tensorial" + folded + tuned);
        double[] dense = pair(times, "dense" + folded);
        text.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %s%s%s | ResNet-%s, %s x %s, %s | %.1f / %.1f | %.1f / %.1f | %.1f"
                                + " | %.2f | %.2f |%n",
                        columns.get(0),
                        columns.get(1).equals("train") ? "training step" : "prediction",
                        folded.isEmpty() ? "" : ", batch norm folded",
                        tuned.isEmpty() ? "" : ", layers autotuned",
                        columns.get(2),
                        columns.get(3),
                        columns.get(3),
                        columns.get(4),
                        ours[0],
                        ours[1],
                        dense[0],
                        dense[1],
                        times.get("zoo" + folded),
                        ours[0] / dense[0],
                        Math.min(ours[0], ours[1]) / Math.min(dense[0], dense[1])));
    }

    private void parts(String key, Map<String, Double> times) {
        List<String> columns = List.of(key.split(",", -1));
        for (String whose : List.of("tensorial", "zoo", "dense")) {
            if (times.containsKey(whose + ": forward")) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "| %s | ResNet-%s | %s | %.1f | %.1f | %.1f |%n",
                                columns.get(0),
                                columns.get(2),
                                WHOSE.get(whose),
                                times.get(whose + ": forward"),
                                times.get(whose + ": backward"),
                                times.get(whose + ": update")));
            }
        }
    }

    private void stages(String key, Map<String, Double> times) {
        List<String> columns = List.of(key.split(",", -1));
        for (String whose : List.of("tensorial", "zoo")) {
            if (times.containsKey(whose + ": stage4")) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "| %s | ResNet-%s, %s | %s |",
                                columns.get(0),
                                columns.get(2),
                                columns.get(4),
                                WHOSE.get(whose)));
                for (String stage : STAGES) {
                    text.append(
                            String.format(Locale.ROOT, " %.1f |", times.get(whose + ": " + stage)));
                }
                text.append("\n");
            }
        }
    }

    private static double[] pair(Map<String, Double> times, String name) {
        return new double[] {times.get(name), times.get(name + " (last)")};
    }
}
