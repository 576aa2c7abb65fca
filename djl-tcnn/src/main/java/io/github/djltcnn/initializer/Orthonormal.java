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

import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;

/**
 * Cores that are isometries wherever they can be. A core is read as a matrix from the modes that
 * are summed at it to those that open at it, one for each index of the modes that pass by and for
 * each frequency of its window: the window is written in its cosine basis, whose first member is
 * the mean. Each of these matrices is drawn independently of the others, with orthonormal rows or
 * columns, whichever are fewer (Haar's law).
 *
 * <p>Entries have mean 0, mean square 1 and no correlation, so that all that is proven of
 * independent entries holds. What is gained: a signal that varies slowly over the window, as deep
 * signals behind ReLU do, is multiplied by one orthonormal matrix, and not by a sum of nine random
 * ones, which stretches some directions and loses others.
 */
final class Orthonormal {

    private Orthonormal() {}

    /** Returns the entries of a core, row-major, of mean square 1. */
    static double[] draw(TensorNetwork network, int index, RandomStream random) {
        Unfolding unfolding = Unfolding.of(network, index);
        int height = size(unfolding.rows());
        int width = size(unfolding.columns());
        int matrices = Math.multiplyExact(size(unfolding.passing()), size(unfolding.window()));
        double scale = Math.sqrt(Math.max(height, width));
        double[] values = new double[Tensor.product(matrices, height, width)];
        for (int m = 0; m < matrices; m++) {
            double[][] frame = frame(Math.min(height, width), Math.max(height, width), random);
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    double value = height <= width ? frame[row][column] : frame[column][row];
                    values[(m * height + row) * width + column] = scale * value;
                }
            }
        }
        List<Mode> order = unfolding.order();
        for (Mode mode : unfolding.window()) {
            int position = order.indexOf(mode);
            fromFrequencies(
                    values,
                    Math.toIntExact(mode.size()),
                    size(order.subList(position + 1, order.size())));
        }
        Tensor tensor = new Tensor(labels(order, order), sizes(order), values);
        return tensor.permute(labels(order, network.cores().get(index).modes())).data();
    }

    /** The place of each mode in an order. */
    private static int[] labels(List<Mode> order, List<Mode> modes) {
        return modes.stream().mapToInt(order::indexOf).toArray();
    }

    private static int[] sizes(List<Mode> modes) {
        return modes.stream().mapToInt(mode -> Math.toIntExact(mode.size())).toArray();
    }

    /** Turns coefficients of the cosine basis along an axis into taps, in place. */
    private static void fromFrequencies(double[] values, int taps, int stride) {
        double[] before = new double[taps];
        for (int from = 0; from < values.length; from += taps * stride) {
            for (int at = from; at < from + stride; at++) {
                for (int n = 0; n < taps; n++) {
                    before[n] = values[at + n * stride];
                    values[at + n * stride] = 0;
                }
                for (int tap = 0; tap < taps; tap++) {
                    for (int n = 0; n < taps; n++) {
                        values[at + tap * stride] += before[n] * cosine(n, tap, taps);
                    }
                }
            }
        }
    }

    /** Member n of the orthonormal cosine basis at a tap. */
    private static double cosine(int n, int tap, int taps) {
        return n == 0
                ? Math.sqrt(1.0 / taps)
                : Math.sqrt(2.0 / taps) * StrictMath.cos(Math.PI * (tap + 0.5) * n / taps);
    }

    private static int size(List<Mode> modes) {
        return Tensor.product(sizes(modes));
    }

    /**
     * Orthonormal rows, uniformly distributed: Gram-Schmidt of normal rows. A row that loses most
     * of its length has lost digits too and goes round again.
     */
    private static double[][] frame(int count, int length, RandomStream random) {
        double[][] frame = new double[count][length];
        for (int n = 0; n < count; n++) {
            double[] row = frame[n];
            for (int i = 0; i < length; i++) {
                row[i] = random.nextGaussian();
            }
            double before;
            double after = dot(row, row);
            do {
                before = after;
                for (int m = 0; m < n; m++) {
                    double share = dot(frame[m], row);
                    for (int i = 0; i < length; i++) {
                        row[i] -= share * frame[m][i];
                    }
                }
                after = dot(row, row);
            } while (after < 0.5 * before);
            double norm = Math.sqrt(after);
            for (int i = 0; i < length; i++) {
                row[i] /= norm;
            }
        }
        return frame;
    }

    /** Four sums at a time, which a processor adds up several times faster than one. */
    private static double dot(double[] a, double... b) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 3 < a.length; i += 4) {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }
        for (; i < a.length; i++) {
            s0 += a[i] * b[i];
        }
        return (s0 + s1) + (s2 + s3);
    }
}
