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

import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.LayerReport;
import io.github.djltcnn.network.TensorNetwork;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a compression is going to do.
 *
 * @param target what falls
 * @param share to which share
 * @param layers what becomes of each layer; errors of kernels are known after the run
 * @param latency the times of one prediction, the compressed one measured on a model of the same
 *     layers with untrained numbers
 * @param stageSeconds the seconds that each stage of the run takes, as far as can be told
 * @param warnings what may not be as wanted
 * @since 0.1.0
 */
public record CompressionPlan(
        CompressionTarget target,
        double share,
        ConversionReport layers,
        List<CompressionReport.Latency> latency,
        Map<CompressionStage, Double> stageSeconds,
        List<String> warnings) {

    /**
     * Makes the lists unmodifiable.
     *
     * @param target what falls
     * @param share to which share
     * @param layers the layers
     * @param latency the times
     * @param stageSeconds the seconds of each stage
     * @param warnings the warnings
     */
    public CompressionPlan {
        latency = List.copyOf(latency);
        stageSeconds = Map.copyOf(stageSeconds);
        warnings = List.copyOf(warnings);
    }

    /**
     * Returns the seconds that the run takes.
     *
     * @return an estimate
     */
    public double estimatedSeconds() {
        return stageSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** The networks of the layers that are converted. */
    Map<String, TensorNetwork> networks() {
        Map<String, TensorNetwork> networks = new LinkedHashMap<>();
        for (LayerReport layer : layers.layers()) {
            if (layer.isConverted()) {
                networks.put(layer.path(), TensorNetwork.parse(layer.network()));
            }
        }
        return networks;
    }

    /** Returns a table of the layers, and what the whole comes to. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(layers).append('\n');
        latency.forEach(each -> text.append(each).append('\n'));
        text.append(
                String.format(
                        Locale.ROOT,
                        "%.0f %% of the %s; about %.0f seconds",
                        100 * share,
                        target.word(),
                        estimatedSeconds()));
        warnings.forEach(warning -> text.append("\nWarning: ").append(warning));
        return text.toString();
    }
}
