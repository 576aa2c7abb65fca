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

import java.awt.Color;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws the tables {@code layers-N.csv} that {@link LayerReport} writes: a picture per direction, a
 * chart per number of threads, a point per cell, its time against that of the dense convolution.
 *
 * <p>Argument: the folder of the tables, which gets the pictures {@code layers-forward.png} and
 * {@code layers-training.png}.
 */
public final class LayerPlot {

    private static final int WIDTH = 560;
    private static final int HEIGHT = 520;
    private static final int MARKER = 7;
    private static final double MARGIN = 1.15;
    private static final String EQUAL = "as fast as dense";

    /** Colours that are told apart with red-green blindness as well. */
    private static final Map<String, Color> COLOURS =
            Map.of(
                    "TR", new Color(0xD55E00),
                    "Tucker-2", new Color(0x0072B2),
                    "CP", new Color(0x009E73),
                    "TT", new Color(0x000000),
                    "TT-matrix", new Color(0xCC79A7),
                    "HTK2", new Color(0x56B4E9),
                    "BTT", new Color(0xE69F00));

    private LayerPlot() {}

    /**
     * Draws the pictures.
     *
     * @param args the folder of the tables
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        draw(Path.of(args[0]));
    }

    /** Draws the pictures of the tables of a folder. */
    static void draw(Path folder) throws IOException {
        Map<Integer, List<LayerRow>> tables = read(folder);
        for (boolean training : new boolean[] {false, true}) {
            List<XYChart> charts = new ArrayList<>();
            tables.forEach(
                    (threads, all) -> {
                        List<LayerRow> rows =
                                all.stream().filter(row -> row.training() == training).toList();
                        if (!rows.isEmpty()) {
                            charts.add(chart(threads, rows));
                        }
                    });
            if (!charts.isEmpty()) {
                Path file = folder.resolve(training ? "layers-training.png" : "layers-forward.png");
                BitmapEncoder.saveBitmap(
                        charts, 1, charts.size(), file.toString(), BitmapFormat.PNG);
            }
        }
    }

    private static Map<Integer, List<LayerRow>> read(Path folder) throws IOException {
        Map<Integer, List<LayerRow>> tables = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "layers-*.csv")) {
            for (Path file : files) {
                String threads = file.getFileName().toString().replaceAll("\\D", "");
                List<LayerRow> rows = new ArrayList<>();
                for (Map<String, String> line : Csv.read(file)) {
                    rows.add(LayerRow.parse(line));
                }
                tables.put(Integer.valueOf(threads), rows);
            }
        }
        if (tables.isEmpty()) {
            throw new IOException("There is no file layers-*.csv in " + folder);
        }
        return tables;
    }

    /** A chart of rows of one direction. */
    static XYChart chart(int threads, List<LayerRow> rows) {
        LayerRow first = rows.get(0);
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .theme(ChartTheme.XChart)
                        .title(first.direction() + ", threads: " + threads)
                        .xAxisTitle("dense convolution, ms")
                        .yAxisTitle("chosen order, ms")
                        .build();
        double[] ends = {
            rows.stream().mapToDouble(r -> Math.min(r.chosen(), r.dense())).min().orElseThrow()
                    / MARGIN,
            rows.stream().mapToDouble(r -> Math.max(r.chosen(), r.dense())).max().orElseThrow()
                    * MARGIN
        };
        XYStyler styler = chart.getStyler();
        styler.setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        styler.setXAxisMin(ends[0]).setXAxisMax(ends[1]);
        styler.setYAxisMin(ends[0]).setYAxisMax(ends[1]);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setChartTitleBoxVisible(false);
        styler.setPlotGridLinesColor(new Color(0xDDDDDD));
        styler.setMarkerSize(MARKER);
        styler.setLegendPosition(LegendPosition.InsideNW);
        XYSeries equal = chart.addSeries(EQUAL, ends, ends);
        equal.setMarker(SeriesMarkers.NONE).setLineColor(Color.GRAY);
        for (String format : rows.stream().map(row -> row.cell().format()).distinct().toList()) {
            List<LayerRow> some =
                    rows.stream().filter(row -> row.cell().format().equals(format)).toList();
            chart.addSeries(
                            format,
                            some.stream().mapToDouble(LayerRow::dense).toArray(),
                            some.stream().mapToDouble(LayerRow::chosen).toArray())
                    .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
                    .setMarker(SeriesMarkers.CIRCLE)
                    .setMarkerColor(COLOURS.getOrDefault(format, Color.DARK_GRAY));
        }
        return chart;
    }
}
