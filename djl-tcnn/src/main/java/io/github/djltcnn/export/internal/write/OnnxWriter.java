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
package io.github.djltcnn.export.internal.write;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.djltcnn.export.internal.graph.Graph;
import io.github.djltcnn.export.internal.graph.Input;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.OnnxAttribute;
import io.github.djltcnn.export.internal.graph.OnnxOperators;
import io.github.djltcnn.export.internal.graph.Size;
import io.github.djltcnn.export.internal.graph.Sizes;
import io.github.djltcnn.export.internal.graph.Types;
import io.github.djltcnn.export.internal.graph.UntraceableException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes a graph as a model of ONNX: standard operators of opset 17, weights inside. */
public final class OnnxWriter implements OnnxOperators {

    private static final int OPSET = 17;
    private static final int IR_VERSION = 8;
    private static final String PRODUCER = "djl-tcnn";

    private final Graph graph;
    private final Protobuf body = new Protobuf();
    private final IdentityHashMap<Node, String> names = new IdentityHashMap<>();
    private final Map<String, String> known = new HashMap<>();
    private final Names taken = new Names();
    private String batch;

    private OnnxWriter(Graph graph) {
        this.graph = graph;
    }

    /**
     * Writes a graph.
     *
     * @param graph the graph
     * @param inputNames a name for each argument
     * @param outputNames a name for each result
     * @param metadata what else to say of the model, by key
     * @return the bytes of the file
     */
    public static byte[] write(
            Graph graph,
            List<String> inputNames,
            List<String> outputNames,
            Map<String, String> metadata) {
        return new OnnxWriter(graph).model(inputNames, outputNames, metadata).toBytes();
    }

    private Protobuf model(
            List<String> inputNames, List<String> outputNames, Map<String, String> metadata) {
        inputNames.forEach(taken::reserve);
        outputNames.forEach(taken::reserve);
        for (int n = 0; n < graph.inputs().size(); n++) {
            names.put(graph.inputs().get(n), inputNames.get(n));
        }
        for (Node node : graph.nodes()) {
            if (node.constant() != null) {
                NDArray array = node.constant().array();
                String name = taken.next(node.constant().name());
                initializer(name, array.getDataType(), array.getShape().getShape(), bytes(array));
                names.put(node, name);
            } else if (!(node.operation() instanceof Input)) {
                List<String> arguments = node.inputs().stream().map(names::get).toList();
                names.put(node, node.operation().onnx(this, arguments, node));
            }
        }
        body.text(2, "graph");
        for (int n = 0; n < graph.inputs().size(); n++) {
            body.message(11, value(inputNames.get(n), graph.inputs().get(n)));
        }
        for (int n = 0; n < graph.outputs().size(); n++) {
            Node output = graph.outputs().get(n);
            named("Identity", List.of(names.get(output)), outputNames.get(n));
            body.message(12, value(outputNames.get(n), output));
        }
        Protobuf model =
                new Protobuf()
                        .integer(1, IR_VERSION)
                        .text(2, PRODUCER)
                        .message(7, body)
                        .message(8, new Protobuf().text(1, "").integer(2, OPSET));
        metadata.forEach(
                (key, text) -> model.message(14, new Protobuf().text(1, key).text(2, text)));
        return model;
    }

