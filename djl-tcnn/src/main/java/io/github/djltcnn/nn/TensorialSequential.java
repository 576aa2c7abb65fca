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

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.djltcnn.runtime.internal.CacheSizeGuard;
import java.util.function.Function;

/**
 * A {@link SequentialBlock} whose tensorial layers are contracted together in training: when the
 * first layer of one structure is reached in a forward pass, the cores of all such layers anywhere
 * within this block are contracted in one batch of products instead of one product after another.
 * Results are the same but for rounding; a network of many small layers trains faster, the more so
 * the more threads there are, and most where a call is dear next to its arithmetic.
 *
 * <p>Use it as the outermost block of a network; one within another leaves the work to that. The
 * weights of such layers are held to the end of the pass. Which layers do the same follows from
 * their plans, for the shapes that they were initialized with and the batch of this pass.
 *
 * <p>In predictions the output of every block is closed as soon as the next one has read it, if all
 * blocks within are known to keep no arrays: those of this library, the layers and normalisations
 * of DJL, functions in a {@link StatelessBlock}. Inputs and outputs of this block stay open, and
 * all arrays do where a {@link LayerObserver} watches.
 *
 * @since 0.1.0
 */
public class TensorialSequential extends SequentialBlock {

    static {
        CacheSizeGuard.apply();
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        check(parameterStore, inputs, training);
        if (!training) {
            LayerPass freeing = LayerPass.freeing(parameterStore, this, inputs);
            return freeing == null || isReturnIntermediate()
                    ? super.forwardInternal(parameterStore, inputs, false, params)
                    : predict(freeing, inputs, params);
        }
        return contracted(
                parameterStore,
                inputs,
                store -> super.forwardInternal(store, inputs, true, params));
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList data,
            NDList labels,
            PairList<String, Object> params) {
        check(parameterStore, data, true);
        return contracted(
                parameterStore, data, store -> super.forwardInternal(store, data, labels, params));
    }

    /** Closes the output of every block as soon as the next one has read it. */
    private NDList predict(
            ParameterStore parameterStore, NDList inputs, PairList<String, Object> params) {
        NDList current = inputs;
        for (Block child : children.values()) {
            NDList output = child.forward(parameterStore, current, false, params);
            Activations.close(current, inputs, output);
            current = output;
        }
        return current;
    }

    private void check(ParameterStore parameterStore, NDList inputs, boolean training) {
        if (!inputs.isEmpty() && !LayerPass.isWithin(parameterStore)) {
            LayerPass.checkDevice(parameterStore, this, inputs.head().getDevice(), training);
        }
    }

    private NDList contracted(
            ParameterStore parameterStore, NDList inputs, Function<ParameterStore, NDList> pass) {
        if (inputs.isEmpty() || LayerPass.isContracted(parameterStore)) {
            return pass.apply(parameterStore);
        }
        try (NDManager scope = inputs.head().getManager().newSubManager()) {
            return pass.apply(LayerPass.contracted(parameterStore, this, inputs.head(), scope));
        }
    }
}
