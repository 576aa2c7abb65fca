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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.djltcnn.contraction.internal.execution.StackedContraction;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was contracted of the cores of a layer ahead of its forward pass in training, together with
 * the cores of all layers of the same structure.
 *
 * <p>A deep network has many layers of one structure, and the kernels of small layers take more
 * time in calls than in arithmetic. Their cores are stacked, every matrix product becomes a batch
 * of products, and the results are parted: the calls of one layer do for all of them, forward and
 * backward.
 *
 * @since 0.1.0
 */
public final class ContractedWeights {

    private final WeightProgram program;
    private final List<NDArray> weights;

    private ContractedWeights(WeightProgram program, List<NDArray> weights) {
        this.program = program;
        this.weights = weights;
    }

    /** What layers have in common that are contracted together. */
    private record Kind(WeightProgram program, DataType dataType) {}

    /**
     * Contracts the cores of layers together, where two or more have done the same with theirs when
     * they were last evaluated in training.
     *
     * @param layers the layers, each with its cores in notation order, all on one device
     * @param manager the owner of the weights; nothing else is left behind
     * @return the weights of those layers that have others of their kind, differentiable with
     *     respect to the cores; to be given to {@link ContractionEngine#train}
     * @throws IllegalArgumentException if the cores are not those of their layer
     */
    public static Map<ContractionEngine, ContractedWeights> contract(
            Map<ContractionEngine, NDList> layers, NDManager manager) {
        Map<Kind, List<ContractionEngine>> kinds = new LinkedHashMap<>();
        layers.forEach(
                (engine, cores) -> {
                    WeightProgram program = engine.trained();
                    if (program != null && program.hasProducts()) {
                        Kind kind = new Kind(program, cores.get(0).getDataType());
                        engine.planner().check(cores);
                        kinds.computeIfAbsent(kind, k -> new ArrayList<>()).add(engine);
                    }
                });
        Map<ContractionEngine, ContractedWeights> contracted = new HashMap<>();
        kinds.forEach(
                (kind, engines) -> {
                    if (engines.size() > 1) {
                        List<NDList> cores = engines.stream().map(layers::get).toList();
                        List<List<NDArray>> weights =
                                new StackedContraction(kind.program(), engines.size())
                                        .run(cores, manager);
                        for (int n = 0; n < engines.size(); n++) {
                            contracted.put(
                                    engines.get(n),
                                    new ContractedWeights(kind.program(), weights.get(n)));
                        }
                    }
                });
        return contracted;
    }

    /** The weights if a program computes these, else null. */
    List<NDArray> of(WeightProgram wanted) {
        return program.equals(wanted) ? weights : null;
    }
}
