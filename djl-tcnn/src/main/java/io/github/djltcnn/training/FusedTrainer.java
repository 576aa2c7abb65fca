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

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A trainer whose steps are one call of a {@link FusedOptimizer}. All else is as with DJL's {@link
 * Trainer}: {@code EasyTrain}, listeners and evaluators work with it.
 *
 * <pre>{@code
 * try (Trainer trainer = FusedTrainer.of(model, config)) {
 *     trainer.initialize(new Shape(1, 3, 32, 32));
 *     EasyTrain.fit(trainer, epochs, train, test);
 * }
 * }</pre>
 *
 * <p>With several devices, or parameters on another device than the trainer, it steps as DJL does,
 * parameter by parameter.
 *
 * @since 0.1.0
 */
public final class FusedTrainer extends Trainer {

    private final FusedOptimizer optimizer;
    private boolean isChecked;

    private FusedTrainer(Model model, TrainingConfig config) {
        super(model, config);
        optimizer = (FusedOptimizer) config.getOptimizer();
    }

    /**
     * Makes a trainer, as {@code model.newTrainer(config)} does.
     *
     * @param model the model
     * @param config the configuration; its optimizer is one of {@link FusedOptimizers}
     * @return the trainer, to be closed
     * @throws IllegalArgumentException if the optimizer is another
     */
    public static FusedTrainer of(Model model, TrainingConfig config) {
        if (!(config.getOptimizer() instanceof FusedOptimizer)) {
            throw new IllegalArgumentException(
                    "A FusedTrainer needs an optimizer of FusedOptimizers, got "
                            + config.getOptimizer().getClass().getName()
                            + "; others train with model.newTrainer(config)");
        }
        // What a model does to its block for a trainer: initializers, and what was loaded is
        // trained.
        DefaultTrainingConfig prepared =
                new DefaultTrainingConfig(config.getLossFunction()).optDevices(config.getDevices());
        for (Pair<Initializer, Predicate<Parameter>> pair : config.getInitializers()) {
            prepared.optInitializer(pair.getKey(), pair.getValue());
        }
        model.newTrainer(prepared).close();
        return new FusedTrainer(model, config);
    }

    /** Updates all parameters in one call, and sets their gradients to zero. */
    @Override
    public void step() {
        long start = System.nanoTime();
        Block block = getModel().getBlock();
        List<Parameter> parameters = new ArrayList<>();
        collect(block, Collections.newSetFromMap(new IdentityHashMap<>()), parameters);
        Device[] devices = getDevices();
        for (Parameter parameter : parameters) {
            if (devices.length > 1 || !parameter.getArray().getDevice().equals(devices[0])) {
                super.step();
                return;
            }
        }
        optimizer.step(parameters, getModel().getNDManager(), !isChecked);
        isChecked = true;
        addMetric("step", start);
    }

    private static void collect(Block block, Set<Parameter> seen, List<Parameter> parameters) {
        for (Parameter parameter : block.getDirectParameters().values()) {
            if (parameter.requiresGradient() && parameter.isInitialized() && seen.add(parameter)) {
                parameters.add(parameter);
            }
        }
        for (Pair<String, Block> child : block.getChildren()) {
            collect(child.getValue(), seen, parameters);
        }
    }
}
