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
package io.github.djltcnn.examples.rates;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Tables and pictures of what {@link SweepRates} wrote down. */
final class RateReport {

    private static final int RATE = 7;
    private static final int LOSS = 10;

    /** Losses beyond are drawn here: a guess has 2.3. */
    private static final double HIGHEST = 2.5;

    /** Of each cell that was trained at all rates the losses by rate. */
    private final Map<RateCell, TreeMap<Double, Double>> cells = new LinkedHashMap<>();

    RateReport(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (String line : lines.subList(1, lines.size())) {
            String[] columns = line.split(",", -1);
            cells.computeIfAbsent(RateCell.parse(columns), cell -> new TreeMap<>())
                    .put(Double.parseDouble(columns[RATE]), Double.parseDouble(columns[LOSS]));
        }
        cells.values().removeIf(losses -> losses.size() < SweepRates.RATES);
        cells.keySet().removeIf(cell -> !cells.containsKey(cell.dense()));
    }

    private double best(RateCell cell) {
        return cells.get(cell).entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    /** Which loss the best rate of the dense cell costs, as a share of the best loss. */
    private double cost(RateCell cell) {
        return cells.get(cell).get(best(cell.dense())) / cells.get(cell).get(best(cell)) - 1;
    }

    private boolean isNear(RateCell cell) {
        double ratio = best(cell) / best(cell.dense());
        return ratio > 0.49 && ratio < 2.01;
    }

    /** Returns a table of all cells and one of sums. */
    String tables() {
        StringBuilder text = new StringBuilder(4096);
        text.append("| network | start | optimizer | format | rank | rule | best rate / dense's |")
                .append(" best loss | loss at dense's rate | more |\n")
                .append("|---|---|---|---|---:|---|---:|---:|---:|---:|\n");
        for (RateCell cell : cells.keySet()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s | %s | %d | %s | %s | %.3f | %.3f | %.0f %% |%n",
                            cell.network(),
                            cell.start(),
                            cell.optimizer(),
                            cell.format(),
                            cell.rank(),
                            cell.rule(),
                            cell.isDense()
                                    ? "best is " + best(cell)
                                    : Double.toString(best(cell) / best(cell.dense())),
                            cells.get(cell).get(best(cell)),
                            cells.get(cell).get(best(cell.dense())),
                            100 * cost(cell)));
        }
        return text.append('\n').append(summary()).toString().replace("\r", "");
    }

    private String summary() {
        StringBuilder text = new StringBuilder(1024);
        text.append("| network | start | optimizer | rule | cells | within a factor 2 |")
                .append(" cost at dense's rate, median | largest |\n")
                .append("|---|---|---|---|---:|---:|---:|---:|\n");
        Map<String, List<RateCell>> groups = new LinkedHashMap<>();
        for (RateCell cell : cells.keySet()) {
            if (!cell.isDense()) {
                groups.computeIfAbsent(
                                String.format(
                                        Locale.ROOT,
                                        "%s | %s | %s | %s",
                                        cell.network(),
                                        cell.start(),
                                        cell.optimizer(),
                                        cell.rule()),
                                key -> new ArrayList<>())
                        .add(cell);
                groups.computeIfAbsent("all | all | all | " + cell.rule(), k -> new ArrayList<>())
                        .add(cell);
            }
        }
        groups.forEach(
                (key, group) -> {
                    double[] costs = group.stream().mapToDouble(this::cost).sorted().toArray();
                    text.append(
                            String.format(
                                    Locale.ROOT,
                                    "| %s | %d | %d | %.1f %% | %.0f %% |%n",
                                    key,
                                    group.size(),
                                    group.stream().filter(this::isNear).count(),
                                    100 * costs[costs.length / 2],
                                    100 * costs[costs.length - 1]));
                });
        return text.toString();
    }

    /** Draws the losses over the rates: a row for each optimizer, with one rate and transferred. */
    void draw(Path file) throws IOException {
        List<XYChart> charts = new ArrayList<>();
        for (RateCell dense : cells.keySet()) {
            if (dense.isDense() && dense.seed() == 1) {
                for (RateCell.Rule rule : RateCell.Rule.values()) {
                    charts.add(chart(dense, rule));
                }
            }
        }
        if (!charts.isEmpty()) {
            int columns = RateCell.Rule.values().length;
            BitmapEncoder.saveBitmap(
                    charts, charts.size() / columns, columns, file.toString(), BitmapFormat.PNG);
        }
    }

    private XYChart chart(RateCell dense, RateCell.Rule rule) {
        XYChart chart =
                new XYChartBuilder()
                        .width(560)
                        .height(360)
                        .theme(ChartTheme.XChart)
                        .title(
                                String.format(
                                                "%s, %s, %s: %s",
                                                dense.network(),
                                                dense.start(),
                                                dense.optimizer(),
                                                rule == RateCell.Rule.NONE
                                                        ? "one rate"
                                                        : "transferred")
                                        .toLowerCase(Locale.ROOT))
                        .xAxisTitle("rate")
                        .yAxisTitle("training loss")
                        .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisMax(HIGHEST);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        for (Map.Entry<RateCell, TreeMap<Double, Double>> entry : cells.entrySet()) {
            RateCell cell = entry.getKey();
            if (cell.dense().equals(dense) && (cell.isDense() || cell.rule() == rule)) {
                double[] rates = entry.getValue().keySet().stream().mapToDouble(r -> r).toArray();
                double[] losses =
                        entry.getValue().values().stream()
                                .mapToDouble(loss -> Math.min(loss, HIGHEST))
                                .toArray();
                String name = cell.isDense() ? "dense" : cell.format() + " " + cell.rank();
                XYSeries series = chart.addSeries(name, rates, losses);
                series.setMarker(SeriesMarkers.NONE);
                if (cell.isDense()) {
                    series.setLineColor(Color.BLACK);
                    series.setLineStyle(new BasicStroke(3.5f));
                }
            }
        }
        return chart;
    }
}
