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
import io.github.djltcnn.models.internal.Safetensors;
import io.github.djltcnn.training.FusedOptimizer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of an optimizer of this library, which reads and sets it by name.
 *
 * @param optimizer the optimizer
 * @param block the model that it trains
 */
record FusedOptimizerState(FusedOptimizer optimizer, Block block) implements OptimizerState {

    @Override
    public String name() {
        return "FusedOptimizer";
    }

    @Override
    public Map<String, NDArray> arrays(Map<String, Parameter> parameters, NDManager manager) {
        return optimizer.state(block, manager);
    }

    /** Among the arrays. */
    @Override
    public Map<String, Integer> counts(Map<String, Parameter> parameters) {
        return Map.of();
    }

    @Override
    public void restore(
            Safetensors file,
            NDManager manager,
            Map<String, Parameter> parameters,
            Map<String, Integer> counts)
            throws IOException, MalformedModelException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (String name : file.names()) {
            arrays.put(name, file.read(name, manager));
        }
        optimizer.setState(block, arrays);
    }
}
