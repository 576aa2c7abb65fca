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
package io.github.djltcnn.export.internal.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a block computes for predictions, written down: values, each an operation on earlier ones,
 * for any batch size. Immutable; it owns its constants until it is closed.
 */
public final class Graph implements AutoCloseable {

    private final NDManager manager;
    private final List<Node> inputs;
    private final List<Node> outputs;
    private final List<Node> nodes;
    private final boolean batched;

    /**
     * Creates a graph of what the outputs need.
     *
     * @param manager owns the constants
     * @param inputs the arguments
     * @param outputs the results
     */
    public Graph(NDManager manager, List<Node> inputs, List<Node> outputs) {
        this.manager = manager;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        Set<Node> reached = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Node> order = new ArrayList<>();
        outputs.forEach(output -> collect(output, reached, order));
        nodes = List.copyOf(order);
        batched = inputs.stream().anyMatch(input -> input.sizes().isPerBatch());
    }

    /** Depth first without recursion: networks are deep. */
    private static void collect(Node output, Set<Node> reached, List<Node> order) {
        List<Node> stack = new ArrayList<>(List.of(output));
        while (!stack.isEmpty()) {
            Node node = stack.get(stack.size() - 1);
            Node open =
                    reached.contains(node)
                            ? null
                            : node.inputs().stream()
                                    .filter(input -> !reached.contains(input))
                                    .findFirst()
                                    .orElse(null);
            if (open != null) {
                stack.add(open);
                continue;
            }
            stack.remove(stack.size() - 1);
            if (reached.add(node)) {
                order.add(node);
            }
        }
    }

    /** The owner of the constants. */
    public NDManager manager() {
        return manager;
    }

    /**
     * Returns the arguments.
     *
     * @return a node for each
     */
    public List<Node> inputs() {
        return inputs;
    }

    /**
     * Returns the results.
     *
     * @return a node for each
     */
    public List<Node> outputs() {
        return outputs;
    }

    /** Everything that the outputs need, arguments and constants included, in an order to run. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The constants. */
    public List<Node> constants() {
        return nodes.stream().filter(node -> node.constant() != null).toList();
    }

    /** How often each value is read, by operations and as a result. */
    public Map<Node, Integer> uses() {
        IdentityHashMap<Node, Integer> uses = new IdentityHashMap<>();
        nodes.forEach(node -> node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum)));
        outputs.forEach(output -> uses.merge(output, 1, Integer::sum));
        return uses;
    }

    /**
     * Returns the number of operations.
     *
     * @return arguments and constants left out
     */
    public int numOperations() {
        return (int)
                nodes.stream()
                        .filter(node -> node.constant() == null)
                        .filter(node -> !(node.operation() instanceof Input))
                        .count();
    }

    /**
     * Returns the bytes of the constants.
     *
     * @return their number
     */
    public long constantBytes() {
        return constants().stream()
                .map(node -> node.constant().array())
                .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
                .sum();
    }

    /**
     * Computes the graph.
     *
     * @param arguments the arguments
     * @return the results, which belong to the manager of the first argument
     */
    public NDList evaluate(NDList arguments) {
        long batch = batched ? arguments.head().getShape().get(0) : 1;
        NDManager owner = arguments.head().getManager();
        NDList results = new NDList();
        try (NDManager scope = owner.newSubManager()) {
            Map<Node, NDArray> values = new HashMap<>();
            for (Node node : nodes) {
                values.put(node, value(node, values, arguments, batch, scope));
            }
            for (Node output : new LinkedHashSet<>(outputs)) {
                NDArray result = values.get(output);
                boolean borrowed = result.getManager() != scope;
                results.add(borrowed ? result.duplicate() : result);
                results.get(results.size() - 1).attach(owner);
            }
        }
        return results;
    }

    private static NDArray value(
            Node node, Map<Node, NDArray> values, NDList arguments, long batch, NDManager scope) {
        if (node.operation() instanceof Input input) {
            return arguments.get(input.index());
        }
        if (node.constant() != null) {
            return node.constant().array();
        }
        List<NDArray> inputs = node.inputs().stream().map(values::get).toList();
        NDArray result = node.operation().evaluate(inputs, batch);
        if (inputs.contains(result)) {
            return result;
        }
        result.attach(scope);
        return result;
    }

    /**
     * Returns where the constants are.
     *
     * @return the device
     */
    public Device getDevice() {
        return manager.getDevice();
    }

    /** Frees the constants. */
    @Override
    public void close() {
        manager.close();
    }
}
