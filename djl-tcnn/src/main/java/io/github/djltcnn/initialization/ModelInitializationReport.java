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
package io.github.djltcnn.initialization;

import io.github.djltcnn.common.internal.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * What a {@link ModelInitialization} decided.
 *
 * @param layers one entry per tensorial layer, in the order of the pass
 * @since 0.1.0
 */
public record ModelInitializationReport(List<Layer> layers) {

    /**
     * One layer.
     *
     * @param name the layer's name
     * @param overlap how far input channels c and c + C/2 are from being pairs; not a number where
     *     there is an odd number of them or nothing but zeros comes in
     * @param drawn whether it was drawn anew; frozen layers are not
     * @param mirrored whether it was drawn with mirrored inputs
     * @since 0.1.0
     */
    public record Layer(String name, double overlap, boolean drawn, boolean mirrored) {}

    /**
     * Copies the list.
     *
     * @param layers the layers
     */
    public ModelInitializationReport {
        layers = List.copyOf(layers);
    }

    /** Returns the report as a table. */
    @Override
    public String toString() {
        TextTable table = new TextTable("layer", ">overlap", "inputs");
        for (int n = 0; n < layers.size(); n++) {
            Layer layer = layers.get(n);
            table.add(
                    String.format(Locale.ROOT, "%02d %s", n + 1, layer.name()),
                    String.format(Locale.ROOT, "%.3f", layer.overlap()),
                    layer.mirrored() ? "mirrored" : layer.drawn() ? "as they are" : "frozen");
        }
        return table.toString();
    }
}
