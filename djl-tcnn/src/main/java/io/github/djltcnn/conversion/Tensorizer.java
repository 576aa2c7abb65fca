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
import ai.djl.training.dataset.Dataset;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.Layers;
import io.github.djltcnn.blocks.internal.Replacement;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.statistics.ModelStatistics;
import java.util.List;
import java.util.Map;
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
 * <p>A layer that stands in several places is one layer: it is converted in all of them, or stays
 * in all of them if it is to stay in one. A layer whose weights are all zero stays.
 *
 * <p>The given tree is converted in place, once every replacement is made: a failure leaves it
 * untouched. Immutable and safe to share between threads; each conversion starts the seed of {@link
 * Builder#optInitializer} from the beginning.
 *
 * <p>Longer than 400 lines: the options of the builder, and what each of them means, are most of
 * it.
 *
 * @since 0.1.0
 */
public final class Tensorizer {

    private final ConversionRun run;

    private Tensorizer(Builder builder) {
        LayerChoices choices =
                new LayerChoices(
                        builder.resolved(),
                        builder.filter,
                        builder.keepFirst,
                        builder.fresh,
                        builder.evenIfLarger,
                        builder.decomposer,
                        builder.times != null ? builder.times : predicted(builder.options),
                        builder.networks,
                        builder.progress,
                        builder.statistics);
        this.run = new ConversionRun(choices, builder.initializer, builder.options, builder.images);
    }

    /** Times as the planner predicts them. */
    private static LayerTimes predicted(PlannerOptions options) {
        return (network, geometry, input) ->
                ContractionPlanner.create(network, geometry, options)
                        .plan(input, false)
                        .predictedSeconds();
    }

    /**
     * Says what {@link #convert} would do, without changing anything. Ranks that are fitted to
     * weights are found by decomposing them; other layers report no error.
     *
     * @param root the model
     * @param input the shape of an input, with its batch
     * @return the report
     * @throws IllegalArgumentException if a layer cannot be converted, for its data type, weights
     *     that are not finite, or channels that do not fit the format; names the layer
     */
    public ConversionReport plan(Block root, Shape input) {
        return run.plan(root, input);
    }

    /**
     * Says what {@link #convert} would do for several targets of one kind, such as {@code
     * Rank.targetTime} of several shares. What the targets have in common is found once.
     *
     * @param root the model
     * @param input the shape of an input, with its batch
     * @param targets the targets, the highest share first, in the place of the rank that the format
     *     has
     * @return a report for each target, up to the first that cannot be met
     * @throws IllegalArgumentException as {@link #plan(Block, Shape)} does, if the first target
     *     cannot be met, or if a target is none for a whole model or of another kind than the first
     */
    public List<ConversionReport> plan(Block root, Shape input, List<Rank> targets) {
        List<FittedRule.Kind> kinds =
                targets.stream()
                        .map(target -> target.fitted().map(FittedRule::kind).orElse(null))
                        .distinct()
                        .toList();
        if (kinds.size() != 1 || kinds.get(0) == null || !kinds.get(0).isWholeModel()) {
            throw new IllegalArgumentException(
                    "Several plans are made for targets of one kind for the whole model, such as"
                            + " Rank.targetMacs(0.5) and Rank.targetMacs(0.25); got "
                            + targets);
        }
        return run.plan(root, input, targets);
    }

    /**
     * Converts a model in place.
     *
     * <p>Interrupting the thread ends the work with a {@code CancellationException}, and so does
     * whatever {@link Builder#optProgress} throws: the model is as it was.
     *
     * @param root the model
     * @param input the shape of an input, with its batch
     * @return the converted model and the report
     * @throws IllegalArgumentException if a layer cannot be converted; names the layer, and the
     *     model is as it was
     * @throws IllegalStateException if a trainer of the model is open: its next step would be on
     *     arrays that are gone
     */
    public Conversion convert(Block root, Shape input) {
        checkNoTrainer(root);
        return run.convert(root, input);
    }

    private static void checkNoTrainer(Block root) {
        boolean open =
                BlockTree.parameters(root).values().stream()
                        .filter(Parameter::isInitialized)
                        .map(parameter -> parameter.getArray().getManager())
                        .distinct()
                        .anyMatch(DjlInternals::hasOpenTrainer);
        if (open) {
            throw new IllegalStateException(
                    "A trainer of this model is open, and would go on with parameters that a"
                            + " conversion replaces; close it, convert, and make another with"
                            + " model.newTrainer(..)");
        }
    }

    /**
     * Makes the tensorial layers of a model dense again, in place: each becomes DJL's own layer
     * with the contracted kernel, so that the model computes the same.
     *
     * @param root the model
     * @param input the shape of an input, with its batch
     * @return the model; the given block itself, unless it was a single layer
     * @throws IllegalArgumentException if a layer does not take its input; names the layer
     * @throws IllegalStateException if a trainer of the model is open
     */
    public static Block merge(Block root, Shape input) {
        checkNoTrainer(root);
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
        private PlannerOptions options = PlannerOptions.standard();
        private LayerTimes times;
        private Map<String, TensorNetwork> networks;
        private Progress progress;
        private SampledInputs images;
        private ModelStatistics statistics;

        private Builder() {}

        /**
         * Sets images that the conversion looks at: what counts then is what the layers answer to
         * them, not their kernels. The layers are fitted one after another, each to what the
         * original layer answers, given what the compressed layers before it give; ranks that need
         * weights are found by the same measure. Biases, batch normalisations and the weights of
         * the layers that stay dense are fitted too, unless they are frozen. Some hundred images
         * are enough; labels are not looked at. All of them are in memory at once, with what two
         * layers in a row make of them, twice.
         *
         * @param dataset gives the images, prepared as for the model
         * @param count how many images at most, at least 1
         * @return this builder
         * @since 0.2.0
         */
        public Builder optImages(Dataset dataset, int count) {
            if (count < 1) {
                throw new IllegalArgumentException("At least 1 image is needed, got " + count);
            }
            this.images = new SampledInputs(Objects.requireNonNull(dataset, "dataset"), count);
            return this;
        }

        /**
         * Sets what errors of the layers weigh, if that was measured before; {@link #optImages}
         * measures it otherwise. Without images each layer is fitted by itself.
         *
         * @param statistics the statistics of the same model
         * @return this builder
         * @since 0.2.0
         */
        public Builder optStatistics(ModelStatistics statistics) {
            this.statistics = Objects.requireNonNull(statistics, "statistics");
            return this;
        }

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
         * Sets what the converted layers plan their evaluation by. The multiply-adds of the report
         * are those of these plans.
         *
         * @param options the options, {@link PlannerOptions#standard()} by default
         * @return this builder
         */
        public Builder optPlannerOptions(PlannerOptions options) {
            this.options = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Sets how long layers take, for {@link Rank#targetTime}. By default the planner's cost
         * model says so, which knows nothing of layers without a kernel.
         *
         * @param times the times of the layers
         * @return this builder
         */
        public Builder optLayerTimes(LayerTimes times) {
            this.times = Objects.requireNonNull(times, "times");
            return this;
        }

        /**
         * Sets the network of each layer, as {@link LayerReport#network} of an earlier plan says
         * it, so that no ranks are looked for again. All other layers stay.
         *
         * @param networks the networks by the paths of their layers
         * @return this builder
         */
        public Builder optNetworks(Map<String, TensorNetwork> networks) {
            this.networks = Map.copyOf(networks);
            return this;
        }

        /**
         * Sets what is told of each layer that is done. What it throws ends the conversion, and the
         * model is as it was.
         *
         * @param progress a progress bar, say; null for none
         * @return this builder
         */
        public Builder optProgress(Progress progress) {
            this.progress = progress;
            return this;
        }

        private TensorFormat resolved() {
            if (format == null) {
                TensorFormat made = formatOfRank.apply(rank);
                if (made == null) {
                    throw new IllegalArgumentException(
                            "The function of setFormat returns null for the ranks "
                                    + rank
                                    + "; it returns a format, such as TensorFormats::tucker2 does");
                }
                return made;
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
