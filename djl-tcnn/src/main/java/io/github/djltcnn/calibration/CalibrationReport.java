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
package io.github.djltcnn.calibration;

import io.github.djltcnn.common.internal.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * What a {@link Calibration} changed.
 *
 * @param layers one entry per tensorial layer, in the order of the pass
 * @since 0.1.0
 */
public record CalibrationReport(List<Layer> layers) {

    /**
     * One layer.
     *
     * @param name the layer's name
     * @param before the second moment of its output, bias left out, that the pass found
     * @param factor what its kernel was multiplied by
     * @since 0.1.0
     */
    public record Layer(String name, double before, double factor) {

        Layer times(double more) {
            return new Layer(name, before, factor * more);
        }
    }

    /**
     * Copies the list.
     *
     * @param layers the layers
     */
    public CalibrationReport {
        layers = List.copyOf(layers);
    }

    /** Returns the report as a table. */
    @Override
    public String toString() {
        TextTable table = new TextTable("layer", ">E[y^2] found", ">factor");
        for (int n = 0; n < layers.size(); n++) {
            Layer layer = layers.get(n);
            table.add(
                    String.format(Locale.ROOT, "%02d %s", n + 1, layer.name()),
                    String.format(Locale.ROOT, "%.4e", layer.before()),
                    String.format(Locale.ROOT, "%.4e", layer.factor()));
        }
        return table.toString();
    }
}
