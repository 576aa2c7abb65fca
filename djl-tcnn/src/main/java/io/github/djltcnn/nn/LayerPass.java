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
import ai.djl.training.ParameterServer;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.contraction.ContractedWeights;
import io.github.djltcnn.contraction.ContractionEngine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What the tensorial layers of a model share during one forward pass: who watches or evaluates
 * them, and what was contracted ahead of their cores.
 *
 * <p>Blocks of any kind hand the {@link ParameterStore} of a pass down to their children, so the
 * context of a pass is a store: layers find it there, and passes of other threads do not. All
 * parameters are those of the store that it was made from.
 *
 * <pre>{@code
 * ParameterStore pass = LayerPass.observing(new ParameterStore(manager, false), observer);
 * block.forward(pass, new NDList(x), false);
 * }</pre>
 *
 * @since 0.1.0
 */
public final class LayerPass extends ParameterStore {

    private static final LayerObserver NOBODY = new LayerObserver() {};

    private final ParameterStore store;
    private final LayerObserver observer;

    /** What layers contract together; null unless an outer block asked for it. */
    private final ContractedWeights weights;

    /** Evaluates the layers in their place, or null. */
    private final LayerEvaluator evaluator;

    /** Whether blocks close what they have made as soon as it is read. */
    private final boolean frees;

    private LayerPass(
            ParameterStore store,
            LayerObserver observer,
            ContractedWeights weights,
            LayerEvaluator evaluator) {
        this(store, observer, weights, evaluator, false);
    }

    private LayerPass(
            ParameterStore store,
            LayerObserver observer,
            ContractedWeights weights,
            LayerEvaluator evaluator,
            boolean frees) {
        super(store.getManager(), false);
        this.store = store;
        this.observer = observer;
        this.weights = weights;
        this.evaluator = evaluator;
        this.frees = frees;
    }

    /**
     * Returns the parameters of a pass in which the blocks within one close what they have made as
     * soon as it is read; null if somebody may look at it later.
     */
    static LayerPass freeing(ParameterStore store, Block block, NDList inputs) {
        if (store instanceof LayerPass pass && pass.frees) {
            return pass;
        }
        return Activations.areUnseen(store, block, inputs)
                ? new LayerPass(store, NOBODY, null, null, true)
                : null;
    }

    /**
     * Closes arrays that were made within a block, if the pass allows that: nobody may look at them
     * later.
     *
     * @param store the parameters of the pass
     * @param made the arrays
     * @param kept those of them that are not to be closed, as they are inputs or outputs of the
     *     block
     */
    public static void close(ParameterStore store, NDList made, NDList... kept) {
        if (store instanceof LayerPass pass && pass.frees) {
            Activations.close(made, kept);
        }
    }

    /** Whether somebody watches the layers or takes their place. */
    boolean isWatched() {
        return observer != NOBODY || evaluator != null || store.getClass() != ParameterStore.class;
    }

    /**
     * Returns the parameters of a pass whose tensorial layers an observer watches.
     *
     * @param store the parameters; if it has an observer already, that one comes first
     * @param observer sees inputs and outputs of the layers, and may replace them
     * @return the parameters to give to {@link Block#forward}
     */
    public static LayerPass observing(ParameterStore store, LayerObserver observer) {
        Objects.requireNonNull(observer, "observer");
        LayerPass pass = of(store);
        LayerObserver both = pass.observer == NOBODY ? observer : new Both(pass.observer, observer);
        return new LayerPass(pass.store, both, pass.weights, pass.evaluator);
    }

    /**
     * Returns the parameters of a pass whose tensorial layers are evaluated by somebody else.
     *
     * @param store the parameters
     * @param evaluator contracts inputs with cores in the place of the layers
     * @return the parameters to give to {@link Block#forward}
     */
    public static LayerPass evaluating(ParameterStore store, LayerEvaluator evaluator) {
        Objects.requireNonNull(evaluator, "evaluator");
        LayerPass pass = of(store);
        return new LayerPass(pass.store, pass.observer, pass.weights, evaluator);
    }

    /**
     * Passes a batch through a block, as for prediction, with an observer watching.
     *
     * @param block an initialized block with at least one tensorial layer
     * @param batch its input, which the pass works on a copy of; nothing is left at its manager
     * @param observer sees inputs and outputs of the layers, and may replace them
     * @param outputs is given the outputs of the block before they are closed
     * @throws IllegalArgumentException if the block is not initialized or has no tensorial layer
     */
    public static void observe(
            Block block, NDList batch, LayerObserver observer, Consumer<NDList> outputs) {
        check(block);
        if (batch.isEmpty() || batch.stream().anyMatch(array -> array.size() == 0)) {
            throw new IllegalArgumentException(
                    "A batch has at least one input and one sample, got "
                            + batch.stream().map(NDArray::getShape).toList());
        }
        try (NDManager manager = batch.head().getManager().newSubManager()) {
            NDList copy = new NDList();
            for (NDArray array : batch) {
                NDArray duplicate = array.duplicate();
                duplicate.attach(manager);
                copy.add(duplicate);
            }
            ParameterStore store = new ParameterStore(manager, false);
            outputs.accept(block.forward(observing(store, observer), copy, false));
        }
    }

