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

/**
 * What is known of one kind of step.
 *
 * @param forward the rate of an evaluation
 * @param backward the rate that both gradients add
 * @param filling how its multiply-adds are counted
 * @param timed what timed steps cost next to these
 */
public record StepCost(Rate forward, Rate backward, Filling filling, Neighbours timed) {

    /** The predicted seconds of a step, with its share of the backward pass if training. */
    public double seconds(Work work, boolean training) {
        double seconds = rate(work, false) * timed.correction(work.extent(), false);
        if (training) {
            seconds += rate(work, true) * timed.correction(work.extent(), true);
        }
        return seconds;
    }

    /** The seconds of one direction as its rate alone predicts them. */
    public double rate(Work work, boolean back) {
        return (back ? backward : forward).seconds(macs(work, back), work.bytes());
    }

    /** The multiply-adds that a direction is charged for. */
    public double macs(Work work, boolean back) {
        return back ? filling.backward(work) : filling.forward(work);
    }

    /** The same with all rates multiplied, and without timed steps. */
    public StepCost times(double factor) {
        return new StepCost(
                forward.times(factor), backward.times(factor), filling, Neighbours.NONE);
    }
}
