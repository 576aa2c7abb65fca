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

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.NormPair;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What became of the layers of the base model, and which of its normalisations were folded.
 *
 * @param root the network, without what is around it
 * @param layers its layers in the order in which they run
 * @param folded the paths of the folded normalisations
 */
public record ModelLayout(Roots.Root root, List<Structure.Layer> layers, List<String> folded) {

    /**
     * Compares a model with its base, which must have its layers in the same places.
     *
     * @param block the block of the model
     * @param input the shape of an input
     * @param factory the class that builds the base
     * @param arguments what it is told
     * @param loaders where to look for that class first; may hold null
     * @return the layout
     * @throws IOException if the class cannot build it
     * @throws IllegalArgumentException if the base is another model
     */
    public static ModelLayout of(
            Block block,
            Shape input,
            String factory,
            Map<String, String> arguments,
            ClassLoader... loaders)
            throws IOException {
        try (Model probe = Model.newInstance("base", Device.cpu(), PyTorch.ENGINE)) {
            Block fresh = StructureBuilder.base(factory, arguments, probe, Path.of(""), loaders);
            List<BlockTree.Leaf> leaves = BlockTree.leaves(fresh, input);
            List<String> expected = paths(StructureBuilder.kernels(leaves));
            List<String> first = null;
            for (Roots.Root candidate : Roots.of(block)) {
                List<BlockTree.Leaf> own = BlockTree.leaves(candidate.block(), input);
                List<String> found = paths(StructureBuilder.kernels(own));
                if (found.equals(expected)) {
                    return new ModelLayout(candidate, layers(own), folded(leaves, own));
                }
                first = first == null ? found : first;
            }
            throw anotherModel(factory, arguments, expected, first);
        }
    }

    private static List<String> paths(List<BlockTree.Leaf> leaves) {
        return leaves.stream().map(BlockTree.Leaf::path).toList();
    }

    private static List<Structure.Layer> layers(List<BlockTree.Leaf> leaves) {
        List<Structure.Layer> layers = new ArrayList<>();
        for (BlockTree.Leaf leaf : leaves) {
            if (KernelLayer.of(leaf.block(), leaf.input()) != null) {
                if (leaf.block() instanceof TensorialBlock tensorial) {
                    Map<String, String> planner = tensorial.getPlannerOptions().toMap();
                    layers.add(
                            new Structure.Layer(
                                    leaf.path(),
                                    tensorial.getNetwork().toString(),
                                    planner.isEmpty() ? null : planner));
                } else {
                    layers.add(new Structure.Layer(leaf.path(), Structure.DENSE, null));
                }
            }
        }
        return layers;
    }

    private static List<String> folded(List<BlockTree.Leaf> base, List<BlockTree.Leaf> own) {
        Set<String> norms = new HashSet<>();
        own.forEach(
                leaf -> {
                    if (leaf.block() instanceof BatchNorm) {
                        norms.add(leaf.path());
                    }
                });
        return NormPair.of(base).stream()
                .map(pair -> pair.norm().path())
                .filter(path -> !norms.contains(path))
                .toList();
    }

    private static IllegalArgumentException anotherModel(
            String factory,
            Map<String, String> arguments,
            List<String> expected,
            List<String> found) {
        List<String> missing = new ArrayList<>(expected);
        missing.removeAll(found);
        List<String> extra = new ArrayList<>(found);
        extra.removeAll(expected);
        return new IllegalArgumentException(
                "The block factory "
                        + factory
                        + " with arguments "
                        + arguments
                        + " builds another model"
                        + (missing.isEmpty() && extra.isEmpty()
                                ? ": its layers are in another order, " + expected
                                : ": the layers "
                                        + missing
                                        + " of it are not in this one, and "
                                        + extra
                                        + " of this one not in it")
                        + ". Say what builds this one before its conversion: new"
                        + " SaveOptions().optBase(factory, arguments)");
    }
}
