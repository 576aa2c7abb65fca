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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.cost.Work;

/**
 * Multiplies every channel by a factor of its own, or all by one.
 *
 * @param weight the number of the factors, (channels, 1)
 * @param view the activation as (what is before the channels, channels, what is behind)
 * @param work how much it is
 */
public record ScaleStep(int weight, Shape view, Work work) implements ActivationStep {

    @Override
    public Passage passage(Shape shape) {
        return new Passage(view, null, false);
    }

    @Override
    public void run(Workspace space) {
        NDArray x = space.activation(view);
        space.next(x.mul(space.weight(weight)), false);
        space.dropWeight(weight);
    }
}
