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

import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Least squares with coefficients that are not negative, for a handful of coefficients: the best of
 * all subsets whose plain least-squares solution has no negative one.
 */
public final class NonNegativeFit {

    /** Keeps the equations solvable where two columns are proportional; relative. */
    private static final double RIDGE = 1e-12;

    /** A time further from the fit than by this factor was disturbed. */
    private static final double FAR = 4;

    private static final int REFITS = 3;

    private NonNegativeFit() {}

    /**
     * Fits times as {@link #relative} does, but without those that turn out to be far from the fit
     * of the others: relative errors of times that are much too short would decide alone.
     *
     * @param terms for each time what the coefficients are multiplied by
     * @param times the times, above 0
     * @return the coefficients
     */
    public static double[] robust(List<double[]> terms, List<Double> times) {
        double[] coefficients = relative(terms, times);
        for (int refit = 0; refit < REFITS; refit++) {
            double[] last = coefficients;
            double typical = typical(last, terms, times);
            int[] near =
                    IntStream.range(0, times.size())
                            .filter(n -> isNear(ratio(last, terms.get(n), times.get(n)) / typical))
                            .toArray();
            if (near.length == 0) {
                return coefficients;
            }
            coefficients =
                    relative(
                            IntStream.of(near).mapToObj(terms::get).toList(),
                            IntStream.of(near).mapToObj(times::get).toList());
        }
        return coefficients;
    }

    private static boolean isNear(double ratio) {
        return ratio > 1 / FAR && ratio < FAR;
    }

    /** The median of fitted over measured times. */
    private static double typical(double[] fit, List<double[]> terms, List<Double> times) {
        double[] ratios =
                IntStream.range(0, times.size())
                        .mapToDouble(n -> ratio(fit, terms.get(n), times.get(n)))
                        .sorted()
                        .toArray();
        return ratios[ratios.length / 2];
    }

    private static double ratio(double[] fit, double[] terms, double time) {
        double sum = 0;
        for (int c = 0; c < fit.length; c++) {
            sum += fit[c] * terms[c];
        }
        return sum / time;
    }

    /**
     * Fits times by sums of terms; every equation is divided by its time, so that what is made
     * small are relative errors.
     *
     * @param terms for each time what the coefficients are multiplied by
     * @param times the times, above 0
     * @return the coefficients
     */
    public static double[] relative(List<double[]> terms, List<Double> times) {
        int columns = terms.get(0).length;
        double[] scale = new double[columns];
        for (int n = 0; n < times.size(); n++) {
            for (int c = 0; c < columns; c++) {
                scale[c] += Math.pow(terms.get(n)[c] / times.get(n), 2);
            }
        }
        DMatrixRMaj gram = new DMatrixRMaj(columns, columns);
        DMatrixRMaj right = new DMatrixRMaj(columns, 1);
        for (int n = 0; n < times.size(); n++) {
            for (int c = 0; c < columns; c++) {
                double left = scaled(terms.get(n)[c], times.get(n), scale[c]);
                right.add(c, 0, left);
                for (int d = 0; d < columns; d++) {
                    gram.add(c, d, left * scaled(terms.get(n)[d], times.get(n), scale[d]));
                }
            }
        }
        double[] best = new double[columns];
        double least = 0;
        for (int subset = 1; subset < 1 << columns; subset++) {
            double[] solution = solve(gram, right, subset);
            if (solution == null) {
                continue;
            }
            double error = 0;
            for (int c = 0; c < columns; c++) {
                error -= solution[c] * right.get(c);
            }
            if (error < least) {
                least = error;
                best = solution;
            }
        }
        for (int c = 0; c < columns; c++) {
            best[c] /= scale[c] > 0 ? Math.sqrt(scale[c]) : 1;
        }
        return best;
    }

    private static double scaled(double term, double time, double scale) {
        return scale > 0 ? term / time / Math.sqrt(scale) : 0;
    }

    /**
     * The solution on some columns, or null if it has a negative entry. At a solution the error is
     * less than that of zero by the product of solution and right side.
     */
    private static double[] solve(DMatrixRMaj gram, DMatrixRMaj right, int subset) {
        int[] columns =
                IntStream.range(0, gram.numRows).filter(c -> (subset >> c & 1) != 0).toArray();
        DMatrixRMaj part = new DMatrixRMaj(columns.length, columns.length);
        DMatrixRMaj wanted = new DMatrixRMaj(columns.length, 1);
        for (int c = 0; c < columns.length; c++) {
            wanted.set(c, 0, right.get(columns[c]));
            for (int d = 0; d < columns.length; d++) {
                part.set(c, d, gram.get(columns[c], columns[d]) + (c == d ? RIDGE : 0));
            }
        }
        DMatrixRMaj x = new DMatrixRMaj(columns.length, 1);
        if (!CommonOps_DDRM.solve(part, wanted, x)) {
            return null;
        }
        double[] solution = new double[gram.numRows];
        for (int c = 0; c < columns.length; c++) {
            if (!(x.get(c) >= 0)) {
                return null;
            }
            solution[columns[c]] = x.get(c);
        }
        return solution;
    }
}
