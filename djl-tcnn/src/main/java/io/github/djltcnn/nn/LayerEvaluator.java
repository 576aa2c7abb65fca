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
import ai.djl.ndarray.NDList;
import io.github.djltcnn.contraction.ContractionPlanner;

/**
 * Evaluates the tensorial layers of a model in place of the layers themselves. {@link
 * LayerPass#evaluating} attaches it to one forward pass, through whatever blocks the layers are
 * nested in.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface LayerEvaluator {

    /**
     * Contracts an input with the cores of a layer.
     *
     * @param planner the planner of the layer
     * @param input (batch, input channels, spatial...); (rows, features) for a linear layer
     * @param cores the cores in notation order
     * @param bias one number per output channel, or null
     * @return the output, which belongs to the manager of the input
     */
    NDArray evaluate(ContractionPlanner planner, NDArray input, NDList cores, NDArray bias);
}
