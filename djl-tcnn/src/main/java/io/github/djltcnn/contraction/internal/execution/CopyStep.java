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
 * Copies an activation into another order of axes.
 *
 * @param axes the activation with one axis per mode, in the order of memory
 * @param order the order of axes wanted
 * @param work how much it is
 */
public record CopyStep(Shape axes, AxisOrder order, Work work) implements ActivationStep {

    @Override
    public Passage passage(Shape weight) {
        return new Passage(axes, null, false);
    }

    @Override
    public void run(Workspace space) {
        NDArray permuted = order.permute(space, space.activation(axes));
        // Flattening cannot be a view of permuted axes, so this is the copy.
        space.next(permuted.reshape(new Shape(axes.size())), false);
        permuted.close();
    }
}
