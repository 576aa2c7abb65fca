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
import ai.djl.nn.Parameter;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.Layers;
import io.github.djltcnn.blocks.internal.Replacement;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;

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

    private final LayerChoices choices;
    private final String formatName;
    private final TensorialInitializer initializer;

    private Tensorizer(Builder builder) {
        TensorFormat format = builder.resolved();
        this.formatName = format.name();
        this.initializer = builder.initializer;
        this.choices =
                new LayerChoices(
                        format,
                        builder.filter,
                        builder.keepFirst,
                        builder.fresh,
                        builder.evenIfLarger,
                        builder.decomposer,
                        builder.progress);
    }

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
        return report(root, choices.of(root, input, false));
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
        List<LayerChoice> chosen = choices.of(root, input, true);
        ConversionReport report = report(root, chosen);
        Replacement replacement = new Replacement();
        try {
            for (LayerChoice choice : chosen) {
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

    private Block replace(LayerChoice choice, Replacement replacement) {
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

    private ConversionReport report(Block root, List<LayerChoice> chosen) {
        List<LayerReport> layers = new ArrayList<>();
        long other = 0;
        long otherBytes = 0;
        for (Parameter parameter : root.getParameters().values()) {
            boolean listed =
                    chosen.stream()
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
        chosen.forEach(choice -> layers.add(choice.report(formatName)));
        return new ConversionReport(layers, other, otherBytes);
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
        @SuppressWarnings("overloads") // a lambda says the type of its argument
        public Builder setFormat(TensorFormat format) {
            this.format = Objects.requireNonNull(format, "format");
            this.formatOfRank = null;
            return this;
        }

        /**
         * Sets the <b>required</b> format of the layers, whose ranks {@link #optRank} gives.
         *
         * @param format makes the format for a rank, such as {@code TensorFormats::tensorRing} or
         *     {@code (Rank rank) -> TensorFormats.blockTerm(2, rank)}
         * @return this builder
         */
        @SuppressWarnings("overloads")
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
