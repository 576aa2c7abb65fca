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

import io.github.djltcnn.network.Core;

/**
 * The law of the entries of a core. Whatever the law, entries have mean 0 and the variance that the
 * rule asks for.
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
    /** Uniform on {@code [-sqrt(3) s, sqrt(3) s)} for a standard deviation of s. */
    UNIFORM {
        @Override
        double next(RandomStream random) {
            return SQRT_3 * (2 * random.nextDouble() - 1);
        }
    };

    private static final double SQRT_3 = Math.sqrt(3);

    /** Returns one number of mean 0 and variance 1. */
    abstract double next(RandomStream random);

    /** Returns the entries of a core, row-major, of mean 0 and variance 1. */
    double[] draw(Core core, RandomStream random) {
        double[] values = new double[Math.toIntExact(core.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = next(random);
        }
        return values;
    }
}
