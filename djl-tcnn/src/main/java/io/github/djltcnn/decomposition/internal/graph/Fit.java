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
package io.github.djltcnn.decomposition.internal.graph;

import io.github.djltcnn.algebra.internal.Tensor;
import java.util.List;

/**
 * What an algorithm found.
 *
 * @param cores every core, in notation order and with its axes in the order of the notation
 * @param history the relative error after each sweep; one number for an algorithm without sweeps
 * @param algorithm the name of the algorithm
 * @param starts the number of starts that were tried
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Fit(Tensor[] cores, double[] history, String algorithm, int starts) {

    /**
     * Copies errors to an array.
     *
     * @param errors the relative error after each sweep
     * @return the same
     */
    public static double[] history(List<Double> errors) {
        return errors.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
