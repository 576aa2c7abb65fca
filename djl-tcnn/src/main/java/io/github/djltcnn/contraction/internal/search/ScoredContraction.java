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
package io.github.djltcnn.contraction.internal.search;

import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** A contraction and the cost of each way to compute it, worked out when first asked for. */
public final class ScoredContraction {

    private final ActivationContraction contraction;
    private final Function<Operation, Work> workOf;
    private final ToDoubleFunction<Work> scoreOf;
    private final Map<Operation, Work> works = new EnumMap<>(Operation.class);
    private final Map<Operation, Double> scores = new EnumMap<>(Operation.class);

    ScoredContraction(
            ActivationContraction contraction,
            Function<Operation, Work> workOf,
            ToDoubleFunction<Work> scoreOf) {
        this.contraction = contraction;
        this.workOf = workOf;
        this.scoreOf = scoreOf;
    }

    ActivationContraction contraction() {
        return contraction;
    }

    Work work(Operation operation) {
        return works.computeIfAbsent(operation, workOf);
    }

    double score(Operation operation) {
        return scores.computeIfAbsent(operation, o -> scoreOf.applyAsDouble(work(o)));
    }
}
