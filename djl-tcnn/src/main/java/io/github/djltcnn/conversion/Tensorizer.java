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
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import ai.djl.util.Pair;
import ai.djl.util.Progress;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.decomposition.RankBudget;
import io.github.djltcnn.format.FittedRank;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Makes the convolutions and linear layers of a model tensorial, and dense again.
 *
 * <pre>{@code
 * Conversion conversion =
 *         Tensorizer.builder()
 *                 .setFormat(TensorFormats::tucker2)
 *                 .optRank(Rank.ratio(0.25))
 *                 .optKeepFirst(true)
 *                 .build()
 *                 .convert(model.getBlock(), new Shape(1, 3, 32, 32));
 * String table = conversion.report().toString();
 * }</pre>
 *
 * <p>It walks a tree of sequential and parallel blocks and replaces each {@code Conv1d}, {@code
 * Conv2d}, {@code Conv3d} and {@code Linear}; stride, padding, dilation, groups and bias stay what
 * they are. Trained weights are decomposed; layers without weights start fresh. Layers that would
 * not become smaller stay as they are, and the report says so. A layer that a block of another kind
 * holds is refused by its path, since that block may call it in a way of its own; a filter skips
 * it.
 *
 * <p>The given tree is converted in place, once every replacement is made: a failure leaves it
 * untouched. Immutable and safe to share between threads.
 *
 * @since 0.1.0
 */
public final class Tensorizer {

    private final TensorFormat format;
    private final Predicate<String> filter;
    private final boolean keepFirst;
    private final boolean fresh;
    private final boolean evenIfLarger;
    private final TensorialInitializer initializer;
    private final Decomposer decomposer;
    private final Progress progress;

    private Tensorizer(Builder builder) {
        this.format = builder.resolved();
        this.filter = builder.filter;
        this.keepFirst = builder.keepFirst;
        this.fresh = builder.fresh;
        this.evenIfLarger = builder.evenIfLarger;
        this.initializer = builder.initializer;
        this.decomposer = builder.decomposer;
        this.progress = builder.progress;
    }

    /** What is to be done with one layer; no network if it stays. */
    private record Choice(
            BlockTree.Leaf leaf,
            KernelLayer kernel,
            TensorNetwork network,
            Decomposition found,
            String skipped) {}

    /**
     * Says what {@link #convert} would do, without changing anything. Ranks that are fitted to
     * weights are found by decomposing them; other layers report no error.
     *
     * @param root the model
     * @param input the shape of an input, with its batch
     * @return the report
     * @throws IllegalArgumentException if a layer cannot be converted; names the layer
     */
    public ConversionReport plan(Block root, Shape input) {
        return report(root, choices(root, input, false));
    }

    /**
     * Converts a model in place.
     *
     * @param root the model
     * @param input the shape of an input, with its batch
     * @return the converted model and the report
     * @throws IllegalArgumentException if a layer cannot be converted; names the layer, and the
     *     model is as it was
     */
    public Conversion convert(Block root, Shape input) {
        List<Choice> choices = choices(root, input, true);
        ConversionReport report = report(root, choices);
        Replacement replacement = new Replacement();
        try {
            for (Choice choice : choices) {
                if (choice.network() != null) {
                    replacement.put(choice.leaf(), replace(choice, replacement));
                }
            }
        } catch (RuntimeException e) {
            replacement.discard();
            throw e;
        }
        return new Conversion(replacement.commit(root), report);
    }

    private Block replace(Choice choice, Replacement replacement) {
        BlockTree.Leaf leaf = choice.leaf();
        Block known = replacement.known(leaf.block());
        if (known != null) {
            return known;
        }
        TensorialBlock block = Layers.tensorial(choice.kernel(), choice.network(), leaf.path());
        if (choice.found() != null) {
            Layers.fill(block, choice.found(), leaf.block(), leaf.input());
        } else {
            Layers.start(block, initializer, leaf.block(), leaf.input());
        }
        return block;
    }

    /**
     * Makes the tensorial layers of a model dense again, in place: each becomes DJL's own layer
     * with the contracted kernel, so that the model computes the same.
     *
     * @param root the model
     * @param input the shape of an input, with its batch
     * @return the model; the given block itself, unless it was a single layer
     */
    public static Block merge(Block root, Shape input) {
        Replacement replacement = new Replacement();
        try {
            for (BlockTree.Leaf leaf : BlockTree.leaves(root, input)) {
                if (leaf.block() instanceof TensorialBlock block) {
                    Block known = replacement.known(block);
                    KernelLayer layer = KernelLayer.of(block, leaf.input());
                    replacement.put(
                            leaf, known != null ? known : Layers.dense(block, layer, leaf.input()));
                }
            }
        } catch (RuntimeException e) {
            replacement.discard();
            throw e;
        }
        return replacement.commit(root);
    }

