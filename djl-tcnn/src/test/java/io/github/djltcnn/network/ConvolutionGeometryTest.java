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
import org.testng.Assert;
import org.testng.annotations.Test;

/** Output sizes and live taps against counting window by window. */
public class ConvolutionGeometryTest {

    @Test
    public void outputSizesAndLiveTapsMatchCounting() {
        for (int size = 1; size <= 9; size++) {
            for (int kernel = 1; kernel <= 5; kernel++) {
                for (int stride = 1; stride <= 4; stride++) {
                    for (int padding = 0; padding <= kernel; padding++) {
                        for (int dilation = 1; dilation <= 3; dilation++) {
                            compare(size, kernel, stride, padding, dilation);
                        }
                    }
                }
            }
        }
    }

    private static void compare(int size, int kernel, int stride, int padding, int dilation) {
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        new Shape(kernel),
                        new Shape(stride),
                        new Shape(padding),
                        new Shape(dilation));
        int windows = 0;
        int live = 0;
        for (int at = -padding; at + dilation * (kernel - 1) < size + padding; at += stride) {
            windows++;
            for (int tap = 0; tap < kernel; tap++) {
                int position = at + tap * dilation;
                live += position >= 0 && position < size ? 1 : 0;
            }
        }
        if (windows == 0) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> geometry.outputShape(new Shape(size)));
            Assert.assertTrue(e.getMessage().contains("does not fit"), e.getMessage());
            return;
        }
        String at = geometry + " on " + size;
        Assert.assertEquals(geometry.outputShape(new Shape(size)), new Shape(windows), at);
        Assert.assertEquals(geometry.liveTaps(0, size), live, at);
    }

    @Test
    public void axesAreIndependent() {
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        new Shape(1, 3, 5),
                        new Shape(1, 2, 3),
                        new Shape(0, 1, 0),
                        new Shape(1, 1, 2));
        Assert.assertEquals(geometry.outputShape(new Shape(4, 7, 12)), new Shape(4, 4, 2));
        Assert.assertEquals(geometry.liveTaps(0, 4), 4);
        Assert.assertEquals(geometry.liveTaps(1, 7), 10);
        Assert.assertEquals(geometry.liveTaps(2, 12), 10);
    }

    @Test
    public void aLinearLayerHasNoAxes() {
        ConvolutionGeometry geometry = ConvolutionGeometry.of(new Shape());
        Assert.assertEquals(geometry.numDimensions(), 0);
        Assert.assertEquals(geometry.outputShape(new Shape()), new Shape());
    }

    @Test
    public void refusesWhatDoesNotAgree() {
        Shape two = new Shape(3, 3);
        Shape one = new Shape(1);
        Shape ones = new Shape(1, 1);
        Shape zeros = new Shape(0, 0);
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> new ConvolutionGeometry(two, one, zeros, ones));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> new ConvolutionGeometry(two, zeros, zeros, ones));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> new ConvolutionGeometry(two, ones, new Shape(0, -1), ones));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> new ConvolutionGeometry(two, ones, zeros, zeros));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> ConvolutionGeometry.of(new Shape(1, 1, 1, 1)));
    }
}
