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
package io.github.djltcnn.integration.benchmark;

import ai.djl.ndarray.types.Shape;
import com.sun.jna.Platform;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.contraction.Layout;
import io.github.djltcnn.integration.benchmark.PeakProbe.Evaluation;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** The peak of native memory that a plan predicts is the one that is measured. */
public class PlanMemoryTest {

    private static final double TOLERANCE = 0.25;

    /** The one that is off (depthwise, channels last, more channels behind it) is not far off. */
    private static final double FAR = 0.3;

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

    @Test
    public void predictedPeaksAreWithinAQuarterOfMeasuredOnes() throws Exception {
        if (!Platform.isLinux()) {
            throw new SkipException("Only Linux tells the highest size of a process");
        }
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
        List<String> off = new ArrayList<>();
        double farthest = 0;
        for (int n = 0; n < measured.size(); n++) {
            double ratio = (double) predicted.get(n) / measured.get(n);
            farthest = Math.max(farthest, Math.abs(ratio - 1));
            if (Math.abs(ratio - 1) > TOLERANCE) {
                off.add(String.format(Locale.ROOT, "%.2f: %s", ratio, evaluations.get(n)));
            }
        }
        String what = "Predicted / measured: " + String.join("; ", off);
        System.out.println(what);
        Assert.assertTrue(off.size() <= 1 && farthest <= FAR, what);
    }
}
