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
 * Brings a tensor made of cores into the shape that the call with it takes.
 *
 * @param source the slot of the tensor
 * @param weight the number of the weight
 * @param order the order of axes
 * @param shape the shape in the order of memory
 * @param contiguous whether the call with it wants it without gaps in memory
 * @param turned whether the last axis becomes the second at the end: a convolution with channels
 *     last takes its weight as (out, in, window..) but wants it to lie as (out, window.., in), and
 *     copies it in every call if it does not
 * @param work how much it is
 */
record PrepareStep(
        int source,
        int weight,
        AxisOrder order,
        Shape shape,
        boolean contiguous,
        boolean turned,
        Work work)
        implements Step {

    /** The shape that the call sees. */
    Shape seen() {
        int last = shape.dimension() - 1;
        return turned
                ? new Shape(shape.get(0), shape.get(last)).addAll(shape.slice(1, last))
                : shape;
    }

    @Override
    public void run(Workspace space) {
        NDArray tensor = space.tensor(source);
        NDArray arranged = order.permute(space, tensor);
        if (contiguous && !order.isSame()) {
            // Flattening copies: some backward kernels of libtorch refuse a view for a weight.
            arranged = space.reshape(arranged, new Shape(shape.size()));
        }
        arranged = space.reshape(arranged, shape);
        if (turned) {
            int[] axes = AxisOrder.lastToSecond(shape.dimension());
            arranged = new AxisOrder(axes).permute(space, arranged);
        }
        if (arranged == tensor) {
            space.promote(source, weight);
        } else {
            space.putWeight(weight, arranged);
            space.dropTensor(source);
        }
    }
}
