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
import ai.djl.nn.core.Linear;
import io.github.djltcnn.contraction.internal.cost.Work;

/**
 * A 1x1 convolution of an activation whose channels lie last: one matrix product.
 *
 * @param weight the number of the matrix, (new channels, summed channels)
 * @param view the activation as (positions, summed channels)
 * @param withBias whether the bias is added here
 * @param work how much it is
 */
public record ProductStep(int weight, Shape view, boolean withBias, Work work)
        implements ActivationStep {

    @Override
    public Passage passage(Shape matrix) {
        long rows = view.get(0);
        return new Passage(
                new Shape(1, rows, 1, view.get(1)), new Shape(1, rows, 1, matrix.get(0)), true);
    }

    @Override
    public void run(Workspace space) {
        NDArray x = space.activation(view);
        NDArray bias = withBias ? space.bias() : null;
        space.next(Linear.linear(x, space.weight(weight), bias).singletonOrThrow(), false);
        space.dropWeight(weight);
    }
}
