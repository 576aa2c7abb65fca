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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.types.Shape;

/** A step that takes the activation on, with a weight or without. */
public non-sealed interface ActivationStep extends Step {

    /** The number of no weight. */
    int NO_WEIGHT = -1;

    /** The number of the weight that the step reads, or {@link #NO_WEIGHT}. */
    default int weight() {
        return NO_WEIGHT;
    }

    /**
     * The activation before and after the step.
     *
     * @param weight the shape of the weight; null if there is none
     */
    Passage passage(Shape weight);

    /**
     * The activation before and after a step, as neighbours leave and take it.
     *
     * @param before its shape in the order of memory, the batch first
     * @param after the same afterwards; null to take it as the step leaves it
     * @param channelsLast whether the channels lie last in both
     */
    record Passage(Shape before, Shape after, boolean channelsLast) {}
}
