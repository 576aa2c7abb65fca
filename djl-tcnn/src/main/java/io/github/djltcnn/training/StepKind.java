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
package io.github.djltcnn.training;

import io.github.djltcnn.initializer.CoreSpectrum;

/**
 * What an optimizer makes of a gradient, which decides how the rates of cores relate to the rate of
 * a dense kernel.
 *
 * @since 0.1.0
 */
public enum StepKind {
    /**
     * The step is the rate times the gradient: stochastic gradient descent, with momentum or
     * without.
     */
    GRADIENT {
        @Override
        double length(CoreSpectrum core) {
            return Math.sqrt(core.meanSquare());
        }

        @Override
        double cosine(CoreSpectrum core) {
            return core.mean() / Math.sqrt(core.meanSquare());
        }

        @Override
        double size(double length, double along) {
            return Math.sqrt(length * along);
        }
    },
    /** Every entry moves by about the rate, whatever the gradient: Adam and its relatives. */
    SIGN {
        @Override
        double length(CoreSpectrum core) {
            // The signs of normal numbers of correlation c have the correlation 2/pi asin(c),
            // about 2/pi c between different ones.
            double spread = core.share() * core.meanSquare() / (core.mean() * core.mean());
            return Math.sqrt(core.mean() * (1 - SIGNS + SIGNS * spread));
        }

        @Override
        double cosine(CoreSpectrum core) {
            return Math.sqrt(SIGNS * core.share() * core.mean()) / length(core);
        }

        @Override
        double size(double length, double along) {
            return length;
        }
    };

    private static final double SIGNS = 2 / Math.PI;

    /**
     * Returns how long the kernel's step is when this core alone steps by a rate of 1: the root
     * mean square over the entries of the kernel, for a random gradient of the kernel of mean
     * square 1. It is 1 for a dense kernel.
     */
    abstract double length(CoreSpectrum core);

    /** Returns the cosine of the angle between that step and the gradient. */
    abstract double cosine(CoreSpectrum core);

    /**
     * Returns what is made that of a dense kernel, which is 1: the step must be neither so long
     * that the training diverges nor so little along the gradient that it is slow.
     *
     * @param length the length of the step of all cores together
     * @param along its part along the gradient
     */
    abstract double size(double length, double along);
}
