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

import ai.djl.ndarray.types.Shape;

/**
 * A step of an activation, taken out of its plan to be timed.
 *
 * @param step the step
 * @param weight the number of its weight; -1 if it has none
 * @param prepared how its weight is made; null if it has none
 * @param input the shape of the activation in the order of memory
 */
record StepSample(Step step, int weight, PrepareStep prepared, Shape input) {

    /** A step of a plan. */
    static StepSample of(Step step, WeightProgram program) {
        if (step instanceof CopyStep copy) {
            return new StepSample(step, -1, null, copy.axes());
        }
        if (step instanceof ConvolutionStep convolution) {
            return of(step, convolution.weight(), convolution.view(), program);
        }
        if (step instanceof ProductStep product) {
            return of(step, product.weight(), product.view(), program);
        }
        if (step instanceof BatchProductStep products) {
            return of(step, products.weight(), products.view(), program);
        }
        if (step instanceof ScaleStep scale) {
            return of(step, scale.weight(), scale.view(), program);
        }
        throw new IllegalArgumentException("Not a step of an activation: " + step);
    }

    private static StepSample of(Step step, int weight, Shape input, WeightProgram program) {
        for (Step prepare : program.steps()) {
            if (prepare instanceof PrepareStep made && made.weight() == weight) {
                return new StepSample(step, weight, made, input);
            }
        }
        throw new IllegalArgumentException("No weight " + weight + " is prepared for " + step);
    }

    /** What tells samples apart: the number of the weight does not. */
    Object key() {
        return step.work()
                + " "
                + input
                + (prepared == null ? "" : " " + prepared.arrangement().seenShape());
    }
}
