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

import ai.djl.util.JsonUtils;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.common.internal.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
     *     stay
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
     * @return the number
     */
    public int converted() {
        return (int) layers.stream().filter(LayerReport::isConverted).count();
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
     * Returns the report as JSON: the totals, and {@code layers} with all there is.
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
        object.put("layers", layers);
        return JsonUtils.builder(true)
                .disableHtmlEscaping()
                .serializeSpecialFloatingPointValues()
                .create()
                .toJson(object);
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
                        ">MB",
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
                    TextTable.megabytes(layer.bytesBefore()),
                    TextTable.megabytes(layer.bytesAfter()),
                    Double.isNaN(layer.relativeError())
                            ? "-"
                            : String.format(Locale.ROOT, "%.4f", layer.relativeError()),
                    layer.isConverted()
                            ? layer.order().lines().count() + " steps"
                            : layer.skipped());
        }
        return table;
    }

    private String totals() {
        return String.format(
                Locale.ROOT,
                "%d of %d layers converted; parameters %,d -> %,d (%.2f times fewer), multiply-adds"
                        + " %,d -> %,d (%.2f times fewer), %s -> %s MB",
                converted(),
                layers.size(),
                parametersBefore(),
                parametersAfter(),
                (double) parametersBefore() / parametersAfter(),
                macsBefore(),
                macsAfter(),
                (double) macsBefore() / macsAfter(),
                TextTable.megabytes(bytesBefore()),
                TextTable.megabytes(bytesAfter()));
    }

    /** Returns a table, and the totals on the last line. */
    @Override
    public String toString() {
        return table() + totals();
    }
}