    private static byte[] bytes(NDArray array) {
        ByteBuffer buffer = array.toByteBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static Protobuf value(String name, Node node) {
        Protobuf shape = new Protobuf();
        for (Size size : node.sizes().list()) {
            Protobuf dimension = new Protobuf();
            if (size.perBatch()) {
                dimension.text(2, size.number() == 1 ? "batch" : "batch_" + size.number());
            } else {
                dimension.integer(1, size.number());
            }
            shape.message(1, dimension);
        }
        Protobuf tensor = new Protobuf().integer(1, Types.onnx(node.type())).message(2, shape);
        return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
    }

    private void initializer(String name, DataType type, long[] shape, byte[] raw) {
        Protobuf tensor = new Protobuf();
        for (long size : shape) {
            tensor.integer(1, size);
        }
        tensor.integer(2, Types.onnx(type)).text(8, name).bytes(9, raw);
        body.message(5, tensor);
    }

    @Override
    public String node(String operator, List<String> inputs, OnnxAttribute... attributes) {
        String name = taken.next("v");
        named(operator, inputs, name, attributes);
        return name;
    }

    private void named(
            String operator, List<String> inputs, String name, OnnxAttribute... attributes) {
        Protobuf node = new Protobuf();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, name).text(3, operator + "_" + name).text(4, operator);
        for (OnnxAttribute attribute : attributes) {
            node.message(5, message(attribute));
        }
        body.message(1, node);
    }

    private static Protobuf message(OnnxAttribute attribute) {
        Protobuf message = new Protobuf().text(1, attribute.name());
        if (attribute.value() instanceof Float number) {
            return message.decimal(2, number).integer(20, 1);
        }
        if (attribute.value() instanceof Long number) {
            return message.integer(3, number).integer(20, 2);
        }
        for (long number : (long[]) attribute.value()) {
            message.integer(8, number);
        }
        return message.integer(20, 7);
    }

    @Override
    public String integers(long... values) {
        return known.computeIfAbsent(
                "integers " + Arrays.toString(values),
                key -> {
                    ByteBuffer raw =
                            ByteBuffer.allocate(values.length * Long.BYTES)
                                    .order(ByteOrder.LITTLE_ENDIAN);
                    raw.asLongBuffer().put(values);
                    String name = taken.next("integers");
                    initializer(name, DataType.INT64, new long[] {values.length}, raw.array());
                    return name;
                });
    }

    @Override
    public String scalar(DataType type, double value) {
        return known.computeIfAbsent(
                type + " " + value,
                key -> {
                    String name = taken.next("number");
                    initializer(name, type, new long[0], raw(type, value));
                    return name;
                });
    }

    private static byte[] raw(DataType type, double value) {
        ByteBuffer raw = ByteBuffer.allocate(type.getNumOfBytes()).order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case FLOAT32 -> raw.putFloat((float) value);
            case FLOAT64 -> raw.putDouble(value);
            case INT32 -> raw.putInt((int) value);
            case INT64 -> raw.putLong((long) value);
            case INT8, UINT8, BOOLEAN -> raw.put((byte) value);
            default ->
                    throw new UntraceableException(
                            "a number of type " + type + " cannot be written to ONNX here");
        }
        return raw.array();
    }

    @Override
    public String cast(String value, DataType from, DataType to) {
        return from == to
                ? value
                : node("Cast", List.of(value), OnnxAttribute.of("to", (long) Types.onnx(to)));
    }

    @Override
    public String sizes(Sizes sizes) {
        if (!sizes.isPerBatch()) {
            return integers(sizes.numbers());
        }
        if (batch == null) {
            batch =
                    node(
                            "Shape",
                            List.of(names.get(graph.inputs().get(0))),
                            OnnxAttribute.of("start", 0L),
                            OnnxAttribute.of("end", 1L));
        }
        List<String> parts = new ArrayList<>();
        for (Size size : sizes.list()) {
            if (!size.perBatch()) {
                parts.add(integers(size.number()));
            } else {
                parts.add(
                        size.number() == 1
                                ? batch
                                : node("Mul", List.of(batch, integers(size.number()))));
            }
        }
        return node("Concat", parts, OnnxAttribute.of("axis", 0L));
    }

    @Override
    public String reshapeSizes(Sizes sizes) {
        long open = sizes.list().stream().filter(Size::perBatch).count();
        if (open != 1) {
            return sizes(sizes);
        }
        return integers(
                sizes.list().stream()
                        .mapToLong(size -> size.perBatch() ? -1 : size.number())
                        .toArray());
    }
}
