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
package io.github.djltcnn.contraction.internal.lowering;

import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.StepKind;
import java.util.Set;

/**
 * An operation of plans, all of it: what it offers to the search, and the step that it writes where
 * a path takes it.
 */
public interface PlanOperation extends StepKind {

    /** The rows of the cost model that are its own. */
    Set<Operation> rows();

    /** Whether its step can add the bias. */
    default boolean addsBias() {
        return true;
    }

    /** Writes its step of a path. */
    ActivationStep lower(PathSearch.PathStep step, LoweringContext context);
}
