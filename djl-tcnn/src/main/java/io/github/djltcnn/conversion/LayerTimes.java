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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;

/**
 * How long layers take, for {@link io.github.djltcnn.format.Rank#targetTime}: measured on the
 * machine that will predict, or predicted by a cost model.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface LayerTimes {

    /**
     * Returns the time of one prediction through one layer. Many networks are asked for; times that
     * are measured are kept.
     *
     * @param network the network of the layer; of one core for a dense one
     * @param geometry stride, padding and dilation; of no dimension for a linear layer
     * @param input the shape of the input, (batch, channels, ..)
     * @return seconds, above 0
     */
    double seconds(TensorNetwork network, ConvolutionGeometry geometry, Shape input);

    /**
     * Returns the time of all that is no layer with a kernel.
     *
     * @return seconds, 0 by default
     */
    default double otherSeconds() {
        return 0;
    }
}
