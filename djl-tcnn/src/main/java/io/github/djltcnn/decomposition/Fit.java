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
package io.github.djltcnn.decomposition;

import java.util.Arrays;
import java.util.List;

/**
 * What an algorithm found.
 *
 * @param cores the entries of every core, in notation order and axis order of the notation
 * @param history the relative error after each sweep; one number for an algorithm without sweeps
 * @param algorithm the name of the algorithm
 * @param starts the number of starts that were tried
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Fit(double[][] cores, double[] history, String algorithm, int starts) {

    static Fit of(Tensor[] cores, double[] history, String algorithm, int starts) {
        double[][] entries = Arrays.stream(cores).map(Tensor::data).toArray(double[][]::new);
        return new Fit(entries, history, algorithm, starts);
    }

    static double[] history(List<Double> errors) {
        return errors.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
