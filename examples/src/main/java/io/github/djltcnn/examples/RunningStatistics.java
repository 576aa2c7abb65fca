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
package io.github.djltcnn.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The running means and variances of a network's batch normalisation at several momenta, averaged
 * beside one training. The network itself has momentum 0, so that its running statistics are those
 * of the last batch.
 */
final class RunningStatistics implements AutoCloseable {

    private final List<NDArray> last = new ArrayList<>();
    private final Map<Float, List<NDArray>> averages = new LinkedHashMap<>();
    private final NDManager manager;

    /**
     * Starts with the statistics that the network has before its first step.
     *
     * @param block an initialized network with momentum 0
     * @param momenta the shares of the old average that a step keeps
     */
    RunningStatistics(Block block, List<Float> momenta) {
        for (Parameter parameter : block.getParameters().values()) {
            if (parameter.getType() == Parameter.Type.RUNNING_MEAN
                    || parameter.getType() == Parameter.Type.RUNNING_VAR) {
                last.add(parameter.getArray());
            }
        }
        manager = last.get(0).getManager().newSubManager();
        for (float momentum : momenta) {
            List<NDArray> copies = last.stream().map(NDArray::duplicate).toList();
            copies.forEach(copy -> copy.attach(manager));
            averages.put(momentum, copies);
        }
    }

    /** Adds the statistics of the last batch to every average. */
    void update() {
        averages.forEach(
                (momentum, arrays) -> {
                    for (int n = 0; n < arrays.size(); n++) {
                        try (NDArray share = last.get(n).mul(1 - momentum)) {
                            arrays.get(n).muli(momentum).addi(share);
                        }
                    }
                });
    }

    /** Puts an average into the network; the next training step overwrites it. */
    void show(float momentum) {
        List<NDArray> arrays = averages.get(momentum);
        for (int n = 0; n < arrays.size(); n++) {
            arrays.get(n).copyTo(last.get(n));
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
