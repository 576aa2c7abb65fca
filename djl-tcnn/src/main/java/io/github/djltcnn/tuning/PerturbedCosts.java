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
package io.github.djltcnn.tuning;

import io.github.djltcnn.contraction.CostModel;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.StepCost;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Cost models that are wrong on purpose, so that plans come up that a right one never makes. */
final class PerturbedCosts {

    private static final double FAVOUR = 0.05;

    private PerturbedCosts() {}

    /**
     * A model whose rates are off by random factors, each kind of step by one of its own, and which
     * takes one kind for next to free, so that rare kinds come up too.
     */
    static CostModel of(CostModel costs, Random random, double deviation) {
        List<Operation> kinds = List.of(Operation.values());
        Operation favourite = kinds.get(random.nextInt(kinds.size()));
        Map<Operation, StepCost> others = new EnumMap<>(Operation.class);
        for (Operation operation : kinds) {
            StepCost cost = costs.stepCost(operation);
            double factor = Math.exp(deviation * random.nextGaussian());
            factor *= operation == favourite ? FAVOUR : 1;
            others.put(operation, cost.times(factor));
        }
        return CostModel.of(others);
    }
}
