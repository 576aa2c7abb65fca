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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.TensorNetwork;

/**
 * How the taps of the kernel window are counted in a fan.
 *
 * @since 0.1.0
 */
public enum FanCount {
    /** Every tap of the window, in both directions, as Xavier's and Kaiming's rules count. */
    NOMINAL,
    /**
     * The mean number of taps that are live at the layer's real input size: padding takes some at
     * the border, and a stride leaves most of them idle on the way back. Exact for one layer whose
     * input has the same second moment everywhere.
     */
    EXACT;

    Fans fans(TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial) {
        return this == NOMINAL
                ? Fans.nominal(network)
                : Fans.exact(network, geometry, inputSpatial);
    }
}
