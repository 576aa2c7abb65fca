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
package io.github.djltcnn.models.internal;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.Layers;
import io.github.djltcnn.blocks.internal.NormPair;
import io.github.djltcnn.blocks.internal.Replacement;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.StatelessBlock;
import io.github.djltcnn.nn.TensorialBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds the model of a saved folder: the base tree, its layers as they were saved, and their
 * parameters, each of which must have the shape that the tree asks for.
 */
public final class StructureBuilder {

    private static final int MAX_CORES = 24;
    private static final int MAX_NOTATION = 2_000;

    private final Structure structure;
    private final Safetensors tensors;

    private StructureBuilder(Structure structure, Safetensors tensors) {
        this.structure = structure;
        this.tensors = tensors;
    }

    /**
     * Builds a model.
     *
     * @param folder the folder, which the block factory is told
     * @param structure its checked structure
     * @param tensors its parameters
     * @param model takes the arrays
     * @param loaders where to look for the block factory first
     * @return the initialised block; its arrays ask for no gradients until a trainer wants them
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder does not make a model; names file and layer
     */
    public static Block build(
            Path folder,
            Structure structure,
            Safetensors tensors,
            Model model,
            ClassLoader... loaders)
            throws IOException, MalformedModelException {
        return new StructureBuilder(structure, tensors).build(folder, model, loaders);
    }

    private Block build(Path folder, Model model, ClassLoader... loaders)
            throws IOException, MalformedModelException {
        try {
            Block base =
                    base(structure.blockFactory(), structure.arguments(), model, folder, loaders);
            Block block = withLayers(base);
            new SavedArrays(structure, tensors).fill(block, model.getNDManager());
            checkOutput(block);
            freeze(block);
            return structure.mean().isEmpty()
                    ? block
                    : new NormalizedInput(
                            block,
                            Structure.array(structure.mean()),
                            Structure.array(structure.deviation()));
        } catch (BadLayerException e) {
            throw new MalformedModelException(
                    ModelFolder.STRUCTURE + ": layer " + e.path + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new MalformedModelException(
                    ModelFolder.STRUCTURE + ": cannot build the model: " + e.getMessage(), e);
        }
    }

    /**
     * Builds the tree of a structure without its parameters.
     *
     * @param structure what to build
     * @param model the model
     * @param loaders where to look for the block factory first; may hold null
     * @return an uninitialised block, without a normalisation of its input
     * @throws IOException if the block factory cannot build it
     * @throws IllegalArgumentException if the structure does not make a model; names the layer
     */
    public static Block tree(Structure structure, Model model, ClassLoader... loaders)
            throws IOException {
        try {
            Block base =
                    base(
                            structure.blockFactory(),
                            structure.arguments(),
                            model,
                            Path.of(""),
                            loaders);
            return new StructureBuilder(structure, null).withLayers(base);
        } catch (BadLayerException e) {
            throw new IllegalArgumentException("Layer " + e.path + ": " + e.getMessage(), e);
        }
    }

    private void checkOutput(Block block) {
        Shape output = block.getOutputShapes(new Shape[] {structure.input()})[0];
        if (!output.equals(structure.output())) {
            throw new IllegalArgumentException(
                    "its output is " + output + ", the file says " + structure.output());
        }
    }

    /** Training starts with the parameters that trained before; predictions need no gradients. */
    private void freeze(Block block) {
        Map<String, Parameter> parameters = BlockTree.parameters(block);
        for (String path : structure.frozen()) {
            Parameter parameter = parameters.get(path);
            if (parameter == null) {
                throw new BadLayerException(path, "is frozen, and no parameter of the model");
            }
            parameter.freeze(true);
        }
        parameters.values().forEach(p -> p.getArray().setRequiresGradient(false));
    }

    /** A layer that cannot be as the folder has it. */
    static final class BadLayerException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final String path;

        BadLayerException(String path, String message) {
            super(message);
            this.path = BlockTree.shown(path);
        }
    }

    /**
     * Builds the tree as it was before any conversion.
     *
     * @param className the block factory
     * @param arguments its arguments
     * @param model the model
     * @param folder the folder
     * @param loaders where to look for the class first
     * @return an uninitialised block, without a normalisation of its input
     */
    public static Block base(
            String className,
            Map<String, String> arguments,
            Model model,
            Path folder,
            ClassLoader... loaders)
            throws IOException {
        Block block =
                BlockFactories.make(className, loaders)
                        .newBlock(model, folder, new HashMap<>(arguments));
        return block instanceof NormalizedInput normalised ? normalised.getBlock() : block;
    }

