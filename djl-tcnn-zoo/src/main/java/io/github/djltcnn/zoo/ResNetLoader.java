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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.BaseModelLoader;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslatorFactory;
import io.github.djltcnn.models.spi.StructureBlockFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Loads the models of one family. The repository lists every depth once; the filter {@code rank}
 * may be any rank, so it becomes an argument of the block factory here.
 */
final class ResNetLoader extends BaseModelLoader {

    ResNetLoader(MRL mrl) {
        super(mrl);
    }

    /**
     * Builds with this library's own classes where DJL would look for them in the class loader of
     * the thread, which may not know them.
     */
    @Override
    protected Model createModel(
            Path modelPath,
            String name,
            Device device,
            Block block,
            Map<String, Object> arguments,
            String engine)
            throws IOException {
        String factory = String.valueOf(arguments.get("blockFactory"));
        BlockFactory own = null;
        if (block == null && factory.equals(ResNetBlockFactory.class.getName())) {
            own = new ResNetBlockFactory();
        } else if (block == null && factory.equals(StructureBlockFactory.class.getName())) {
            own = new StructureBlockFactory();
        }
        if (own == null) {
            return super.createModel(modelPath, name, device, block, arguments, engine);
        }
        Model model = Model.newInstance(name, device, engine);
        try {
            model.setBlock(own.newBlock(model, modelPath, arguments));
            arguments.forEach((key, value) -> model.setProperty(key, value.toString()));
            return model;
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** The same for the translators of the zoo. */
    @Override
    protected TranslatorFactory getTranslatorFactory(
            Criteria<?, ?> criteria, Map<String, Object> arguments) {
        return criteria.getTranslatorFactory() == null
                        && ResNetTranslatorFactory.class
                                .getName()
                                .equals(arguments.get("translatorFactory"))
                ? new ResNetTranslatorFactory()
                : super.getTranslatorFactory(criteria, arguments);
    }

    @Override
    public <I, O> ZooModel<I, O> loadModel(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException, MalformedModelException {
        if (criteria.getFilters() == null
                || !criteria.getFilters().containsKey("rank")
                || criteria.getFilters().containsKey("dataset")) {
            // A trained model has the rank that it was trained with.
            return super.loadModel(criteria);
        }
        Map<String, String> filters = new HashMap<>(criteria.getFilters());
        Map<String, Object> arguments = new HashMap<>();
        if (criteria.getArguments() != null) {
            arguments.putAll(criteria.getArguments());
        }
        String rank = filters.remove("rank");
        Object asked = arguments.put("rank", rank);
        if (asked != null && !asked.toString().equals(rank)) {
            throw new IllegalArgumentException(
                    "The filter says rank "
                            + rank
                            + ", the argument rank "
                            + asked
                            + "; give one of them");
        }
        return super.loadModel(
                criteria.toBuilder().optFilters(filters).optArguments(arguments).build());
    }
}
