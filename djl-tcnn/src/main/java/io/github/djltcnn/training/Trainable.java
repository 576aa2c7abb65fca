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
package io.github.djltcnn.training;

import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.util.Pair;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.FrozenBatchNorm;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides which parameters train; all others are frozen.
 *
 * <p>Call it after {@code model.newTrainer(..)}: DJL's trainer thaws every parameter of a loaded
 * model, so what was frozen before trains after all.
 *
 * <pre>{@code
 * try (Trainer trainer = model.newTrainer(config)) {
 *     logger.info("{}", Trainable.onlyCores(model.getBlock()));
 *     // trainable: 57,386 of 59,000 parameters (97.3 %)
 * }
 * }</pre>
 *
 * <p>The running statistics of batch normalisations are no parameters of the optimizer, but a pass
 * in training moves them, also where gamma and beta are frozen. {@link #freezeStatistics} keeps
 * them.
 *
 * @since 0.1.0
 */
public final class Trainable {

    private static final int SHOWN = 8;

    private Trainable() {}

    /**
     * How many parameters train. A parameter that stands in several places counts once.
     *
     * @param trainable the number of parameters that train
     * @param parameters the number of all parameters, running statistics included
     * @since 0.1.0
     */
    public record Status(long trainable, long parameters) {

        /** Returns the numbers as {@code trainable: 57,386 of 59,000 parameters (97.3 %)}. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "trainable: %,d of %,d parameters (%.1f %%)",
                    trainable,
                    parameters,
                    parameters == 0 ? 0 : 100.0 * trainable / parameters);
        }
    }

    /**
     * Lets the cores of tensorial layers train, and nothing else.
     *
     * @param block an initialised model
     * @return how many parameters train now
     * @throws IllegalArgumentException if the model is not initialised or has no tensorial layer
     */
    public static Status onlyCores(Block block) {
        Set<Parameter> cores = Collections.newSetFromMap(new IdentityHashMap<>());
        collectCores(block, cores);
        if (cores.isEmpty()) {
            throw new IllegalArgumentException(
                    "The model has no tensorial layer, so nothing would train; convert it, or choose"
                            + " by path with Trainable.only");
        }
        checkInitialized(block);
        return set(block, cores);
    }

    private static void collectCores(Block block, Set<Parameter> cores) {
        if (block instanceof TensorialBlock) {
            block.getDirectParameters().values().stream()
                    .filter(parameter -> parameter.getType() == Parameter.Type.WEIGHT)
                    .forEach(cores::add);
        }
        block.getChildren().values().forEach(child -> collectCores(child, cores));
    }

    /**
     * Lets the chosen parameters train, and nothing else. Running statistics cannot be chosen.
     *
     * @param block an initialised model
     * @param trains true for the path of a parameter that trains, such as {@code
     *     stage1.unit1.body.conv1.core2}
     * @return how many parameters train now
     * @throws IllegalArgumentException if the model is not initialised, or the filter chooses no
     *     parameter; nothing changes then
     */
    public static Status only(Block block, Predicate<String> trains) {
        checkInitialized(block);
        Set<Parameter> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<String> paths = new ArrayList<>();
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(block).entrySet()) {
            if (!isStatistic(entry.getValue())) {
                paths.add(entry.getKey());
                if (trains.test(entry.getKey())) {
                    chosen.add(entry.getValue());
                }
            }
        }
        if (chosen.isEmpty() && !paths.isEmpty()) {
            throw new IllegalArgumentException(
                    "The filter chooses none of the parameters "
                            + paths.subList(0, Math.min(SHOWN, paths.size()))
                            + (paths.size() > SHOWN
                                    ? " and " + (paths.size() - SHOWN) + " more"
                                    : "")
                            + ", so nothing would train; it is asked for whole paths, such as path"
                            + " -> path.startsWith(\"head.\")");
        }
        return set(block, chosen);
    }

    /**
     * Lets all parameters train.
     *
     * @param block an initialised model
     * @return how many parameters train now
     * @throws IllegalArgumentException if the model is not initialised
     */
    public static Status all(Block block) {
        return only(block, path -> true);
    }

    private static Status set(Block block, Set<Parameter> trainable) {
        for (Parameter parameter : BlockTree.parameters(block).values()) {
            if (!isStatistic(parameter)) {
                parameter.freeze(!trainable.contains(parameter));
            }
        }
        return status(block);
    }

    /**
     * Counts the parameters that train.
     *
     * @param block an initialised model
     * @return the numbers
     * @throws IllegalArgumentException if the model is not initialised
     */
    public static Status status(Block block) {
        checkInitialized(block);
        long trainable = 0;
        long all = 0;
        for (Parameter parameter : BlockTree.parameters(block).values()) {
            long size = parameter.getArray().size();
            all += size;
            trainable += parameter.requiresGradient() && !isStatistic(parameter) ? size : 0;
        }
        return new Status(trainable, all);
    }

    /**
     * Lets every batch normalisation normalise by its running statistics in training too, as it
     * does in prediction: they stay as they are, and the features below a head that is trained
     * alone do not drift. Its gamma and beta train or not as before. It lasts until {@link
     * #thawStatistics}; a saved model does not know of it.
     *
     * @param block an initialised model
     * @return how many batch normalisations there are, each counted once
     * @throws IllegalArgumentException if the model is not initialised, has no batch normalisation,
     *     or one is out of reach: the model itself, or within a block that is neither sequential
     *     nor parallel and may call it in a way of its own; nothing changes then
     */
    public static int freezeStatistics(Block block) {
        checkInitialized(block);
        Set<Block> norms = Collections.newSetFromMap(new IdentityHashMap<>());
        refuseHidden("", block, norms);
        if (norms.isEmpty()) {
            throw new IllegalArgumentException(
                    "The model has no batch normalisation, so it has no running statistics to keep");
        }
        IdentityHashMap<BatchNorm, Block> frozen = new IdentityHashMap<>();
        replace(
                block,
                child ->
                        child instanceof BatchNorm norm
                                ? frozen.computeIfAbsent(norm, FrozenBatchNorm::new)
                                : child);
        return norms.size();
    }

    /**
     * Lets batch normalisations normalise by their batches in training again, and move their
     * running statistics.
     *
     * @param block a model
     */
    public static void thawStatistics(Block block) {
        replace(block, child -> child instanceof FrozenBatchNorm frozen ? frozen.norm() : child);
    }

    private static void refuseHidden(String path, Block block, Set<Block> norms) {
        for (Pair<String, Block> child : block.getChildren()) {
            String name = BlockTree.path(path, block, child.getKey());
            Block inner = child.getValue();
            if (inner instanceof FrozenBatchNorm frozen) {
                norms.add(frozen.norm());
            } else if (inner instanceof BatchNorm) {
                if (!BlockTree.isTransparent(block)) {
                    throw unreachable(name, "its holder is a " + block.getClass().getName());
                }
                norms.add(inner);
            } else {
                refuseHidden(name, inner, norms);
            }
        }
        if (path.isEmpty() && block instanceof BatchNorm) {
            throw unreachable(path, "it is the model itself");
        }
    }

    private static IllegalArgumentException unreachable(String path, String why) {
        return new IllegalArgumentException(
                "Cannot keep the running statistics of "
                        + BlockTree.shown(path)
                        + ": "
                        + why
                        + "; hold it in a SequentialBlock");
    }

    private interface Successor {
        Block of(Block child);
    }

    private static void replace(Block root, Successor successor) {
        replace(root, successor, new HashSet<>());
    }

    private static void replace(Block root, Successor successor, Set<Block> seen) {
        if (!seen.add(root)) {
            return;
        }
        for (Pair<String, Block> child : root.getChildren()) {
            Block other = successor.of(child.getValue());
            if (other != child.getValue()) {
                BlockTree.replace((AbstractBlock) root, child.getKey(), other);
            } else {
                replace(other, successor, seen);
            }
        }
    }

    private static void checkInitialized(Block block) {
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(block).entrySet()) {
            if (!entry.getValue().isInitialized()) {
                throw new IllegalArgumentException(
                        entry.getKey()
                                + " is not initialised; initialise the model or load it first, by"
                                + " trainer.initialize(shape), say");
            }
        }
    }

    private static boolean isStatistic(Parameter parameter) {
        return parameter.getType() == Parameter.Type.RUNNING_MEAN
                || parameter.getType() == Parameter.Type.RUNNING_VAR;
    }
}
