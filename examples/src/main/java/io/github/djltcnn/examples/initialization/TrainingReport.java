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
import org.knowm.xchart.XYChart;

/** Tables and curves of the runs that {@link CompareTraining} wrote down. */
final class TrainingReport {

    /** A cell says how many seeds it has if it has another number. */
    private static final int SEEDS = 3;

    private final List<TrainingRecord> runs;

    TrainingReport(Path file) throws IOException {
        runs = Files.readAllLines(file).stream().skip(1).map(TrainingRecord::parse).toList();
    }

    /** The runs of a cell at the rate that was best for its first seed. */
    private List<TrainingRecord> best(
            NamedNetwork network, NamedFormat format, NamedInitializer initializer) {
        List<TrainingRecord> cell = new ArrayList<>();
        for (TrainingRecord record : runs) {
            TrainingRun run = record.run();
            if (run.network() == network
                    && run.format() == format
                    && run.initializer() == initializer) {
                cell.add(record);
            }
        }
        double rate = Double.NaN;
        double least = Double.NaN;
        for (TrainingRecord record : cell) {
            if (record.run().seed() == 1 && !(record.loss() >= least)) {
                least = record.loss();
                rate = record.run().rate();
            }
        }
        double chosen = rate;
        cell.removeIf(record -> record.run().rate() != chosen);
        return cell;
    }

    /** The initializers that a network was trained from. */
    private List<NamedInitializer> columns(NamedNetwork network) {
        return runs.stream()
                .map(TrainingRecord::run)
                .filter(run -> run.network() == network)
                .map(TrainingRun::initializer)
                .distinct()
                .sorted()
                .toList();
    }

    /** Returns a table per network, mean and spread over the seeds, and what it all took. */
    String tables() {
        StringBuilder text = new StringBuilder(4096);
        for (NamedNetwork network : NamedNetwork.values()) {
            List<NamedInitializer> columns = columns(network);
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
        return text.append('\n').append(effort()).toString();
    }

    private String effort() {
        return String.format(
                Locale.ROOT,
                "%d runs took %.0f minutes, %.0f minutes of processor time.",
                runs.size(),
                runs.stream().mapToDouble(TrainingRecord::seconds).sum() / 60,
                runs.stream().mapToDouble(TrainingRecord::cpuSeconds).sum() / 60);
    }

    private static String cell(List<TrainingRecord> cell) {
        if (cell.isEmpty()) {
            return "-";
        }
        double[] accuracies = cell.stream().mapToDouble(TrainingRecord::accuracy).toArray();
        double[] losses =
                cell.stream().mapToDouble(TrainingRecord::loss).filter(Double::isFinite).toArray();
        int failed = cell.size() - losses.length;
        return String.format(
                Locale.ROOT,
                "%s; %.0f±%.0f %% (%s%s)",
                failed > 0
                        ? failed + " of " + cell.size() + " diverged"
                        : String.format(Locale.ROOT, "%.2f±%.2f", mean(losses), spread(losses)),
                100 * mean(accuracies),
                100 * spread(accuracies),
                cell.get(0).run().rate(),
                cell.size() == SEEDS ? "" : ", " + cell.size() + " seeds");
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
                XYChart chart = Charts.chart(format.toString(), "step", "cross entropy");
                for (NamedInitializer initializer : NamedInitializer.values()) {
                    addCurve(chart, initializer, best(network, format, initializer));
                }
                if (!chart.getSeriesCollection().isEmpty()) {
                    chart.getStyler().setYAxisMin(0.5).setYAxisMax(2.6);
                    charts.add(chart);
                }
            }
            if (!charts.isEmpty()) {
                Charts.save(
                        charts,
                        columns(network),
                        3,
                        folder.resolve("training-" + network + ".png"));
            }
        }
    }

    private static void addCurve(
            XYChart chart, NamedInitializer initializer, List<TrainingRecord> cell) {
        int length = cell.stream().mapToInt(run -> run.losses().size()).min().orElse(0);
        if (length == 0) {
            return;
        }
        double[] steps = new double[length];
        double[] losses = new double[length];
        for (int n = 0; n < length; n++) {
            int at = n;
            steps[n] = (double) TrainingRun.EVERY * (n + 1);
            losses[n] = cell.stream().mapToDouble(run -> run.losses().get(at)).average().orElse(0);
        }
        Charts.add(chart, initializer, steps, losses);
    }
}
