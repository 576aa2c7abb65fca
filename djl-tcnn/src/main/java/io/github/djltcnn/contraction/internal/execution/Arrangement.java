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

/**
 * How a tensor made of cores is brought into the shape that a call takes. Its array may have any
 * shape: its entries follow one another as its modes do.
 *
 * @param axes one axis per mode, in the order they lie in; looked at only if they are reordered
 * @param order the order to bring them into
 * @param gapless whether the result has to lie without gaps: some backward kernels of libtorch
 *     refuse a view for a weight, and a broadcast product lies as its operands do
 * @param shape the shape to cut it into then
 * @param seen a view of that, which the call sees: a convolution with channels last takes its
 *     weight as (out, in, window..) but wants it to lie as (out, window.., in), and copies it in
 *     every call if it does not
 */
public record Arrangement(
        Shape axes, AxisOrder order, boolean gapless, Shape shape, AxisOrder seen) {

    /** The array as the call takes it; the same object if there is nothing to do. */
    NDArray apply(Workspace space, NDArray array) {
        NDArray arranged = array;
        if (!order.isSame()) {
            arranged = order.permute(space, space.reshape(arranged, axes));
            if (gapless) {
                // Flattening copies.
                arranged = space.reshape(arranged, new Shape(shape.size()));
            }
        }
        return seen.permute(space, space.reshape(arranged, shape));
    }

    /** The same for a stack of tensors along a new first axis, which shapes begin with. */
    Arrangement stacked(int number) {
        Shape matrices =
                shape.dimension() == 3
                        ? new Shape(number * shape.get(0)).addAll(shape.slice(1))
                        : new Shape(number).addAll(shape);
        AxisOrder matrixOrder = seen.isSame() ? seen : AxisOrder.transposed(matrices.dimension());
        return new Arrangement(
                new Shape(number).addAll(axes), order.stacked(), gapless, matrices, matrixOrder);
    }

    /** The shape that the call sees. */
    public Shape seenShape() {
        return seen.permute(shape);
    }
}
