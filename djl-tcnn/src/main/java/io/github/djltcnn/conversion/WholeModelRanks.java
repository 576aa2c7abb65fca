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
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.decomposition.internal.budget.RankBudget;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.statistics.LayerStatistics;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Ranks for all layers of a model together, where the rule is a target for the whole model.
 *
 * @param choices what may become of the layers
 */
record WholeModelRanks(LayerChoices choices) {

    private static final double NANO = 1e-9;

    /** The ranks of all layers together, for ranks that are targets for the whole model. */
    List<IdentityHashMap<Block, RankBudget.Choice>> of(
            Block root,
            List<BlockTree.Leaf> kernels,
            IdentityHashMap<Block, String> reasons,
            List<Rank> ranks) {
        Rank target = ranks.get(0);
        FittedRule.Kind kind = target.fitted().map(FittedRule::kind).orElse(null);
        if (choices.networks() != null || kind == null || !kind.isWholeModel()) {
            return List.of(new IdentityHashMap<>());
        }
        double otherNanos = choices.times().otherSeconds() / NANO;
        IdentityHashMap<Block, List<BlockTree.Leaf>> places = new IdentityHashMap<>();
        List<Block> blocks = new ArrayList<>();
        long parameters = 0;
        for (Parameter parameter : BlockTree.parameters(root).values()) {
            parameters += parameter.isInitialized() ? parameter.getArray().size() : 0;
        }
        long otherMacs = 0;
        for (BlockTree.Leaf leaf : kernels) {
            KernelLayer kernel = KernelLayer.of(leaf.block(), leaf.input());
            if (!reasons.get(leaf.block()).isEmpty()) {
                otherMacs += kernel.macs(leaf.block());
                if (kind == FittedRule.Kind.TARGET_TIME) {
                    otherNanos += nanos(kernel, network(kernel, leaf.block()));
                }
            } else if (choices.fresh() || !KernelWeights.parameter(leaf).isInitialized()) {
                throw new IllegalArgumentException(
                        "Cannot convert "
                                + BlockTree.shown(leaf.path())
                                + ": \""
                                + target
                                + "\" needs trained weights; use Rank.ratio for a fresh start");
            } else {
                if (!places.containsKey(leaf.block())) {
                    places.put(leaf.block(), new ArrayList<>());
                    blocks.add(leaf.block());
                    parameters -= kernel.denseParameters();
                }
                places.get(leaf.block()).add(leaf);
            }
        }
        List<RankBudget.Layer> layers = new ArrayList<>();
        blocks.forEach(block -> layers.add(layer(places.get(block))));
        double other =
                switch (kind) {
                    case TARGET_MACS -> otherMacs;
                    case TARGET_TIME -> otherNanos;
                    default -> parameters;
                };
        List<IdentityHashMap<Block, RankBudget.Choice>> budgets = new ArrayList<>();
        for (List<RankBudget.Choice> chosen :
                RankBudget.solveAll(ranks, layers, other, choices.decomposer())) {
            IdentityHashMap<Block, RankBudget.Choice> budget = new IdentityHashMap<>();
            for (int n = 0; n < blocks.size(); n++) {
                budget.put(blocks.get(n), chosen.get(n));
            }
            budgets.add(budget);
        }
        return budgets;
    }

    private double nanos(KernelLayer kernel, TensorNetwork network) {
        return choices.times().seconds(network, kernel.geometry(), kernel.input()) / NANO;
    }

    private static TensorNetwork network(KernelLayer kernel, Block block) {
        return block instanceof TensorialBlock tensorial
                ? kernel.network(tensorial)
                : TensorFormats.dense().network(kernel.spec());
    }

    /** A layer of the budget, which works in all its places. */
    private RankBudget.Layer layer(List<BlockTree.Leaf> places) {
        BlockTree.Leaf first = places.get(0);
        KernelLayer kernel = KernelLayer.of(first.block(), first.input());
        Optional<LayerStatistics> weights = choices.weights(first);
        List<KernelLayer> all =
                places.stream().map(leaf -> KernelLayer.of(leaf.block(), leaf.input())).toList();
        return new RankBudget.Layer(
                first.path(),
                () -> KernelWeights.values(first),
                kernel.spec(),
                choices.format(),
                kernel.geometry(),
                all.stream().map(KernelLayer::input).toList(),
                network -> all.stream().mapToDouble(place -> nanos(place, network)).sum(),
                (values, candidate) -> LayerChoices.scaled(weights, values, candidate),
                weights.map(w -> w.loss(KernelWeights.values(first))).orElse(Double.NaN));
    }
}
