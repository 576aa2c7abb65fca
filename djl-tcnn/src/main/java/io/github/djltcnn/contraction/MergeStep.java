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
package io.github.djltcnn.contraction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Contracts two tensors made of cores: a (batched) matrix product, or a broadcast product where no
 * mode is summed. The axes of the result are the shared modes that stay, then the other modes of
 * the left operand, then those of the right.
 *
 * @param left the slot of the left operand
 * @param right the slot of the right operand
 * @param target the slot of the result
 * @param leftAxes brings the left axes into the order shared, own, summed
 * @param rightAxes brings the right axes into the order shared, summed, own
 * @param leftShape the left operand as (shared, rows, summed), without the first if it is 1
 * @param rightShape the right operand as (shared, summed, columns), without the first if it is 1
 * @param shape the shape of the result, one axis per mode
 * @param work how much it is
 */
record MergeStep(
        int left,
        int right,
        int target,
        AxisOrder leftAxes,
        AxisOrder rightAxes,
        Shape leftShape,
        Shape rightShape,
        Shape shape,
        Work work)
        implements Step {

    /** Whether a mode is summed over. */
    boolean isSummed() {
        return leftShape.get(leftShape.dimension() - 1) != 1;
    }

    @Override
    public void run(Workspace space) {
        NDArray l = space.owned(leftAxes.arrange(space, space.tensor(left), leftShape));
        NDArray r = rightAxes.arrange(space, space.tensor(right), rightShape);
        NDArray product = space.own(isSummed() ? l.matMul(r) : l.mul(r));
        space.putTensor(target, AxisOrder.SAME.arrange(space, product, shape));
        space.dropTensor(left);
        space.dropTensor(right);
    }
}
