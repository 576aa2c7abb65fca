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

import ai.djl.Model;
import io.github.djltcnn.blocks.internal.ModelCopy;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.LayerReport;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Estimates how long the stages of a compression take.
 *
 * @param settings what is asked for
 * @param pace is told how far the estimate is
 */
record RunEstimate(Settings settings, Pace pace) {

    /** How many images there are taken to be where a dataset does not say. */
    static final int MANY = 1000;

    /** A training step costs so many times a prediction, the teacher's answer included. */
    private static final double STEP = 5;

    /** Estimates the seconds of the run. */
    Map<CompressionStage, Double> stageSeconds(
            ConversionReport report, int images, double perImage) {
        double compared = images == 0 ? 0 : perImage * Math.min(MANY, images);
        Map<CompressionStage, Double> seconds = new EnumMap<>(CompressionStage.class);
        seconds.put(CompressionStage.CHECK, 2 * compared);
        seconds.put(CompressionStage.DECOMPOSE, decomposing(report) + compared);
        seconds.put(
                CompressionStage.RECALIBRATE,
                images == 0
                        ? 0
                        : compared + 2 * perImage * Math.min(images, settings.calibrationImages()));
        seconds.put(
                CompressionStage.DISTIL,
                settings.epochs() * (STEP * images * perImage + 2 * compared));
        seconds.put(CompressionStage.MEASURE, 4 * settings.measureSeconds());
        return seconds;
    }

    /**
     * One layer of each kind of network is decomposed; the others take as long as they are large.
     */
    private double decomposing(ConversionReport report) {
        Map<String, LayerReport> smallest = new HashMap<>();
        Map<String, Double> work = new HashMap<>();
        for (LayerReport layer : report.layers()) {
            if (layer.isConverted() && layer.sharedWith().isEmpty()) {
                work.merge(layer.format(), work(layer), Double::sum);
                smallest.merge(layer.format(), layer, (a, b) -> work(b) < work(a) ? b : a);
            }
        }
        double seconds = 0;
        for (Map.Entry<String, LayerReport> entry : smallest.entrySet()) {
            LayerReport layer = entry.getValue();
            try (Model copy = ModelCopy.of(settings.model())) {
                long begin = System.nanoTime();
                settings.tensorizer()
                        .optEvenIfLarger(true)
                        .optNetworks(Map.of(layer.path(), TensorNetwork.parse(layer.network())))
                        .build()
                        .convert(copy.getBlock(), settings.input());
                double one = (System.nanoTime() - begin) * 1e-9;
                seconds += one * work.get(entry.getKey()) / work(layer);
            }
            pace.report(0.9);
        }
        return seconds;
    }

    /** What a decomposition does goes with the entries of the kernel and the largest rank. */
    private static double work(LayerReport layer) {
        TensorNetwork network = TensorNetwork.parse(layer.network());
        long rank = network.modes(Role.RANK).stream().mapToLong(Mode::size).max().orElse(1);
        return (double) network.denseParameterCount() * rank;
    }
}
