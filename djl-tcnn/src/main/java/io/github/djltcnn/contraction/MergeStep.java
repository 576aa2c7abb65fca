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
 * @param shared the number of indices of the shared modes that stay
 * @param rows the number of indices of the left operand's own modes
 * @param summed the number of indices summed over
 * @param columns the number of indices of the right operand's own modes
 * @param shape the shape of the result, one axis per mode
 */
record MergeStep(
        int left,
        int right,
        int target,
        AxisOrder leftAxes,
        AxisOrder rightAxes,
        long shared,
        long rows,
        long summed,
        long columns,
        Shape shape)
        implements Step {

    @Override
    public void run(Workspace work, Arguments arguments) {
        boolean batched = shared > 1;
        Shape leftShape = batched ? new Shape(shared, rows, summed) : new Shape(rows, summed);
        Shape rightShape =
                batched ? new Shape(shared, summed, columns) : new Shape(summed, columns);
        NDArray l = leftAxes.arrange(work, work.get(left), leftShape);
        NDArray r = rightAxes.arrange(work, work.get(right), rightShape);
        NDArray product = work.own(summed == 1 ? l.mul(r) : l.matMul(r));
        work.put(target, AxisOrder.SAME.arrange(work, product, shape));
        work.drop(left);
        work.drop(right);
    }

    @Override
    public double macs() {
        return (double) shared * rows * summed * columns;
    }
}
