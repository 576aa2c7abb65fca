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

import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Line charts of one look. */
final class Charts {

    private Charts() {}

    static XYChart overDepth(String title, String moment) {
        XYChart chart = chart(title, "layer", moment);
        chart.getStyler().setYAxisLogarithmic(true);
        return chart;
    }

    static XYChart chart(String title, String across, String up) {
        XYChart chart =
                new XYChartBuilder()
                        .width(760)
                        .height(360)
                        .theme(ChartTheme.Matlab)
                        .title(title)
                        .xAxisTitle(across)
                        .yAxisTitle(up)
                        .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        return chart;
    }

    static void add(XYChart chart, String name, double[] x, double... y) {
        chart.addSeries(name, x, y).setMarker(SeriesMarkers.NONE);
    }
}
