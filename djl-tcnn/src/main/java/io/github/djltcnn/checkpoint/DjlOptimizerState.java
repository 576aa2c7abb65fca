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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.models.internal.Safetensors;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The state of DJL's own optimizers, which have no way to read it. */
final class DjlOptimizerState implements OptimizerState {

    private final Optimizer optimizer;
    private final Map<String, Map<String, Map<Device, NDArray>>> slots;

    private DjlOptimizerState(
            Optimizer optimizer, Map<String, Map<String, Map<Device, NDArray>>> slots) {
        this.optimizer = optimizer;
        this.slots = slots;
    }

    /**
     * Reads an optimizer.
     *
     * @throws IllegalArgumentException if it is of a kind whose state is not known
     */
    static DjlOptimizerState of(Optimizer optimizer) {
        Map<String, Map<String, Map<Device, NDArray>>> slots =
                DjlInternals.optimizerStates(optimizer);
        if (slots == null) {
            throw new IllegalArgumentException(
                    "The state of "
                            + optimizer.getClass().getName()
                            + " cannot be saved; checkpoints are for Sgd, Adam and AdamW"
                            + " of DJL and for those of FusedOptimizers");
        }
        return new DjlOptimizerState(optimizer, slots);
    }

    @Override
    public String name() {
        return optimizer.getClass().getSimpleName();
    }

    /** By slot and path; the arrays that the optimizer itself uses. */
    @Override
    public Map<String, NDArray> arrays(Map<String, Parameter> parameters, NDManager manager) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Map<Device, NDArray>>> slot : slots.entrySet()) {
            for (Map.Entry<String, Parameter> parameter : parameters.entrySet()) {
                Map<Device, NDArray> states = slot.getValue().get(parameter.getValue().getId());
                if (states != null && !states.isEmpty()) {
                    if (states.size() > 1) {
                        throw new IllegalArgumentException(
                                "Checkpoints are for a training on one device, this one is on "
                                        + states.keySet());
                    }
                    arrays.put(
                            slot.getKey() + "/" + parameter.getKey(),
                            states.values().iterator().next());
                }
            }
        }
        return arrays;
    }

    @Override
    public Map<String, Integer> counts(Map<String, Parameter> parameters) {
        Map<String, Integer> byId = DjlInternals.updateCounts(optimizer);
        Map<String, Integer> counts = new TreeMap<>();
        parameters.forEach(
                (path, parameter) -> {
                    Integer count = byId.get(parameter.getId());
                    if (count != null) {
                        counts.put(path, count);
                    }
                });
        return counts;
    }

    @Override
    public void restore(
            Safetensors file,
            NDManager manager,
            Map<String, Parameter> parameters,
            Map<String, Integer> counts)
            throws IOException, MalformedModelException {
        Map<String, Integer> byId = new HashMap<>();
        counts.forEach(
                (path, count) -> {
                    Parameter parameter = parameters.get(path);
                    if (parameter != null) {
                        byId.put(parameter.getId(), count);
                    }
                });
        for (String name : file.names()) {
            int slash = name.indexOf('/');
            Map<String, Map<Device, NDArray>> slot =
                    slash < 0 ? null : slots.get(name.substring(0, slash));
            Parameter parameter = parameters.get(name.substring(slash + 1));
            if (slot == null
                    || parameter == null
                    || !parameter.getArray().getShape().equals(file.shape(name))) {
                throw new MalformedModelException(
                        Pointer.FILE + ": the optimizer's " + name + " fits no parameter");
            }
            NDArray array = file.read(name, manager);
            // As DJL does: the optimizer holds the array, no manager closes it.
            array.detach();
            Map<Device, NDArray> states = new ConcurrentHashMap<>();
            states.put(parameter.getArray().getDevice(), array);
            slot.put(parameter.getId(), states);
        }
        DjlInternals.setUpdateCounts(optimizer, byId);
    }
}
