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
package io.github.djltcnn.decomposition.internal.weighting;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Graph;

/**
 * A positive semidefinite matrix over some modes of a kernel, one per group: a factor of the weight
 * of errors.
 *
 * @param groups the labels of the groups, which rows and columns have in common
 * @param rows the labels of the rows
 * @param columns the labels of the columns: the rows, primed
 * @param matrix the entries, axes in the order groups, rows, columns
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Coupling(int[] groups, int[] rows, int[] columns, Tensor matrix) {

    static Coupling of(Graph graph, int[] groups, int[] rows, double[] entries) {
        int[] columns = new int[rows.length];
        for (int n = 0; n < rows.length; n++) {
            columns[n] = primed(graph, rows[n]);
        }
        int[] labels = Tensor.join(groups, rows, columns);
        int[] dims = Tensor.join(graph.dims(groups), graph.dims(rows), graph.dims(rows));
        return new Coupling(groups, rows, columns, new Tensor(labels, dims, entries));
    }

    /** The label of a mode on the other side of the weight. */
    static int primed(Graph graph, int label) {
        return graph.numLabels() + label;
    }

    /** The matrix that is left of this one for one mode: its partial trace, over all groups. */
    double[] marginal(Graph graph, int label) {
        int size = graph.size(rows);
        int dim = graph.dim(label);
        int stride = 1;
        for (int n = rows.length - 1; rows[n] != label; n--) {
            stride *= graph.dim(rows[n]);
        }
        double[] entries = matrix.data();
        double[] marginal = new double[dim * dim];
        for (int group = 0; group < graph.size(groups); group++) {
            for (int row = 0; row < size; row++) {
                int a = row / stride % dim;
                int at = (group * size + row) * size + row - a * stride;
                for (int b = 0; b < dim; b++) {
                    marginal[a * dim + b] += entries[at + b * stride];
                }
            }
        }
        return marginal;
    }

    /** Multiplies rows and columns of a mode by a matrix. */
    Coupling scaled(Graph graph, int label, double[] by) {
        Tensor left = times(matrix, label, by);
        Tensor both = times(left, primed(graph, label), by);
        return new Coupling(
                groups, rows, columns, both.permute(Tensor.join(groups, rows, columns)));
    }

    /** The mean entry on the diagonal. */
    double mean(Graph graph) {
        int size = graph.size(rows);
        double sum = 0;
        for (int n = 0; n < graph.size(groups) * size; n++) {
            sum += matrix.data()[n * size + n % size];
        }
        return sum / graph.size(groups) / size;
    }

    /** The matrix divided by a number. */
    Coupling over(double scale) {
        double[] entries = matrix.data().clone();
        for (int n = 0; n < entries.length; n++) {
            entries[n] /= scale;
        }
        Tensor scaled = new Tensor(matrix.labels(), matrix.dims(), entries);
        return new Coupling(groups, rows, columns, scaled);
    }

    /** Whether it is the identity but for rounding. */
    boolean isIdentity(Graph graph) {
        int size = graph.size(rows);
        double[] entries = matrix.data();
        for (int n = 0; n < entries.length; n++) {
            double expected = n / size % size == n % size ? 1 : 0;
            if (Math.abs(entries[n] - expected) > 1e-9) {
                return false;
            }
        }
        return true;
    }

    /** Puts {@code sum over m of by[a, m] t[.., m, ..]} in the place of a mode. */
    static Tensor times(Tensor t, int label, double[] by) {
        int dim = t.dim(label);
        int fresh = 63;
        long kept = 1L << fresh;
        for (int other : t.without(label)) {
            kept |= 1L << other;
        }
        Tensor matrix = new Tensor(new int[] {fresh, label}, new int[] {dim, dim}, by);
        Tensor product = Einsum.multiply(matrix, t, kept);
        int[] labels = product.labels().clone();
        for (int n = 0; n < labels.length; n++) {
            labels[n] = labels[n] == fresh ? label : labels[n];
        }
        return product.relabel(labels).permute(t.labels());
    }
}
