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
package io.github.djltcnn.network;

import java.util.Collection;

/** Products and sums of sizes that refuse to overflow. */
final class Sizes {

    private Sizes() {}

    static long product(Collection<Mode> modes) {
        long product = 1;
        for (Mode mode : modes) {
            product = multiply(product, mode.size());
        }
        return product;
    }

    static long add(long a, long b) {
        try {
            return Math.addExact(a, b);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "Sizes too large: " + a + " + " + b + " is more than " + Long.MAX_VALUE, e);
        }
    }

    static long multiply(long a, long b) {
        try {
            return Math.multiplyExact(a, b);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "Sizes too large: " + a + " x " + b + " is more than " + Long.MAX_VALUE, e);
        }
    }
}
