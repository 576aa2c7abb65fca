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
 * A 1x1 convolution of an activation whose channels lie first: a matrix product per image. libtorch
 * reorders the input of a 1x1 convolution, which here would take longer than the arithmetic.
 *
 * @param weight the number of the matrix, (1, new channels, summed channels)
 * @param view the activation as (batch, summed channels, positions)
 * @param withBias whether the bias is added here
 * @param work how much it is
 */
public record BatchProductStep(int weight, Shape view, boolean withBias, Work work)
        implements ActivationStep {

    @Override
    public Passage passage(Shape matrix) {
        return new Passage(
                view.add(1), new Shape(view.get(0), matrix.get(1), view.get(2), 1), false);
    }

    @Override
    public void run(Workspace space) {
        NDArray x = space.activation(view);
        NDArray w = space.weight(weight);
        Shape perImage = new Shape(view.get(0)).addAll(w.getShape().slice(1));
        NDArray repeated = view.get(0) == 1 ? w : space.own(w.broadcast(perImage));
        NDArray result = space.own(repeated.batchMatMul(x));
        if (withBias && space.bias() != null) {
            result.addi(space.reshape(space.bias(), new Shape(w.getShape().get(1), 1)));
        }
        space.next(result, false);
        if (repeated != w) {
            repeated.close();
        }
        space.dropWeight(weight);
    }
}
