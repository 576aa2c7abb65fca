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

/** Normalizations with statistics or along axes. */
public final class Normalization {

    private Normalization() {}

    /**
     * Batch normalization of the second axis with known statistics: arguments are the input, mean,
     * variance, scale and shift.
     *
     * @param epsilon what is added to the variance
     */
    public record Batch(float epsilon) implements Operation {

        private static final int AXIS = -1;
        private static final float MOMENTUM = 0.9f;

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0)
                    .getNDArrayInternal()
                    .batchNorm(
                            inputs.get(0),
                            inputs.get(1),
                            inputs.get(2),
                            inputs.get(3),
                            inputs.get(4),
                            AXIS,
                            MOMENTUM,
                            epsilon,
                            false)
                    .singletonOrThrow();
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call(
                    "batch_norm",
                    inputs.get(0),
                    inputs.get(3),
                    inputs.get(4),
                    inputs.get(1),
                    inputs.get(2),
                    false,
                    0.1,
                    epsilon,
                    false);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            List<String> ordered =
                    List.of(
                            inputs.get(0),
                            inputs.get(3),
                            inputs.get(4),
                            inputs.get(1),
                            inputs.get(2));
            return onnx.node("BatchNormalization", ordered, OnnxAttribute.of("epsilon", epsilon));
        }
    }

    /**
     * Layer normalization of the last axes: arguments are the input, scale and shift.
     *
     * @param shape the sizes of these axes
     * @param epsilon what is added to the variance
     */
    public record Layer(Shape shape, float epsilon) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0)
                    .getNDArrayInternal()
                    .layerNorm(inputs.get(0), shape, inputs.get(1), inputs.get(2), epsilon)
                    .singletonOrThrow();
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call(
                    "layer_norm", inputs.get(0), shape, inputs.get(1), inputs.get(2), epsilon);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node(
                    "LayerNormalization",
                    inputs,
                    OnnxAttribute.of("axis", (long) -shape.dimension()),
                    OnnxAttribute.of("epsilon", epsilon));
        }
    }
}
