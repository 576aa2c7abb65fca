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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One number for all along some axes.
 *
 * @param kind which number
 * @param axes the axes, from 0
 * @param keep whether the axes stay, with size 1
 */
public record Reduction(Kind kind, List<Integer> axes, boolean keep) implements Operation {

    /** Which number. */
    public enum Kind {
        SUM("sum", "ReduceSum"),
        MEAN("mean", "ReduceMean"),
        MAX("amax", "ReduceMax"),
        MIN("amin", "ReduceMin"),
        PROD("prod", "ReduceProd");

        private final String torch;
        private final String onnx;

        Kind(String torch, String onnx) {
            this.torch = torch;
            this.onnx = onnx;
        }
    }

    /** Along axes, which may be counted from the end, or along all if there are none. */
    public static Reduction of(Kind kind, NDArray array, int[] axes, boolean keep) {
        int dimension = array.getShape().dimension();
        List<Integer> list =
                axes == null
                        ? IntStream.range(0, dimension).boxed().toList()
                        : Arrays.stream(axes)
                                .map(axis -> Math.floorMod(axis, dimension))
                                .boxed()
                                .toList();
        return new Reduction(kind, list, keep);
    }

    @Override
    public NDArray evaluate(List<NDArray> inputs, long batch) {
        NDArray x = inputs.get(0);
        int[] array = axes.stream().mapToInt(Integer::intValue).toArray();
        if (array.length == x.getShape().dimension() && array.length != 1 && !keep) {
            return switch (kind) {
                case SUM -> x.sum();
                case MEAN -> x.mean();
                case MAX -> x.max();
                case MIN -> x.min();
                case PROD -> x.prod();
            };
        }
        return switch (kind) {
            case SUM -> x.sum(array, keep);
            case MEAN -> x.mean(array, keep);
            case MAX -> x.max(array, keep);
            case MIN -> x.min(array, keep);
            case PROD -> x.prod(array, keep);
        };
    }

    @Override
    public String torch(TorchText text, List<String> inputs) {
        String x = inputs.get(0);
        if (kind == Kind.PROD) {
            return axes.size() == 1
                    ? text.call("prod", x, axes.get(0), keep)
                    : text.call("prod", x);
        }
        return text.call(kind.torch, x, axes, keep);
    }

    @Override
    public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
        OnnxAttribute kept = OnnxAttribute.of("keepdims", keep ? 1L : 0L);
        long[] array = axes.stream().mapToLong(Integer::longValue).toArray();
        if (kind == Kind.SUM) {
            List<String> more = new ArrayList<>(inputs);
            more.add(onnx.integers(array));
            return onnx.node(kind.onnx, more, kept);
        }
        return onnx.node(kind.onnx, inputs, OnnxAttribute.of("axes", array), kept);
    }

    /**
     * The place of the largest number along an axis.
     *
     * @param axis the axis, from 0
     * @param least whether of the least number instead
     */
    public record Place(int axis, boolean least) implements Operation {

        @Override
        public NDArray evaluate(List<NDArray> inputs, long batch) {
            return least ? inputs.get(0).argMin(axis) : inputs.get(0).argMax(axis);
        }

        @Override
        public String torch(TorchText text, List<String> inputs) {
            return "torch.arg" + (least ? "min(" : "max(") + inputs.get(0) + ", " + axis + ")";
        }

        @Override
        public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
            return onnx.node(
                    least ? "ArgMin" : "ArgMax",
                    inputs,
                    OnnxAttribute.of("axis", (long) axis),
                    OnnxAttribute.of("keepdims", 0L));
        }
    }
}
