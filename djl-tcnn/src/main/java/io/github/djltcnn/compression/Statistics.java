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
package io.github.djltcnn.compression;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import java.util.LinkedHashMap;
import java.util.Map;

/** The running statistics of a model as they were, to be put back. */
final class Statistics implements AutoCloseable {

    private final NDManager manager;
    private final Map<NDArray, NDArray> kept = new LinkedHashMap<>();

    Statistics(Block block, NDManager parent) {
        manager = parent.newSubManager();
        for (Parameter parameter : BlockTree.parameters(block).values()) {
            boolean running =
                    parameter.getType() == Parameter.Type.RUNNING_MEAN
                            || parameter.getType() == Parameter.Type.RUNNING_VAR;
            if (running) {
                NDArray copy = parameter.getArray().duplicate();
                copy.attach(manager);
                kept.put(parameter.getArray(), copy);
            }
        }
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    void restore() {
        kept.forEach((array, copy) -> copy.copyTo(array));
    }

    @Override
    public void close() {
        manager.close();
    }
}
