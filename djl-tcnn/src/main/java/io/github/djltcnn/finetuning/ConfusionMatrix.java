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
package io.github.djltcnn.finetuning;

import java.util.Arrays;
import java.util.List;

/**
 * How many pictures of each class were taken for which.
 *
 * @param labels the names of the classes
 * @param counts a row per true class, a column per answer
 * @since 0.1.0
 */
public record ConfusionMatrix(List<String> labels, List<List<Integer>> counts) {

    /**
     * Makes the lists unmodifiable and checks that the matrix is square.
     *
     * @param labels the names of the classes
     * @param counts a row per true class, a column per answer
     */
    public ConfusionMatrix {
        labels = List.copyOf(labels);
        counts = counts.stream().map(List::copyOf).toList();
        int size = labels.size();
        if (counts.size() != size || counts.stream().anyMatch(row -> row.size() != size)) {
            throw new IllegalArgumentException(
                    "A confusion matrix of " + size + " classes has as many rows and columns");
        }
    }

    static ConfusionMatrix of(List<String> labels, int[]... counts) {
        return new ConfusionMatrix(
                labels,
                Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList());
    }

    /**
     * Returns the number of pictures.
     *
     * @return the sum of all entries
     */
    public int total() {
        return counts.stream().flatMap(List::stream).mapToInt(Integer::intValue).sum();
    }

    /**
     * Returns the share of pictures that were recognised.
     *
     * @return from 0 to 1; NaN if there is no picture
     */
    public double accuracy() {
        int right = 0;
        for (int n = 0; n < counts.size(); n++) {
            right += counts.get(n).get(n);
        }
        return total() == 0 ? Double.NaN : (double) right / total();
    }

    /**
     * Returns the share of a class that was recognised.
     *
     * @param label the number of the class
     * @return from 0 to 1; NaN if the class has no picture
     */
    public double recall(int label) {
        int all = counts.get(label).stream().mapToInt(Integer::intValue).sum();
        return all == 0 ? Double.NaN : (double) counts.get(label).get(label) / all;
    }

    /**
     * Returns the matrix as comma separated values, names quoted.
     *
     * @return a line of names and a line per class
     */
    public String toCsv() {
        StringBuilder text = new StringBuilder("\"is, taken for\"");
        labels.forEach(label -> text.append(',').append(quoted(label)));
        text.append('\n');
        for (int n = 0; n < labels.size(); n++) {
            text.append(quoted(labels.get(n)));
            counts.get(n).forEach(count -> text.append(',').append(count));
            text.append('\n');
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
