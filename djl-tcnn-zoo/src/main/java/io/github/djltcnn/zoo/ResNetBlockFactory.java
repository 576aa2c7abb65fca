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
package io.github.djltcnn.zoo;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.Parameter;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.nn.NormalizedInput;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Builds a residual network of the zoo from model arguments ({@link ResNetSpec#of}), for the zoo
 * itself and for folders whose {@code serving.properties} name this class as {@code blockFactory}.
 *
 * @since 0.1.0
 */
public final class ResNetBlockFactory implements BlockFactory {

    private static final long serialVersionUID = 1L;

    /**
     * {@inheritDoc}
     *
     * <p>With the argument {@code initialize=true}, as the zoo's own artifacts without a parameter
     * file have it, the block comes initialised. With {@code mean} and {@code std}, a number each
     * or one per channel separated by commas, it normalises its input itself, pixels from 0 to 1.
     *
     * <p>With {@code compile=true} it is compiled for predictions ({@link Compiled}), if it comes
     * initialised.
     *
     * @throws IllegalArgumentException if an argument is missing or out of bounds
     */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
        Block block = network(model, arguments);
        if (ModelProperties.isCompile(arguments)) {
            if (!block.isInitialized()) {
                throw new IllegalArgumentException(
                        "compile=true is for a model that has its parameters when it is built; DJL"
                                + " reads those of this one later. Save it with"
                                + " TensorialModels.save, or call Compiled.replace(model) when it is"
                                + " loaded");
            }
            model.setBlock(block);
            Compiled.replace(model);
            return model.getBlock();
        }
        return block;
    }

    private static Block network(Model model, Map<String, ?> arguments) {
        ResNetSpec spec = ResNetSpec.of(arguments);
        Object initialize = arguments.get(SpecArguments.INITIALIZE);
        Block block =
                initialize != null && Boolean.parseBoolean(initialize.toString())
                        ? initialized(spec, model.getNDManager())
                        : spec.newBlock();
        Object mean = arguments.get("mean");
        Object deviation = arguments.get("std");
        if (mean == null && deviation == null) {
            return block;
        }
        float[] means = ModelProperties.numbers("mean", Objects.toString(mean, "0"));
        float[] deviations = ModelProperties.numbers("std", Objects.toString(deviation, "1"));
        NormalizedInput normalised = new NormalizedInput(block, means, deviations);
        normalised.getOutputShapes(new Shape[] {spec.inputShape()});
        return normalised;
    }

    /** The network with the parameters of its seed. */
    static Block initialized(ResNetSpec spec, NDManager manager) {
        Block block = spec.newBlock();
        // One instance for the whole network: every layer takes the next stream of numbers.
        block.setInitializer(
                TensorialInitializer.fanIn().withSeed(spec.seed()), Parameter.Type.WEIGHT);
        block.initialize(manager, DataType.FLOAT32, spec.inputShape());
        return block;
    }
}
