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
package io.github.djltcnn.examples;

import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.training.tracker.WarmUpTracker;
import io.github.djltcnn.training.FusedOptimizers;

/** How the residual networks of these programs are trained. */
final class OneCycle {

    private OneCycle() {}

    /**
     * Returns stochastic gradient descent with momentum 0.9 and weight decay 5e-4 whose rate rises
     * for a tenth of the steps, then falls along half a cosine to nothing.
     *
     * @param largest the largest rate; it starts with a tenth of it
     * @param steps the number of steps
     * @return the optimizer
     */
    static Optimizer optimizer(float largest, int steps) {
        int rising = Math.max(1, steps / 10);
        Tracker rate =
                WarmUpTracker.builder()
                        .optWarmUpBeginValue(largest / 10)
                        .optWarmUpSteps(rising)
                        .setMainTracker(
                                Tracker.cosine()
                                        .setBaseValue(largest)
                                        .optFinalValue(0)
                                        .setMaxUpdates(Math.max(1, steps - rising))
                                        .build())
                        .build();
        return FusedOptimizers.sgd()
                .optMomentum(0.9f)
                .optWeightDecays(5e-4f)
                .setLearningRateTracker(rate)
                .build();
    }
}