    private Block withLayers(Block base) {
        List<BlockTree.Leaf> all = BlockTree.leaves(base, structure.input());
        List<BlockTree.Leaf> leaves = kernels(all);
        List<String> expected = leaves.stream().map(BlockTree.Leaf::path).toList();
        for (int n = 0; n < Math.max(expected.size(), structure.layers().size()); n++) {
            String found = n < structure.layers().size() ? structure.layers().get(n).path() : "";
            if (n >= expected.size() || !expected.get(n).equals(found)) {
                throw new BadLayerException(
                        n < expected.size() ? expected.get(n) : found,
                        "is layer "
                                + n
                                + (n < expected.size()
                                        ? " of the model, "
                                        : ", past the last one, ")
                                + (found.isEmpty()
                                        ? "the file has no more"
                                        : "the file has " + found));
            }
        }
        Replacement replacement = new Replacement();
        Set<BlockTree.Leaf> folded = foldNorms(all, replacement);
        IdentityHashMap<Block, String> networks = new IdentityHashMap<>();
        for (int n = 0; n < expected.size(); n++) {
            BlockTree.Leaf leaf = leaves.get(n);
            Structure.Layer saved = structure.layers().get(n);
            String notation = saved.network();
            String before = networks.putIfAbsent(leaf.block(), notation);
            if (before != null && !before.equals(notation)) {
                throw new BadLayerException(
                        leaf.path(), "is the same layer as another, whose network is " + before);
            }
            Block other = before == null ? null : replacement.known(leaf.block());
            if (before == null) {
                KernelLayer kernel = KernelLayer.of(leaf.block(), leaf.input());
                other = layer(leaf, folded.contains(leaf) ? kernel.withBias() : kernel, saved);
            }
            if (other != null && other != leaf.block()) {
                replacement.put(leaf, other);
            }
        }
        return replacement.commit(base);
    }

    /** Plans identities in the place of folded normalisations; the layers they are folded into. */
    private Set<BlockTree.Leaf> foldNorms(List<BlockTree.Leaf> leaves, Replacement replacement) {
        Map<String, NormPair> pairs = new HashMap<>();
        NormPair.of(leaves).forEach(pair -> pairs.put(pair.norm().path(), pair));
        Set<BlockTree.Leaf> layers = new HashSet<>();
        for (String path : structure.folded()) {
            NormPair pair = pairs.get(path);
            if (pair == null || !layers.add(pair.layer())) {
                throw new BadLayerException(
                        path,
                        pair == null
                                ? "is no batch normalisation right after a layer with a kernel, as"
                                        + " one that was folded into it would be"
                                : "is folded twice");
            }
            replacement.put(pair.norm(), StatelessBlock.of(x -> x, "identity"));
        }
        return layers;
    }

    /** The leaves with a kernel. */
    public static List<BlockTree.Leaf> kernels(List<BlockTree.Leaf> leaves) {
        return leaves.stream()
                .filter(leaf -> KernelLayer.of(leaf.block(), leaf.input()) != null)
                .toList();
    }

    private Block layer(BlockTree.Leaf leaf, KernelLayer kernel, Structure.Layer saved) {
        String notation = saved.network();
        boolean dense = !(leaf.block() instanceof TensorialBlock);
        boolean sameBias = kernel.equals(KernelLayer.of(leaf.block(), leaf.input()));
        if (Structure.DENSE.equals(notation)) {
            return dense && sameBias ? leaf.block() : Layers.newDense(kernel);
        }
        if (notation.length() > MAX_NOTATION) {
            throw new BadLayerException(
                    leaf.path(),
                    "has a network of "
                            + notation.length()
                            + " letters, at most "
                            + MAX_NOTATION
                            + " are read");
        }
        TensorNetwork network;
        try {
            network = TensorNetwork.parse(notation);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new BadLayerException(leaf.path(), e.getMessage());
        }
        if (!kernel.spec().fits(network)) {
            throw new BadLayerException(
                    leaf.path(),
                    "is " + kernel.spec() + ", which \"" + notation + "\" does not fit");
        }
        if (tensors != null) {
            checkCores(leaf.path(), network);
        }
        PlannerOptions planner = planner(saved);
        if (sameBias
                && leaf.block() instanceof TensorialBlock own
                && kernel.network(own).equals(network)
                && own.getPlannerOptions().equals(planner)) {
            return own;
        }
        return Layers.tensorial(kernel, network, leaf.path(), planner);
    }

    private static PlannerOptions planner(Structure.Layer saved) {
        try {
            return PlannerOptions.fromMap(saved.planner() == null ? Map.of() : saved.planner());
        } catch (IllegalArgumentException e) {
            throw new BadLayerException(saved.path(), e.getMessage());
        }
    }

    /** What the file does not hold is not built: no evaluation is planned for it either. */
    private void checkCores(String path, TensorNetwork network) {
        List<Core> cores = network.cores();
        if (cores.size() > MAX_CORES) {
            throw new BadLayerException(
                    path, "has " + cores.size() + " cores, at most " + MAX_CORES + " are read");
        }
        for (int n = 0; n < cores.size(); n++) {
            String name = name(path, "core" + (n + 1));
            if (!cores.get(n).shape().equals(tensors.shape(name))) {
                throw new BadLayerException(
                        path,
                        name
                                + " has shape "
                                + tensors.shape(name)
                                + " in the file, the network needs "
                                + cores.get(n).shape());
            }
        }
    }

    private static String name(String path, String parameter) {
        return path.isEmpty() ? parameter : path + "." + parameter;
    }
}
