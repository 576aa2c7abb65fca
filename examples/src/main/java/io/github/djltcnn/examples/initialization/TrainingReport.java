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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;

/** Tables and curves of the runs that {@link CompareTraining} wrote down. */
final class TrainingReport {

    /** A line of the file. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Run(
            NamedNetwork network,
            NamedFormat format,
            NamedInitializer initializer,
            double rate,
            int seed,
            double accuracy,
            double finalLoss,
            double[] losses) {

        static Run parse(String line) {
            String[] cells = line.split(",", -1);
            double[] losses =
                    cells[8].isEmpty()
                            ? new double[0]
                            : Arrays.stream(cells[8].split(" ", -1))
                                    .mapToDouble(Double::parseDouble)
                                    .toArray();
            return new Run(
                    NamedNetwork.valueOf(cells[0]),
                    NamedFormat.valueOf(cells[1]),
                    NamedInitializer.valueOf(cells[2]),
                    Double.parseDouble(cells[3]),
                    Integer.parseInt(cells[4]),
                    Double.parseDouble(cells[6]),
                    Double.parseDouble(cells[7]),
                    losses);
        }
    }

    private final List<Run> runs;

    TrainingReport(Path file) throws IOException {
        runs = Files.readAllLines(file).stream().skip(1).map(Run::parse).toList();
    }

    /** The runs of a cell at the rate that was best for its first seed. */
    private List<Run> best(NamedNetwork network, NamedFormat format, NamedInitializer initializer) {
        List<Run> cell = new ArrayList<>();
        for (Run run : runs) {
            if (run.network() == network
                    && run.format() == format
                    && run.initializer() == initializer) {
                cell.add(run);
            }
        }
        double rate = Double.NaN;
        double least = Double.NaN;
        for (Run run : cell) {
            if (run.seed() == 1 && !(run.finalLoss() >= least)) {
                least = run.finalLoss();
                rate = run.rate();
            }
        }
        double chosen = rate;
        cell.removeIf(run -> run.rate() != chosen);
        return cell;
    }

    /** Returns a table per network: loss and accuracy, mean and spread over the seeds. */
    String tables() {
        StringBuilder text = new StringBuilder(4096);
        for (NamedNetwork network : NamedNetwork.values()) {
            List<NamedInitializer> columns =
                    Arrays.stream(NamedInitializer.values())
                            .filter(
                                    i ->
                                            runs.stream()
                                                    .anyMatch(
                                                            run ->
                                                                    run.network() == network
                                                                            && run.initializer()
                                                                                    == i))
                            .toList();
            if (columns.isEmpty()) {
                continue;
            }
            text.append('\n').append(network).append("\n\n| format |");
            columns.forEach(column -> text.append(' ').append(column.title()).append(" |"));
            text.append("\n|---|").append("---|".repeat(columns.size())).append('\n');
            for (NamedFormat format : NamedFormat.values()) {
                text.append("| ").append(format).append(" |");
                for (NamedInitializer column : columns) {
                    text.append(' ').append(cell(best(network, format, column))).append(" |");
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String cell(List<Run> cell) {
        if (cell.isEmpty()) {
            return "-";
        }
        double[] accuracies = cell.stream().mapToDouble(Run::accuracy).toArray();
        long failed = cell.stream().filter(run -> Double.isInfinite(run.finalLoss())).count();
        double[] losses =
                cell.stream().mapToDouble(Run::finalLoss).filter(Double::isFinite).toArray();
        return String.format(
                Locale.ROOT,
                "%s; %s (lr %s, %d)",
                failed > 0
                        ? failed + " diverged"
                        : String.format(Locale.ROOT, "%.2f±%.2f", mean(losses), spread(losses)),
                String.format(
                        Locale.ROOT,
                        "%.0f±%.0f %%",
                        100 * mean(accuracies),
                        100 * spread(accuracies)),
                cell.get(0).rate(),
                cell.size());
    }

    private static double mean(double... values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double spread(double... values) {
        double mean = mean(values);
        double square = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        return values.length < 2 ? 0 : Math.sqrt(square / (values.length - 1));
    }

    /** Draws the training loss of every cell, mean over the seeds, a picture per network. */
    void draw(Path folder) throws IOException {
        for (NamedNetwork network : NamedNetwork.values()) {
            List<XYChart> charts = new ArrayList<>();
            for (NamedFormat format : NamedFormat.values()) {
                XYChart chart = Charts.chart(network + ", " + format, "step", "cross entropy");
                for (NamedInitializer initializer : NamedInitializer.values()) {
                    addCurve(chart, initializer, best(network, format, initializer));
                }
                if (!chart.getSeriesCollection().isEmpty()) {
                    chart.getStyler().setYAxisMin(0.5).setYAxisMax(2.6);
                    charts.add(chart);
                }
            }
            if (!charts.isEmpty()) {
                BitmapEncoder.saveBitmap(
                        charts,
                        (charts.size() + 1) / 2,
                        Math.min(2, charts.size()),
                        folder.resolve("training-" + network + ".png").toString(),
                        BitmapFormat.PNG);
            }
        }
    }

    private static void addCurve(XYChart chart, NamedInitializer initializer, List<Run> cell) {
        int length = cell.stream().mapToInt(run -> run.losses().length).min().orElse(0);
        if (length == 0) {
            return;
        }
        double[] steps = new double[length];
        double[] losses = new double[length];
        for (int n = 0; n < length; n++) {
            int at = n;
            steps[n] = 10.0 * (n + 1);
            losses[n] = cell.stream().mapToDouble(run -> run.losses()[at]).average().orElse(0);
        }
        Charts.add(chart, initializer.title(), steps, losses);
    }
}
