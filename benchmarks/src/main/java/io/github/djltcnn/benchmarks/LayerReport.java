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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Writes what {@link LayerBenchmark} measured: every cell into a file {@code layers-N.csv} per
 * number of threads, and into a page, between the lines {@code <!-- layers -->} and {@code <!--
 * /layers -->}, how often the engine's choice is within 1.10 of the fastest contestant.
 *
 * <p>Arguments: the page, the folder of the tables, then the files of results.
 */
public final class LayerReport {

    private static final double CLOSE = 1.10;
    private static final double FAR = 1.25;
    private static final double DENSE = 1.05;

    private LayerReport() {}

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
        Map<Integer, List<LayerRow>> rows = new TreeMap<>();
        results.forEach(
                (key, times) ->
                        rows.computeIfAbsent(
                                        Integer.valueOf(key.substring(0, key.indexOf(','))),
                                        threads -> new ArrayList<>())
                                .add(LayerRow.of(key, times)));
        for (Map.Entry<Integer, List<LayerRow>> each : rows.entrySet()) {
            Csv table = LayerRow.table();
            each.getValue().forEach(row -> row.add(table));
            table.write(folder.resolve("layers-" + each.getKey() + ".csv"));
        }
        Page.replace(page, "layers", summary(rows));
    }

    private static String summary(Map<Integer, List<LayerRow>> rows) {
        StringBuilder text = new StringBuilder();
        text.append("| threads | direction | plan | cells | within 1.10 | within 1.25 | worst ")
                .append("| within 1.10 of the best by hand | worst | above 1.05 x dense |\n")
                .append("|---|---|---|---|---|---|---|---|---|---|\n");
        rows.forEach(
                (threads, all) -> {
                    Map<String, List<LayerRow>> directions = new LinkedHashMap<>();
                    for (LayerRow row : all) {
                        directions
                                .computeIfAbsent(row.direction(), d -> new ArrayList<>())
                                .add(row);
                    }
                    directions.forEach(
                            (direction, some) -> {
                                String start = "| " + threads + " | " + direction;
                                text.append(start).append(" | chosen");
                                text.append(counts(some, LayerRow::chosen));
                                text.append(start).append(" | autotuned");
                                text.append(counts(some, LayerRow::autotuned));
                            });
                });
        return text.toString();
    }

    private static String counts(List<LayerRow> rows, ToDoubleFunction<LayerRow> plan) {
        ToDoubleFunction<LayerRow> toBest = row -> plan.applyAsDouble(row) / row.best();
        ToDoubleFunction<LayerRow> toHand = row -> plan.applyAsDouble(row) / row.byHand();
        ToDoubleFunction<LayerRow> toDense = row -> plan.applyAsDouble(row) / row.dense();
        return String.format(
                Locale.ROOT,
                " | %d | %d | %d | %.2f | %d | %.2f | %d |%n",
                rows.size(),
                within(CLOSE, rows, toBest),
                within(FAR, rows, toBest),
                worst(rows, toBest),
                within(CLOSE, rows, toHand),
                worst(rows, toHand),
                rows.size() - within(DENSE, rows, toDense));
    }

    private static long within(
            double limit, List<LayerRow> rows, ToDoubleFunction<LayerRow> ratio) {
        return rows.stream().filter(row -> ratio.applyAsDouble(row) <= limit).count();
    }

    private static double worst(List<LayerRow> rows, ToDoubleFunction<LayerRow> ratio) {
        return rows.stream().mapToDouble(ratio).max().orElseThrow();
    }
}
