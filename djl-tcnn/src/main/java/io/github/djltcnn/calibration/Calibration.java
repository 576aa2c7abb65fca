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

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.nn.LayerObserver;
import io.github.djltcnn.nn.LayerPass;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rescales the tensorial layers of a model until signals have the right size on real data: the
 * layer-sequential idea of <a href="https://arxiv.org/abs/1511.06422">Mishkin and Matas, "All you
 * need is a good init", 2016</a>, without its iterations.
 *
 * <p>One forward pass does it. Each layer is measured when the pass reaches it, all its cores are
 * multiplied by one number, and the pass goes on with the output as it would have been; so later
 * layers see what they will see from now on, through shortcuts and branches of any kind. A rule
 * without data keeps second moments on average over draws; what is left after many layers, draw by
 * draw, this removes.
 *
 * <p>Only cores change. A bias that is not zero is left out of the measurement. A layer that the
 * pass meets again keeps the factor of its first meeting.
 *
 * @since 0.1.0
 */
public final class Calibration {

    /**
     * What a calibration looks at.
     *
     * @since 0.1.0
     */
    public enum Direction {
        /** The second moment of each layer's output becomes the target. */
        FORWARD,
        /**
         * After {@link #FORWARD}, gradients are measured too, and each layer's factor is changed so
         * that its forward gain is too large by as much as its backward gain is too small: the
         * geometric mean of both is what the forward gain was.
         */
        GEOMETRIC
    }

    private Calibration() {}

    /**
     * Gives the output of every tensorial layer the second moment 1.
     *
     * @param model the model, its block initialized
     * @param batch a batch of real inputs; nothing is left at its manager
     * @return what was changed
     * @throws IllegalArgumentException if the block is not initialized or has no tensorial layer
     * @throws IllegalStateException if a layer puts out nothing but zeros, or numbers beyond the
     *     range of its data type
     */
    public static CalibrationReport run(Model model, NDList batch) {
        return run(model.getBlock(), batch, Direction.FORWARD, 1);
    }

    /**
     * Gives the output of every tensorial layer a second moment.
     *
     * @param block an initialized block
     * @param batch a batch of real inputs; nothing is left at its manager
     * @param direction what to look at
     * @param target the second moment that outputs get, positive
     * @return what was changed
     * @throws IllegalArgumentException if the block is not initialized or has no tensorial layer,
     *     or the target is not positive
     * @throws IllegalStateException if a layer puts out nothing but zeros, or numbers beyond the
     *     range of its data type
     */
    public static CalibrationReport run(
            Block block, NDList batch, Direction direction, double target) {
        if (!(target > 0) || Double.isInfinite(target)) {
            throw new IllegalArgumentException(
                    "The target is a positive second moment, got " + target);
        }
        Map<TensorialBlock, CalibrationReport.Layer> report = new LinkedHashMap<>();
        ForwardObserver observer = new ForwardObserver(target, report);
        LayerPass.observe(block, batch, observer, outputs -> {});
        report.forEach((layer, entry) -> multiply(layer, entry.factor()));
        if (direction == Direction.GEOMETRIC) {
            balance(block, batch, report);
        }
        return new CalibrationReport(List.copyOf(report.values()));
    }

    /** Measures each layer's gain in both directions and moves the forward one halfway. */
    private static void balance(
            Block block, NDList batch, Map<TensorialBlock, CalibrationReport.Layer> report) {
        Set<TensorialBlock> met = new HashSet<>();
        for (Passage.Meeting meeting : Passage.thereAndBack(block, batch)) {
            double forward = meeting.output().second() / meeting.input().second();
            double backward = meeting.inputGradient().second() / meeting.outputGradient().second();
            double ratio = forward / backward;
            // No gradient arrives at a layer behind a dead unit: leave it as it is.
            if (ratio > 0 && Double.isFinite(ratio) && met.add(meeting.layer())) {
                // Cores scale the signal, ratios are of its square.
                double factor = Math.pow(ratio, 0.25);
                multiply(meeting.layer(), factor);
                report.computeIfPresent(meeting.layer(), (key, entry) -> entry.times(factor));
            }
        }
    }

    /** Multiplies the kernel of a layer by a number, all its cores sharing it. */
    private static void multiply(TensorialBlock layer, double factor) {
        double share = Math.pow(factor, 1.0 / layer.getNetwork().cores().size());
        layer.changeCores(cores -> cores.forEach(core -> core.muli(share)));
    }

    /** Rescales each layer's output as the pass reaches it, and notes the factor. */
    private static final class ForwardObserver implements LayerObserver {

        private final double target;
        private final Map<TensorialBlock, CalibrationReport.Layer> report;

        ForwardObserver(double target, Map<TensorialBlock, CalibrationReport.Layer> report) {
            this.target = target;
            this.report = report;
        }

        @Override
        public NDArray onOutput(TensorialBlock layer, NDArray output) {
            Parameter bias = Observation.bias(layer);
            NDArray shift = null;
            NDArray signal = output;
            if (bias != null) {
                shift = spread(bias.getArray(), output);
                signal = output.sub(shift);
            }
            if (!report.containsKey(layer)) {
                double before = Moments.of(signal).second();
                if (!(before > 0) || Double.isInfinite(before)) {
                    throw new IllegalStateException(
                            "Layer "
                                    + (report.size() + 1)
                                    + " "
                                    + layer.getName()
                                    + " has outputs of second moment "
                                    + before
                                    + " on this batch, which no factor makes "
                                    + target
                                    + "; start from TensorialInitializer");
                }
                report.put(
                        layer,
                        new CalibrationReport.Layer(
                                layer.getName(), before, Math.sqrt(target / before)));
            }
            NDArray scaled = signal.mul(report.get(layer).factor());
            return shift == null ? scaled : scaled.add(shift);
        }

        /** Shapes a bias so that it broadcasts over an output. */
        private static NDArray spread(NDArray bias, NDArray output) {
            NDArray copy = bias.duplicate();
            copy.attach(output.getManager());
            for (int axis = 2; axis < output.getShape().dimension(); axis++) {
                copy = copy.expandDims(-1);
            }
            return copy;
        }
    }
}
