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
import java.util.List;

/**
 * A convolution of (batch, channels, axes..) with a kernel and, if there is a third argument, a
 * bias.
 *
 * @param stride the stride per axis
 * @param padding the zeros at both ends per axis
 * @param dilation the distance of taps per axis
 * @param groups the number of groups
 */
public record Convolution(Shape stride, Shape padding, Shape dilation, int groups)
        implements Operation {

    @Override
    public NDArray evaluate(List<NDArray> inputs, long batch) {
        NDArray bias = inputs.size() > 2 ? inputs.get(2) : null;
        return inputs.get(0)
                .getNDArrayInternal()
                .convolution(inputs.get(0), inputs.get(1), bias, stride, padding, dilation, groups)
                .singletonOrThrow();
    }

    @Override
    public String torch(TorchText text, List<String> inputs) {
        return text.call(
                "conv" + stride.dimension() + "d",
                inputs.get(0),
                inputs.get(1),
                inputs.size() > 2 ? inputs.get(2) : "None",
                stride,
                padding,
                dilation,
                groups);
    }

    @Override
    public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
        long[] pads = padding.addAll(padding).getShape();
        return onnx.node(
                "Conv",
                inputs,
                OnnxAttribute.of("strides", stride.getShape()),
                OnnxAttribute.of("pads", pads),
                OnnxAttribute.of("dilations", dilation.getShape()),
                OnnxAttribute.of("group", (long) groups));
    }
}
