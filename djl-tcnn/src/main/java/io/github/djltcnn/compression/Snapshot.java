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
import java.util.function.Predicate;

/** Parameters of a model as they were, to be put back. */
final class Snapshot implements AutoCloseable {

    private final NDManager manager;
    private final Map<NDArray, NDArray> kept = new LinkedHashMap<>();

    private Snapshot(Block block, NDManager parent, Predicate<Parameter> which) {
        manager = parent.newSubManager();
        for (Parameter parameter : BlockTree.parameters(block).values()) {
            if (which.test(parameter)) {
                NDArray copy = parameter.getArray().duplicate();
                copy.attach(manager);
                kept.put(parameter.getArray(), copy);
            }
        }
    }

    /** Notes all parameters. */
    static Snapshot ofAll(Block block, NDManager parent) {
        return new Snapshot(block, parent, parameter -> true);
    }

    /** Notes the running statistics of batch normalisations. */
    static Snapshot ofStatistics(Block block, NDManager parent) {
        return new Snapshot(
                block,
                parent,
                parameter ->
                        parameter.getType() == Parameter.Type.RUNNING_MEAN
                                || parameter.getType() == Parameter.Type.RUNNING_VAR);
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    void restore() {
        kept.forEach(
                (array, copy) -> {
                    boolean trains = array.hasGradient();
                    array.setRequiresGradient(false);
                    copy.copyTo(array);
                    array.setRequiresGradient(trains);
                });
    }

    @Override
    public void close() {
        manager.close();
    }
}
