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
package io.github.djltcnn.nn;

import ai.djl.ndarray.NDArray;

/**
 * Sees what goes into the tensorial layers of a model and what comes out, and may put something
 * else in its place. {@link LayerPass#observing} attaches it to one forward pass, through whatever
 * blocks the layers are nested in; passes of other threads do not see it.
 *
 * @since 0.1.0
 */
public interface LayerObserver {

    /**
     * Called before a layer is applied.
     *
     * @param layer the layer
     * @param input its input
     * @return the input to use, of the same shape
     */
    default NDArray onInput(TensorialBlock layer, NDArray input) {
        return input;
    }

    /**
     * Called after a layer is applied.
     *
     * @param layer the layer
     * @param output its output, bias included
     * @return the output to pass on, of the same shape
     */
    default NDArray onOutput(TensorialBlock layer, NDArray output) {
        return output;
    }
}
