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
package io.github.djltcnn.export.internal.operations;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.OnnxAttribute;
import io.github.djltcnn.export.internal.graph.OnnxOperators;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.TorchText;
import io.github.djltcnn.export.internal.graph.UntraceableException;
import java.util.List;

/**
 * The largest number or the mean of each window of (batch, channels, axes..).
 *
 * @param mean whether the mean
 * @param window the window per axis
 * @param stride the stride per axis
 * @param padding what is added at both ends per axis
 * @param ceil whether a last window that overhangs counts
 * @param countPadding whether a mean counts what was added
 */
public record Pooling(
        boolean mean, Shape window, Shape stride, Shape padding, boolean ceil, boolean countPadding)
        implements Operation {

    @Override
    public NDArray evaluate(List<NDArray> inputs, long batch) {
        NDArray x = inputs.get(0);
        return mean
                ? x.getNDArrayInternal().avgPool(window, stride, padding, ceil, countPadding)
                : x.getNDArrayInternal().maxPool(window, stride, padding, ceil);
    }

    @Override
    public String torch(TorchText text, List<String> inputs) {
        String function = (mean ? "avg_pool" : "max_pool") + window.dimension() + "d";
        String x = inputs.get(0);
        Shape dilation = new Shape(ones(window.dimension()));
        return mean
                ? text.call(function, x, window, stride, padding, ceil, countPadding)
                : text.call(function, x, window, stride, padding, dilation, ceil);
    }

    private static long[] ones(int number) {
        long[] ones = new long[number];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
        int axes = window.dimension();
        long[] pads = new long[2 * axes];
        boolean padded = false;
        boolean overhangs = false;
        for (int axis = 0; axis < axes; axis++) {
            // The windows are as many as the result says, with what that needs at the end:
            // readers of ONNX do not agree about ceil_mode.
            long before = padding.get(axis);
            long in = node.inputs().get(0).sizes().get(axis + 2).number();
            long out = node.sizes().get(axis + 2).number();
            long after = (out - 1) * stride.get(axis) + window.get(axis) - in - before;
            pads[axis] = before;
            pads[axes + axis] = Math.max(after, 0);
            padded |= before > 0;
            overhangs |= after > before;
        }
        if (!mean) {
            return onnx.node(
                    "MaxPool",
                    inputs,
                    OnnxAttribute.of("kernel_shape", window.getShape()),
                    OnnxAttribute.of("strides", stride.getShape()),
                    OnnxAttribute.of("pads", pads));
        }
        if (padded && countPadding && overhangs) {
            throw new UntraceableException(
                    "mean pooling that counts its padding and overhangs cannot be said in ONNX;"
                            + " use countIncludePad = false or ceilMode = false");
        }
        return onnx.node(
                "AveragePool",
                inputs,
                OnnxAttribute.of("kernel_shape", window.getShape()),
                OnnxAttribute.of("strides", stride.getShape()),
                OnnxAttribute.of("pads", pads),
                OnnxAttribute.of("count_include_pad", padded && countPadding ? 1L : 0L));
    }

    /**
     * The largest number or the mean of each channel.
     *
     * @param mean whether the mean
     */
    public record Global(boolean mean) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            NDArray x = inputs.get(0);
            return mean
                    ? x.getNDArrayInternal().globalAvgPool()
                    : x.getNDArrayInternal().globalMaxPool();
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return "torch."
                    + (mean ? "mean" : "amax")
                    + "(torch.flatten("
                    + inputs.get(0)
                    + ", 2), [2], False)";
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            String pooled = onnx.node(mean ? "GlobalAveragePool" : "GlobalMaxPool", inputs);
            return onnx.node("Flatten", List.of(pooled), OnnxAttribute.of("axis", 1L));
        }
    }
}
