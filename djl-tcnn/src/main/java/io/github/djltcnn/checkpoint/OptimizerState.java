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

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import io.github.djltcnn.models.internal.Safetensors;
import io.github.djltcnn.training.FusedOptimizer;
import java.io.IOException;
import java.util.Map;

/**
 * What an optimizer remembers of each parameter from step to step, by names that last: DJL names
 * parameters by numbers that are drawn anew in every process.
 */
interface OptimizerState {

    /**
     * Reads an optimizer.
     *
     * @throws IllegalArgumentException if it is of a kind whose state is not known
     */
    static OptimizerState of(Optimizer optimizer, Block block) {
        return optimizer instanceof FusedOptimizer fused
                ? new FusedOptimizerState(fused, block)
                : DjlOptimizerState.of(optimizer);
    }

    /** The kind of the optimizer. */
    String name();

    /**
     * The arrays by name.
     *
     * @param manager the owner of arrays that are made for it
     */
    Map<String, NDArray> arrays(Map<String, Parameter> parameters, NDManager manager);

    /** How many updates each parameter has had, where no array says so. */
    Map<String, Integer> counts(Map<String, Parameter> parameters);

    /** Puts back what {@link #arrays} and {@link #counts} gave. */
    void restore(
            Safetensors file,
            NDManager manager,
            Map<String, Parameter> parameters,
            Map<String, Integer> counts)
            throws IOException, MalformedModelException;
}
