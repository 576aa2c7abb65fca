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

import io.github.djltcnn.contraction.internal.cost.Work;

/**
 * One operation of a plan: reads slots of a {@link Workspace} and writes one. It has a definition
 * in one place: its shapes, how much it has to do, and how it is computed. Immutable and equal by
 * value.
 *
 * <p>There are two kinds, those that read cores alone and those that take the activation on. The
 * operations of each are open: nobody asks which one a step is.
 */
public sealed interface Step permits WeightStep, ActivationStep {

    /** Computes the result and drops the operands that no later step reads. */
    void run(Workspace work);

    /** How much the step has to do. */
    Work work();
}
