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
package io.github.djltcnn.checkpoint;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;

/** Overwrites parameters in place: trainers and optimizers hold on to their arrays. */
final class ParameterValues {

    private ParameterValues() {}

    /** Sets all numbers of an array, also of one that gradients are kept for. */
    static void set(NDArray array, ByteBuffer bytes) {
        boolean trains = array.hasGradient();
        array.setRequiresGradient(false);
        array.set(bytes);
        array.setRequiresGradient(trains);
    }
}
