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

import io.github.djltcnn.network.TensorNetwork;

/**
 * The law of the entries of a core. Whatever the law, entries have mean 0 and the variance that the
 * rule asks for.
 *
 * <p>A kernel entry is a sum of products of entries, so light tails of the factors matter: with
 * normal factors the norm of a kernel of small ranks varies widely from draw to draw, with {@link
 * #SIGN} and {@link #ORTHOGONAL} hardly at all.
 *
 * @since 0.1.0
 */
public enum Distribution {
    /** Normal. */
    NORMAL {
        @Override
        double next(RandomStream random) {
            return random.nextGaussian();
        }
    },
    /**
     * Normal without its tails: numbers beyond two standard deviations of the parent are drawn
     * again, and the variance lost by this (a factor of 0.774) is made up for.
     */
    TRUNCATED_NORMAL {
        @Override
        double next(RandomStream random) {
            double value;
            do {
                value = random.nextGaussian();
            } while (Math.abs(value) > 2);
            return value / TRUNCATED_DEVIATION;
        }
    },
    /** Uniform on {@code [-sqrt(3) s, sqrt(3) s)} for a standard deviation of s. */
    UNIFORM {
        @Override
        double next(RandomStream random) {
            return SQRT_3 * (2 * random.nextDouble() - 1);
        }
    },
    /** {@code -s} or {@code s} with equal probability (Rademacher): no tails at all. */
    SIGN {
        @Override
        double next(RandomStream random) {
            return random.nextLong() < 0 ? -1 : 1;
        }
    },
    /**
     * Random matrices with orthonormal rows or columns, scaled: from the modes that are summed at
     * the core, in the order written, to those that open at it, one matrix for each index of the
     * modes that pass by and for each frequency (of the cosine basis) of its window. For a dense
     * kernel: one orthogonal filter bank per frequency. Entries of one core depend on one another
     * but are uncorrelated; cores are independent.
     */
    ORTHOGONAL {
        @Override
        double next(RandomStream random) {
            throw new IllegalStateException("Orthonormal entries are not drawn one by one");
        }

        @Override
        double[] draw(TensorNetwork network, int index, RandomStream random) {
            return Orthonormal.draw(network, index, random);
        }
    };

    private static final double SQRT_3 = Math.sqrt(3);

    /** The standard deviation of a standard normal number between -2 and 2. */
    private static final double TRUNCATED_DEVIATION = 0.8796256610342398;

    /** Returns one number of mean 0 and variance 1. */
    abstract double next(RandomStream random);

    /** Returns the entries of a core, row-major, of mean 0 and variance 1. */
    double[] draw(TensorNetwork network, int index, RandomStream random) {
        double[] values = new double[Math.toIntExact(network.cores().get(index).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = next(random);
        }
        return values;
    }
}
