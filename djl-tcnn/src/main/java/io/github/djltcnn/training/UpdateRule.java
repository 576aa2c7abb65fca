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
package io.github.djltcnn.training;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * How one step changes a parameter, said twice: as TorchScript for all parameters at once, and in
 * Java for a parameter alone. Both do the same arithmetic in the same order.
 */
interface UpdateRule {

    /** The names of what is remembered of each parameter between steps. */
    List<String> states();

    /**
     * The lines of a method that have {@code w}, the weights, {@code g}, the gradients, {@code s0},
     * {@code s1}, .., the states, and {@code self.pieces}, views of {@code g} whose parameters have
     * the same rate. What is left in {@code g} does not matter.
     */
    List<String> script();

    /**
     * The numbers that the script reads under that name, one row each.
     *
     * @param rate the learning rate
     * @param update the number of the update, from 1 on
     */
    double[] rates(float rate, int update);

    /**
     * Updates a parameter alone, with its states, and sets its gradient to zero.
     *
     * @param weight the weight
     * @param gradient its gradient, which is not kept
     * @param states the states
     * @param rates what {@link #rates} gave
     */
    void update(NDArray weight, NDArray gradient, List<NDArray> states, double... rates);

    /** A number as TorchScript reads it, to the last digit. */
    static String number(float value) {
        return Double.toString(value);
    }
}
