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

import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import ai.djl.util.Pair;
import java.util.function.Predicate;

/**
 * Layers within blocks that are no plain containers. They would be converted if they could be
 * reached, but such a block may call them in a way of its own.
 */
public final class HiddenLayers {

    private HiddenLayers() {}

    /** Refuses a leaf that holds a layer which the filter wants converted; names its path. */
    public static void refuse(BlockTree.Leaf leaf, Predicate<String> filter) {
        for (Pair<String, Block> child : leaf.block().getChildren()) {
            String path = BlockTree.path(leaf.path(), leaf.block(), child.getKey());
            refuse(leaf, path, child.getValue(), filter);
        }
    }

    private static void refuse(
            BlockTree.Leaf holder, String path, Block block, Predicate<String> filter) {
        if ((block instanceof Convolution || block instanceof Linear) && filter.test(path)) {
            throw new IllegalArgumentException(
                    "Cannot convert "
                            + path
                            + ": its holder "
                            + BlockTree.shown(holder.path())
                            + " is a "
                            + holder.block().getClass().getName()
                            + ", which may call it in a way of its own; hold it in a"
                            + " SequentialBlock, or skip it with optFilter(path -> !path.equals(\""
                            + path
                            + "\"))");
        }
        for (Pair<String, Block> inner : block.getChildren()) {
            String within = BlockTree.path(path, block, inner.getKey());
            refuse(holder, within, inner.getValue(), filter);
        }
    }
}
