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
package io.github.djltcnn.blocks.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.util.Pair;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialParallel;
import io.github.djltcnn.nn.TensorialSequential;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Copies models: a tree of its own with parameters of its own, under the same names. What is done
 * to the copy does not reach the model. A layer that stands in several places does so in the copy.
 */
public final class ModelCopy {

    private final NDManager manager;
    private final IdentityHashMap<Block, BlockTree.Leaf> leaves = new IdentityHashMap<>();
    private final IdentityHashMap<Block, Block> copies = new IdentityHashMap<>();

    private ModelCopy(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Copies a model with its name, its data type and its properties.
     *
     * @param model an initialised model
     * @return the copy, which the caller closes
     * @throws IllegalArgumentException as {@link #check} does
     */
    public static Model of(Model model) {
        Block block = model.getBlock();
        Shape input = new Shape(block.getInputShapes()[0].getShape());
        check(block, input);
        Model copy =
                Model.newInstance(
                        model.getName(), model.getNDManager().getDevice(), PyTorch.ENGINE);
        try {
            copy.setDataType(model.getDataType());
            ModelCopy copies = new ModelCopy(copy.getNDManager());
            BlockTree.leaves(block, input)
                    .forEach(leaf -> copies.leaves.putIfAbsent(leaf.block(), leaf));
            Block root = copies.copy(block);
            root.initialize(copy.getNDManager(), dataType(block), input);
            copies.takeOver();
            copy.setBlock(root);
            model.getProperties().forEach(copy::setProperty);
            return copy;
        } catch (RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /**
     * Refuses a tree that cannot be copied.
     *
     * @param root the tree
     * @param input the shape of an input
     * @throws IllegalArgumentException if a parameter is not initialised, or a block with
     *     parameters is neither sequential, parallel, a layer with a kernel nor a batch
     *     normalisation; names it
     */
    public static void check(Block root, Shape input) {
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(root).entrySet()) {
            if (!entry.getValue().isInitialized()) {
                throw new IllegalArgumentException(
                        "The parameter "
                                + entry.getKey()
                                + " is not initialised; initialise or load the model first");
            }
        }
        for (BlockTree.Leaf leaf : BlockTree.leaves(root, input)) {
            boolean known =
                    KernelLayer.of(leaf.block(), leaf.input()) != null
                            || BlockTree.isBatchNorm(leaf.block());
            if (!known && !leaf.block().getParameters().isEmpty()) {
                throw new IllegalArgumentException(
                        "Block "
                                + BlockTree.shown(leaf.path())
                                + " ("
                                + leaf.block().getClass().getSimpleName()
                                + ") has parameters and is of a kind that cannot be copied; there"
                                + " are sequential and parallel blocks, convolutions, linear layers"
                                + " and batch normalisations");
            }
        }
    }

    /** The type of the parameters of a tree, float32 if it has none. */
    public static DataType dataType(Block root) {
        return BlockTree.parameters(root).values().stream()
                .findFirst()
                .map(parameter -> parameter.getArray().getDataType())
                .orElse(DataType.FLOAT32);
    }

    private Block copy(Block child) {
        return once(copies, child, this::make);
    }

    /**
     * Returns the copy of a block, which is made when it is first asked for. A normalisation that
     * keeps its statistics is copied as the normalisation it stands for.
     *
     * @param copies the copies so far
     * @param child the block
     * @param make makes a copy
     * @return the copy
     */
    public static Block once(Map<Block, Block> copies, Block child, Function<Block, Block> make) {
        Block block = child instanceof FrozenBatchNorm frozen ? frozen.norm() : child;
        Block known = copies.get(block);
        if (known == null) {
            known = make.apply(block);
            copies.put(block, known);
        }
        return known;
    }

    private Block make(Block block) {
        BlockTree.Leaf leaf = leaves.get(block);
        if (leaf == null) {
            return container(block, this::copy);
        }
        if (block instanceof BatchNorm norm) {
            return norm(norm, leaf.input(), manager);
        }
        KernelLayer layer = KernelLayer.of(block, leaf.input());
        return layer == null ? block : layer(leaf, layer, manager);
    }

    /** Frozen stays frozen, and what asked for gradients does so. */
    private void takeOver() {
        copies.forEach(
                (old, copy) ->
                        old.getDirectParameters()
                                .forEach(
                                        entry -> {
                                            Parameter from = entry.getValue();
                                            Parameter to =
                                                    copy.getDirectParameters().get(entry.getKey());
                                            to.freeze(!from.requiresGradient());
                                            to.getArray()
                                                    .setRequiresGradient(
                                                            from.getArray().hasGradient());
                                        }));
    }

    /**
     * Copies a batch normalisation; its parameters train where the old ones do.
     *
     * @param norm the normalisation
     * @param input the shape of its input
     * @param manager takes the parameters
     * @return the copy, initialised
     */
    public static BatchNorm norm(BatchNorm norm, Shape input, NDManager manager) {
        BatchNorm copy =
                BatchNorm.builder()
                        .optAxis(DjlInternals.axis(norm))
                        .optEpsilon(DjlInternals.epsilon(norm))
                        .optMomentum(DjlInternals.momentum(norm))
                        .optCenter(DjlInternals.center(norm))
                        .optScale(DjlInternals.scale(norm))
                        .build();
        for (Pair<String, Parameter> entry : norm.getDirectParameters()) {
            Parameter parameter = copy.getDirectParameters().get(entry.getKey());
            parameter.setArray(duplicate(entry.getValue().getArray(), manager));
            parameter.freeze(!entry.getValue().requiresGradient());
        }
        copy.initialize(
                manager, norm.getDirectParameters().valueAt(0).getArray().getDataType(), input);
        return copy;
    }

    /**
     * Copies a layer with a kernel.
     *
     * @param leaf the layer
     * @param layer its settings
     * @param manager takes the parameters
     * @return the copy, initialised
     */
    public static Block layer(BlockTree.Leaf leaf, KernelLayer layer, NDManager manager) {
        ParameterList parameters = leaf.block().getDirectParameters();
        NDArray bias =
                parameters.contains("bias")
                        ? duplicate(parameters.get("bias").getArray(), manager)
                        : null;
        if (leaf.block() instanceof TensorialBlock block) {
            NDList cores = new NDList();
            block.getCores().forEach(core -> cores.add(duplicate(core, manager)));
            return tensorial(leaf, layer, block.getNetwork(), cores, bias);
        }
        return dense(
                leaf,
                layer,
                duplicate(parameters.get("weight").getArray(), manager),
                bias,
                manager);
    }

    /**
     * Makes a dense layer of arrays.
     *
     * @param leaf the layer in whose place it stands
     * @param layer its settings
     * @param weight its weight
     * @param bias its bias, or null
     * @param manager takes what is initialised besides
     * @return the layer, initialised
     */
    public static Block dense(
            BlockTree.Leaf leaf,
            KernelLayer layer,
            NDArray weight,
            NDArray bias,
            NDManager manager) {
        Block dense = Layers.newDense(layer);
        dense.getDirectParameters().get("weight").setArray(weight);
        if (bias != null) {
            dense.getDirectParameters().get("bias").setArray(bias);
        }
        dense.initialize(manager, weight.getDataType(), leaf.input());
        return dense;
    }

    /**
     * Makes a tensorial layer of arrays.
     *
     * @param leaf the tensorial layer in whose place it stands
     * @param layer its settings
     * @param network the network of its kernel
     * @param cores the cores
     * @param bias its bias, or null
     * @return the layer, initialised
     */
    public static Block tensorial(
            BlockTree.Leaf leaf,
            KernelLayer layer,
            TensorNetwork network,
            NDList cores,
            NDArray bias) {
        TensorialBlock block = (TensorialBlock) leaf.block();
        TensorialBlock copy =
                Layers.tensorial(layer, network, block.getName(), block.getPlannerOptions());
        copy.setCores(network, cores, bias, leaf.input());
        return copy;
    }

    /**
     * Copies an array; the copy is no part of a graph of gradients.
     *
     * @param array the array
     * @param manager takes the copy; its device may be another one
     * @return the copy
     */
    public static NDArray duplicate(NDArray array, NDManager manager) {
        // To its own device DJL does not copy, though asked to.
        boolean here = array.getDevice().equals(manager.getDevice());
        try (NDArray copy = here ? array.duplicate() : array.toDevice(manager.getDevice(), true)) {
            NDArray result = copy.stopGradient();
            result.attach(manager);
            return result;
        }
    }

    /**
     * Copies a container, whose children keep the names they had.
     *
     * @param block a sequential, parallel or normalising block
     * @param copy gives the copy of a child
     * @return the container
     */
    public static Block container(Block block, Function<Block, Block> copy) {
        if (block instanceof NormalizedInput normalised) {
            return new NormalizedInput(
                    copy.apply(normalised.getBlock()),
                    normalised.getMean(),
                    normalised.getDeviation());
        }
        if (block instanceof ParallelBlock parallel) {
            NamedParallel made = new NamedParallel(DjlInternals.function(parallel));
            block.getChildren()
                    .forEach(child -> made.put(child.getKey(), copy.apply(child.getValue())));
            return made;
        }
        NamedSequential made = new NamedSequential();
        block.getChildren()
                .forEach(child -> made.put(child.getKey(), copy.apply(child.getValue())));
        return made;
    }

    /** A sequential block whose children keep the names they had. */
    private static final class NamedSequential extends TensorialSequential {

        void put(String key, Block block) {
            addChildBlock(BlockTree.bare(key), block);
        }
    }

    /** A parallel block whose children keep the names they had. */
    private static final class NamedParallel extends TensorialParallel {

        NamedParallel(Function<List<NDList>, NDList> function) {
            super(function);
        }

        void put(String key, Block block) {
            addChildBlock(BlockTree.bare(key), block);
        }
    }
}
