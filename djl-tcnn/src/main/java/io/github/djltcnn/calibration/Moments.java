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
package io.github.djltcnn.calibration;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Moments of the entries of an array about zero.
 *
 * @param second {@code E[y^2]}
 * @param kurtosis {@code E[y^4] / E[y^2]^2}: 3 for normal numbers, more with heavier tails, not a
 *     number where all are zero
 */
record Moments(double second, double kurtosis) {

    /**
     * Measures an array of any scale: entries are brought to size 1 before they are squared.
     *
     * @param array the array; nothing is left at its manager
     * @return its moments
     */
    static Moments of(NDArray array) {
        try (NDManager manager = array.getManager().newSubManager()) {
            NDArray values = array.toType(DataType.FLOAT64, true);
            values.attach(manager);
            double largest = values.abs().max().getDouble();
            if (largest == 0 || !Double.isFinite(largest)) {
                return new Moments(largest, Double.NaN);
            }
            NDArray squares = values.div(largest).square();
            double second = squares.mean().getDouble();
            double fourth = squares.square().mean().getDouble();
            return new Moments(second * largest * largest, fourth / (second * second));
        }
    }
}
