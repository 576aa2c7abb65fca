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
package io.github.djltcnn.contraction.internal.search;

/**
 * A node of a contraction tree over cores: a single core, or two merged ones.
 *
 * @param cores the set of cores below
 * @param left the first operand; null for a single core
 * @param right the second operand; null for a single core
 * @param cost what the whole tree costs
 */
public record Merge(long cores, Merge left, Merge right, double cost) {

    static Merge leaf(int core) {
        return new Merge(1L << core, null, null, 0);
    }

    /** The tree of a single core. */
    public boolean isLeaf() {
        return left == null;
    }

    /** The number of the core of a leaf. */
    public int core() {
        return Long.numberOfTrailingZeros(cores);
    }
}
