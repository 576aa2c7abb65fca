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
package io.github.djltcnn.contraction.internal.cost;

import java.util.List;

/**
 * The bytes that a plan holds at once beyond its input and its cores, the result included. Without
 * training an array goes as soon as it has been read, and weights are there from before. With
 * training every operand stays until the backward pass has used it, and gradients come on top.
 */
public final class PeakMemory {

    /** Measured: with groups and channels first, oneDNN copies both ways and more. */
    private static final double GROUPED_COPIES = 2.5;

    private PeakMemory() {}

    /**
     * The peak of a plan.
     *
     * @param weights the work on the cores
     * @param steps the work on the activation, in order
     * @param training whether a backward pass follows
     */
    public static double of(List<Work> weights, List<Work> steps, boolean training) {
        return training ? training(weights, steps) : forward(steps);
    }

    private static double forward(List<Work> steps) {
        double peak = 0;
        double held = 0;
        for (Work step : steps) {
            peak = Math.max(peak, held + step.written() + scratch(step));
            held = step.written();
        }
        return peak;
    }

    private static double training(List<Work> weights, List<Work> steps) {
        double kept = weights.stream().mapToDouble(Work::written).sum();
        double peak = kept;
        double operand = 0;
        double[] keptBefore = new double[steps.size()];
        for (int n = 0; n < steps.size(); n++) {
            Work step = steps.get(n);
            peak = Math.max(peak, kept + operand + step.written() + scratch(step));
            // A copy is not looked at again; whatever computes with an operand is.
            kept += step.operation() == Operation.COPY ? 0 : operand;
            keptBefore[n] = kept;
            operand = step.written();
        }
        double result = operand;
        for (int n = steps.size() - 1; n >= 0; n--) {
            Work step = steps.get(n);
            double gradients = step.written() + activation(step);
            double scratch = Math.max(step.written(), activation(step));
            double more = step.operation() == Operation.COPY ? 0 : scratch;
            peak = Math.max(peak, keptBefore[n] + result + gradients + more);
        }
        return peak;
    }

    /** The bytes that one step holds: what it reads, what it writes and what it needs meanwhile. */
    static double footprint(Work step) {
        return activation(step) + step.written() + scratch(step);
    }

    /** The bytes of the activation that a step reads. */
    private static double activation(Work step) {
        Work.Extent e = step.extent();
        double weight = e.in() * e.out() * e.groups() * e.taps();
        return step.operation() == Operation.COPY
                ? step.read()
                : Math.max(0, step.read() - weight * Float.BYTES);
    }

    /**
     * What libtorch takes for itself: channels first, oneDNN computes on copies in blocks of
     * channels; its own convolution writes every window out.
     */
    private static double scratch(Work step) {
        Work.Extent e = step.extent();
        double larger = Math.max(step.written(), activation(step));
        return switch (step.operation()) {
            case CONVOLUTION_FIRST, POINTWISE_FIRST ->
                    e.small() ? e.positions() * e.taps() * e.in() * Float.BYTES : larger;
            case DEPTHWISE_FIRST -> larger;
            case GROUPED_FIRST -> GROUPED_COPIES * larger;
            default -> 0;
        };
    }
}
