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
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.OnnxAttribute;
import io.github.djltcnn.export.internal.graph.OnnxOperators;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.TorchText;
import java.util.List;

/** Operations on each number by itself that have settings. */
public final class Activation {

    private Activation() {}

    /**
     * {@code x} where it is positive, else {@code slope x}.
     *
     * @param slope the slope
     */
    public record LeakyRelu(float slope) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).getNDArrayInternal().leakyRelu(slope);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("leaky_relu", inputs.get(0), slope);
        }

        @Override
        public String torchInPlace(TorchText text, List<String> inputs) {
            return text.call("leaky_relu_", inputs.get(0), slope);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("LeakyRelu", inputs, OnnxAttribute.of("alpha", slope));
        }
    }

    /**
     * {@code x} where it is positive, else {@code scale (e^x - 1)}.
     *
     * @param scale the scale
     */
    public record Elu(float scale) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).getNDArrayInternal().elu(scale);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("elu", inputs.get(0), scale);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("Elu", inputs, OnnxAttribute.of("alpha", scale));
        }
    }

    /**
     * Numbers brought into an interval.
     *
     * @param least the least number
     * @param most the largest
     */
    public record Clip(Number least, Number most) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).clip(least, most);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("clamp", inputs.get(0), least, most);
        }

        @Override
        public String torchInPlace(TorchText text, List<String> inputs) {
            return text.call("clamp_", inputs.get(0), least, most);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node(
                    "Clip",
                    List.of(
                            inputs.get(0),
                            onnx.scalar(node.type(), least.doubleValue()),
                            onnx.scalar(node.type(), most.doubleValue())));
        }
    }

    /**
     * Exponentials along an axis, divided by their sum.
     *
     * @param axis the axis, from 0
     * @param log whether the logarithm of that
     */
    public record Softmax(int axis, boolean log) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return log ? inputs.get(0).logSoftmax(axis) : inputs.get(0).softmax(axis);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call(log ? "log_softmax" : "softmax", inputs.get(0), axis);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node(
                    log ? "LogSoftmax" : "Softmax", inputs, OnnxAttribute.of("axis", (long) axis));
        }
    }
}
