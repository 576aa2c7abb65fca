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

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialParallel;
import io.github.djltcnn.nn.TensorialSequential;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tree of sequential and parallel blocks, laid out as its leaves with their paths and shapes.
 * Only containers that run their children as {@link SequentialBlock} and {@link ParallelBlock} do
 * are looked into: any other block may call a child in a way of its own, so it is a leaf.
 */
public final class BlockTree {

    private BlockTree() {}

    /**
     * A leaf.
     *
     * @param path the path from the root; empty for the root
     * @param block the block
     * @param in the shapes of its inputs
     * @param out the shapes of its outputs
     * @param parent the container that holds it; null for the root
     * @param key its key in the container; null for the root
     */
    public record Leaf(
            String path,
            Block block,
            List<Shape> in,
            List<Shape> out,
            AbstractBlock parent,
            String key) {

        /** The shape of the first input. */
        public Shape input() {
            return in.get(0);
        }
    }

    /**
     * Lists the leaves in the order in which they run.
     *
     * @param root the tree
     * @param inputs the shapes of its inputs
     * @return the leaves
     * @throws IllegalArgumentException if a size is below 1, or a layer does not take its input;
     *     names the layer
     */
    public static List<Leaf> leaves(Block root, Shape... inputs) {
        LayerInputs.check(inputs);
        List<Leaf> leaves = new ArrayList<>();
        walk("", root, inputs, null, null, leaves);
        return leaves;
    }

    private static Shape[] walk(
            String path,
            Block child,
            Shape[] in,
            AbstractBlock parent,
            String key,
            List<Leaf> leaves) {
        Block block = child instanceof FrozenBatchNorm frozen ? frozen.norm() : child;
        if (in == null || in.length == 0) {
            throw new IllegalArgumentException(
                    "Layer "
                            + shown(path)
                            + " ("
                            + block.getClass().getSimpleName()
                            + ") gets no input: "
                            + (path.isEmpty()
                                    ? "give the shape of one"
                                    : "the block before it has no output"));
        }
        if (!isTransparent(block)) {
            LayerInputs.check(path, block, in[0]);
            Shape[] out = outputs(path, block, in);
            leaves.add(new Leaf(path, block, List.of(in), List.of(out), parent, key));
            return out;
        }
        AbstractBlock container = (AbstractBlock) block;
        boolean parallel = block instanceof ParallelBlock;
        Shape[] shapes = in;
        for (Pair<String, Block> entry : block.getChildren()) {
            String name = path(path, block, entry.getKey());
            Shape[] out =
                    walk(
                            name,
                            entry.getValue(),
                            parallel ? in : shapes,
                            container,
                            entry.getKey(),
                            leaves);
            shapes = out;
        }
        return parallel ? outputs(path, block, in) : shapes;
    }

    private static Shape[] outputs(String path, Block block, Shape... in) {
        try {
            return block.getOutputShapes(in);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "Layer "
                            + shown(path)
                            + " ("
                            + block.getClass().getSimpleName()
                            + ") does not take an input of shape "
                            + List.of(in)
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Whether a block runs its children as a sequential or parallel block does. */
    public static boolean isTransparent(Block block) {
        if (block instanceof NormalizedInput) {
            return true;
        }
        if (block instanceof SequentialBlock sequential) {
            return !sequential.isReturnIntermediate()
                    && (declares(block, SequentialBlock.class)
                            || declares(block, TensorialSequential.class));
        }
        return block instanceof ParallelBlock
                && (declares(block, ParallelBlock.class)
                        || declares(block, TensorialParallel.class));
    }

    /** Whether a block is a batch normalisation that normalises as DJL's own does. */
    public static boolean isBatchNorm(Block block) {
        return block instanceof BatchNorm && declares(block, BatchNorm.class);
    }

    /** Whether the forward pass of a block is the one that the given class declares. */
    public static boolean declares(Block block, Class<?> owner) {
        return owner.equals(
                        DjlInternals.declaresForward(
                                block.getClass(),
                                ParameterStore.class,
                                NDList.class,
                                boolean.class,
                                PairList.class))
                && hasNoOtherForward(block.getClass(), owner);
    }

    /** A subclass may also override the forward pass that takes labels. */
    private static boolean hasNoOtherForward(Class<?> type, Class<?> owner) {
        Class<?> declaring =
                DjlInternals.declaresForward(
                        type, ParameterStore.class, NDList.class, NDList.class, PairList.class);
        return declaring == null || declaring.isAssignableFrom(owner);
    }

    /**
     * The path of a child. DJL's number goes where the child has a name of its own, which begins
     * with a small letter as the names of classes do not, unless a sibling has the same.
     *
     * @param path the path of the parent
     * @param parent the parent
     * @param key the key of the child
     * @return names joined by dots
     */
    public static String path(String path, Block parent, String key) {
        if (parent instanceof NormalizedInput) {
            return path; // a network has the same layers with and without it
        }
        String name = bare(key);
        BlockList siblings = parent.getChildren();
        boolean unique = siblings.keys().stream().filter(k -> bare(k).equals(name)).count() == 1;
        boolean given = !name.isEmpty() && Character.isLowerCase(name.charAt(0));
        String last = unique && given ? name : key;
        return path.isEmpty() ? last : path + "." + last;
    }

    /** The name of a child without DJL's number. */
    public static String bare(String key) {
        return key.replaceFirst("^\\d+", "");
    }

    /**
     * Lists all parameters, also those within blocks of other kinds.
     *
     * @param root the tree
     * @return the parameters by path, in the order of DJL's files; one that stands in several
     *     places by the first
     */
    public static Map<String, Parameter> parameters(Block root) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        collect("", root, parameters, Collections.newSetFromMap(new IdentityHashMap<>()));
        return parameters;
    }

    private static void collect(
            String path, Block block, Map<String, Parameter> parameters, Set<Parameter> seen) {
        for (Pair<String, Parameter> entry : block.getDirectParameters()) {
            if (seen.add(entry.getValue())) {
                String name = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                parameters.put(name, entry.getValue());
            }
        }
        for (Pair<String, Block> child : block.getChildren()) {
            collect(path(path, block, child.getKey()), child.getValue(), parameters, seen);
        }
    }

    /** A path for messages. */
    public static String shown(String path) {
        return path.isEmpty() ? "(root)" : path;
    }

    /**
     * Puts another block in the place of a child. DJL has no way to do so.
     *
     * @param parent the container
     * @param key the key of the child
     * @param block the block to put there
     */
    public static void replace(AbstractBlock parent, String key, Block block) {
        BlockList children = DjlInternals.children(parent);
        int index = children.indexOf(key);
        children.remove(index);
        children.add(index, key, block);
    }
}
