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

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.HiddenLayers;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.decomposition.internal.budget.RankBudget;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Predicate;

/**
 * Chooses what becomes of the layers of a model: which are left out and why, and the networks of
 * the others.
 *
 * @param format the format, with the rule for its ranks
 * @param filter true for the paths to be converted
 * @param keepFirst whether the first layer stays
 * @param fresh whether trained weights do not count
 * @param evenIfLarger whether a layer may grow
 * @param decomposer decomposes trained weights
 * @param progress is told of each layer; may be null
 */
record LayerChoices(
        TensorFormat format,
        Predicate<String> filter,
        boolean keepFirst,
        boolean fresh,
        boolean evenIfLarger,
        Decomposer decomposer,
        Progress progress) {

    /**
     * Chooses for every layer of a model.
     *
     * @param root the model
     * @param input the shape of an input
     * @param decompose whether weights are decomposed also where ranks do not ask for it
     * @return one choice per layer, in the order in which they run
     */
    List<LayerChoice> of(Block root, Shape input, boolean decompose) {
        List<BlockTree.Leaf> leaves = BlockTree.leaves(root, input);
        leaves.forEach(leaf -> HiddenLayers.refuse(leaf, filter));
        List<BlockTree.Leaf> kernels =
                leaves.stream()
                        .filter(leaf -> KernelLayer.of(leaf.block(), leaf.input()) != null)
                        .toList();
        if (progress != null) {
            progress.reset("Converting", kernels.size());
        }
        IdentityHashMap<Block, RankBudget.Choice> budget = budget(root, kernels);
        List<LayerChoice> choices = new ArrayList<>();
        for (BlockTree.Leaf leaf : kernels) {
            choices.add(
                    choose(leaf, leaf.equals(kernels.get(0)), budget.get(leaf.block()), decompose));
            if (progress != null) {
                progress.increment(1);
            }
        }
        if (progress != null) {
            progress.end();
        }
        return choices;
    }

    /** Why a layer is left out of the conversion; empty if it is not. */
    private String reason(BlockTree.Leaf leaf, boolean first) {
        if (leaf.block() instanceof TensorialBlock) {
            return "tensorial already";
        }
        if (!filter.test(leaf.path())) {
            return "filtered out";
        }
        return keepFirst && first ? "first layer, kept" : "";
    }

    /** The ranks of all layers together, if the rank is a target for the whole model. */
    private IdentityHashMap<Block, RankBudget.Choice> budget(
            Block root, List<BlockTree.Leaf> kernels) {
        IdentityHashMap<Block, RankBudget.Choice> budget = new IdentityHashMap<>();
        Rank target = format.rank();
        FittedRule.Kind kind = target.fitted().map(FittedRule::kind).orElse(null);
        if (kind == null || !kind.isWholeModel()) {
            return budget;
        }
        List<Block> blocks = new ArrayList<>();
        List<RankBudget.Layer> layers = new ArrayList<>();
        long parameters = 0;
        for (Parameter parameter : BlockTree.parameters(root).values()) {
            parameters += parameter.isInitialized() ? parameter.getArray().size() : 0;
        }
        long otherMacs = 0;
        for (BlockTree.Leaf leaf : kernels) {
            KernelLayer kernel = KernelLayer.of(leaf.block(), leaf.input());
            Parameter weight = leaf.block().getDirectParameters().get("weight");
            if (!reason(leaf, leaf.equals(kernels.get(0))).isEmpty()) {
                otherMacs += kernel.macs(leaf.block());
            } else if (fresh || !weight.isInitialized()) {
                throw new IllegalArgumentException(
                        "Cannot convert "
                                + BlockTree.shown(leaf.path())
                                + ": \""
                                + target
                                + "\" needs trained weights; use Rank.ratio for a fresh start");
            } else if (!blocks.contains(leaf.block())) {
                blocks.add(leaf.block());
                parameters -= kernel.denseParameters();
                layers.add(
                        new RankBudget.Layer(
                                leaf.path(),
                                () -> values(weight),
                                kernel.spec(),
                                format,
                                kernel.geometry(),
                                kernel.input()));
            }
        }
        boolean macs = kind == FittedRule.Kind.TARGET_MACS;
        List<RankBudget.Choice> chosen =
                RankBudget.solve(target, layers, macs ? otherMacs : parameters, decomposer);
        for (int n = 0; n < blocks.size(); n++) {
            budget.put(blocks.get(n), chosen.get(n));
        }
        return budget;
    }

    private LayerChoice choose(
            BlockTree.Leaf leaf, boolean first, RankBudget.Choice budget, boolean decompose) {
        KernelLayer kernel = KernelLayer.of(leaf.block(), leaf.input());
        String reason = reason(leaf, first);
        if (reason.isEmpty() && budget != null && budget.dense()) {
            reason = "better left dense within the budget";
        }
        if (!reason.isEmpty()) {
            return LayerChoice.stays(leaf, kernel, reason);
        }
        try {
            return choose(leaf, kernel, budget == null ? null : budget.network(), decompose);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Cannot convert " + BlockTree.shown(leaf.path()) + ": " + e.getMessage(), e);
        }
    }

    private LayerChoice choose(
            BlockTree.Leaf leaf, KernelLayer kernel, TensorNetwork budgeted, boolean decompose) {
        Parameter weight = leaf.block().getDirectParameters().get("weight");
        boolean start = fresh || !weight.isInitialized();
        TensorNetwork network = budgeted;
        if (network == null && (start || !format.rank().needsWeights())) {
            network = format.network(kernel.spec());
        }
        Decomposition found = null;
        if (network == null || (!start && decompose && pays(kernel, network))) {
            found =
                    network == null
                            ? decomposer.decompose(values(weight), kernel.spec(), format)
                            : decomposer.decompose(values(weight), kernel.spec(), network);
            network = found.network();
        }
        if (!pays(kernel, network)) {
            String why =
                    "would grow: "
                            + kernel.denseParameters()
                            + " -> "
                            + network.parameterCount()
                            + " parameters";
            return LayerChoice.stays(leaf, kernel, why);
        }
        return new LayerChoice(leaf, kernel, network, found, "");
    }

    private boolean pays(KernelLayer kernel, TensorNetwork network) {
        return evenIfLarger || network.parameterCount() < kernel.denseParameters();
    }

    private static double[] values(Parameter weight) {
        if (weight.getArray().getDataType() == DataType.FLOAT64) {
            return weight.getArray().toDoubleArray();
        }
        float[] narrow = weight.getArray().toType(DataType.FLOAT32, false).toFloatArray();
        double[] values = new double[narrow.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = narrow[i];
        }
        return values;
    }
}
