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
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.BatchNorm;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * A layer with a kernel and the batch normalisation that directly follows it, of which one layer
 * with a bias can be made for predictions.
 *
 * @param layer the convolution or linear layer
 * @param norm the normalisation of its output channels
 */
public record NormPair(BlockTree.Leaf layer, BlockTree.Leaf norm) {

    /**
     * Finds the pairs of a tree: neighbours in one sequential block, neither of which stands in
     * another place too.
     *
     * @param leaves the leaves of the tree
     * @return the pairs in the order in which they run
     */
    public static List<NormPair> of(List<BlockTree.Leaf> leaves) {
        IdentityHashMap<Block, Integer> places = new IdentityHashMap<>();
        leaves.forEach(leaf -> places.merge(leaf.block(), 1, Integer::sum));
        List<NormPair> pairs = new ArrayList<>();
        for (int n = 1; n < leaves.size(); n++) {
            NormPair pair = new NormPair(leaves.get(n - 1), leaves.get(n));
            if (pair.fits()
                    && places.get(pair.layer.block()) == 1
                    && places.get(pair.norm.block()) == 1) {
                pairs.add(pair);
            }
        }
        return pairs;
    }

    private boolean fits() {
        return layer.parent() instanceof SequentialBlock
                && layer.parent() == norm.parent()
                && BlockTree.isBatchNorm(norm.block())
                && DjlInternals.axis((BatchNorm) norm.block()) == 1
                && kernel() != null
                && (kernel().geometry().numDimensions() > 0 || norm.input().dimension() == 2);
    }

    /** The settings of the layer. */
    public KernelLayer kernel() {
        return KernelLayer.of(layer.block(), layer.input());
    }
}