    private List<Choice> choices(Block root, Shape input, boolean decompose) {
        List<BlockTree.Leaf> leaves = BlockTree.leaves(root, input);
        leaves.forEach(this::refuseHidden);
        List<BlockTree.Leaf> kernels =
                leaves.stream()
                        .filter(leaf -> KernelLayer.of(leaf.block(), leaf.input()) != null)
                        .toList();
        if (progress != null) {
            progress.reset("Converting", kernels.size());
        }
        IdentityHashMap<Block, RankBudget.Choice> budget = budget(root, kernels);
        List<Choice> choices = new ArrayList<>();
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
        if (!(format.rank() instanceof FittedRank target) || !target.kind().isWholeModel()) {
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
        boolean macs = target.kind() == FittedRank.Kind.TARGET_MACS;
        List<RankBudget.Choice> chosen =
                RankBudget.solve(target, layers, macs ? otherMacs : parameters, decomposer);
        for (int n = 0; n < blocks.size(); n++) {
            budget.put(blocks.get(n), chosen.get(n));
        }
        return budget;
    }

    private Choice choose(
            BlockTree.Leaf leaf, boolean first, RankBudget.Choice budget, boolean decompose) {
        KernelLayer kernel = KernelLayer.of(leaf.block(), leaf.input());
        String reason = reason(leaf, first);
        if (reason.isEmpty() && budget != null && budget.dense()) {
            reason = "better left dense within the budget";
        }
        if (!reason.isEmpty()) {
            return new Choice(leaf, kernel, null, null, reason);
        }
        try {
            return choose(leaf, kernel, budget == null ? null : budget.network(), decompose);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Cannot convert " + BlockTree.shown(leaf.path()) + ": " + e.getMessage(), e);
        }
    }

    private Choice choose(
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
            return new Choice(leaf, kernel, null, null, why);
        }
        return new Choice(leaf, kernel, network, found, "");
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

    /** A layer within a block of another kind would be converted if it could be reached. */
    private void refuseHidden(BlockTree.Leaf leaf) {
        for (Pair<String, Block> child : leaf.block().getChildren()) {
            String path = BlockTree.path(leaf.path(), leaf.block(), child.getKey());
            refuseHidden(leaf, path, child.getValue());
        }
    }

    private void refuseHidden(BlockTree.Leaf holder, String path, Block block) {
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
            refuseHidden(holder, BlockTree.path(path, block, inner.getKey()), inner.getValue());
        }
    }

    private ConversionReport report(Block root, List<Choice> choices) {
        List<LayerReport> layers = new ArrayList<>();
        long other = 0;
        long otherBytes = 0;
        for (Parameter parameter : root.getParameters().values()) {
            boolean listed =
                    choices.stream()
                            .anyMatch(
                                    c ->
                                            c.leaf()
                                                    .block()
                                                    .getDirectParameters()
                                                    .values()
                                                    .contains(parameter));
            if (!listed && parameter.isInitialized()) {
                long size = parameter.getArray().getShape().size();
                other += size;
                otherBytes += size * parameter.getArray().getDataType().getNumOfBytes();
            }
        }
        choices.forEach(choice -> layers.add(report(choice)));
        return new ConversionReport(layers, other, otherBytes);
    }

    private LayerReport report(Choice choice) {
        KernelLayer kernel = choice.kernel();
        Block block = choice.leaf().block();
        TensorNetwork before =
                block instanceof TensorialBlock tensorial ? kernel.network(tensorial) : null;
        TensorNetwork after = choice.network() != null ? choice.network() : before;
        long bias = kernel.bias() ? kernel.spec().outputChannels() : 0;
        long parametersBefore = bias + parameters(kernel, before);
        long parametersAfter = bias + parameters(kernel, after);
        int bytes = bytesEach(block);
        return new LayerReport(
                choice.leaf().path(),
                block.getClass().getSimpleName(),
                choice.network() != null ? format.name() : "-",
                choice.network() != null ? choice.network().toString() : "",
                choice.network() != null ? ranks(choice.network()) : "",
                parametersBefore,
                parametersAfter,
                kernel.macs(before),
                kernel.macs(after),
                parametersBefore * bytes,
                parametersAfter * bytes,
                choice.found() != null ? choice.found().relativeError() : Double.NaN,
                choice.network() != null ? kernel.plan(after).toString().strip() : "",
                choice.skipped());
    }

    private static long parameters(KernelLayer kernel, TensorNetwork network) {
        return network == null ? kernel.denseParameters() : network.parameterCount();
    }

