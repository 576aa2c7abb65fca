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
package io.github.djltcnn.compression;

import io.github.djltcnn.common.internal.TextTable;
import io.github.djltcnn.conversion.LayerReport;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** A report as one page of HTML with its style and its pictures in it. */
final class ReportPage {

    private static final String STYLE =
            """
            body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff;
                   max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.6rem; margin-bottom: .2rem; }
            h2 { font-size: 1.15rem; margin-top: 2rem; }
            p.note { color: #57606a; margin-top: 0; }
            p.warning { background: #fff8e1; border-left: 4px solid #d48806; padding: .4rem .8rem; }
            .tiles { display: flex; flex-wrap: wrap; gap: .8rem; }
            .tile { flex: 1 1 10rem; border: 1px solid #d0d7de; border-radius: 6px;
                    padding: .6rem .8rem; }
            .tile b { display: block; font-size: 1.5rem; }
            .tile span { color: #57606a; font-size: .9rem; }
            table { border-collapse: collapse; width: 100%; font-size: .92rem; }
            th, td { padding: .25rem .6rem; border-bottom: 1px solid #e4e8ec; text-align: left; }
            th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; }
            .wide { overflow-x: auto; }
            svg { width: 100%; height: auto; }
            svg text { font: 12px system-ui, sans-serif; fill: #1b1f24; }
            svg .number { fill: #57606a; }
            svg .before { fill: #c5ccd3; }
            svg .after { fill: #1f6feb; }
            """;

    private static final int ROW = 24;
    private static final int LEFT = 250;
    private static final int RIGHT = 700;
    private static final int WIDTH = 900;
    private static final int LONGEST = 38;

    private final CompressionReport report;

    ReportPage(CompressionReport report) {
        this.report = report;
    }

