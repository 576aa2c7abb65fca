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
package io.github.djltcnn.algebra.internal;

/**
 * A node of a contraction tree: a single tensor, or the product of two nodes.
 *
 * @param tensors the tensors below, a bit for each
 * @param labels the labels that the product has, a bit for each
 * @param left the first factor; null for a single tensor
 * @param right the second factor; null for a single tensor
 * @param cost the cost of the whole tree
 */
public record ContractionTree(
        long tensors, long labels, ContractionTree left, ContractionTree right, double cost) {

    /**
     * Returns whether this is a single tensor.
     *
     * @return whether there are no factors
     */
    public boolean isLeaf() {
        return left == null;
    }

    /**
     * Returns the number of the tensor of a leaf.
     *
     * @return the number, from 0
     */
    public int tensor() {
        return Long.numberOfTrailingZeros(tensors);
    }
}
