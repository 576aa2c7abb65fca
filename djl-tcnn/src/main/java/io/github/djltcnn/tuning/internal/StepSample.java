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
package io.github.djltcnn.tuning.internal;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.PrepareStep;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;

/**
 * A step of an activation, taken out of its plan to be timed between two others: it finds the
 * activation as a convolution leaves it and leaves it as a convolution takes it, so that the views
 * a matrix product needs before and after it count as its own.
 *
 * @param step the step
 * @param prepared how its weight is made; null if it has none
 */
public record StepSample(ActivationStep step, PrepareStep prepared) {

    /**
     * Takes a step out of its plan.
     *
     * @param step the step
     * @param program the weight program of the plan
     * @return the sample
     */
    public static StepSample of(ActivationStep step, WeightProgram program) {
        boolean weighted = step.weight() != ActivationStep.NO_WEIGHT;
        return new StepSample(step, weighted ? program.prepareSteps().get(step.weight()) : null);
    }

    private Shape weightShape() {
        return prepared == null ? null : prepared.arrangement().seenShape();
    }

    /** The activation before and after the step. */
    public ActivationStep.Passage passage() {
        return step.passage(weightShape());
    }

    /** What tells samples apart: the number of the weight does not. */
    public Object key() {
        return step.work() + " " + passage().before() + " " + weightShape();
    }
}
