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

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Line charts of one look: an initializer has the same line in all of them. */
final class Charts {

    private static final int WIDTH = 480;
    private static final int HEIGHT = 320;
    private static final float BOLD = 2.6f;
    private static final float THIN = 1.6f;

    private Charts() {}

    static XYChart chart(String title, String across, String up) {
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .theme(ChartTheme.XChart)
                        .title(title)
                        .xAxisTitle(across)
                        .yAxisTitle(up)
                        .build();
        XYStyler styler = chart.getStyler();
        styler.setLegendVisible(false);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setChartTitleBoxVisible(false);
        styler.setPlotGridLinesColor(new Color(0xDDDDDD));
        return chart;
    }

    static void add(XYChart chart, NamedInitializer initializer, double[] x, double... y) {
        XYSeries series = chart.addSeries(initializer.title(), x, y);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(initializer.colour());
        BasicStroke dashes = SeriesLines.DASH_DASH;
        series.setLineStyle(initializer.isPerCore() ? dashes : SeriesLines.SOLID);
        series.setLineWidth(initializer == NamedInitializer.OUTPUTS ? BOLD : THIN);
    }

    /** Draws charts row by row and, in the cell behind the last, what each line stands for. */
    static void save(
            List<XYChart> charts, Collection<NamedInitializer> lines, int columns, Path file)
            throws IOException {
        List<XYChart> cells = new ArrayList<>(charts);
        XYChart legend = empty(lines);
        XYStyler styler = legend.getStyler();
        styler.setLegendVisible(true);
        styler.setLegendPosition(LegendPosition.InsideNW);
        styler.setLegendBorderColor(Color.WHITE);
        cells.add(legend);
        while (cells.size() % columns != 0) {
            cells.add(empty(lines));
        }
        BitmapEncoder.saveBitmap(
                cells, cells.size() / columns, columns, file.toString(), BitmapFormat.PNG);
    }

    /** A chart whose lines lie beyond its axes. */
    private static XYChart empty(Collection<NamedInitializer> lines) {
        XYChart chart = chart("", "", "");
        for (NamedInitializer line : lines) {
            add(chart, line, new double[] {0, 1}, 0, 1);
        }
        XYStyler styler = chart.getStyler();
        styler.setXAxisMin(2.0).setXAxisMax(3.0);
        styler.setYAxisMin(2.0).setYAxisMax(3.0);
        styler.setAxisTicksVisible(false);
        styler.setAxisTitlesVisible(false);
        styler.setPlotGridLinesVisible(false);
        styler.setPlotBorderVisible(false);
        return chart;
    }
}
