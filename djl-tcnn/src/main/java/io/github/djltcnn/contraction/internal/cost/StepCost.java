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
 * @param timed what timed steps took next to these
 */
public record StepCost(Rate forward, Rate backward, Neighbours timed) {

    /** The predicted seconds of a step, with its share of the backward pass if training. */
    public double seconds(Work work, boolean training) {
        double seconds =
                forward.seconds(work.forward(), work.bytes())
                        * timed.correction(work.extent(), false);
        if (training) {
            seconds +=
                    backward.seconds(work.backward(), work.bytes())
                            * timed.correction(work.extent(), true);
        }
        return seconds;
    }
}
