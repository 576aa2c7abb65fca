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

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.HiddenLayers;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.decomposition.internal.budget.RankBudget;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.runtime.internal.SideBySide;
import io.github.djltcnn.statistics.LayerStatistics;
import io.github.djltcnn.statistics.ModelStatistics;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;

/**
 * Chooses what becomes of the layers of a model: which are left out and why, and the networks of
 * the others. A layer that stands in several places is chosen for once.
 *
 * @param format the format, with the rule for its ranks
 * @param filter true for the paths to be converted
 * @param keepFirst whether the first layer stays
 * @param fresh whether trained weights do not count
 * @param evenIfLarger whether a layer may grow
 * @param decomposer decomposes trained weights
 * @param progress is told of each layer; may be null
 * @param statistics what errors of each layer weigh; null if all weigh alike
 */
record LayerChoices(
        TensorFormat format,
        Predicate<String> filter,
        boolean keepFirst,
        boolean fresh,
        boolean evenIfLarger,
        Decomposer decomposer,
        LayerTimes times,
        Map<String, TensorNetwork> networks,
        Progress progress,
        ModelStatistics statistics) {

    /** The same choices by what errors weigh. */
    LayerChoices with(ModelStatistics weights) {
        return new LayerChoices(
                format,
                filter,
                keepFirst,
                fresh,
                evenIfLarger,
                decomposer,
                times,
                networks,
                progress,
                weights);
    }

    /** The weighting of a layer; empty if there is none. */
    Optional<LayerStatistics> weights(BlockTree.Leaf leaf) {
        if (statistics == null || fresh) {
            return Optional.empty();
        }
        Optional<LayerStatistics> found = statistics.layer(leaf.path());
        KernelSpec spec = KernelLayer.of(leaf.block(), leaf.input()).spec();
        if (found.isPresent() && !found.get().spec().equals(spec)) {
            throw new IllegalArgumentException(
                    "The statistics are those of another model: "
                            + BlockTree.shown(leaf.path())
                            + " had a kernel of "
                            + found.get().spec()
                            + " there, and has one of "
                            + spec
                            + "; measure this model with ModelStatistics.of");
        }
        return found;
    }

    /**
     * Chooses for every layer of a model.
     *
     * @param root the model
     * @param input the shape of an input
     * @param decompose whether weights are decomposed also where ranks do not ask for it
     * @return one choice per layer and place, in the order in which they run
     */
    List<LayerChoice> of(Block root, Shape input, boolean decompose) {
        return of(root, input, List.of(format.rank()), decompose).get(0);
    }

    /**
     * Chooses for every layer of a model, for several ranks.
     *
     * @param root the model
     * @param input the shape of an input
     * @param ranks one rule, or several targets of one kind for the whole model
     * @param decompose whether weights are decomposed also where ranks do not ask for it
     * @return for each rank one choice per layer and place, in the order in which they run
     */
    List<List<LayerChoice>> of(Block root, Shape input, List<Rank> ranks, boolean decompose) {
        List<BlockTree.Leaf> leaves = BlockTree.leaves(root, input);
        leaves.forEach(leaf -> HiddenLayers.refuse(leaf, filter));
        List<BlockTree.Leaf> kernels =
                leaves.stream()
                        .filter(leaf -> KernelLayer.of(leaf.block(), leaf.input()) != null)
                        .toList();
        if (progress != null) {
            progress.reset("Converting", kernels.size());
        }
        // All that is refused whatever comes of the others is refused before the long work.
        IdentityHashMap<Block, String> reasons = reasons(kernels);
        List<List<LayerChoice>> all = new ArrayList<>();
        for (IdentityHashMap<Block, RankBudget.Choice> budget :
                new WholeModelRanks(this).of(root, kernels, reasons, ranks)) {
            all.add(chooseAll(kernels, reasons, budget, decompose));
        }
        return all;
    }

    private List<LayerChoice> chooseAll(
            List<BlockTree.Leaf> kernels,
            IdentityHashMap<Block, String> reasons,
            IdentityHashMap<Block, RankBudget.Choice> budget,
            boolean decompose) {
        boolean work = !fresh && (decompose || format.rank().needsWeights());
        try (SideBySide threads = SideBySide.forTasks(work ? reasons.size() : 1)) {
            IdentityHashMap<Block, Callable<LayerChoice>> tasks = new IdentityHashMap<>();
            for (BlockTree.Leaf leaf : kernels) {
                if (tasks.get(leaf.block()) == null) {
                    String reason = reasons.get(leaf.block());
                    RankBudget.Choice own = budget.get(leaf.block());
                    tasks.put(
                            leaf.block(),
                            threads.submit(() -> choose(leaf, reason, own, decompose)));
                }
            }
            return inOrder(kernels, tasks);
        }
    }

    /** Waits for the choices, in the order in which the layers run. */
    private List<LayerChoice> inOrder(
            List<BlockTree.Leaf> kernels, IdentityHashMap<Block, Callable<LayerChoice>> tasks) {
        IdentityHashMap<Block, LayerChoice> made = new IdentityHashMap<>();
        List<LayerChoice> choices = new ArrayList<>();
        for (BlockTree.Leaf leaf : kernels) {
            LayerChoice first = made.get(leaf.block());
            if (first == null) {
                first = result(tasks.get(leaf.block()));
                made.put(leaf.block(), first);
                choices.add(first);
            } else {
                choices.add(first.at(leaf));
            }
            if (progress != null) {
                progress.increment(1);
            }
        }
        if (progress != null) {
            progress.end();
        }
        return choices;
    }

    private static LayerChoice result(Callable<LayerChoice> task) {
        if (Thread.currentThread().isInterrupted()) {
            throw cancelled();
        }
        try {
            return task.call();
        } catch (CancellationException e) {
            throw Thread.currentThread().isInterrupted()
                    ? (CancellationException) cancelled().initCause(e)
                    : e;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static CancellationException cancelled() {
        return new CancellationException(
                "The thread was interrupted; the model is as it was before the conversion");
    }

    /** Why each layer is left out of the conversion, in all its places; empty if it is not. */
    private IdentityHashMap<Block, String> reasons(List<BlockTree.Leaf> kernels) {
        IdentityHashMap<Block, String> reasons = new IdentityHashMap<>();
        for (BlockTree.Leaf leaf : kernels) {
            String reason = reason(leaf, leaf.equals(kernels.get(0)));
            reasons.merge(leaf.block(), reason, (one, other) -> one.isEmpty() ? other : one);
        }
        IdentityHashMap<Block, String> checked = new IdentityHashMap<>();
        for (BlockTree.Leaf leaf : kernels) {
            if (reasons.get(leaf.block()).isEmpty() && checked.get(leaf.block()) == null) {
                checked.put(leaf.block(), weightReason(leaf));
            }
        }
        reasons.putAll(checked);
        return reasons;
    }

    private String reason(BlockTree.Leaf leaf, boolean first) {
        if (leaf.block() instanceof TensorialBlock) {
            return "tensorial already";
        }
        if (!filter.test(leaf.path())) {
            return "filtered out";
        }
        return keepFirst && first ? "first layer, kept" : "";
    }

    private String weightReason(BlockTree.Leaf leaf) {
        if (!KernelWeights.parameter(leaf).isInitialized()) {
            return "";
        }
        try {
            boolean zero = KernelWeights.isZero(leaf);
            return zero && !fresh ? "all its weights are zero" : "";
        } catch (IllegalArgumentException e) {
            throw refused(leaf, e);
        }
    }

    private static IllegalArgumentException refused(
            BlockTree.Leaf leaf, IllegalArgumentException e) {
        return new IllegalArgumentException(
                "Cannot convert " + BlockTree.shown(leaf.path()) + ": " + e.getMessage(), e);
    }

    /** A kernel with its modes scaled by what errors weigh, which ranks are chosen by. */
    static double[] scaled(
            Optional<LayerStatistics> weights, double[] values, TensorFormat candidate) {
        return weights.map(w -> w.weighting().scaled(values, candidate)).orElse(values);
    }

    private LayerChoice choose(
            BlockTree.Leaf leaf, String reason, RankBudget.Choice budget, boolean decompose) {
        KernelLayer kernel = KernelLayer.of(leaf.block(), leaf.input());
        if (!reason.isEmpty()) {
            return LayerChoice.stays(leaf, kernel, reason);
        }
        if (networks != null && !networks.containsKey(leaf.path())) {
            return LayerChoice.stays(leaf, kernel, "better left dense");
        }
        if (budget != null && budget.dense()) {
            return LayerChoice.stays(leaf, kernel, "better left dense within the budget");
        }
        try {
            TensorNetwork given = budget == null ? null : budget.network();
            given = networks == null ? given : networks.get(leaf.path());
            LayerChoice choice = choose(leaf, kernel, given, decompose);
            return choice.network() == null
                    ? choice
                    : choice.in(
                            budget != null
                                    ? budget.format().name()
                                    : formatName(kernel, choice.network()));
        } catch (IllegalArgumentException e) {
            throw refused(leaf, e);
        }
    }

    private LayerChoice choose(
            BlockTree.Leaf leaf, KernelLayer kernel, TensorNetwork budgeted, boolean decompose) {
        boolean start = fresh || !KernelWeights.parameter(leaf).isInitialized();
        TensorNetwork network = budgeted;
        if (network == null && (start || !format.rank().needsWeights())) {
            network = TensorFormats.network(format, kernel.spec());
        }
        if (network != null && !start && pays(kernel, network)) {
            Decomposer.checkNetwork(kernel.spec(), network);
        }
        Decomposition found = null;
        Optional<LayerStatistics> weights = start ? Optional.empty() : weights(leaf);
        if (network == null && weights.isPresent() && format.candidates().size() == 1) {
            double[] scaled = scaled(weights, KernelWeights.values(leaf), format);
            network = decomposer.decompose(scaled, kernel.spec(), format).network();
        }
        if (network == null || (!start && decompose && pays(kernel, network))) {
            double[] values = KernelWeights.values(leaf);
            if (network == null) {
                found = decomposer.decompose(values, kernel.spec(), format);
            } else if (weights.isPresent()) {
                found = decomposer.decompose(values, network, weights.get().weighting());
            } else {
                found = decomposer.decompose(values, kernel.spec(), network);
            }
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
        return LayerChoice.converts(leaf, kernel, network, found);
    }

    /** The name of the format that a network is of. */
    private String formatName(KernelLayer kernel, TensorNetwork network) {
        for (TensorFormat candidate : format.candidates()) {
            if (isOf(candidate, kernel, network)) {
                return candidate.name();
            }
        }
        return format.candidates().get(0).name();
    }

    /** Whether a format writes a network for some ranks. */
    private static boolean isOf(TensorFormat format, KernelLayer kernel, TensorNetwork network) {
        try {
            NetworkPattern pattern = format.pattern(kernel.spec());
            Map<String, Long> ranks = new LinkedHashMap<>();
            for (Mode mode : network.modes(Role.RANK)) {
                ranks.put(mode.name(), mode.size());
            }
            ranks.keySet().retainAll(UsefulRanks.bonds(pattern));
            return ranks.size() == UsefulRanks.bonds(pattern).size()
                    && pattern.withSizes(ranks).toNetwork().equals(network);
        } catch (IllegalArgumentException e) {
            return false; // it does not fit the layer
        }
    }

    private boolean pays(KernelLayer kernel, TensorNetwork network) {
        return evenIfLarger || network.parameterCount() < kernel.denseParameters();
    }
}
