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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.contraction.ContractedWeights;
import io.github.djltcnn.contraction.ContractionEngine;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parameters of one forward pass in training, and what was contracted of them at its entrance.
 * Blocks hand the store of a pass down to their children, whatever blocks they are; so layers find
 * here what an outer block has done for them, and other threads do not.
 */
final class ContractedStore extends ParameterStore {

    private final ParameterStore store;
    private final Map<ContractionEngine, ContractedWeights> weights;

    private ContractedStore(
            ParameterStore store, Map<ContractionEngine, ContractedWeights> weights) {
        super(store.getManager(), false);
        this.store = store;
        this.weights = weights;
    }

    /**
     * Whether a store may be wrapped: one that watches the layers has to be seen by them, and one
     * that has weights already needs no others.
     */
    static boolean fits(ParameterStore store) {
        return !(store instanceof ContractedStore) && !(store instanceof LayerObserver);
    }

    /**
     * Contracts the cores of the tensorial layers within a block.
     *
     * @param store the parameters
     * @param block the block
     * @param device the device of the pass
     * @param scope the owner of the weights, to be closed after the pass
     */
    static ContractedStore of(ParameterStore store, Block block, Device device, NDManager scope) {
        Map<ContractionEngine, NDList> layers = new LinkedHashMap<>();
        collect(store, block, device, layers);
        return new ContractedStore(store, ContractedWeights.contract(layers, scope));
    }

    private static void collect(
            ParameterStore store,
            Block block,
            Device device,
            Map<ContractionEngine, NDList> layers) {
        if (block instanceof TensorialBlock layer) {
            // A block of another kind may hold a layer that it does not use and has not
            // initialized.
            if (layer.isInitialized()) {
                layers.put(layer.engine(), layer.cores(store, device, true));
            }
        } else {
            block.getChildren().values().forEach(child -> collect(store, child, device, layers));
        }
    }

    /** What was contracted of the cores of a layer, or null. */
    ContractedWeights weights(ContractionEngine engine) {
        return weights.get(engine);
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
        return store.getValue(parameter, device, training);
    }

    @Override
    public void updateAllParameters() {
        store.updateAllParameters();
    }

    @Override
    public void sync() {
        store.sync();
    }
}
