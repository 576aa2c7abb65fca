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
package io.github.djltcnn.contraction.internal.cost;

/**
 * Reads the numbers of a cost model's file and refuses those that cannot be what they stand for.
 */
final class Coefficients {

    /** No time and no size of a step is larger, whatever the unit. */
    static final double MOST = 1e18;

    private Coefficients() {}

    /**
     * Reads numbers that are separated by blanks.
     *
     * @param key where they stand, for messages
     * @param text the numbers
     * @param count how many there must be
     * @param meaning what they are, for messages
     * @return the numbers, finite and not beyond {@link #MOST}
     * @throws IllegalArgumentException if they are anything else
     */
    static double[] parse(String key, String text, int count, String meaning) {
        String[] parts = text == null ? new String[0] : text.trim().split("\\s+", -1);
        if (parts.length != count) {
            throw new IllegalArgumentException(
                    "A cost model needs \""
                            + key
                            + "\" as "
                            + meaning
                            + ", got "
                            + (text == null ? "nothing" : "\"" + brief(text) + '"'));
        }
        double[] numbers = new double[count];
        for (int n = 0; n < count; n++) {
            try {
                numbers[n] = Double.parseDouble(parts[n]);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "\"" + key + "\" has something else than numbers: \"" + brief(text) + '"',
                        e);
            }
            if (!(Math.abs(numbers[n]) <= MOST)) {
                throw new IllegalArgumentException(
                        "\""
                                + key
                                + "\" has a number that is not finite, or beyond "
                                + MOST
                                + ": \""
                                + brief(text)
                                + '"');
            }
        }
        return numbers;
    }

    /** Files are not trusted: a message does not repeat a megabyte of them. */
    private static String brief(String text) {
        int most = 80;
        return text.length() <= most ? text : text.substring(0, most) + "...";
    }
}
