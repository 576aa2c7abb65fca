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
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import io.github.djltcnn.nn.TensorialBlock;

/** What watching a pass takes, whatever for. */
final class Observation {

    private Observation() {}

    /** Returns the sum of all outputs, each times a standard normal number. */
    static NDArray randomError(NDList outputs) {
        NDArray error = null;
        for (NDArray output : outputs) {
            NDArray noise =
                    output.getManager().randomNormal(0, 1, output.getShape(), output.getDataType());
            NDArray part = output.mul(noise).sum();
            error = error == null ? part : error.add(part);
        }
        return error;
    }

    /** Returns the bias of a layer, or null. */
    static Parameter bias(TensorialBlock block) {
        return block.isIncludeBias() ? block.getDirectParameters().get("bias") : null;
    }
}