    private static int bytesEach(Block block) {
        return block.getDirectParameters().values().stream()
                .filter(Parameter::isInitialized)
                .map(p -> p.getArray().getDataType())
                .findFirst()
                .orElse(DataType.FLOAT32)
                .getNumOfBytes();
    }

    private static String ranks(TensorNetwork network) {
        return network.modes(Role.RANK).stream()
                .map(Mode::size)
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Builds a {@link Tensorizer}.
     *
     * @since 0.1.0
     */
    public static final class Builder {

        private TensorFormat format;
        private Function<Rank, ? extends TensorFormat> formatOfRank;
        private Rank rank;
        private Predicate<String> filter = path -> true;
        private boolean keepFirst;
        private boolean fresh;
        private boolean evenIfLarger;
        private TensorialInitializer initializer = TensorialInitializer.fanIn();
        private Decomposer decomposer = Decomposer.builder().build();
        private Progress progress;

        private Builder() {}

        /**
         * Sets the <b>required</b> format of the layers.
         *
         * @param format the format, with its ranks
         * @return this builder
         */
        public Builder setFormat(TensorFormat format) {
            this.format = Objects.requireNonNull(format, "format");
            this.formatOfRank = null;
            return this;
        }

        /**
         * Sets the <b>required</b> format of the layers, whose ranks {@link #optRank} gives.
         *
         * @param format makes the format for a rank, such as {@code TensorFormats::tensorRing}
         * @return this builder
         */
        public Builder setFormat(Function<Rank, ? extends TensorFormat> format) {
            this.formatOfRank = Objects.requireNonNull(format, "format");
            this.format = null;
            return this;
        }

        /**
         * Sets the ranks, in the place of those that the format has. {@link Rank#targetMacs} counts
         * the multiply-adds of the cores applied one after another; the report counts those of the
         * order that is chosen for speed, which may have more.
         *
         * @param rank the rule for the ranks
         * @return this builder
         */
        public Builder optRank(Rank rank) {
            this.rank = Objects.requireNonNull(rank, "rank");
            return this;
        }

        /**
         * Converts only some layers.
         *
         * @param filter true for the path of a layer to be converted
         * @return this builder
         */
        public Builder optFilter(Predicate<String> filter) {
            this.filter = Objects.requireNonNull(filter, "filter");
            return this;
        }

        /**
         * Sets whether the first convolution stays dense. It has few parameters, and what it loses
         * no later layer brings back.
         *
         * @param keepFirst false by default
         * @return this builder
         */
        public Builder optKeepFirst(boolean keepFirst) {
            this.keepFirst = keepFirst;
            return this;
        }

        /**
         * Sets whether layers start with fresh cores even where there are trained weights.
         *
         * @param fresh false by default
         * @return this builder
         */
        public Builder optFresh(boolean fresh) {
            this.fresh = fresh;
            return this;
        }

        /**
         * Sets what draws fresh cores.
         *
         * @param initializer the initializer, {@link TensorialInitializer#fanIn()} by default
         * @return this builder
         */
        public Builder optInitializer(TensorialInitializer initializer) {
            this.initializer = Objects.requireNonNull(initializer, "initializer");
            return this;
        }

        /**
         * Sets whether a layer is converted even if it has as many parameters after, or more.
         *
         * @param evenIfLarger false by default
         * @return this builder
         */
        public Builder optEvenIfLarger(boolean evenIfLarger) {
            this.evenIfLarger = evenIfLarger;
            return this;
        }

        /**
         * Sets how weights are decomposed: seed, starts, sweeps.
         *
         * @param decomposer the decomposer
         * @return this builder
         */
        public Builder optDecomposer(Decomposer decomposer) {
            this.decomposer = Objects.requireNonNull(decomposer, "decomposer");
            return this;
        }

        /**
         * Sets what is told of each layer that is done.
         *
         * @param progress a progress bar, say
         * @return this builder
         */
        public Builder optProgress(Progress progress) {
            this.progress = progress;
            return this;
        }

        private TensorFormat resolved() {
            if (format == null) {
                return formatOfRank.apply(rank);
            }
            return rank == null ? format : format.withRank(rank);
        }

        /**
         * Builds the tensorizer.
         *
         * @return a tensorizer
         * @throws IllegalArgumentException if the format or its ranks are missing
         */
        public Tensorizer build() {
            if (format == null && formatOfRank == null) {
                throw new IllegalArgumentException(
                        "setFormat is required, such as setFormat(TensorFormats::tucker2)");
            }
            if (formatOfRank != null && rank == null) {
                throw new IllegalArgumentException(
                        "optRank is required with a format that has no ranks yet, such as"
                                + " optRank(Rank.ratio(0.25))");
            }
            return new Tensorizer(this);
        }
    }
}
