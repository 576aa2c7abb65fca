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
package io.github.djltcnn.finetuning.internal;

import ai.djl.training.tracker.Tracker;
import ai.djl.training.tracker.WarmUpTracker;

/** A rate that rises from a tenth for a quarter of the steps, then falls to nothing. */
public final class OneCycle {

    private static final int RISES = 4;
    private static final float START = 10;

    private OneCycle() {}

    /** The schedule of so many steps. */
    public static Tracker of(float largest, int steps) {
        int rising = Math.max(1, steps / RISES);
        return WarmUpTracker.builder()
                .optWarmUpBeginValue(largest / START)
                .optWarmUpSteps(rising)
                .setMainTracker(
                        Tracker.cosine()
                                .setBaseValue(largest)
                                .optFinalValue(0)
                                .setMaxUpdates(Math.max(1, steps - rising))
                                .build())
                .build();
    }
}
