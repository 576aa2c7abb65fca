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

import io.github.djltcnn.network.Fans;

/**
 * Which second moment an initializer keeps: that of the features on their way forward, that of the
 * gradients on their way back, or a compromise between the two.
 *
 * @since 0.1.0
 */
public enum FanMode {
    /** The fan-in: features keep their second moment (Kaiming's and LeCun's choice). */
    IN,
    /** The fan-out: gradients keep their second moment. */
    OUT,
    /** The arithmetic mean of both fans (Xavier's choice). */
    AVERAGE,
    /** The geometric mean: what features gain, gradients lose, by the same factor. */
    GEOMETRIC;

    /**
     * Returns the fan of this mode.
     *
     * @param fans both fans of a layer
     * @return the number the variance is divided by
     */
    public double of(Fans fans) {
        return switch (this) {
            case IN -> fans.in();
            case OUT -> fans.out();
            case AVERAGE -> (fans.in() + fans.out()) / 2;
            case GEOMETRIC -> Math.sqrt(fans.in()) * Math.sqrt(fans.out());
        };
    }
}
