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
package io.github.djltcnn.decomposition.internal.svd;

import java.util.function.DoubleUnaryOperator;

/**
 * The rank of a matrix under noise, by empirical variational Bayes in closed form: Nakajima,
 * Sugiyama, Babacan and Tomioka, "Global analytic solution of fully-observed variational Bayesian
 * matrix factorization", JMLR 14, 2013, theorems 2 and 3.
 *
 * <p>A singular value {@code s} of an {@code L x M} matrix, {@code L <= M}, {@code a = L / M}, is
 * kept if
 *
 * <pre>s^2 &gt; M v (1 + t) (1 + a / t),   t = 2.5129 sqrt(a),</pre>
 *
 * where the variance {@code v} of the noise minimises the free energy of the whole spectrum.
 */
final class Evbmf {

    private static final int GRID = 400;

    private Evbmf() {}

    /**
     * Returns how many singular values stand above the noise.
     *
     * @param values all singular values, descending, {@code min(m, n)} of them, the first above 0
     * @return 0 up to their number
     */
    static int rank(double[] values, int m, int n) {
        int least = Math.min(m, n);
        double most = Math.max(m, n);
        double ratio = least / most;
        double t = 2.5129 * Math.sqrt(ratio);
        double threshold = (1 + t) * (1 + ratio / t);
        double[] squares = new double[least];
        double sum = 0;
        for (int k = 0; k < least; k++) {
            // Values taken from a Gram matrix are rounding below 1e-8 of the largest.
            double value = Math.max(values[k], 1e-8 * values[0]);
            squares[k] = value * value;
            sum += squares[k];
        }
        double upper = sum / (least * most);
        int kept = Math.max(0, Math.min((int) Math.ceil(least / (1 + ratio)) - 1, least - 1));
        double tail = 0;
        for (int k = kept; k < least; k++) {
            tail += squares[k] / (least - kept);
        }
        double lower = Math.min(Math.max(squares[kept] / threshold, tail) / most, upper);
        double variance =
                minimum(
                        v -> energy(squares, most, ratio, threshold, v),
                        Math.log(lower),
                        Math.log(upper));
        int rank = 0;
        while (rank < least && squares[rank] > most * Math.exp(variance) * threshold) {
            rank++;
        }
        return rank;
    }

    /** The free energy as a function of the logarithm of the variance, constants left out. */
    private static double energy(
            double[] squares, double most, double ratio, double threshold, double logVariance) {
        double variance = Math.exp(logVariance);
        double energy = 0;
        for (double square : squares) {
            double x = square / (most * variance);
            if (x > threshold) {
                double b = x - (1 + ratio);
                double tau = (b + Math.sqrt(Math.max(0, b * b - 4 * ratio))) / 2;
                energy += x - tau + Math.log((tau + 1) / x) + ratio * Math.log(tau / ratio + 1);
            } else {
                energy += x - Math.log(x);
            }
        }
        return energy;
    }

    /** A minimum on an interval: the best of a grid, then golden sections around it. */
    private static double minimum(DoubleUnaryOperator f, double from, double to) {
        double step = (to - from) / GRID;
        double best = from;
        for (int i = 1; i <= GRID; i++) {
            double x = from + i * step;
            best = f.applyAsDouble(x) < f.applyAsDouble(best) ? x : best;
        }
        double a = Math.max(from, best - step);
        double b = Math.min(to, best + step);
        double golden = (Math.sqrt(5) - 1) / 2;
        for (int i = 0; i < 40; i++) {
            double c = b - golden * (b - a);
            double d = a + golden * (b - a);
            if (f.applyAsDouble(c) < f.applyAsDouble(d)) {
                b = d;
            } else {
                a = c;
            }
        }
        return (a + b) / 2;
    }
}
