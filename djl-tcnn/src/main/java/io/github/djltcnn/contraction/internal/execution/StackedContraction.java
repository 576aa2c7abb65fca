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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes the weights of several layers of one program at once: their cores are stacked along a
 * new first axis, every matrix product becomes a batch of them, and the results are parted. So many
 * layers take the calls of one, there and back, and a batch of small products keeps several threads
 * busy where one does not.
 */
public final class StackedContraction {

    private final WeightProgram program;
    private final WeightProgram stacked;
    private final int number;

    /** Prepares the contraction of a number of layers. */
    public StackedContraction(WeightProgram program, int number) {
        this.program = program;
        this.number = number;
        stacked = program.stacked(number);
    }

    /**
     * Computes the weights.
     *
     * @param layers the cores of each layer
     * @param manager the owner of the results; nothing else is left behind
     * @return for each layer its weights, each lying without gaps, differentiable with respect to
     *     the cores
     */
    public List<List<NDArray>> run(List<NDList> layers, NDManager manager) {
        NDList first = layers.get(0);
        try (Workspace space =
                new Workspace(
                        manager,
                        first.get(0).getDataType(),
                        stacked.numTensors(),
                        stacked.numWeights(),
                        null)) {
            for (int core = 0; core < first.size(); core++) {
                space.putTensor(core, stack(space, layers, core));
            }
            stacked.runSteps(space);
            List<List<NDArray>> weights = new ArrayList<>();
            for (int layer = 0; layer < number; layer++) {
                weights.add(new ArrayList<>());
            }
            for (PrepareStep step : program.prepareSteps()) {
                part(space, step, weights, manager);
            }
            return weights;
        }
    }

    private NDArray stack(Workspace space, List<NDList> layers, int core) {
        // The stack belongs to the manager of its first array.
        NDArray head = space.owned(layers.get(0).get(core));
        NDList others = new NDList(number - 1);
        layers.subList(1, number).forEach(layer -> others.add(layer.get(core)));
        return head.getNDArrayInternal().stack(others, 0);
    }

    private void part(
            Workspace space, PrepareStep step, List<List<NDArray>> weights, NDManager manager) {
        NDList parts = space.weight(step.weight()).split(number, 0);
        Arrangement arrangement = step.arrangement();
        for (int layer = 0; layer < number; layer++) {
            NDArray part = space.own(parts.get(layer)).reshape(arrangement.shape());
            NDArray weight = arrangement.seen().permute(space, space.own(part));
            weight.attach(manager);
            weights.get(layer).add(weight);
        }
    }
}
