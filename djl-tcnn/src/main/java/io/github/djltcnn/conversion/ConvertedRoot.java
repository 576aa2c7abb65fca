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
package io.github.djltcnn.conversion;

import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.SequentialBlock;
import ai.djl.util.Pair;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialSequential;

/**
 * The root of a converted model in the place of a plain {@link SequentialBlock}, with the same
 * children under the same keys: training contracts the weights of all layers ahead of the pass.
 */
final class ConvertedRoot extends TensorialSequential {

    @SuppressWarnings("this-escape")
    private ConvertedRoot(SequentialBlock root) {
        BlockList own = DjlInternals.children(this);
        for (Pair<String, Block> child : root.getChildren()) {
            own.add(child.getKey(), child.getValue());
        }
        if (root.isInitialized()) {
            beforeInitialize(root.getInputShapes());
        }
    }

    /**
     * The block that stands for a root: the root itself unless it is a plain sequential block. One
     * that is the network of a {@link NormalizedInput} is replaced in it.
     */
    static Block of(Block root) {
        if (root instanceof NormalizedInput holder) {
            Pair<String, Block> network = holder.getChildren().get(0);
            Block converted = of(network.getValue());
            if (converted != network.getValue()) {
                BlockTree.replace(holder, network.getKey(), converted);
            }
            return root;
        }
        boolean plain =
                root.getClass() == SequentialBlock.class
                        && !((SequentialBlock) root).isReturnIntermediate();
        return plain ? new ConvertedRoot((SequentialBlock) root) : root;
    }
}