    String toHtml() {
        StringBuilder html = new StringBuilder();
        String title = escape(report.model()) + " compressed";
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append(
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<title>")
                .append(title)
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>")
                .append(title)
                .append("</h1>\n<p class=\"note\">")
                .append(escape(report.request()))
                .append(". Input ")
                .append(escape(report.input()))
                .append(". ")
                .append(escape(report.machine()))
                .append(".</p>\n");
        report.warnings()
                .forEach(
                        warning ->
                                html.append("<p class=\"warning\">")
                                        .append(escape(warning))
                                        .append("</p>\n"));
        tiles(html);
        html.append("<h2>Before and after</h2>\n");
        totals(html);
        html.append("<h2>Stage by stage</h2>\n");
        stages(html);
        chart(
                html,
                "Parameters of each layer",
                LayerReport::parametersBefore,
                LayerReport::parametersAfter);
        chart(html, "Multiply-adds of each layer", LayerReport::macsBefore, LayerReport::macsAfter);
        html.append("<h2>Layers</h2>\n");
        layers(html);
        return html.append("</body>\n</html>\n").toString();
    }

    private void tiles(StringBuilder html) {
        html.append("<div class=\"tiles\">\n");
        tile(
                html,
                ratio(report.layers().parametersBefore(), report.layers().parametersAfter()),
                "fewer parameters");
        tile(
                html,
                ratio(report.layers().macsBefore(), report.layers().macsAfter()),
                "fewer multiply-adds");
        for (CompressionReport.Latency each : report.latency()) {
            tile(
                    html,
                    CompressionReport.times(1 / each.ratio()) + " &times;",
                    "faster, "
                            + each.mode().name().toLowerCase(Locale.ROOT)
                            + ", batch "
                            + each.batch());
        }
        if (!report.stages().isEmpty()) {
            CompressionReport.Stage last = report.stages().get(report.stages().size() - 1);
            if (Double.isFinite(last.accuracy())) {
                double first = report.stages().get(0).accuracy();
                tile(
                        html,
                        CompressionReport.share(last.accuracy()),
                        "accuracy, dense " + CompressionReport.share(first));
            } else {
                tile(
                        html,
                        CompressionReport.share(last.agreement()),
                        "of answers as the dense model");
            }
        }
        html.append("</div>\n");
    }

    private static String ratio(long before, long after) {
        return CompressionReport.times((double) before / after) + " &times;";
    }

    private static void tile(StringBuilder html, String number, String what) {
        html.append("<div class=\"tile\"><b>")
                .append(number)
                .append("</b><span>")
                .append(escape(what))
                .append("</span></div>\n");
    }

    private void totals(StringBuilder html) {
        head(html, "", ">before", ">after", ">times less");
        row(
                html,
                "parameters",
                TextTable.count(report.layers().parametersBefore()),
                TextTable.count(report.layers().parametersAfter()),
                times(report.layers().parametersBefore(), report.layers().parametersAfter()));
        row(
                html,
                "size in bytes",
                TextTable.count(report.layers().bytesBefore()),
                TextTable.count(report.layers().bytesAfter()),
                times(report.layers().bytesBefore(), report.layers().bytesAfter()));
        row(
                html,
                "multiply-adds",
                TextTable.count(report.layers().macsBefore()),
                TextTable.count(report.layers().macsAfter()),
                times(report.layers().macsBefore(), report.layers().macsAfter()));
        for (CompressionReport.Latency each : report.latency()) {
            row(
                    html,
                    "milliseconds, "
                            + each.mode().name().toLowerCase(Locale.ROOT)
                            + ", batch "
                            + each.batch(),
                    CompressionReport.milli(each.before()),
                    CompressionReport.milli(each.after()),
                    CompressionReport.times(1 / each.ratio()));
        }
        html.append("</table>\n");
    }

    private static String times(long before, long after) {
        return CompressionReport.times((double) before / after);
    }

    private void stages(StringBuilder html) {
        head(html, "stage", ">accuracy", ">as the dense one", ">seconds");
        for (CompressionReport.Stage stage : report.stages()) {
            row(
                    html,
                    stage.name(),
                    CompressionReport.share(stage.accuracy()),
                    CompressionReport.share(stage.agreement()),
                    String.format(Locale.ROOT, "%.1f", stage.seconds()));
        }
        html.append("</table>\n");
    }

    private void layers(StringBuilder html) {
        html.append("<div class=\"wide\">\n");
        head(
                html,
                "layer",
                ">parameters",
                ">after",
                ">multiply-adds",
                ">after",
                ">error",
                "format",
                "ranks, or why not");
        for (LayerReport layer : report.layers().layers()) {
            html.append("<tr>");
            cell(html, "", shown(layer));
            cell(html, "n", TextTable.count(layer.parametersBefore()));
            cell(html, "n", TextTable.count(layer.parametersAfter()));
            cell(html, "n", TextTable.count(layer.macsBefore()));
            cell(html, "n", TextTable.count(layer.macsAfter()));
            cell(html, "n", CompressionReport.share(layer.relativeError()));
            cell(html, "", layer.format());
            cell(html, "", layer.isConverted() ? layer.ranks() : layer.skipped());
            html.append("</tr>\n");
        }
        html.append("</table>\n</div>\n");
    }

    private static String shown(LayerReport layer) {
        return layer.path().isEmpty() ? "(root)" : layer.path();
    }

    private static void head(StringBuilder html, String... names) {
        html.append("<table>\n<tr>");
        for (String name : names) {
            boolean number = name.startsWith(">");
            html.append(number ? "<th class=\"n\">" : "<th>")
                    .append(escape(number ? name.substring(1) : name))
                    .append("</th>");
        }
        html.append("</tr>\n");
    }

    private static void row(StringBuilder html, String name, String... numbers) {
        html.append("<tr>");
        cell(html, "", name);
        for (String number : numbers) {
            cell(html, "n", number);
        }
        html.append("</tr>\n");
    }

    private static void cell(StringBuilder html, String style, String text) {
        html.append(style.isEmpty() ? "<td>" : "<td class=\"" + style + "\">")
                .append(escape(text))
                .append("</td>");
    }

    /** Two bars for each layer, before above after. */
    private void chart(
            StringBuilder html,
            String title,
            ToLongFunction<LayerReport> before,
            ToLongFunction<LayerReport> after) {
        List<LayerReport> layers = report.layers().layers();
        long most =
                layers.stream()
                        .mapToLong(l -> Math.max(before.applyAsLong(l), after.applyAsLong(l)))
                        .max()
                        .orElse(0);
        html.append("<h2>").append(escape(title)).append("</h2>\n");
        html.append("<p class=\"note\">Grey: the dense model. Blue: the compressed one.</p>\n");
        html.append("<svg viewBox=\"0 0 ")
                .append(WIDTH)
                .append(' ')
                .append(Math.max(1, layers.size()) * ROW)
                .append("\" role=\"img\" aria-label=\"")
                .append(escape(title))
                .append("\">\n");
        int y = 0;
        for (LayerReport layer : layers) {
            String name = shown(layer);
            long was = before.applyAsLong(layer);
            long is = after.applyAsLong(layer);
            String numbers = TextTable.count(was) + " → " + TextTable.count(is);
            html.append("<g><title>")
                    .append(escape(name + ": " + numbers))
                    .append("</title><text x=\"")
                    .append(LEFT - 8)
                    .append("\" y=\"")
                    .append(y + 15)
                    .append("\" text-anchor=\"end\">")
                    .append(escape(shortened(name)))
                    .append("</text>");
            bar(html, "before", y + 3, was, most);
            bar(html, "after", y + 12, is, most);
            html.append("<text class=\"number\" x=\"")
                    .append(RIGHT + 8)
                    .append("\" y=\"")
                    .append(y + 15)
                    .append("\">")
                    .append(escape(numbers))
                    .append("</text></g>\n");
            y += ROW;
        }
        html.append("</svg>\n");
    }

    private static void bar(StringBuilder html, String style, int y, long value, long most) {
        double width = most == 0 ? 0 : (double) value / most * (RIGHT - LEFT);
        html.append(
                String.format(
                        Locale.ROOT,
                        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"8\"/>",
                        style,
                        LEFT,
                        y,
                        width));
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST ? name : "…" + name.substring(name.length() - LONGEST + 1);
    }

    /** Text within HTML, between tags and within quotes. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> escaped.append("&amp;");
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '"' -> escaped.append("&quot;");
                                case '\'' -> escaped.append("&#39;");
                                default -> {
                                    boolean allowed =
                                            c >= ' ' || c == '\n' || c == '\t' || c == '\r';
                                    escaped.appendCodePoint(allowed ? c : 0xfffd);
                                }
                            }
                        });
        return escaped.toString();
    }
}
