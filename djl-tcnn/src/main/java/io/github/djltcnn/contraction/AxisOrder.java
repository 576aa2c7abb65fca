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
import java.util.Arrays;

/** An order to bring the axes of an array into: entry n says which axis becomes the n-th. */
final class AxisOrder {

    /** Leaves any array as it is. */
    static final AxisOrder SAME = new AxisOrder();

    private final int[] axes;
    private final boolean same;

    AxisOrder(int... axes) {
        this.axes = axes.clone();
        boolean inPlace = true;
        for (int axis = 0; axis < axes.length; axis++) {
            inPlace &= axes[axis] == axis;
        }
        same = inPlace;
    }

    /** Whether every axis stays in its place. */
    boolean isSame() {
        return same;
    }

    /** The array with its axes in this order and then reshaped; a view where that can be. */
    NDArray arrange(Workspace work, NDArray array, Shape shape) {
        NDArray view = same ? array : work.own(array.transpose(axes));
        return view.getShape().equals(shape) ? view : work.own(view.reshape(shape));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AxisOrder that && Arrays.equals(axes, that.axes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(axes);
    }

    @Override
    public String toString() {
        return Arrays.toString(axes);
    }
}
