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
import ai.djl.nn.Parameter;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Blocks to be put in the place of others. Nothing is touched until {@link #commit}; {@link
 * #discard} gives back what was made. A block that stands in several places is replaced in each.
 */
public final class Replacement {

    private final Map<BlockTree.Leaf, Block> byLeaf = new LinkedHashMap<>();
    private final IdentityHashMap<Block, Block> byOld = new IdentityHashMap<>();

    /** Creates a replacement of nothing. */
    public Replacement() {}

    /** The replacement made for the same block in another place, or null. */
    public Block known(Block old) {
        return byOld.get(old);
    }

    /** Plans to put a block in the place of a leaf. */
    public void put(BlockTree.Leaf leaf, Block replacement) {
        byLeaf.put(leaf, replacement);
        byOld.put(leaf.block(), replacement);
    }

    /**
     * Puts all blocks in place and closes the parameters of those they replace.
     *
     * @param root the tree
     * @return the root, or its replacement
     */
    public Block commit(Block root) {
        Block result = root;
        for (Map.Entry<BlockTree.Leaf, Block> entry : byLeaf.entrySet()) {
            BlockTree.Leaf leaf = entry.getKey();
            if (leaf.parent() == null) {
                result = entry.getValue();
            } else {
                BlockTree.replace(leaf.parent(), leaf.key(), entry.getValue());
            }
        }
        byOld.keySet().forEach(Replacement::close);
        return result;
    }

    /** Closes the parameters of the replacements, which go nowhere. */
    public void discard() {
        byOld.values().forEach(Replacement::close);
    }

    private static void close(Block block) {
        List<Parameter> parameters = block.getDirectParameters().values();
        parameters.forEach(Parameter::close);
    }
}
