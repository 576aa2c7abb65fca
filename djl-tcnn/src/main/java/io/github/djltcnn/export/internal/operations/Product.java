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

/** Products of matrices. */
public enum Product implements Operation {
    /** Of the last two axes, the others broadcast. */
    MATRIX {
        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).matMul(inputs.get(1));
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return "torch.matmul(" + inputs.get(0) + ", " + inputs.get(1) + ")";
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("MatMul", inputs);
        }
    },
    /** With the transposed second argument, plus the third if there is one. */
    LINEAR {
        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            NDArray bias = inputs.size() > 2 ? inputs.get(2) : null;
            return inputs.get(0)
                    .getNDArrayInternal()
                    .linear(inputs.get(0), inputs.get(1), bias)
                    .singletonOrThrow();
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return "torch.linear(" + String.join(", ", inputs) + ")";
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            if (node.sizes().dimension() == 2 && node.inputs().get(1).sizes().dimension() == 2) {
                return onnx.node("Gemm", inputs, OnnxAttribute.of("transB", 1L));
            }
            String turned =
                    onnx.node(
                            "Transpose",
                            List.of(inputs.get(1)),
                            OnnxAttribute.of("perm", new long[] {1, 0}));
            String product = onnx.node("MatMul", List.of(inputs.get(0), turned));
            return inputs.size() > 2 ? onnx.node("Add", List.of(product, inputs.get(2))) : product;
        }
    }
}
