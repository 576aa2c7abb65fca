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
package io.github.djltcnn.contraction;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.StackedContraction;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import io.github.djltcnn.network.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights that the layers of a network take in one forward pass of training, contracted for all
 * layers of one structure together.
 *
 * <p>A deep network has many layers of one structure, and the kernels of small layers take more
 * time in calls than in arithmetic. Their cores are stacked, every matrix product becomes a batch
 * of products, and the results are parted: the calls of one layer do for all of them, forward and
 * backward.
 *
 * <p>This happens when the first layer of a structure is reached, because its plan is known then.
 * The plans of the others are made for the inputs that they are expected to get. A layer that gets
 * another input and has another plan for it contracts its cores again; results do not depend on
 * what was expected.
 *
 * @since 0.1.0
 */
public final class ContractedWeights {

    private final Map<ContractionEngine, Layer> waiting;
    private final NDManager manager;
    private final Map<ContractionEngine, Made> made = new HashMap<>();

    /**
     * Prepares a pass; nothing is contracted yet.
     *
     * @param layers the layers of the pass in the order of their evaluation, or near it
     * @param manager the owner of the weights, to be closed after the pass; nothing else is left
     *     behind
     * @throws IllegalArgumentException if the cores are not those of their layer
     */
    public ContractedWeights(Map<ContractionEngine, Layer> layers, NDManager manager) {
        layers.forEach((engine, layer) -> engine.planner().check(layer.cores()));
        waiting = new LinkedHashMap<>(layers);
        this.manager = manager;
    }

    /**
     * A layer of the pass.
     *
     * @param cores its cores in notation order, all on one device
     * @param expected the shape of the input that it is expected to get, as its planner sees it
     */
    public record Layer(NDList cores, Shape expected) {

        private DataType dataType() {
            return cores.head().getDataType();
        }

        /** False for a layer that was initialized with an axis of any length, written -1. */
        private boolean isKnown() {
            return Arrays.stream(expected.getShape()).noneMatch(size -> size < 0);
        }
    }

    /** What was contracted for a layer. */
    private record Made(WeightProgram program, List<NDArray> weights) {}

    /**
     * The weights of a layer, contracted with those of layers that are expected to take the same
     * steps; null if there is no other.
     *
     * @param engine the layer
     * @param plan the plan of its input
     * @param device the device of its input
     */
    synchronized List<NDArray> of(ContractionEngine engine, ContractionPlan plan, Device device) {
        Layer layer = waiting.remove(engine);
        Made known = made.get(engine);
        if (known != null && known.program().equals(plan.program())) {
            return known.weights();
        }
        if (layer == null || !plan.program().hasProducts()) {
            return null;
        }
        Map<ContractionEngine, Layer> alike = new LinkedHashMap<>();
        alike.put(engine, layer);
        waiting.forEach(
                (other, candidate) -> {
                    if (candidate.dataType() == layer.dataType()
                            && isAlike(other, candidate, layer, plan, device)) {
                        alike.put(other, candidate);
                    }
                });
        if (alike.size() == 1) {
            return null;
        }
        contract(plan.program(), alike);
        return made.get(engine).weights();
    }

    /** Whether a layer is expected to do with its cores what a plan of another layer does. */
    private static boolean isAlike(
            ContractionEngine other,
            Layer candidate,
            Layer layer,
            ContractionPlan plan,
            Device device) {
        if (!other.planner().network().equals(plan.network())) {
            return false;
        }
        Shape input;
        if (candidate.expected().equals(layer.expected())) {
            input = plan.inputShape();
        } else if (plan.inputShape().equals(layer.expected()) && candidate.isKnown()) {
            input = candidate.expected();
        } else {
            return false;
        }
        // Whatever stands between layers mostly leaves the layout as the layer before made it.
        Layout layout = other.layoutInTraining(plan.outputLayout());
        try {
            return other.planner()
                    .plan(input, true, layout, device)
                    .program()
                    .equals(plan.program());
        } catch (IllegalArgumentException e) {
            // What was expected is refused; the layer says so itself, if it gets such an input.
            return false;
        }
    }

    private void contract(WeightProgram program, Map<ContractionEngine, Layer> layers) {
        List<NDList> cores = layers.values().stream().map(Layer::cores).toList();
        List<List<NDArray>> weights =
                new StackedContraction(program, layers.size()).run(cores, manager);
        List<ContractionEngine> engines = new ArrayList<>(layers.keySet());
        for (int n = 0; n < engines.size(); n++) {
            made.put(engines.get(n), new Made(program, weights.get(n)));
        }
    }

    /** The layers whose weights were contracted together with those of others. */
    synchronized Set<ContractionEngine> contracted() {
        return Set.copyOf(made.keySet());
    }
}
