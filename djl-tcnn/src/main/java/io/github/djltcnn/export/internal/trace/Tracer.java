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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import io.github.djltcnn.export.internal.graph.Batches;
import io.github.djltcnn.export.internal.graph.Graph;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.UntraceableException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Writes down what a block computes for predictions, by running it at two batch sizes on arrays
 * that record. What differs between the two must be a multiple of the batch size; a third batch
 * size then has to give the same numbers both ways.
 */
public final class Tracer {

    private static final Batches BATCHES = new Batches(2, 3);
    private static final long PROOF = 1;

    /** So far may the numbers of the graph be from those of the block, of the largest. */
    private static final double CLOSE = 1e-3;

    private final Block block;
    private final NDManager parent;
    private final List<Shape> shapes;
    private final DataType type;
    private final LayerPlans plans;
    private final UnaryOperator<NDList> entrance;
    private final IdentityHashMap<Parameter, String> names = new IdentityHashMap<>();

    private Tracer(
            Block block,
            NDManager parent,
            List<Shape> shapes,
            DataType type,
            LayerPlans plans,
            UnaryOperator<NDList> entrance) {
        this.block = block;
        this.entrance = entrance;
        this.parent = parent;
        this.shapes = shapes;
        this.type = type;
        this.plans = plans;
        for (Pair<String, Parameter> parameter : block.getParameters()) {
            names.put(parameter.getValue(), parameter.getKey());
        }
    }

    /**
     * Writes down a block.
     *
     * @param block the block, initialized
     * @param parent the manager below which constants and recordings are made
     * @param shapes the shape of each input without the batch axis
     * @param type the data type of the inputs
     * @param plans how tensorial layers are evaluated
     * @param entrance what is done with the inputs before the block
     * @return the graph, to be closed
     * @throws IllegalArgumentException if the block cannot be written down; the message says which
     *     block and why
     */
    public static Graph trace(
            Block block,
            NDManager parent,
            List<Shape> shapes,
            DataType type,
            LayerPlans plans,
            UnaryOperator<NDList> entrance) {
        Tracer tracer = new Tracer(block, parent, shapes, type, plans, entrance);
        NDManager constants = parent.newSubManager();
        try {
            return tracer.graph(constants);
        } catch (UntraceableException e) {
            constants.close();
            throw new IllegalArgumentException(
                    "The model cannot be exported: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            constants.close();
            throw e;
        }
    }

    private Graph graph(NDManager constants) {
        try (NDManager second = parent.newSubManager();
                Graph other = record(second, BATCHES.second())) {
            Graph graph = Unification.of(record(constants, BATCHES.first()), other, BATCHES);
            prove(graph);
            return graph;
        }
    }

    private Graph record(NDManager constants, long batch) {
        try (Trace trace = new Trace(constants)) {
            NDList inputs = inputs(trace, batch);
            ParameterStore store = TracingStore.of(trace, names, plans);
            NDList outputs;
            try {
                outputs = block.forward(store, entrance.apply(inputs), false);
            } catch (UntraceableException | UnsupportedOperationException e) {
                throw new UntraceableException(place(batch) + reason(e));
            }
            if (outputs == null || outputs.isEmpty()) {
                throw new UntraceableException(place(batch) + "the block has no output");
            }
            List<Node> nodes = new ArrayList<>();
            for (NDArray output : outputs) {
                nodes.add(trace.traced(output).node());
            }
            return new Graph(
                    constants,
                    inputs.stream().map(input -> ((TracedArray) input).node()).toList(),
                    nodes);
        }
    }

    private NDList inputs(Trace trace, long batch) {
        NDList inputs = new NDList();
        shapes.forEach(shape -> inputs.add(trace.input(new Shape(batch).addAll(shape), type)));
        return inputs;
    }

    /**
     * What went wrong: an operation that DJL's adapter or engine refuses is named by its method.
     */
    static String reason(RuntimeException e) {
        if (e instanceof UntraceableException) {
            return e.getMessage();
        }
        for (StackTraceElement element : e.getStackTrace()) {
            boolean helper = element.getMethodName().equals("getAlternativeArray");
            if (element.getClassName().startsWith("ai.djl.ndarray.") && !helper) {
                return "operation " + element.getMethodName() + " is not known";
            }
        }
        return String.valueOf(e.getMessage());
    }

    /** Runs the blocks of the tree one by one until one fails, and says its path. */
    private String place(long batch) {
        try (NDManager scope = parent.newSubManager();
                Trace trace = new Trace(scope)) {
            NDList inputs = entrance.apply(inputs(trace, batch));
            String path = failing(block, inputs, TracingStore.of(trace, names, plans));
            return "block " + path.strip() + ": ";
        }
    }

    private static String failing(Block block, NDList inputs, ParameterStore store) {
        boolean sequential = block instanceof SequentialBlock;
        if (sequential || block instanceof ParallelBlock) {
            NDList current = inputs;
            for (Pair<String, Block> child : block.getChildren()) {
                try {
                    NDList output = child.getValue().forward(store, current, false);
                    current = sequential ? output : inputs;
                } catch (UntraceableException | UnsupportedOperationException e) {
                    String below = failing(child.getValue(), current, store);
                    return child.getKey() + (below.startsWith(" ") ? below : "/" + below);
                }
            }
        }
        return " (" + block.getClass().getSimpleName() + ")";
    }

    /** Compares graph and block at a batch size that was not recorded. */
    private void prove(Graph graph) {
        Device device = parent.getDevice();
        try (NDManager scope = parent.newSubManager(device)) {
            NDList inputs = new NDList();
            for (Shape shape : shapes) {
                Shape whole = new Shape(PROOF).addAll(shape);
                NDArray random = scope.randomUniform(0, 1, whole, DataType.FLOAT32);
                inputs.add(random.toType(type, false));
            }
            NDList wanted =
                    block.forward(new ParameterStore(scope, false), entrance.apply(inputs), false);
            NDList found = graph.evaluate(inputs);
            for (int n = 0; n < wanted.size(); n++) {
                compare(wanted.get(n), found.get(n));
            }
        }
    }

    /** Numbers that are not finite, as of a training that diverged, are close to nothing. */
    private static boolean isClose(double[] wanted, double[] found) {
        double largest = 0;
        for (double number : wanted) {
            largest = Double.isFinite(number) ? Math.max(largest, Math.abs(number)) : largest;
        }
        for (int n = 0; n < wanted.length; n++) {
            boolean finite = Double.isFinite(wanted[n]);
            if (finite && !(Math.abs(wanted[n] - found[n]) <= CLOSE * largest)) {
                return false;
            }
            if (!finite && Double.isFinite(found[n])) {
                return false;
            }
        }
        return true;
    }

    private static void compare(NDArray wanted, NDArray found) {
        boolean same = wanted.getShape().equals(found.getShape());
        if (same && wanted.getDataType().isFloating() && wanted.size() > 0) {
            same =
                    isClose(
                            wanted.toType(DataType.FLOAT64, false).toDoubleArray(),
                            found.toType(DataType.FLOAT64, false).toDoubleArray());
        }
        if (!same) {
            throw new UntraceableException(
                    "what the block computes for one input is not what it computes for several: it"
                            + " looks at the batch size or at the numbers");
        }
    }
}
