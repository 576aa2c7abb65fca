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

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.nn.NormalizedInput;
import java.util.ArrayList;
import java.util.List;

/**
 * What may be around a network without being part of it: a normalisation of the input, and
 * sequential blocks that hold nothing else, such as the one that trains layers together.
 */
public final class Roots {

    private Roots() {}

    /**
     * A network and its normalisation.
     *
     * @param block the network
     * @param normalised the normalisation around it, or null
     */
    public record Root(Block block, NormalizedInput normalised) {}

    /**
     * Lists what may be the network: the block itself, then what is within it.
     *
     * @param block the block of a model
     * @return at least one; the normalisation is never part of the network
     * @throws IllegalArgumentException if one normalisation is within another
     */
    public static List<Root> of(Block block) {
        List<Root> roots = new ArrayList<>();
        Block current = block;
        NormalizedInput normalised = null;
        while (true) {
            if (current instanceof NormalizedInput n) {
                if (normalised != null) {
                    throw new IllegalArgumentException(
                            "The model normalises its input twice; keep one NormalizedInput");
                }
                normalised = n;
                current = n.getBlock();
                continue;
            }
            roots.add(new Root(current, normalised));
            if (current instanceof SequentialBlock sequential
                    && BlockTree.isTransparent(sequential)
                    && sequential.getChildren().size() == 1) {
                current = sequential.getChildren().valueAt(0);
            } else {
                return roots;
            }
        }
    }

    /** The innermost network. */
    public static Block inner(Block block) {
        List<Root> roots = of(block);
        return roots.get(roots.size() - 1).block();
    }

    /** The normalisation around a network; null if there is none. */
    public static NormalizedInput normalised(Block block) {
        List<Root> roots = of(block);
        return roots.get(roots.size() - 1).normalised();
    }
}
