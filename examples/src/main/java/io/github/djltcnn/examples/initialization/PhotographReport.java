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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.knowm.xchart.XYChart;

/** Reports what {@link CompareOnPhotographs} has written. */
final class PhotographReport {

    /** An accuracy that all but the worst starts come to. */
    private static final double ACCURACY = 0.4;

    private record Cell(String network, NamedInitializer initializer) {}

    /** Of each cell the runs at the rate that was best for its first seed. */
    private final Map<Cell, List<PhotographRecord>> cells = new LinkedHashMap<>();

    PhotographReport(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (String line : lines.subList(1, lines.size())) {
            PhotographRecord record = PhotographRecord.parse(line);
            Cell cell = new Cell(record.run().network(), record.run().initializer());
            cells.computeIfAbsent(cell, key -> new ArrayList<>()).add(record);
        }
        for (List<PhotographRecord> records : cells.values()) {
            PhotographRecord best = null;
            for (PhotographRecord record : records) {
                boolean first = record.run().seed() == 1;
                if (first && (best == null || record.loss() < best.loss())) {
                    best = record;
                }
            }
            double rate = best == null ? Double.NaN : best.run().rate();
            records.removeIf(record -> record.run().rate() != rate);
        }
    }

    /** Returns a table: a row for each network and rule. */
    String tables() {
        StringBuilder text = new StringBuilder(2048);
        text.append("| network | cores drawn by | best rate | seeds | steps to 40 % |")
                .append(" last training loss | accuracy |\n|---|---|---:|---:|---:|---:|---:|\n");
        for (Map.Entry<Cell, List<PhotographRecord>> entry : cells.entrySet()) {
            List<PhotographRecord> records = entry.getValue();
            if (records.isEmpty()) {
                continue;
            }
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s | %d | %s | %s | %s |%n",
                            entry.getKey().network(),
                            entry.getKey().initializer().title(),
                            records.get(0).run().rate(),
                            records.size(),
                            steps(records),
                            of(
                                    "%.2f ± %.2f",
                                    1,
                                    records.stream().mapToDouble(PhotographRecord::loss).toArray()),
                            of(
                                    "%.1f ± %.1f %%",
                                    100,
                                    records.stream()
                                            .mapToDouble(PhotographRecord::accuracy)
                                            .toArray())));
        }
        return text.toString().replace("\r", "");
    }

    private static String steps(List<PhotographRecord> records) {
        double[] steps = records.stream().mapToDouble(run -> run.stepsTo(ACCURACY)).toArray();
        boolean never = Arrays.stream(steps).anyMatch(Double::isNaN);
        return never ? "not reached" : of("%.0f ± %.0f", 1, steps);
    }

    private static String of(String format, double unit, double... values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double square = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        double spread = values.length < 2 ? 0 : Math.sqrt(square / (values.length - 1));
        return String.format(Locale.ROOT, format, unit * mean, unit * spread);
    }

    /** Draws the training loss over the steps, mean over the seeds: a chart for each network. */
    void draw(Path file) throws IOException {
        Map<String, XYChart> charts = new LinkedHashMap<>();
        TreeSet<NamedInitializer> lines = new TreeSet<>();
        for (Map.Entry<Cell, List<PhotographRecord>> entry : cells.entrySet()) {
            List<PhotographRecord> records = entry.getValue();
            int length = records.stream().mapToInt(r -> r.losses().size()).min().orElse(0);
            if (length == 0) {
                continue;
            }
            double[] steps = new double[length];
            double[] losses = new double[length];
            for (int n = 0; n < length; n++) {
                int at = n;
                steps[n] = (double) PhotographRun.EVERY * (n + 1);
                losses[n] =
                        records.stream().mapToDouble(r -> r.losses().get(at)).average().orElse(0);
            }
            XYChart chart =
                    charts.computeIfAbsent(
                            entry.getKey().network(),
                            name -> Charts.chart(name, "step", "cross entropy"));
            Charts.add(chart, entry.getKey().initializer(), steps, losses);
            lines.add(entry.getKey().initializer());
        }
        if (!charts.isEmpty()) {
            charts.values().forEach(chart -> chart.getStyler().setYAxisMin(0.8).setYAxisMax(2.4));
            Charts.save(new ArrayList<>(charts.values()), lines, 3, file);
        }
    }
}
