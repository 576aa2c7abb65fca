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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.BatchProductStep;
import io.github.djltcnn.contraction.internal.execution.ConvolutionStep;
import io.github.djltcnn.contraction.internal.execution.CopyStep;
import io.github.djltcnn.contraction.internal.execution.PrepareStep;
import io.github.djltcnn.contraction.internal.execution.ProductStep;
import io.github.djltcnn.contraction.internal.execution.ScaleStep;
import io.github.djltcnn.contraction.internal.execution.Step;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;

/**
 * A step of an activation, taken out of its plan to be timed between two others: it finds the
 * activation as a convolution leaves it and leaves it as a convolution takes it, so that the views
 * a matrix product needs before and after it count as its own.
 *
 * @param step the step
 * @param weight the number of its weight; -1 if it has none
 * @param prepared how its weight is made; null if it has none
 * @param input the shape of the activation in the order of memory
 * @param output the same afterwards; null to take it as it is left
 * @param channelsLast whether the channels lie last in both
 */
public record StepSample(
        Step step,
        int weight,
        PrepareStep prepared,
        Shape input,
        Shape output,
        boolean channelsLast) {

    /** A step of a plan. */
    public static StepSample of(Step step, WeightProgram program) {
        if (step instanceof CopyStep copy) {
            return new StepSample(step, -1, null, copy.axes(), null, false);
        }
        if (step instanceof ConvolutionStep c) {
            PrepareStep made = prepared(c.weight(), program);
            return new StepSample(step, c.weight(), made, c.view(), null, c.channelsLast());
        }
        if (step instanceof ProductStep product) {
            PrepareStep made = prepared(product.weight(), program);
            long rows = product.view().get(0);
            return new StepSample(
                    step,
                    product.weight(),
                    made,
                    new Shape(1, rows, 1, product.view().get(1)),
                    new Shape(1, rows, 1, made.arrangement().seenShape().get(0)),
                    true);
        }
        if (step instanceof BatchProductStep products) {
            PrepareStep made = prepared(products.weight(), program);
            Shape view = products.view();
            long fresh = made.arrangement().seenShape().get(1);
            return new StepSample(
                    step,
                    products.weight(),
                    made,
                    new Shape(view.get(0), view.get(1), view.get(2), 1),
                    new Shape(view.get(0), fresh, view.get(2), 1),
                    false);
        }
        if (step instanceof ScaleStep scale) {
            PrepareStep made = prepared(scale.weight(), program);
            return new StepSample(step, scale.weight(), made, scale.view(), null, false);
        }
        throw new IllegalArgumentException("Not a step of an activation: " + step);
    }

    private static PrepareStep prepared(int weight, WeightProgram program) {
        for (Step prepare : program.steps()) {
            if (prepare instanceof PrepareStep made && made.weight() == weight) {
                return made;
            }
        }
        throw new IllegalArgumentException("No weight " + weight + " is prepared");
    }

    /** What tells samples apart: the number of the weight does not. */
    Object key() {
        Shape made = prepared == null ? null : prepared.arrangement().seenShape();
        return step.work() + " " + input + " " + made;
    }
}
