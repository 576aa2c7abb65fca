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
package io.github.djltcnn.statistics.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.network.ConvolutionGeometry;

/**
 * The unfolded input of a layer, and its outputs at the same places. Of many places a coarser grid
 * is taken, whose offset differs from batch to batch.
 */
public final class Patches {

    private Patches() {}

    /**
     * Says how coarse a grid is.
     *
     * @param layer the layer
     * @param images how many images there are in all
     * @param most the number of places wanted in all
     * @return every how many-th place along each axis is taken
     */
    public static int step(KernelLayer layer, long images, double most) {
        int dimensions = layer.geometry().numDimensions();
        if (dimensions == 0) {
            return 1;
        }
        Shape out = layer.geometry().outputShape(layer.input().slice(2));
        double places = (double) images * out.size();
        int step = (int) Math.ceil(Math.pow(places / most, 1.0 / dimensions));
        for (long size : out.getShape()) {
            step = (int) Math.min(step, size);
        }
        return Math.max(1, step);
    }

    /**
     * Unfolds an input.
     *
     * @param layer the layer
     * @param x its input
     * @param step every how many-th place along each axis is taken
     * @param offset the number of the first
     * @return (groups, input channels of a group, window, places), float64 if the input is, else
     *     float32
     */
    public static NDArray unfold(KernelLayer layer, NDArray x, int step, int offset) {
        long groups = layer.spec().groups();
        long channels = layer.spec().inputChannels();
        ConvolutionGeometry geometry = layer.geometry();
        int dimensions = geometry.numDimensions();
        if (dimensions == 0) {
            try (NDArray flat = x.reshape(-1, channels);
                    NDArray turned = flat.transpose();
                    NDArray wide = turned.toType(type(x), true)) {
                return wide.reshape(1, channels, 1, -1);
            }
        }
        Shape out = geometry.outputShape(x.getShape().slice(2));
        long[] padding = new long[2 * dimensions];
        for (int axis = 0; axis < dimensions; axis++) {
            // The last axis comes first, and each has two sides.
            padding[2 * (dimensions - 1 - axis)] = geometry.padding().get(axis);
            padding[2 * (dimensions - 1 - axis) + 1] = geometry.padding().get(axis);
        }
        int taps = Math.toIntExact(geometry.kernel().size());
        NDList parts = new NDList(taps);
        try (NDArray padded = x.pad(new Shape(padding), 0)) {
            for (int tap = 0; tap < taps; tap++) {
                StringBuilder index = new StringBuilder(":,:");
                int rest = tap;
                long[] at = new long[dimensions];
                for (int axis = dimensions - 1; axis >= 0; axis--) {
                    at[axis] = rest % geometry.kernel().get(axis);
                    rest /= Math.toIntExact(geometry.kernel().get(axis));
                }
                for (int axis = 0; axis < dimensions; axis++) {
                    long stride = geometry.stride().get(axis);
                    long first = offset(step, offset, out.get(axis)) * stride;
                    long start = first + at[axis] * geometry.dilation().get(axis);
                    long count = count(step, offset, out.get(axis));
                    index.append(',')
                            .append(start)
                            .append(':')
                            .append(start + (count - 1) * stride * step + 1)
                            .append(':')
                            .append(stride * step);
                }
                parts.add(padded.get(new NDIndex(index.toString())));
            }
            try (NDArray stacked = NDArrays.stack(parts, 2);
                    NDArray flat = stacked.reshape(x.getShape().get(0), channels, taps, -1);
                    NDArray turned = flat.transpose(1, 2, 0, 3);
                    NDArray grouped = turned.reshape(groups, channels / groups, taps, -1)) {
                return grouped.toType(type(x), true);
            }
        } finally {
            parts.close();
        }
    }

    /**
     * Picks the outputs of a layer at the same places.
     *
     * @param layer the layer
     * @param y its output, or anything of that shape
     * @param step every how many-th place along each axis is taken
     * @param offset the number of the first
     * @return (groups, output channels of a group, places), float64 if the output is, else float32
     */
    public static NDArray pick(KernelLayer layer, NDArray y, int step, int offset) {
        long groups = layer.spec().groups();
        long channels = layer.spec().outputChannels();
        int dimensions = layer.geometry().numDimensions();
        if (dimensions == 0) {
            try (NDArray flat = y.reshape(-1, channels);
                    NDArray turned = flat.transpose();
                    NDArray wide = turned.toType(type(y), true)) {
                return wide.reshape(1, channels, -1);
            }
        }
        StringBuilder index = new StringBuilder(":,:");
        for (int axis = 0; axis < dimensions; axis++) {
            long size = y.getShape().get(2 + axis);
            index.append(',').append(offset(step, offset, size)).append("::").append(step);
        }
        try (NDArray part = y.get(new NDIndex(index.toString()));
                NDArray flat = part.reshape(y.getShape().get(0), channels, -1);
                NDArray turned = flat.transpose(1, 0, 2);
                NDArray grouped = turned.reshape(groups, channels / groups, -1)) {
            return grouped.toType(type(y), true);
        }
    }

    private static DataType type(NDArray array) {
        return array.getDataType() == DataType.FLOAT64 ? DataType.FLOAT64 : DataType.FLOAT32;
    }

    /**
     * Adds an array to a sum.
     *
     * @param sum float64
     * @param part what is added, of any type
     */
    public static void add(NDArray sum, NDArray part) {
        try (NDArray wide = part.toType(DataType.FLOAT64, true)) {
            sum.addi(wide);
        }
    }

    private static long offset(int step, int offset, long size) {
        return Math.min(offset % step, size - 1);
    }

    private static long count(int step, int offset, long size) {
        return (size - offset(step, offset, size) + step - 1) / step;
    }
}
