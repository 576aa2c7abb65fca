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

import com.google.gson.JsonParser;
import io.github.djltcnn.common.internal.AtomicFiles;
import io.github.djltcnn.common.internal.Json;
import io.github.djltcnn.common.internal.TextTable;
import io.github.djltcnn.conversion.ConversionReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a compression did: before and after, stage by stage, layer by layer. As text, Markdown, JSON
 * or one page of HTML that needs nothing else. Immutable.
 *
 * @param model the name of the model
 * @param input the shape of its input
 * @param request what was asked for
 * @param machine where it was measured
 * @param layers the layers
 * @param stages what the model was worth at each stage, the dense model first
 * @param latency the measured times of predictions
 * @param warnings what is not as wanted
 * @since 0.1.0
 */
public record CompressionReport(
        String model,
        String input,
        String request,
        String machine,
        ConversionReport layers,
        List<Stage> stages,
        List<Latency> latency,
        List<String> warnings) {

    private static final double MILLI = 1e-3;

    /**
     * What the model was worth after a stage.
     *
     * @param name the stage
     * @param accuracy the share of images whose likeliest class is their label; NaN if they have
     *     none
     * @param agreement the share of images to which the model gives the answer of the dense one;
     *     NaN if there are no images
     * @param seconds how long the stage took
     * @since 0.1.0
     */
    public record Stage(String name, double accuracy, double agreement, double seconds) {}

    /**
     * How long predictions take, measured in turns.
     *
     * @param mode how the model predicts
     * @param batch the images of a prediction
     * @param before the median of the dense model in seconds
     * @param after the median of the compressed model in seconds
     * @param ratio after over before, of the times that one round in ten stays below: on a busy
     *     machine they tell more than medians
     * @since 0.1.0
     */
    public record Latency(
            PredictionMode mode, long batch, double before, double after, double ratio) {

        /** Returns the numbers in one line. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s, batch %d: %.3f -> %.3f ms, %.2f of the time",
                    mode.name().toLowerCase(Locale.ROOT),
                    batch,
                    before / MILLI,
                    after / MILLI,
                    ratio);
        }
    }

    /**
     * Makes the lists unmodifiable.
     *
     * @param model the name of the model
     * @param input the shape of its input
     * @param request what was asked for
     * @param machine where it was measured
     * @param layers the layers
     * @param stages the stages
     * @param latency the times
     * @param warnings the warnings
     */
    public CompressionReport {
        stages = List.copyOf(stages);
        latency = List.copyOf(latency);
        warnings = List.copyOf(warnings);
    }

    /**
     * Returns one stage.
     *
     * @param name its name: dense, decomposed, recalibrated, distilled
     * @return the stage
     * @throws IllegalArgumentException if there was none
     */
    public Stage stage(String name) {
        return stages.stream()
                .filter(stage -> stage.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "No stage \""
                                                + name
                                                + "\"; there are "
                                                + stages.stream().map(Stage::name).toList()));
    }

    TextTable totals() {
        TextTable table = new TextTable("", ">before", ">after", ">times less");
        long parameters = layers.parametersAfter();
        table.add(
                "parameters",
                TextTable.count(layers.parametersBefore()),
                TextTable.count(parameters),
                times((double) layers.parametersBefore() / parameters));
        table.add(
                "bytes",
                TextTable.count(layers.bytesBefore()),
                TextTable.count(layers.bytesAfter()),
                times((double) layers.bytesBefore() / layers.bytesAfter()));
        table.add(
                "multiply-adds",
                TextTable.count(layers.macsBefore()),
                TextTable.count(layers.macsAfter()),
                times((double) layers.macsBefore() / layers.macsAfter()));
        for (Latency each : latency) {
            table.add(
                    each.mode.name().toLowerCase(Locale.ROOT) + ", batch " + each.batch + ", ms",
                    milli(each.before),
                    milli(each.after),
                    times(1 / each.ratio));
        }
        return table;
    }

    TextTable stageTable() {
        TextTable table = new TextTable("stage", ">accuracy", ">as the dense one", ">seconds");
        for (Stage stage : stages) {
            table.add(
                    stage.name,
                    share(stage.accuracy),
                    share(stage.agreement),
                    String.format(Locale.ROOT, "%.1f", stage.seconds));
        }
        return table;
    }

    static String milli(double seconds) {
        return String.format(Locale.ROOT, "%.3f", seconds / MILLI);
    }

    static String times(double factor) {
        return Double.isFinite(factor) ? String.format(Locale.ROOT, "%.2f", factor) : "-";
    }

    static String share(double share) {
        return Double.isFinite(share) ? String.format(Locale.ROOT, "%.4f", share) : "-";
    }

    /**
     * Returns the report as Markdown.
     *
     * @return several tables
     */
    public String toMarkdown() {
        StringBuilder text = new StringBuilder();
        text.append("# ").append(oneLine(model)).append(" compressed\n\n");
        text.append(oneLine(request)).append(". ").append(oneLine(machine)).append(".\n\n");
        warnings.forEach(w -> text.append("- Warning: ").append(oneLine(w)).append('\n'));
        text.append(warnings.isEmpty() ? "" : "\n");
        text.append(totals().toMarkdown()).append('\n');
        text.append(stageTable().toMarkdown()).append('\n');
        text.append(layers.toMarkdown());
        return text.toString();
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\R", " ");
    }

    /**
     * Returns the report as JSON (RFC 8259). A number that was not measured is {@code null}.
     *
     * @return a JSON object
     */
    public String toJson() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("model", model);
        object.put("input", input);
        object.put("request", request);
        object.put("machine", machine);
        object.put("warnings", warnings);
        object.put(
                "stages",
                stages.stream()
                        .map(
                                stage -> {
                                    Map<String, Object> each = new LinkedHashMap<>();
                                    each.put("name", stage.name);
                                    each.put("accuracy", Json.finite(stage.accuracy));
                                    each.put("agreement", Json.finite(stage.agreement));
                                    each.put("seconds", Json.finite(stage.seconds));
                                    return each;
                                })
                        .toList());
        object.put(
                "latency",
                latency.stream()
                        .map(
                                time -> {
                                    Map<String, Object> each = new LinkedHashMap<>();
                                    each.put("mode", time.mode.name().toLowerCase(Locale.ROOT));
                                    each.put("batch", time.batch);
                                    each.put("secondsBefore", Json.finite(time.before));
                                    each.put("secondsAfter", Json.finite(time.after));
                                    each.put("ratio", Json.finite(time.ratio));
                                    return each;
                                })
                        .toList());
        object.put("conversion", JsonParser.parseString(layers.toJson()));
        return Json.write(object);
    }

    /**
     * Returns the report as one page of HTML, with the layers' shares as pictures. It needs no
     * other file, no script and no connection.
     *
     * @return the page
     */
    public String toHtml() {
        return new ReportPage(this).toHtml();
    }

    /**
     * Writes {@code report.txt}, {@code report.md}, {@code report.json} and {@code report.html}.
     * Each appears whole or not at all.
     *
     * @param folder the folder; it is made if need be
     * @throws IOException if a file cannot be written
     */
    public void write(Path folder) throws IOException {
        write(folder.resolve("report.txt"), this + "\n");
        write(folder.resolve("report.md"), toMarkdown());
        write(folder.resolve("report.json"), toJson());
        write(folder.resolve("report.html"), toHtml());
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFiles.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns the report as tables for a terminal. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(model).append(": ").append(request).append('\n');
        text.append(machine).append("\n\n");
        text.append(totals()).append('\n').append(stageTable()).append('\n').append(layers);
        warnings.forEach(warning -> text.append("\nWarning: ").append(warning));
        return text.toString();
    }
}
