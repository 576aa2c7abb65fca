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
import io.github.djltcnn.export.internal.graph.OnnxOperators;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.TorchText;
import java.util.List;
import java.util.function.UnaryOperator;

/** Operations on each number by itself that have no settings. */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
public enum Unary implements Operation {
    NEG(NDArray::neg, "neg", "Neg"),
    ABS(NDArray::abs, "abs", "Abs"),
    SIGN(NDArray::sign, "sign", "Sign"),
    SQUARE(NDArray::square, "square", null) {
        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("Mul", List.of(inputs.get(0), inputs.get(0)));
        }
    },
    SQRT(NDArray::sqrt, "sqrt", "Sqrt"),
    EXP(NDArray::exp, "exp", "Exp"),
    LOG(NDArray::log, "log", "Log"),
    LOG2(NDArray::log2, "log2", null) {
        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            String natural = onnx.node("Log", inputs);
            return onnx.node("Mul", List.of(natural, onnx.scalar(node.type(), 1 / Math.log(2))));
        }
    },
    SIN(NDArray::sin, "sin", "Sin"),
    COS(NDArray::cos, "cos", "Cos"),
    TAN(NDArray::tan, "tan", "Tan"),
    ATAN(NDArray::atan, "atan", "Atan"),
    FLOOR(NDArray::floor, "floor", "Floor"),
    CEIL(NDArray::ceil, "ceil", "Ceil"),
    ROUND(NDArray::round, "round", "Round"),
    ERF(NDArray::erf, "erf", "Erf"),
    NOT(NDArray::logicalNot, "logical_not", "Not"),
    RELU(x -> x.getNDArrayInternal().relu(), "relu", "Relu"),
    SIGMOID(x -> x.getNDArrayInternal().sigmoid(), "sigmoid", "Sigmoid"),
    TANH(NDArray::tanh, "tanh", "Tanh"),
    SOFT_PLUS(x -> x.getNDArrayInternal().softPlus(), "softplus", "Softplus") {
        @Override
        public String torchInPlace(TorchText text, List<String> inputs) {
            return null;
        }
    },
    SOFT_SIGN(x -> x.getNDArrayInternal().softSign(), null, "Softsign") {
        @Override
        public String torch(TorchText text, List<String> inputs) {
            String x = inputs.get(0);
            return "torch.div(" + x + ", torch.add(torch.abs(" + x + "), 1))";
        }

        @Override
        public String torchInPlace(TorchText text, List<String> inputs) {
            return null;
        }
    },
    SELU(x -> x.getNDArrayInternal().selu(), "selu", "Selu"),
    GELU(x -> x.getNDArrayInternal().gelu(), "gelu", null) {
        @Override
        public String torchInPlace(TorchText text, List<String> inputs) {
            return null;
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            String x = inputs.get(0);
            String scaled =
                    onnx.node("Mul", List.of(x, onnx.scalar(node.type(), 1 / Math.sqrt(2))));
            String error = onnx.node("Erf", List.of(scaled));
            String one = onnx.node("Add", List.of(error, onnx.scalar(node.type(), 1)));
            String half = onnx.node("Mul", List.of(x, onnx.scalar(node.type(), 0.5)));
            return onnx.node("Mul", List.of(half, one));
        }
    };

    private final UnaryOperator<NDArray> evaluation;
    private final String torch;
    private final String onnx;

    Unary(UnaryOperator<NDArray> evaluation, String torch, String onnx) {
        this.evaluation = evaluation;
        this.torch = torch;
        this.onnx = onnx;
    }

    @Override
    public NDArray evaluate(List<NDArray> inputs, long batch) {
        return evaluation.apply(inputs.get(0));
    }

    @Override
    public String torch(TorchText text, List<String> inputs) {
        return "torch." + torch + "(" + inputs.get(0) + ")";
    }

    @Override
    public String torchInPlace(TorchText text, List<String> inputs) {
        return "torch." + torch + "_(" + inputs.get(0) + ")";
    }

    @Override
    public String onnx(OnnxOperators writer, List<String> inputs, Node node) {
        return writer.node(onnx, inputs);
    }
}
