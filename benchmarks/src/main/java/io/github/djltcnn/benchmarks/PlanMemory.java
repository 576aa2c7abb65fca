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
package io.github.djltcnn.benchmarks;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.benchmarks.PeakProbe.Evaluation;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints the peak of native memory that plans predict next to the one that is measured, for layers
 * of every format, both layouts, predictions and training.
 */
public final class PlanMemory {

    private static final Shape ONE = new Shape(1, 1);

    /** Large enough for buffers to outweigh what the process needs for itself. */
    private static final Cell[] CELLS = {
        new Cell(64, 56, 8, "TR", 10),
        new Cell(64, 56, 8, "Tucker-2", 16),
        new Cell(64, 56, 8, "CP", 64),
        new Cell(64, 56, 8, "TT-matrix", 4),
        new Cell(64, 56, 8, "HTK2", 32),
        new Cell(64, 56, 8, "BTT", 8),
        new Cell(256, 14, 32, "TR", 6),
        new Cell(256, 14, 32, "TT", 16),
    };

    private PlanMemory() {}

    /**
     * Runs the comparison, on Linux.
     *
     * @param args none
     * @throws Exception if the peaks cannot be measured
     */
    public static void main(String[] args) throws Exception {
        List<Evaluation> evaluations = new ArrayList<>();
        List<Long> predicted = new ArrayList<>();
        for (Cell cell : CELLS) {
            for (Layout layout : Layout.values()) {
                for (boolean training : new boolean[] {false, true}) {
                    TensorNetwork network = cell.network();
                    ContractionPlan plan =
                            ContractionPlanner.create(
                                            network,
                                            new ConvolutionGeometry(
                                                    network.kernelShape(2), ONE, ONE, ONE))
                                    .plan(cell.inputShape(), training, layout);
                    predicted.add(plan.peakBytes());
                    evaluations.add(
                            new Evaluation(
                                    network.toString(),
                                    cell.inputShape(),
                                    layout == Layout.CHANNELS_LAST,
                                    training));
                }
            }
        }
        List<Long> measured = PeakProbe.measure(evaluations);
        for (int n = 0; n < measured.size(); n++) {
            System.out.printf(
                    Locale.ROOT,
                    "predicted %,d, measured %,d: %.2f, %s%n",
                    predicted.get(n),
                    measured.get(n),
                    (double) predicted.get(n) / measured.get(n),
                    evaluations.get(n));
        }
    }
}
