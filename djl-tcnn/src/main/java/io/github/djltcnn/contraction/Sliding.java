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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Role;

/**
 * Keeps track of the spatial axes while the input passes from tensor to tensor: each axis slides
 * once, when its kernel mode is met, and one without a kernel mode at the first step. All steps are
 * linear and carry no bias but the last, so padding and stride are exact at whichever step slides.
 */
final class Sliding {

    private final ModeTable table;
    private final ConvolutionGeometry geometry;
    private final Role[] axes;
    private final long batch;
    private final boolean[] slid;
    private Shape spatial;

    Sliding(ModeTable table, ConvolutionGeometry geometry, Shape inputShape) {
        this.table = table;
        this.geometry = geometry;
        axes = Lowering.axes(geometry.numDimensions());
        batch = inputShape.get(0);
        slid = new boolean[axes.length];
        spatial = inputShape.slice(2);
    }

    /** One convolution as far as the spatial axes see it. */
    record Call(Shape kernel, Shape stride, Shape padding, Shape dilation) {}

    long batch() {
        return batch;
    }

    /** The spatial size of the activation now; a linear layer has one position. */
    Shape spatial() {
        return axes.length == 0 ? new Shape(1) : spatial;
    }

    /** The kernel modes among some modes, in the order of the axes. */
    int[] kernelModes(long met) {
        int[] modes = new int[Long.bitCount(met & table.kernelModes())];
        int count = 0;
        for (Role axis : axes) {
            long mode = table.axisMode(axis) & met;
            if (mode != 0) {
                modes[count++] = Long.numberOfTrailingZeros(mode);
            }
        }
        return modes;
    }

    /** Slides along the axes whose turn it is when a tensor of these modes is met. */
    Call slide(long met) {
        if (axes.length == 0) {
            Shape one = new Shape(1);
            return new Call(one, one, new Shape(0), one);
        }
        long[] kernel = new long[axes.length];
        long[] stride = new long[axes.length];
        long[] padding = new long[axes.length];
        long[] dilation = new long[axes.length];
        long[] size = spatial.getShape().clone();
        for (int n = 0; n < axes.length; n++) {
            long mode = table.axisMode(axes[n]);
            boolean now = !slid[n] && (mode == 0 || (mode & met) != 0);
            kernel[n] = now ? geometry.kernel().get(n) : 1;
            stride[n] = now ? geometry.stride().get(n) : 1;
            padding[n] = now ? geometry.padding().get(n) : 0;
            dilation[n] = now ? geometry.dilation().get(n) : 1;
            if (now) {
                long span = dilation[n] * (kernel[n] - 1) + 1;
                size[n] = (size[n] + 2 * padding[n] - span) / stride[n] + 1;
                slid[n] = true;
            }
        }
        spatial = new Shape(size);
        return new Call(
                new Shape(kernel), new Shape(stride), new Shape(padding), new Shape(dilation));
    }
}
