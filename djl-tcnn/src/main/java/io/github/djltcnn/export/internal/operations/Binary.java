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
import ai.djl.ndarray.types.DataType;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.OnnxOperators;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.TorchText;
import io.github.djltcnn.export.internal.graph.Types;
import java.util.List;
import java.util.function.BinaryOperator;

/** Operations on pairs of numbers; shapes are broadcast. */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
public enum Binary implements Operation {
    ADD(NDArray::add, "add", "Add"),
    SUB(NDArray::sub, "sub", "Sub"),
    MUL(NDArray::mul, "mul", "Mul"),
    DIV(NDArray::div, "div", "Div"),
    POW(NDArray::pow, "pow", "Pow"),
    MAXIMUM(NDArray::maximum, "maximum", "Max"),
    MINIMUM(NDArray::minimum, "minimum", "Min"),
    EQ(NDArray::eq, "eq", "Equal"),
    NEQ(NDArray::neq, "ne", "Equal"),
    GT(NDArray::gt, "gt", "Greater"),
    GTE(NDArray::gte, "ge", "GreaterOrEqual"),
    LT(NDArray::lt, "lt", "Less"),
    LTE(NDArray::lte, "le", "LessOrEqual"),
    AND(NDArray::logicalAnd, "logical_and", "And"),
    OR(NDArray::logicalOr, "logical_or", "Or"),
    XOR(NDArray::logicalXor, "logical_xor", "Xor");

    private final BinaryOperator<NDArray> evaluation;
    private final String torch;
    private final String onnx;

    Binary(BinaryOperator<NDArray> evaluation, String torch, String onnx) {
        this.evaluation = evaluation;
        this.torch = torch;
        this.onnx = onnx;
    }

    /** Whether the result is true or false. */
    private boolean isComparison() {
        return compareTo(EQ) >= 0;
    }

    @Override
    public NDArray evaluate(List<NDArray> inputs, long batch) {
        return evaluation.apply(inputs.get(0), inputs.get(1));
    }

    @Override
    public String torch(TorchText text, List<String> inputs) {
        return "torch." + torch + "(" + inputs.get(0) + ", " + inputs.get(1) + ")";
    }

    @Override
    public String torchInPlace(TorchText text, List<String> inputs) {
        return compareTo(DIV) <= 0
                ? "torch." + torch + "_(" + inputs.get(0) + ", " + inputs.get(1) + ")"
                : null;
    }

    @Override
    public String onnx(OnnxOperators writer, List<String> inputs, Node node) {
        DataType left = node.inputs().get(0).type();
        DataType right = node.inputs().get(1).type();
        DataType common = isComparison() ? Types.common(left, right) : node.type();
        return onnx(
                writer,
                writer.cast(inputs.get(0), left, common),
                writer.cast(inputs.get(1), right, common));
    }

    private String onnx(OnnxOperators writer, String left, String right) {
        String result = writer.node(onnx, List.of(left, right));
        return this == NEQ ? writer.node("Not", List.of(result)) : result;
    }

    /**
     * An operation with one number for all.
     *
     * @param operation the operation
     * @param number the number
     */
    public record WithNumber(Binary operation, Number number) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            NDArray x = inputs.get(0);
            return switch (operation) {
                case ADD -> x.add(number);
                case SUB -> x.sub(number);
                case MUL -> x.mul(number);
                case DIV -> x.div(number);
                case POW -> x.pow(number);
                case MAXIMUM -> x.maximum(number);
                case MINIMUM -> x.minimum(number);
                case EQ -> x.eq(number);
                case NEQ -> x.neq(number);
                case GT -> x.gt(number);
                case GTE -> x.gte(number);
                case LT -> x.lt(number);
                case LTE -> x.lte(number);
                default -> throw new IllegalStateException(operation + " with a number");
            };
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            String x = inputs.get(0);
            String value = text.number(number);
            return switch (operation) {
                case MAXIMUM -> "torch.clamp_min(" + x + ", " + value + ")";
                case MINIMUM -> "torch.clamp_max(" + x + ", " + value + ")";
                default -> operation.torch(text, List.of(x, value));
            };
        }

        @Override
        public String torchInPlace(TorchText text, List<String> inputs) {
            return operation.torchInPlace(text, List.of(inputs.get(0), text.number(number)));
        }

        @Override
        public String onnx(OnnxOperators writer, List<String> inputs, Node node) {
            DataType type = node.inputs().get(0).type();
            DataType common = operation.isComparison() ? type : node.type();
            String x = writer.cast(inputs.get(0), type, common);
            String value = writer.scalar(common, number.doubleValue());
            return operation.onnx(writer, x, value);
        }
    }
}
