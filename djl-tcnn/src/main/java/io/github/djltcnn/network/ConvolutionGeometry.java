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
package io.github.djltcnn.network;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * How a kernel slides over its input: window, stride, padding and dilation, one number per spatial
 * dimension (none for a linear layer, up to three), the last for width.
 *
 * @param kernel the window
 * @param stride the step between windows
 * @param padding the zeros added at both ends
 * @param dilation the distance between neighbouring taps
 * @since 0.1.0
 */
public record ConvolutionGeometry(Shape kernel, Shape stride, Shape padding, Shape dilation) {

    /**
     * Checks that the four agree.
     *
     * @param kernel the window
     * @param stride the step between windows
     * @param padding the zeros added at both ends
     * @param dilation the distance between neighbouring taps
     * @throws IllegalArgumentException if their lengths differ or a number is too small
     */
    public ConvolutionGeometry {
        check("kernel", kernel, kernel, 1);
        check("stride", stride, kernel, 1);
        check("padding", padding, kernel, 0);
        check("dilation", dilation, kernel, 1);
    }

    private static void check(String what, Shape shape, Shape kernel, long least) {
        if (shape == null) {
            throw new IllegalArgumentException(
                    "The "
                            + what
                            + " of a convolution is a shape with one number per spatial dimension,"
                            + " such as (1, 1); got null");
        }
        if (shape.dimension() != kernel.dimension() || shape.dimension() > 3) {
            throw new IllegalArgumentException(
                    "A convolution has 0 to 3 spatial dimensions, and "
                            + what
                            + " "
                            + shape
                            + " as many as kernel "
                            + kernel);
        }
        for (long size : shape.getShape()) {
            if (size < least) {
                throw new IllegalArgumentException(
                        what + " " + shape + " has a number below " + least);
            }
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        what
                                + " "
                                + shape
                                + " has a number above "
                                + Integer.MAX_VALUE
                                + ", the most that an axis of an array has");
            }
        }
    }

    /**
     * Returns the geometry with stride 1, no padding and dilation 1.
     *
     * @param kernel the window
     * @return the geometry
     */
    public static ConvolutionGeometry of(Shape kernel) {
        int n = kernel.dimension();
        return new ConvolutionGeometry(kernel, fill(n, 1), fill(n, 0), fill(n, 1));
    }

    private static Shape fill(int n, long value) {
        long[] sizes = new long[n];
        Arrays.fill(sizes, value);
        return new Shape(sizes);
    }

    /**
     * Returns the number of spatial dimensions.
     *
     * @return 0 to 3
     */
    public int numDimensions() {
        return kernel.dimension();
    }

    /**
     * Returns the spatial size of the output, per axis {@code floor((size + 2 padding - dilation
     * (kernel - 1) - 1) / stride) + 1}.
     *
     * @param inputSpatial the spatial size of the input
     * @return the spatial size of the output
     * @throws IllegalArgumentException if a window does not fit into the padded input
     */
    public Shape outputShape(Shape inputSpatial) {
        if (inputSpatial.dimension() != numDimensions()) {
            throw new IllegalArgumentException(
                    "Expected " + numDimensions() + " spatial sizes, got " + inputSpatial);
        }
        long[] out = new long[numDimensions()];
        for (int axis = 0; axis < out.length; axis++) {
            // No number is above 2^31, so that neither of the sums leaves a long.
            if (inputSpatial.get(axis) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "Input "
                                + inputSpatial
                                + " has a size above "
                                + Integer.MAX_VALUE
                                + ", the most that an axis of an array has");
            }
            long span = dilation.get(axis) * (kernel.get(axis) - 1) + 1;
            long room = inputSpatial.get(axis) + 2 * padding.get(axis) - span;
            if (room < 0) {
                throw new IllegalArgumentException(
                        "Kernel "
                                + kernel
                                + " with dilation "
                                + dilation
                                + " does not fit input "
                                + inputSpatial
                                + " with padding "
                                + padding);
            }
            out[axis] = room / stride.get(axis) + 1;
        }
        return new Shape(out);
    }

    /**
     * Returns the number of pairs of an output position and a tap that read a real input position
     * and not padding, along one axis.
     *
     * @param axis the spatial axis
     * @param inputSize the size of the input along it
     * @return the number of live pairs
     */
    public long liveTaps(int axis, long inputSize) {
        long[] probe = new long[numDimensions()];
        for (int other = 0; other < probe.length; other++) {
            // Only the asked axis matters; the others get a size that surely fits.
            probe[other] = dilation.get(other) * (kernel.get(other) - 1) + 1;
        }
        probe[axis] = inputSize;
        long outputSize = outputShape(new Shape(probe)).get(axis);
        long live = 0;
        for (long tap = 0; tap < kernel.get(axis); tap++) {
            long shift = tap * dilation.get(axis) - padding.get(axis);
            // Output positions j with 0 <= stride * j + shift < inputSize.
            long first =
                    Math.max(0, Math.floorDiv(-shift + stride.get(axis) - 1, stride.get(axis)));
            long last =
                    Math.min(
                            outputSize - 1, Math.floorDiv(inputSize - 1 - shift, stride.get(axis)));
            live += Math.max(0, last - first + 1);
        }
        return live;
    }
}
