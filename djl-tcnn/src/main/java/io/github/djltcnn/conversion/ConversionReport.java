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
package io.github.djltcnn.conversion;

import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.common.internal.Json;
import io.github.djltcnn.common.internal.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * What a conversion does, layer by layer, and in sum. Prints as a table. Immutable.
 *
 * @since 0.1.0
 */
public final class ConversionReport {

    private final List<LayerReport> layers;
    private final long otherParameters;
    private final long otherBytes;

    /**
     * Creates a report.
     *
     * @param layers all layers with a kernel
     * @param otherParameters the parameters of the layers without one
     * @param otherBytes their size
     */
    ConversionReport(List<LayerReport> layers, long otherParameters, long otherBytes) {
        this.layers = List.copyOf(layers);
        this.otherParameters = otherParameters;
        this.otherBytes = otherBytes;
    }

    /**
     * Returns the layers.
     *
     * @return all convolutions and linear layers in the order in which they run, also those that
     *     stay; a layer that stands in several places is listed in each, with its parameters in the
     *     first
     */
    public List<LayerReport> layers() {
        return layers;
    }

    /**
     * Returns one layer.
     *
     * @param path its path
     * @return what is done to it
     * @throws IllegalArgumentException if there is no convolution or linear layer of that path
     */
    public LayerReport layer(String path) {
        return layers.stream()
                .filter(layer -> layer.path().equals(path))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "No convolution or linear layer \""
                                                + path
                                                + "\"; there are "
                                                + layers.stream().map(LayerReport::path).toList()));
    }

    /**
     * Returns the number of layers that are converted.
     *
     * @return the number; a layer that stands in several places counts once
     */
    public int converted() {
        return count(LayerReport::isConverted);
    }

    /** Layers, not places of layers. */
    private int count(Predicate<LayerReport> which) {
        return (int)
                layers.stream().filter(layer -> layer.sharedWith().isEmpty()).filter(which).count();
    }

    /**
     * Returns the parameters of the whole model before.
     *
     * @return the number, running statistics included
     */
    public long parametersBefore() {
        return otherParameters + sum(LayerReport::parametersBefore);
    }

    /**
     * Returns the parameters of the whole model after.
     *
     * @return the number, running statistics included
     */
    public long parametersAfter() {
        return otherParameters + sum(LayerReport::parametersAfter);
    }

    /**
     * Returns the multiply-adds of the whole model before.
     *
     * @return the number for the whole batch
     */
    public long macsBefore() {
        return sum(LayerReport::macsBefore);
    }

    /**
     * Returns the multiply-adds of the whole model after.
     *
     * @return the number for the whole batch
     */
    public long macsAfter() {
        return sum(LayerReport::macsAfter);
    }

    /**
     * Returns the size of the whole model's parameters before.
     *
     * @return bytes
     */
    public long bytesBefore() {
        return otherBytes + sum(LayerReport::bytesBefore);
    }

    /**
     * Returns the size of the whole model's parameters after.
     *
     * @return bytes
     */
    public long bytesAfter() {
        return otherBytes + sum(LayerReport::bytesAfter);
    }

    private long sum(ToLongFunction<LayerReport> what) {
        return layers.stream().mapToLong(what).sum();
    }

    /**
     * Returns the report as a Markdown table with a line of totals.
     *
     * @return several lines
     */
    public String toMarkdown() {
        return table().toMarkdown() + "\n" + totals() + "\n";
    }

    /**
     * Returns the report as JSON (RFC 8259): the totals, and {@code layers} with all there is. An
     * error that was not measured is {@code null}.
     *
     * @return a JSON object
     */
    public String toJson() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("parametersBefore", parametersBefore());
        object.put("parametersAfter", parametersAfter());
        object.put("macsBefore", macsBefore());
        object.put("macsAfter", macsAfter());
        object.put("bytesBefore", bytesBefore());
        object.put("bytesAfter", bytesAfter());
        object.put("layers", layers.stream().map(ConversionReport::object).toList());
        return Json.write(object);
    }

    private static Map<String, Object> object(LayerReport layer) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("path", layer.path());
        object.put("kind", layer.kind());
        object.put("format", layer.format());
        object.put("network", layer.network());
        object.put("ranks", layer.ranks());
        object.put("parametersBefore", layer.parametersBefore());
        object.put("parametersAfter", layer.parametersAfter());
        object.put("macsBefore", layer.macsBefore());
        object.put("macsAfter", layer.macsAfter());
        object.put("bytesBefore", layer.bytesBefore());
        object.put("bytesAfter", layer.bytesAfter());
        boolean measured = Double.isFinite(layer.relativeError());
        object.put("relativeError", measured ? layer.relativeError() : null);
        boolean weighed = Double.isFinite(layer.weightedError());
        object.put("weightedError", weighed ? layer.weightedError() : null);
        object.put("order", layer.order());
        object.put("skipped", layer.skipped());
        object.put("sharedWith", layer.sharedWith());
        return object;
    }

    /**
     * Returns the layers as comma-separated values (RFC 4180), a line of names first.
     *
     * @return a line per layer; an error that was not measured is empty
     */
    public String toCsv() {
        TextTable table =
                new TextTable(
                        "layer",
                        "kind",
                        "format",
                        "network",
                        "parameters before",
                        "parameters after",
                        "multiply-adds before",
                        "multiply-adds after",
                        "bytes before",
                        "bytes after",
                        "relative error",
                        "skipped",
                        "shared with",
                        "weighted error");
        for (LayerReport layer : layers) {
            table.add(
                    BlockTree.shown(layer.path()),
                    layer.kind(),
                    layer.format(),
                    layer.network(),
                    Long.toString(layer.parametersBefore()),
                    Long.toString(layer.parametersAfter()),
                    Long.toString(layer.macsBefore()),
                    Long.toString(layer.macsAfter()),
                    Long.toString(layer.bytesBefore()),
                    Long.toString(layer.bytesAfter()),
                    Double.isNaN(layer.relativeError())
                            ? ""
                            : Double.toString(layer.relativeError()),
                    layer.skipped(),
                    layer.sharedWith(),
                    Double.isNaN(layer.weightedError())
                            ? ""
                            : Double.toString(layer.weightedError()));
        }
        return table.toCsv();
    }

    private TextTable table() {
        TextTable table =
                new TextTable(
                        "layer",
                        "format",
                        "ranks",
                        ">parameters",
                        ">after",
                        ">MACs",
                        ">after",
                        ">MiB",
                        ">after",
                        ">error",
                        "order, or why not");
        for (LayerReport layer : layers) {
            table.add(
                    BlockTree.shown(layer.path()),
                    layer.format(),
                    layer.ranks(),
                    TextTable.count(layer.parametersBefore()),
                    TextTable.count(layer.parametersAfter()),
                    TextTable.count(layer.macsBefore()),
                    TextTable.count(layer.macsAfter()),
                    TextTable.mebibytes(layer.bytesBefore()),
                    TextTable.mebibytes(layer.bytesAfter()),
                    error(layer),
                    remark(layer));
        }
        return table;
    }

    /** The error of the kernel, and that of the answers if there were images. */
    private static String error(LayerReport layer) {
        if (Double.isNaN(layer.relativeError())) {
            return "-";
        }
        String kernel = String.format(Locale.ROOT, "%.4f", layer.relativeError());
        return Double.isNaN(layer.weightedError())
                ? kernel
                : kernel + String.format(Locale.ROOT, ", answers %.4f", layer.weightedError());
    }

    private static String remark(LayerReport layer) {
        String remark = layer.isConverted() ? layer.order().size() + " steps" : layer.skipped();
        return layer.sharedWith().isEmpty()
                ? remark
                : remark + "; the same as " + layer.sharedWith();
    }

    private String totals() {
        return String.format(
                Locale.ROOT,
                "%d of %d layers converted; parameters %,d -> %,d (%.2f times fewer), multiply-adds"
                        + " %,d -> %,d (%.2f times fewer), %s -> %s MiB",
                converted(),
                count(layer -> true),
                parametersBefore(),
                parametersAfter(),
                (double) parametersBefore() / parametersAfter(),
                macsBefore(),
                macsAfter(),
                (double) macsBefore() / macsAfter(),
                TextTable.mebibytes(bytesBefore()),
                TextTable.mebibytes(bytesAfter()));
    }

    /** Returns a table, and the totals on the last line. */
    @Override
    public String toString() {
        return table() + totals();
    }
}
