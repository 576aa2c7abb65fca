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
package io.github.djltcnn.contraction;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.Layout;
import java.util.Objects;

/**
 * What a plan is asked for.
 *
 * @param inputShape the shape of the input
 * @param layout how the input lies in memory
 * @param training whether gradients will be computed
 * @param gpu whether on another device than a CPU
 */
record PlanRequest(Shape inputShape, Layout layout, boolean training, boolean gpu) {

    /** Checks that there is a layout: a plan for none would be one for channels last. */
    PlanRequest {
        Objects.requireNonNull(inputShape, "inputShape");
        Objects.requireNonNull(layout, "layout");
    }

    /** A request for a device. */
    static PlanRequest of(Shape inputShape, Layout layout, boolean training, Device device) {
        Objects.requireNonNull(device, "device");
        return new PlanRequest(inputShape, layout, training, !device.equals(Device.cpu()));
    }

    /** A request for a CPU. */
    PlanRequest(Shape inputShape, Layout layout, boolean training) {
        this(inputShape, layout, training, false);
    }

    /** Predictions are for float32. */
    int bytesPerNumber() {
        return DataType.FLOAT32.getNumOfBytes();
    }
}
