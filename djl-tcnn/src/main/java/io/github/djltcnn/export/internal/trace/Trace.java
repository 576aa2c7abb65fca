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
package io.github.djltcnn.export.internal.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.export.internal.graph.Constant;
import io.github.djltcnn.export.internal.graph.Copies;
import io.github.djltcnn.export.internal.graph.Input;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.Sizes;
import io.github.djltcnn.export.internal.operations.Shaping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One recording of a forward pass: the arrays that record, and what they wrote down. */
final class Trace implements AutoCloseable {

    private final NDManager constants;
    private final NDManager values;
    private final TracedManager manager;
    private final Map<String, Node> captured = new HashMap<>();
    private final Map<Node, NDArray> constantValues = new HashMap<>();
    private final List<TracedArray> inputs = new ArrayList<>();

    /**
     * Starts a recording.
     *
     * @param constants owns the constants, beyond the life of this
     */
    Trace(NDManager constants) {
        this.constants = constants;
        values = constants.newSubManager();
        manager = new TracedManager(this, values);
    }

    /** The manager that blocks see. */
    TracedManager manager() {
        return manager;
    }

    /** The manager of the numbers. */
    NDManager values() {
        return values;
    }

    /** Adds an argument. */
    TracedArray input(Shape shape, DataType type) {
        NDArray value = values.randomUniform(0, 1, shape, DataType.FLOAT32).toType(type, false);
        value.attach(values);
        Node node = new Node(new Input(inputs.size()), List.of(), Sizes.of(shape), type);
        TracedArray array = new TracedArray(this, node, value, true);
        inputs.add(array);
        return array;
    }

    /** An array filled with one number. */
    TracedArray full(Shape shape, float value, DataType type) {
        Operation full = new Shaping.Full(Sizes.of(shape), value, type);
        TracedArray first = inputs.get(0);
        NDArray numbers = own(full.evaluate(List.of(first.value()), 1));
        Node node = new Node(full, List.of(first.node()), Sizes.of(shape), type);
        return new TracedArray(this, node, numbers, false);
    }

    /** Numbers from outside, copied, with a name for files. */
    TracedArray constant(String name, NDArray array) {
        Node node =
                captured.computeIfAbsent(
                        array.getUid(),
                        uid -> {
                            NDArray copy = Copies.of(array, constants);
                            Node fresh =
                                    new Node(
                                            new Constant(name, copy),
                                            List.of(),
                                            Sizes.of(copy.getShape()),
                                            copy.getDataType());
                            constantValues.put(fresh, copy);
                            return fresh;
                        });
        NDArray held = constantValues.get(node);
        return new TracedArray(this, node, held, false);
    }

    /** Computes an operation and writes it down. */
    TracedArray apply(Operation operation, NDArray... operands) {
        List<NDArray> arguments = new ArrayList<>();
        List<Node> nodes = new ArrayList<>();
        boolean dynamic = false;
        for (NDArray operand : operands) {
            TracedArray traced = traced(operand);
            arguments.add(traced.value());
            nodes.add(traced.node());
            dynamic |= traced.isDynamic();
        }
        NDArray result = own(operation.evaluate(arguments, 0));
        Node node = new Node(operation, nodes, Sizes.of(result.getShape()), result.getDataType());
        return new TracedArray(this, node, result, dynamic);
    }

    /** The array that records in place of one that may not. */
    TracedArray traced(NDArray array) {
        return array instanceof TracedArray traced ? traced : constant(array.getName(), array);
    }

    private NDArray own(NDArray result) {
        result.attach(values);
        return result;
    }

    /** Frees the numbers but for the constants. */
    @Override
    public void close() {
        manager.close();
        values.close();
    }
}
