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
package io.github.djltcnn.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Checks an equation of {@link Linalg#einsum} against its operands. */
final class EinsumEquation {

    /** So many operands have a method of their own. */
    static final int MOST_OPERANDS = 4;

    private static final Pattern FORM = Pattern.compile("[a-zA-Z]*(,[a-zA-Z]*)*->[a-zA-Z]*");

    private EinsumEquation() {}

    /** Returns the equation without blanks, or refuses it. */
    static String check(String equation, NDArray... operands) {
        String plain = equation.replace(" ", "");
        if (!FORM.matcher(plain).matches()) {
            throw new IllegalArgumentException(
                    "An equation is indices (letters), commas between operands, -> and the indices"
                            + " of the result, such as \"bij,bjk->bik\"; got \""
                            + equation
                            + '"');
        }
        int arrow = plain.indexOf("->");
        String[] lists = plain.substring(0, arrow).split(",", -1);
        if (lists.length != operands.length || lists.length > MOST_OPERANDS) {
            throw new IllegalArgumentException(
                    "\""
                            + equation
                            + "\" has "
                            + lists.length
                            + " operands, got "
                            + operands.length
                            + " arrays; 1 to "
                            + MOST_OPERANDS
                            + " are possible");
        }
        Map<Character, Long> sizes = new HashMap<>();
        for (int n = 0; n < lists.length; n++) {
            check(equation, lists[n], operands[n].getShape(), sizes);
        }
        String result = plain.substring(arrow + 2);
        for (int n = 0; n < result.length(); n++) {
            char index = result.charAt(n);
            if (!sizes.containsKey(index) || result.indexOf(index) != n) {
                throw new IllegalArgumentException(
                        "Index "
                                + index
                                + " of the result of \""
                                + equation
                                + "\" has to be there once, and in an operand");
            }
        }
        return plain;
    }

    private static void check(
            String equation, String indices, Shape shape, Map<Character, Long> sizes) {
        if (indices.length() != shape.dimension()) {
            throw new IllegalArgumentException(
                    "Operand \""
                            + indices
                            + "\" of \""
                            + equation
                            + "\" has "
                            + indices.length()
                            + " axes, got shape "
                            + shape);
        }
        for (int axis = 0; axis < indices.length(); axis++) {
            Long known = sizes.putIfAbsent(indices.charAt(axis), shape.get(axis));
            if (known != null && known != shape.get(axis)) {
                throw new IllegalArgumentException(
                        "Index "
                                + indices.charAt(axis)
                                + " of \""
                                + equation
                                + "\" has sizes "
                                + known
                                + " and "
                                + shape.get(axis));
            }
        }
    }
}
