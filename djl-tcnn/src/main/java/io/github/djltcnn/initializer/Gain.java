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
 * What an initializer makes up for after the layer: the factor by which an activation reduces the
 * second moment, inverted. The variance of a kernel entry is {@code gain / fan}.
 *
 * <p>This is a gain of variances. Libraries that speak of standard deviations call its square root
 * the gain.
 *
 * @param variance the factor, positive and finite
 * @since 0.1.0
 */
public record Gain(double variance) {

    /**
     * Checks the factor.
     *
     * @param variance the factor, positive and finite
     * @throws IllegalArgumentException if it is not a positive finite number
     */
    public Gain {
        if (!(variance > 0) || Double.isInfinite(variance)) {
            throw new IllegalArgumentException(
                    "A gain is a positive finite factor of variances, got " + variance);
        }
    }

    /**
     * The gain of no activation, and of softmax and sigmoid outputs: 1.
     *
     * @return the gain
     */
    public static Gain linear() {
        return new Gain(1);
    }

    /**
     * The gain of ReLU: 2, because it keeps half the second moment of a symmetric input (<a
     * href="https://arxiv.org/abs/1502.01852">He et al., 2015</a>).
     *
     * @return the gain
     */
    public static Gain relu() {
        return new Gain(2);
    }

    /**
     * The gain of leaky ReLU: {@code 2 / (1 + slope^2)}.
     *
     * @param slope the factor for negative inputs
     * @return the gain
     * @throws IllegalArgumentException if the slope is not a finite number
     */
    public static Gain leakyRelu(double slope) {
        if (!Double.isFinite(slope)) {
            throw new IllegalArgumentException("A slope is a finite number, got " + slope);
        }
        return new Gain(2 / (1 + slope * slope));
    }

    /**
     * The customary gain of tanh: {@code (5/3)^2}, which holds deep features at a second moment of
     * 0.43 instead of letting them fade.
     *
     * @return the gain
     */
    public static Gain tanh() {
        return new Gain(25.0 / 9.0);
    }

    /**
     * The gain of SELU: 1. Its own fixed point, mean 0 and variance 1, asks for a variance of
     * {@code 1 / fan} (<a href="https://arxiv.org/abs/1706.02515">Klambauer et al., 2017</a>).
     *
     * @return the gain
     */
    public static Gain selu() {
        return new Gain(1);
    }
}
