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
import java.util.Arrays;
import java.util.stream.IntStream;

/** An order to bring the axes of an array into: entry n says which axis becomes the n-th. */
public final class AxisOrder {

    /** Leaves any array as it is. */
    public static final AxisOrder SAME = new AxisOrder();

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

    /** The order that brings axes named {@code from} into the order {@code to}. */
    public static AxisOrder between(int[] from, int[] to) {
        int[] order = new int[to.length];
        for (int n = 0; n < to.length; n++) {
            int axis = 0;
            while (from[axis] != to[n]) {
                axis++;
            }
            order[n] = axis;
        }
        return new AxisOrder(order);
    }

    /** Brings the last axis to the second place: channels-last as (batch, channels, axes..). */
    public static AxisOrder lastToSecond(int dimension) {
        int[] order = new int[dimension];
        order[1] = dimension - 1;
        for (int axis = 2; axis < dimension; axis++) {
            order[axis] = axis - 1;
        }
        return new AxisOrder(order);
    }

    /** Brings the second axis to the last place: the order in which channels-last lies. */
    public static AxisOrder secondToLast(int dimension) {
        int[] order = new int[dimension];
        for (int axis = 1; axis < dimension - 1; axis++) {
            order[axis] = axis + 1;
        }
        order[dimension - 1] = 1;
        return new AxisOrder(order);
    }

    /** Exchanges the last two axes. */
    public static AxisOrder transposed(int dimension) {
        int[] order = IntStream.range(0, dimension).toArray();
        order[dimension - 2] = dimension - 1;
        order[dimension - 1] = dimension - 2;
        return new AxisOrder(order);
    }

    /** The same order behind a new first axis, which stays. */
    AxisOrder stacked() {
        if (same) {
            return this;
        }
        int[] order = new int[axes.length + 1];
        for (int n = 0; n < axes.length; n++) {
            order[n + 1] = axes[n] + 1;
        }
        return new AxisOrder(order);
    }

    /** Whether every axis stays in its place. */
    public boolean isSame() {
        return same;
    }

    /** A view of an array with its axes in this order. */
    public NDArray permute(Workspace space, NDArray array) {
        return same ? array : space.own(space.owned(array).transpose(axes));
    }

    /** A view of an array that belongs to no workspace. */
    public NDArray permute(NDArray array) {
        return same ? array : array.transpose(axes);
    }

    /** The shape of an array of a shape with its axes in this order. */
    public Shape permute(Shape shape) {
        return same ? shape : new Shape(Arrays.stream(axes).mapToLong(shape::get).toArray());
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
