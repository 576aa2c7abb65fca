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
package io.github.djltcnn.initializer;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** The Kolmogorov-Smirnov test of a sample against a law. */
final class GoodnessOfFit {

    private GoodnessOfFit() {}

    /**
     * Returns the probability of a sample at least as far from the law as this one, by the
     * asymptotic series {@code 2 sum (-1)^(k-1) exp(-2 k^2 n D^2)}.
     */
    static double pValue(double[] sample, DoubleUnaryOperator distributionFunction) {
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double distance = 0;
        for (int i = 0; i < n; i++) {
            double expected = distributionFunction.applyAsDouble(sorted[i]);
            distance = Math.max(distance, expected - (double) i / n);
            distance = Math.max(distance, (double) (i + 1) / n - expected);
        }
        double series = 0;
        for (int k = 1; k <= 100; k++) {
            series += (k % 2 == 1 ? 2 : -2) * Math.exp(-2.0 * k * k * n * distance * distance);
        }
        return Math.min(1, Math.max(0, series));
    }

    /** The distribution function of the standard normal law, by its Taylor series around 0. */
    static double normal(double x) {
        if (Math.abs(x) > 7) {
            return x > 0 ? 1 : 0;
        }
        double term = x;
        double sum = x;
        for (int k = 1; Math.abs(term) > 1e-16 * Math.abs(sum); k++) {
            term *= x * x / (2 * k + 1);
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    static double uniform(double x, double bound) {
        return Math.min(1, Math.max(0, (x + bound) / (2 * bound)));
    }
}
