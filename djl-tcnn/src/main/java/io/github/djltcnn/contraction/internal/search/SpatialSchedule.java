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
package io.github.djltcnn.contraction.internal.search;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Role;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * When each spatial axis is convolved: once, in the contraction with the tensor that has its kernel
 * mode; an axis without a kernel mode in the first. All steps are linear and none but the last has
 * a bias, so padding and stride are exact at whichever step convolves the axis.
 */
public final class SpatialSchedule {

    private static final Role[] ROLES = {Role.DEPTH, Role.HEIGHT, Role.WIDTH};

    private final ModeTable table;
    private final ConvolutionGeometry geometry;
    private final long[] axisModes;
    private final long[] inputSizes;
    private final long[] outputSizes;
    private final long batch;
    private final boolean deadWindows;

    /** Creates the schedule of a layer for one input. */
    public SpatialSchedule(ModeTable table, ConvolutionGeometry geometry, Shape inputShape) {
        this.table = table;
        this.geometry = geometry;
        int numAxes = geometry.numDimensions();
        axisModes = new long[numAxes];
        for (int axis = 0; axis < numAxes; axis++) {
            axisModes[axis] = table.axisMode(ROLES[ROLES.length - numAxes + axis]);
        }
        batch = inputShape.get(0);
        inputSizes = inputShape.slice(2).getShape();
        outputSizes = geometry.outputShape(inputShape.slice(2)).getShape();
        deadWindows = IntStream.range(0, numAxes).anyMatch(this::hasDeadWindow);
    }

    /** Whether a window along some axis sees nothing but padding. */
    public boolean hasDeadWindows() {
        return deadWindows;
    }

    private boolean hasDeadWindow(int axis) {
        long stride = geometry.stride().get(axis);
        long padding = geometry.padding().get(axis);
        long dilation = geometry.dilation().get(axis);
        long size = inputSizes[axis];
        // The first window begins leftmost, the last one rightmost.
        long lastTap = dilation * (geometry.kernel().get(axis) - 1) - padding;
        if (lastTap < 0 || (outputSizes[axis] - 1) * stride - padding >= size) {
            return true;
        }
        // Taps further apart than the input is long may step over it; that repeats with the
        // dilation.
        long left = Math.min(outputSizes[axis], (padding + stride - 1) / stride);
        for (long n = 0; dilation > size && n < Math.min(left, dilation); n++) {
            if (Math.floorMod(n * stride - padding, dilation) >= size) {
                return true;
            }
        }
        return false;
    }

    /**
     * One call as far as the spatial axes see it; axes that are not convolved have a window of 1.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Call(long[] kernel, long[] stride, long[] padding, long[] dilation) {

        boolean isTrivial() {
            for (int axis = 0; axis < kernel.length; axis++) {
                if (kernel[axis] != 1 || stride[axis] != 1 || padding[axis] != 0) {
                    return false;
                }
            }
            return true;
        }

        /** Whether the stride leaves positions that no window reads along some axis. */
        boolean skipsPositions() {
            for (int axis = 0; axis < kernel.length; axis++) {
                if (stride[axis] > kernel[axis]) {
                    return true;
                }
            }
            return false;
        }

        /** The number of taps of the window. */
        double taps() {
            return Arrays.stream(kernel).asDoubleStream().reduce(1, (a, b) -> a * b);
        }
    }

    /** The same schedule for another number of images. */
    public SpatialSchedule withBatch(long images) {
        return new SpatialSchedule(
                table,
                geometry,
                new Shape(images, table.network().inputChannels()).addAll(new Shape(inputSizes)));
    }

    /** The number of images. */
    public long batch() {
        return batch;
    }

    int numAxes() {
        return axisModes.length;
    }

    /** The modes of the kernel axes that have one, first axis first. */
    public int[] kernelModes() {
        return Arrays.stream(axisModes)
                .filter(mode -> mode != 0)
                .mapToInt(Long::numberOfTrailingZeros)
                .toArray();
    }

    /** The spatial sizes once some cores have been met. */
    public long[] sizes(long passed) {
        long[] sizes = new long[axisModes.length];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = hasSlid(axis, passed) ? outputSizes[axis] : inputSizes[axis];
        }
        return sizes;
    }

    /** The windows of the axes in the contraction with some cores after others. */
    Call call(long passed, long next) {
        int n = axisModes.length;
        Call call = new Call(ones(n), ones(n), new long[n], ones(n));
        for (int axis = 0; axis < n; axis++) {
            if (!hasSlid(axis, passed) && hasSlid(axis, passed | next)) {
                call.kernel[axis] = geometry.kernel().get(axis);
                call.stride[axis] = geometry.stride().get(axis);
                call.padding[axis] = geometry.padding().get(axis);
                call.dilation[axis] = geometry.dilation().get(axis);
            }
        }
        return call;
    }

    private boolean hasSlid(int axis, long passed) {
        long mode = axisModes[axis];
        return mode == 0 ? passed != 0 : (table.union(passed) & mode) != 0;
    }

    /** The positions along all axes together. */
    public static long count(long[] sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    private static long[] ones(int n) {
        long[] ones = new long[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}
