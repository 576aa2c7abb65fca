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
package io.github.djltcnn.initializer;

/**
 * A stream of random numbers that is the same on every machine and every Java version: SplitMix64
 * (<a href="https://doi.org/10.1145/2660193.2660195">Steele et al., 2014</a>), and Marsaglia's
 * polar method on {@link StrictMath} for normal numbers. A stream is named by a path of numbers, so
 * that the numbers of one core depend neither on the size of another nor on the order of drawing.
 */
final class RandomStream {

    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;
    private double spare = Double.NaN;

    RandomStream(long... path) {
        for (long step : path) {
            state = mix(state + GAMMA + mix(step + GAMMA));
        }
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    long nextLong() {
        state += GAMMA;
        return mix(state);
    }

    /** Returns a number from 0 (included) to 1 (excluded). */
    double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Returns a normal number of mean 0 and variance 1. */
    double nextGaussian() {
        if (!Double.isNaN(spare)) {
            double result = spare;
            spare = Double.NaN;
            return result;
        }
        double u;
        double v;
        double s;
        do {
            u = 2 * nextDouble() - 1;
            v = 2 * nextDouble() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        double factor = StrictMath.sqrt(-2 * StrictMath.log(s) / s);
        spare = v * factor;
        return u * factor;
    }
}
