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
package io.github.djltcnn.models.spi;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.models.internal.SavedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Builds the model of a folder that {@link TensorialModels#save} wrote, parameters included. Its
 * {@code serving.properties} name this class, so that {@code Criteria.optModelPath(folder)} loads
 * it with this library on the class path, and the jar of the class that builds its base.
 *
 * <p>DJL chooses a translator before it knows the folder, and gives it the arguments after: this
 * class adds to them the size of the images, grey or colour, and the labels, unless they are given.
 *
 * <p>With the argument {@code compile=true}, of {@code Criteria} or in {@code serving.properties},
 * the model is compiled for predictions ({@link Compiled}).
 *
 * @since 0.1.0
 */
public final class StructureBlockFactory implements BlockFactory {

    private static final long serialVersionUID = 1L;

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if an argument says that the model is another than the saved
     *     one: other classes, channels, mean or std, or labels of another number
     */
    @Override
    @SuppressWarnings("unchecked")
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments)
            throws IOException {
        try {
            boolean compile = ModelProperties.isCompile(arguments);
            Block block = SavedModel.build(modelPath, model, (Map<String, Object>) arguments);
            if (compile) {
                model.setBlock(block);
                Compiled.replace(model);
                block = model.getBlock();
            }
            return block;
        } catch (MalformedModelException e) {
            StructureBlockFactory.<RuntimeException>raise(e);
            throw new AssertionError("raised above", e);
        }
    }

    /**
     * This method's interface has no exception for malformed files, but every caller's caller in
     * DJL, {@code Criteria.loadModel}, does.
     */
    @SuppressWarnings("unchecked")
    private static <E extends Exception> void raise(Exception e) throws E {
        throw (E) e;
    }
}
