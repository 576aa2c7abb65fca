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

import ai.djl.MalformedModelException;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.BaseModelLoader;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
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

    @Override
    public <I, O> ZooModel<I, O> loadModel(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException, MalformedModelException {
        if (criteria.getFilters() == null || !criteria.getFilters().containsKey("rank")) {
            return super.loadModel(criteria);
        }
        Map<String, String> filters = new HashMap<>(criteria.getFilters());
        Map<String, Object> arguments = new HashMap<>();
        if (criteria.getArguments() != null) {
            arguments.putAll(criteria.getArguments());
        }
        arguments.put("rank", filters.remove("rank"));
        return super.loadModel(
                criteria.toBuilder().optFilters(filters).optArguments(arguments).build());
    }
}