    static void check(Block block) {
        if (!block.isInitialized()) {
            throw new IllegalArgumentException(
                    "The block is not initialized; initialize it, or its trainer, with the shape of"
                            + " the batch first");
        }
        if (!hasLayer(block)) {
            throw new IllegalArgumentException(
                    "The block has no tensorial layer (TensorialConv1d, 2d, 3d, TensorialLinear);"
                            + " there is nothing to look at");
        }
    }

    private static boolean hasLayer(Block block) {
        return block instanceof TensorialBlock
                || block.getChildren().values().stream().anyMatch(LayerPass::hasLayer);
    }

    /** The context of a store: the store itself, or one with nothing in it. */
    private static LayerPass of(ParameterStore store) {
        return store instanceof LayerPass pass ? pass : new LayerPass(store, NOBODY, null, null);
    }

    /** Whether an outer block has begun this pass, and checked it. */
    static boolean isWithin(ParameterStore store) {
        return store instanceof LayerPass pass && (pass.frees || pass.weights != null);
    }

    /** Whether an outer block has layers contracted together, or nobody asks for it. */
    static boolean isContracted(ParameterStore store) {
        return store instanceof LayerPass pass && (pass.weights != null || pass.evaluator != null);
    }

    /**
     * Has the tensorial layers within a block contract their cores together in a pass in training.
     *
     * @param store the parameters
     * @param block the block
     * @param input the input of the block in this pass
     * @param scope the owner of the weights, to be closed after the pass
     */
    static LayerPass contracted(ParameterStore store, Block block, NDArray input, NDManager scope) {
        Map<ContractionEngine, ContractedWeights.Layer> layers = new LinkedHashMap<>();
        collect(store, block, input, layers);
        LayerPass pass = of(store);
        return new LayerPass(
                pass.store, pass.observer, new ContractedWeights(layers, scope), pass.evaluator);
    }

    private static void collect(
            ParameterStore store,
            Block block,
            NDArray input,
            Map<ContractionEngine, ContractedWeights.Layer> layers) {
        if (block instanceof TensorialBlock layer) {
            // A block of another kind may hold a layer that it does not use and has not
            // initialized.
            if (layer.isInitialized()) {
                layers.put(
                        layer.engine(),
                        new ContractedWeights.Layer(
                                layer.cores(store, input.getDevice(), true),
                                layer.expectedShape(input.getShape())));
            }
        } else {
            block.getChildren().values().forEach(child -> collect(store, child, input, layers));
        }
    }

    /**
     * Returns the array of a parameter on a device. DJL's store fails without a message for a
     * device that it does not know.
     *
     * @param owner whose parameter it is, for the message
     * @throws IllegalArgumentException if the pass has no parameters on the device
     */
    static NDArray value(
            ParameterStore store,
            Parameter parameter,
            Device device,
            boolean training,
            Supplier<String> owner) {
        try {
            return store.getValue(parameter, device, training);
        } catch (NullPointerException e) {
            throw new IllegalArgumentException(
                    owner.get()
                            + " got an input on "
                            + device
                            + ", where this pass has no parameters (they are on "
                            + parameter.getArray().getDevice()
                            + "); move the input with toDevice, or load the model for that device",
                    e);
        }
    }

    /**
     * Refuses an input on a device where a pass has no parameters, before a block of DJL fails on
     * it without a message.
     *
     * @throws IllegalArgumentException if the pass has no parameters on the device
     */
    static void checkDevice(ParameterStore store, Block block, Device device, boolean training) {
        Parameter parameter = anyParameter(block);
        if (parameter != null) {
            value(store, parameter, device, training, () -> "The model");
        }
    }

    private static Parameter anyParameter(Block block) {
        for (Parameter parameter : block.getDirectParameters().values()) {
            if (parameter.isInitialized()) {
                return parameter;
            }
        }
        for (Block child : block.getChildren().values()) {
            Parameter parameter = anyParameter(child);
            if (parameter != null) {
                return parameter;
            }
        }
        return null;
    }

    /** Who watches the layers of a pass. */
    static LayerObserver observer(ParameterStore store) {
        return store instanceof LayerPass pass ? pass.observer : NOBODY;
    }

    /** What the layers of a pass contract together, or null. */
    static ContractedWeights weights(ParameterStore store) {
        return store instanceof LayerPass pass ? pass.weights : null;
    }

    /** Who evaluates the layers of a pass in their place, or null. */
    static LayerEvaluator evaluator(ParameterStore store) {
        return store instanceof LayerPass pass ? pass.evaluator : null;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
        return store.getValue(parameter, device, training);
    }

    @Override
    public void setParameterServer(ParameterServer server, Device[] devices) {
        store.setParameterServer(server, devices);
    }

    @Override
    public void updateAllParameters() {
        store.updateAllParameters();
    }

    @Override
    public void sync() {
        store.sync();
    }

    /** Two observers of one pass. */
    private record Both(LayerObserver first, LayerObserver second) implements LayerObserver {

        @Override
        public NDArray onInput(TensorialBlock layer, NDArray input) {
            return second.onInput(layer, first.onInput(layer, input));
        }

        @Override
        public NDArray onOutput(TensorialBlock layer, NDArray output) {
            return second.onOutput(layer, first.onOutput(layer, output));
        }
    }
}
