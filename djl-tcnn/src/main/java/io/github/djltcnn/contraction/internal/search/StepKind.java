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
import java.util.List;

/**
 * A kind of step, as the search sees it: which contractions it computes, from which order of axes
 * into which other, and under which operations the cost model knows it.
 */
public interface StepKind {

    /**
     * The operations that compute a contraction, in one order of axes or another; none if this kind
     * of step cannot.
     */
    List<Operation> operations(ActivationContraction contraction);

    /**
     * Offers its ways to compute a contraction from an activation.
     *
     * @param offers where ways are added
     * @param fresh the new modes in the order in which they are to lie
     */
    void offer(StepOffers offers, List<Integer> fresh);
}
