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
package io.github.djltcnn.decomposition.internal.graph;

import io.github.djltcnn.algebra.internal.Matrices;

/**
 * A kernel whose squares neither overflow nor vanish: the given one, or the given one times a power
 * of two that brings its largest entry next to 1.
 *
 * @param entries the entries; the given array if it needed no scaling
 * @param exponent the given kernel is {@code 2^exponent} times the entries
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ScaledKernel(double[] entries, int exponent) {

    /** Kernels between these are left alone. */
    private static final double SMALL = 1e-60;

    private static final double LARGE = 1e60;

    /**
     * Scales a kernel.
     *
     * @param kernel finite entries, which are not changed
     * @return the scaled kernel
     */
    public static ScaledKernel of(double[] kernel) {
        double largest = 0;
        for (double entry : kernel) {
            largest = Math.max(largest, Math.abs(entry));
        }
        if (largest == 0 || (largest > SMALL && largest < LARGE)) {
            return new ScaledKernel(kernel, 0);
        }
        double[] scaled = kernel.clone();
        int exponent = Math.getExponent(largest);
        // In two steps: 2^-exponent itself may be out of range.
        Matrices.scale(scaled, Math.scalb(1.0, -exponent / 2));
        Matrices.scale(scaled, Math.scalb(1.0, -(exponent - exponent / 2)));
        return new ScaledKernel(scaled, exponent);
    }
}
