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

import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;

/**
 * Cores with an orthonormal unfolding: read as a matrix from the modes that are summed at the core
 * to the modes that stay open, each group apart, a core is a random (Haar) matrix with orthonormal
 * rows or columns, whichever are fewer. Where a core sums nothing or leaves nothing open, the
 * unfolding is the squarest there is.
 */
final class Orthonormal {

    private Orthonormal() {}

    /** Returns the entries of a core, row-major, of mean square 1. */
    static double[] draw(TensorNetwork network, int index, RandomStream random) {
        Core core = network.cores().get(index);
        List<Mode> rows = rows(network, index);
        List<Mode> columns = new ArrayList<>(core.modes());
        columns.removeAll(rows);
        columns.removeIf(mode -> mode.role() == Role.GROUP);
        int height = size(rows);
        int width = size(columns);
        int groups = Math.toIntExact(core.size()) / (height * width);
        List<Mode> order = new ArrayList<>(core.modes());
        order.removeIf(mode -> mode.role() != Role.GROUP);
        order.addAll(rows);
        order.addAll(columns);
        double[] unfolded = new double[groups * height * width];
        double scale = Math.sqrt(Math.max(height, width));
        for (int g = 0; g < groups; g++) {
            double[][] frame = frame(Math.min(height, width), Math.max(height, width), random);
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    double value = height <= width ? frame[row][column] : frame[column][row];
                    unfolded[(g * height + row) * width + column] = scale * value;
                }
            }
        }
        return tensor(order, unfolded).sumTo(core.modes().stream().map(Mode::name).toList());
    }

    private static DoubleTensor tensor(List<Mode> order, double... values) {
        return new DoubleTensor(
                order.stream().map(Mode::name).toList(),
                order.stream().mapToInt(mode -> Math.toIntExact(mode.size())).toArray(),
                values);
    }

    /** The modes summed at a core, or else the modes of the squarest unfolding. */
    private static List<Mode> rows(TensorNetwork network, int index) {
        List<Core> cores = network.cores();
        List<Mode> modes = new ArrayList<>(cores.get(index).modes());
        modes.removeIf(mode -> mode.role() == Role.GROUP);
        List<Mode> summed = new ArrayList<>(modes);
        summed.removeIf(
                mode ->
                        mode.role() == Role.OUTPUT
                                || cores.subList(index + 1, cores.size()).stream()
                                        .anyMatch(later -> later.contains(mode)));
        if (!summed.isEmpty() && summed.size() < modes.size()) {
            return summed;
        }
        List<Mode> best = List.of();
        long bestSide = 0;
        for (int subset = 0; subset < 1 << modes.size(); subset++) {
            List<Mode> rows = new ArrayList<>();
            for (int n = 0; n < modes.size(); n++) {
                if ((subset >> n & 1) == 1) {
                    rows.add(modes.get(n));
                }
            }
            long side = Math.min(size(rows), size(modes) / size(rows));
            if (side > bestSide) {
                bestSide = side;
                best = rows;
            }
        }
        return best;
    }

    private static int size(List<Mode> modes) {
        int size = 1;
        for (Mode mode : modes) {
            size *= Math.toIntExact(mode.size());
        }
        return size;
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
