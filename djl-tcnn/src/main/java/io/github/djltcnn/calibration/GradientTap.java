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
package io.github.djltcnn.calibration;

import ai.djl.ndarray.NDArray;

/**
 * A zero added to a signal, whose gradient is the gradient of the signal: the engine keeps
 * gradients of such leaves and not of results in between.
 */
final class GradientTap {

    private final NDArray zero;
    private final NDArray signal;

    GradientTap(NDArray signal) {
        zero = signal.zerosLike();
        zero.setRequiresGradient(true);
        this.signal = signal.add(zero);
    }

    /** Returns the signal to pass on. */
    NDArray signal() {
        return signal;
    }

    /** Returns the moments of the gradient, after the backward pass. */
    Moments gradient() {
        try (NDArray gradient = zero.getGradient()) {
            return Moments.of(gradient);
        }
    }
}
