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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.export.internal.graph.Constant;
import io.github.djltcnn.export.internal.graph.Copies;
import io.github.djltcnn.export.internal.graph.Graph;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.Size;
import io.github.djltcnn.export.internal.graph.Sizes;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Makes graphs that compute the same with less work. */
public final class Simplifier {

    /** After the name of a weight, the name of a bias that was computed for it. */
    public static final String BIAS = "_bias";

    private final Graph graph;
    private final IdentityHashMap<Node, Node> replaced = new IdentityHashMap<>();
    private final Map<Node, Integer> uses;

    private Simplifier(Graph graph) {
        this.graph = graph;
        uses = graph.uses();
    }

    /**
     * Computes what depends on constants alone: cores become the kernels they contract to.
     *
     * @param graph the graph, whose constants the result takes over
     * @return a graph that computes the same
     */
    public static Graph foldConstants(Graph graph) {
        Simplifier simplifier = new Simplifier(graph);
        return simplifier.rewrite(simplifier::folded);
    }

    /**
     * Puts batch normalizations into the convolutions and linear layers before them, where these
     * have constant weights and nothing else reads them.
     *
     * @param graph the graph, whose constants the result takes over
     * @return a graph that computes the same but for rounding
     */
    public static Graph foldBatchNorms(Graph graph) {
        Simplifier simplifier = new Simplifier(graph);
        return simplifier.rewrite(simplifier::normalized);
    }

    /**
     * Removes reshapes and permutations that undo each other, which only arrange memory.
     *
     * @param graph the graph, whose constants the result takes over
     * @return a graph that computes the same
     */
    public static Graph dropLayouts(Graph graph) {
        Simplifier simplifier = new Simplifier(graph);
        return simplifier.rewrite(Simplifier::shorter);
    }

    private interface Rule {

        /** What stands for an operation on arguments that were replaced already. */
        Node apply(Node node);
    }

    private Graph rewrite(Rule rule) {
        for (Node node : graph.nodes()) {
            List<Node> inputs = node.inputs().stream().map(replaced::get).toList();
            Node moved = node.on(inputs);
            uses.putIfAbsent(moved, uses.getOrDefault(node, 0));
            Node fresh = rule.apply(moved);
            uses.putIfAbsent(fresh, uses.getOrDefault(node, 0));
            replaced.put(node, fresh);
        }
        return new Graph(
                graph.manager(),
                graph.inputs().stream().map(replaced::get).toList(),
                graph.outputs().stream().map(replaced::get).toList());
    }

    private Node constant(String name, NDArray array) {
        return constant(name, array, false);
    }

    private Node constant(String name, NDArray array, boolean channelsLast) {
        array.attach(graph.manager());
        return new Node(
                new Constant(name, array, channelsLast),
                List.of(),
                Sizes.of(array.getShape()),
                array.getDataType());
    }

    private Node folded(Node node) {
        boolean isFull = node.operation() instanceof Shaping.Full;
        boolean ready =
                isFull
                        || (!node.inputs().isEmpty()
                                && node.inputs().stream().allMatch(n -> n.constant() != null));
        if (!ready || node.sizes().isPerBatch()) {
            return node;
        }
        if (isFull) {
            Shaping.Full full = (Shaping.Full) node.operation();
            return constant(
                    "full", graph.manager().full(full.sizes().at(1), full.value(), full.type()));
        }
        List<NDArray> inputs =
                node.inputs().stream().map(input -> input.constant().array()).toList();
        try (NDManager scope = graph.manager().newSubManager()) {
            NDArray result = node.operation().evaluate(inputs, 1);
            result.attach(scope);
            // A view would keep the memory of what it views, and files hold contiguous numbers.
            return constant(name(node), Copies.of(result, graph.manager()), isLastToSecond(node));
        }
    }

    /** Whether an operation sees what lies with channels last as (out, in, window..). */
    private static boolean isLastToSecond(Node node) {
        if (!(node.operation() instanceof Shaping.Permute permute) || permute.axes().size() < 3) {
            return false;
        }
        List<Integer> axes = permute.axes();
        boolean same = axes.get(0) == 0 && axes.get(1) == axes.size() - 1;
        for (int axis = 2; same && axis < axes.size(); axis++) {
            same = axes.get(axis) == axis - 1;
        }
        return same;
    }

    /** A name that tells where numbers come from: that of the largest constant used. */
    private static String name(Node node) {
        String name = null;
        long most = -1;
        for (Node input : node.inputs()) {
            long size = input.constant().array().size();
            if (input.constant().name() != null && size > most) {
                most = size;
                name = input.constant().name();
            }
        }
        return name;
    }

