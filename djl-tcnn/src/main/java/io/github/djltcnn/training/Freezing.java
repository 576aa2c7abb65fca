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

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Decides which parameters train.
 *
 * <p>Call it after {@code model.newTrainer(..)}: DJL's trainer thaws every parameter of a loaded
 * model, so what was frozen before trains after all.
 *
 * <pre>{@code
 * try (Trainer trainer = model.newTrainer(config)) {
 *     logger.info("{}", Freezing.onlyTensorial(model.getBlock()));
 *     // trainable: 57,386 of 59,000 parameters (97.3 %)
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Freezing {

    private Freezing() {}

    /**
     * How many parameters train.
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
     * Lets only the cores of tensorial layers train.
     *
     * @param block an initialised model
     * @return how many parameters train now
     */
    public static Status onlyTensorial(Block block) {
        return only(block, path -> path.matches("(.*\\.)?core\\d+"));
    }

    /**
     * Lets only the chosen parameters train. Running statistics never do.
     *
     * @param block an initialised model
     * @param trains true for the path of a parameter that trains, such as {@code
     *     stage1.unit1.body.conv1.core2}
     * @return how many parameters train now
     */
    public static Status only(Block block, Predicate<String> trains) {
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(block).entrySet()) {
            Parameter parameter = entry.getValue();
            if (!isStatistic(parameter)) {
                parameter.freeze(!trains.test(entry.getKey()));
            }
        }
        return status(block);
    }

    /**
     * Lets all parameters train but running statistics.
     *
     * @param block an initialised model
     * @return how many parameters train now
     */
    public static Status none(Block block) {
        return only(block, path -> true);
    }

    /**
     * Counts the parameters that train.
     *
     * @param block an initialised model
     * @return the numbers
     */
    public static Status status(Block block) {
        long trainable = 0;
        long all = 0;
        for (Parameter parameter : block.getParameters().values()) {
            long size = parameter.getArray().getShape().size();
            all += size;
            trainable += parameter.requiresGradient() && !isStatistic(parameter) ? size : 0;
        }
        return new Status(trainable, all);
    }

    private static boolean isStatistic(Parameter parameter) {
        return parameter.getType() == Parameter.Type.RUNNING_MEAN
                || parameter.getType() == Parameter.Type.RUNNING_VAR;
    }
}
