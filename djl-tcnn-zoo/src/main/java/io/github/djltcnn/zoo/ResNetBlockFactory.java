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
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.Parameter;
import io.github.djltcnn.initializer.TensorialInitializer;
import java.nio.file.Path;
import java.util.Map;

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
     * file have it, the block comes initialised.
     *
     * @throws IllegalArgumentException if an argument is missing or out of bounds
     */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
        ResNetSpec spec = ResNetSpec.of(arguments);
        Object initialize = arguments.get(SpecArguments.INITIALIZE);
        return initialize != null && Boolean.parseBoolean(initialize.toString())
                ? initialized(spec, model.getNDManager())
                : spec.newBlock();
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