    private Node normalized(Node node) {
        if (!(node.operation() instanceof Normalization.Batch norm) || !constantTail(node)) {
            return node;
        }
        Node before = node.inputs().get(0);
        List<Node> between = new ArrayList<>();
        while (uses.getOrDefault(before, 0) == 1
                && (before.operation() instanceof Shaping.Reshape
                        || before.operation() instanceof Shaping.Permute)) {
            between.add(0, before);
            before = before.inputs().get(0);
        }
        boolean linear = before.operation() == Product.LINEAR;
        boolean convolution = before.operation() instanceof Convolution && between.isEmpty();
        if (uses.getOrDefault(before, 0) != 1
                || !(convolution || (linear && keepsLast(before, between)))
                || !constantTail(before)) {
            return node;
        }
        Node result = scaled(before, node, norm.epsilon());
        for (Node view : between) {
            result = view.on(List.of(result));
        }
        return result;
    }

    private static boolean constantTail(Node node) {
        return node.inputs().stream().skip(1).allMatch(input -> input.constant() != null);
    }

    /** Whether the last axis of a product becomes the second through reshapes and permutations. */
    private static boolean keepsLast(Node product, List<Node> views) {
        int place = product.sizes().dimension() - 1;
        Size features = product.sizes().get(place);
        for (Node view : views) {
            if (view.operation() instanceof Shaping.Permute permute) {
                place = permute.axes().indexOf(place);
            } else {
                int last = view.sizes().dimension() - 1;
                boolean wasLast = place == view.inputs().get(0).sizes().dimension() - 1;
                if (!wasLast || !view.sizes().get(last).equals(features)) {
                    return false;
                }
                place = last;
            }
        }
        return place == 1;
    }

    /** The convolution or product with the normalization in its weight and bias. */
    private Node scaled(Node layer, Node norm, float epsilon) {
        Constant weight = layer.inputs().get(1).constant();
        try (NDManager scope = graph.manager().newSubManager()) {
            NDArray mean = wide(scope, norm.inputs().get(1));
            NDArray variance = wide(scope, norm.inputs().get(2));
            NDArray gamma = wide(scope, norm.inputs().get(3));
            NDArray beta = wide(scope, norm.inputs().get(4));
            NDArray scale = gamma.div(variance.add(epsilon).sqrt());
            NDArray w = wide(scope, layer.inputs().get(1));
            long[] rows = new long[w.getShape().dimension()];
            java.util.Arrays.fill(rows, 1);
            rows[0] = scale.size();
            NDArray scaledWeight = w.mul(scale.reshape(new Shape(rows)));
            NDArray shift = mean.neg();
            if (layer.inputs().size() > 2) {
                shift = shift.add(wide(scope, layer.inputs().get(2)));
            }
            NDArray bias = shift.mul(scale).add(beta);
            DataType type = weight.array().getDataType();
            String name = weight.name();
            List<Node> inputs =
                    List.of(
                            layer.inputs().get(0),
                            constant(name, scaledWeight.toType(type, true), weight.channelsLast()),
                            constant(name == null ? null : name + BIAS, bias.toType(type, true)));
            return new Node(layer.operation(), inputs, layer.sizes(), layer.type());
        }
    }

    private static NDArray wide(NDManager scope, Node constant) {
        return Copies.of(constant.constant().array(), scope).toType(DataType.FLOAT64, false);
    }

    private static Node shorter(Node node) {
        if (node.inputs().isEmpty()) {
            return node;
        }
        Node input = node.inputs().get(0);
        if (node.operation() instanceof Shaping.Reshape) {
            Node source =
                    input.operation() instanceof Shaping.Reshape ? input.inputs().get(0) : input;
            return source.sizes().equals(node.sizes())
                    ? source
                    : new Node(node.operation(), List.of(source), node.sizes(), node.type());
        }
        if (node.operation() instanceof Shaping.Permute outer) {
            List<Integer> axes = outer.axes();
            Node source = input;
            if (input.operation() instanceof Shaping.Permute inner) {
                axes = outer.axes().stream().map(inner.axes()::get).toList();
                source = input.inputs().get(0);
            }
            boolean same = true;
            for (int axis = 0; axis < axes.size(); axis++) {
                same &= axes.get(axis) == axis;
            }
            return same
                    ? source
                    : new Node(
                            new Shaping.Permute(axes), List.of(source), node.sizes(), node.type());
        }
        return node;
    }
}
