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
package io.github.djltcnn.contraction.internal.lowering;

import io.github.djltcnn.algebra.internal.ContractionTree;

/**
 * A tensor of a contraction tree whose modes lie in a certain order, and how it is made so.
 *
 * @param tree the cores that it is made of
 * @param modes the order of its modes
 * @param cost what it takes to bring everything below into shape, in calls of libtorch
 * @param left the left operand; null for a core
 * @param right the right operand; null for a core
 * @param cut the modes of the product; null for a core
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record OrderedTensor(
        ContractionTree tree,
        int[] modes,
        double cost,
        OrderedTensor left,
        OrderedTensor right,
        Cut cut) {

    /**
     * The modes of a product of two tensors.
     *
     * @param shared those of both operands that stay
     * @param rows the others of the left operand
     * @param summed those that are summed over
     * @param columns the others of the right operand
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Cut(int[] shared, int[] rows, int[] summed, int[] columns) {

        /** The modes of the product. */
        int[] result() {
            return concat(shared, rows, columns);
        }
    }

    /** Whether its modes lie in an order. */
    public boolean lies(int[]... order) {
        int axis = 0;
        for (int[] part : order) {
            for (int mode : part) {
                if (modes[axis] != mode) {
                    return false;
                }
                axis++;
            }
        }
        return axis == modes.length;
    }

    static int[] concat(int[]... parts) {
        int length = 0;
        for (int[] part : parts) {
            length += part.length;
        }
        int[] all = new int[length];
        int end = 0;
        for (int[] part : parts) {
            System.arraycopy(part, 0, all, end, part.length);
            end += part.length;
        }
        return all;
    }
}
