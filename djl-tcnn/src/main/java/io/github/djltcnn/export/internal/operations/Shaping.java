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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.export.internal.graph.Batches;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.OnnxAttribute;
import io.github.djltcnn.export.internal.graph.OnnxOperators;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.Sizes;
import io.github.djltcnn.export.internal.graph.TorchText;
import io.github.djltcnn.export.internal.graph.Types;
import java.util.ArrayList;
import java.util.List;

/** Operations that move numbers and compute nothing. */
public final class Shaping {

    private Shaping() {}

    /**
     * The same numbers in another shape.
     *
     * @param sizes the shape
     */
    public record Reshape(Sizes sizes) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).reshape(sizes.at(batch));
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("reshape", inputs.get(0), sizes);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("Reshape", List.of(inputs.get(0), onnx.reshapeSizes(sizes)));
        }

        @Override
        public Operation unify(Operation other, Batches batches) {
            return other instanceof Reshape that
                    ? new Reshape(Sizes.unify(sizes, that.sizes, batches))
                    : Operation.super.unify(other, batches);
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /**
     * Axes of size 1 repeated.
     *
     * @param sizes the shape
     */
    public record Broadcast(Sizes sizes) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).broadcast(sizes.at(batch));
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("expand", inputs.get(0), sizes);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("Expand", List.of(inputs.get(0), onnx.sizes(sizes)));
        }

        @Override
        public Operation unify(Operation other, Batches batches) {
            return other instanceof Broadcast that
                    ? new Broadcast(Sizes.unify(sizes, that.sizes, batches))
                    : Operation.super.unify(other, batches);
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /**
     * One number everywhere.
     *
     * @param sizes the shape
     * @param value the number
     * @param type its type
     */
    public record Full(Sizes sizes, float value, DataType type) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).getManager().full(sizes.at(batch), value, type);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("new_full", inputs.get(0), sizes, value, "dtype=" + Types.torch(type));
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("Expand", List.of(onnx.scalar(type, value), onnx.sizes(sizes)));
        }

        @Override
        public Operation unify(Operation other, Batches batches) {
            return other instanceof Full that
                            && that.type == type
                            && Float.compare(value, that.value) == 0
                    ? new Full(Sizes.unify(sizes, that.sizes, batches), value, type)
                    : Operation.super.unify(other, batches);
        }
    }

    /**
     * Axes in another order.
     *
     * @param axes for each axis of the result the one it was
     */
    public record Permute(List<Integer> axes) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).transpose(axes.stream().mapToInt(Integer::intValue).toArray());
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("permute", inputs.get(0), axes);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            long[] order = axes.stream().mapToLong(Integer::longValue).toArray();
            return onnx.node("Transpose", inputs, OnnxAttribute.of("perm", order));
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /**
     * A part of one axis.
     *
     * @param axis the axis
     * @param from the first
     * @param to the one behind the last
     * @param step the distance
     */
    public record Slice(int axis, long from, long to, long step) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0)
                    .get(new NDIndex().addAllDim(axis).addSliceDim(from, to, step).addEllipseDim());
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("slice", inputs.get(0), axis, from, to, step);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node(
                    "Slice",
                    List.of(
                            inputs.get(0),
                            onnx.integers(from),
                            onnx.integers(to),
                            onnx.integers(axis),
                            onnx.integers(step)));
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /**
     * Arrays one behind the other.
     *
     * @param axis along which axis
     */
    public record Concat(int axis) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            NDList rest = new NDList(inputs.subList(1, inputs.size()));
            return inputs.get(0).getNDArrayInternal().concat(rest, axis);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("cat", inputs, axis);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node("Concat", inputs, OnnxAttribute.of("axis", (long) axis));
        }
    }

    /**
     * A number added around.
     *
     * @param padding how often before and behind, the last axis first
     * @param value the number
     */
    public record Pad(Shape padding, double value) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).pad(padding, value);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("constant_pad_nd", inputs.get(0), padding, value);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            int dimension = node.sizes().dimension();
            long[] pads = new long[2 * dimension];
            for (int n = 0; n < padding.dimension() / 2; n++) {
                pads[dimension - 1 - n] = padding.get(2 * n);
                pads[2 * dimension - 1 - n] = padding.get(2 * n + 1);
            }
            return onnx.node(
                    "Pad",
                    List.of(inputs.get(0), onnx.integers(pads), onnx.scalar(node.type(), value)));
        }
    }

    /**
     * Numbers of another type.
     *
     * @param type the type
     */
    public record Cast(DataType type) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0).toType(type, true);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("to", inputs.get(0), Types.torch(type));
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.cast(inputs.get(0), node.inputs().get(0).type(), type);
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /** Numbers of the second argument where the first is true, else of the third. */
    public record Where() implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(1).getNDArrayInternal().where(inputs.get(0), inputs.get(2));
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return text.call("where", inputs.toArray());
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            List<String> typed = new ArrayList<>(inputs);
            for (int n = 1; n < typed.size(); n++) {
                typed.set(n, onnx.cast(typed.get(n), node.inputs().get(n).type(), node.type()));
            }
            typed.set(0, onnx.cast(typed.get(0), node.inputs().get(0).type(), DataType.BOOLEAN));
            return onnx.node("Where", typed);
        }
    }

    /** Rows of the second argument, picked by the first. */
    public record Rows() implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return inputs.get(0)
                    .getNDArrayInternal()
                    .embedding(
                            inputs.get(0), inputs.get(1), ai.djl.ndarray.types.SparseFormat.DENSE)
                    .singletonOrThrow();
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            String rows = text.call("to", inputs.get(0), Types.torch(DataType.INT64));
            return text.call("embedding", inputs.get(1), rows);
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            String rows = onnx.cast(inputs.get(0), node.inputs().get(0).type(), DataType.INT64);
            return onnx.node("Gather", List.of(inputs.get(1), rows), OnnxAttribute.of("axis", 0L));
        }
    }
}
