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
package io.github.djltcnn.service;

import io.github.djltcnn.zoo.TrainedModel;
import java.util.List;

/**
 * What is known of a model.
 *
 * @param name the name
 * @param origin {@code zoo}, or the kind of the job that made it
 * @param job the number of the job that made it; null for the zoo
 * @param from the model that it was made of; null for the zoo
 * @param data what it was trained on
 * @param channels of its pictures
 * @param height of its pictures
 * @param width of its pictures
 * @param labels its classes
 * @param accuracy the share of pictures that it recognises; null if nobody measured it
 * @param accuracyOn which pictures
 * @param parameters how many it has
 * @param multiplyAdds of a prediction
 * @param bytes of its files; null for the zoo
 * @param recipe how it was made
 */
record ModelCard(
        String name,
        String origin,
        String job,
        String from,
        String data,
        long channels,
        long height,
        long width,
        List<String> labels,
        Double accuracy,
        String accuracyOn,
        long parameters,
        long multiplyAdds,
        Long bytes,
        String recipe) {

    static final String ZOO = "zoo";

    static ModelCard of(TrainedModel model) {
        return new ModelCard(
                model.name(),
                ZOO,
                null,
                null,
                model.data(),
                model.input().get(1),
                model.input().get(2),
                model.input().get(3),
                model.labels(),
                finite(model.accuracy()),
                model.accuracyOn(),
                model.parameters(),
                model.multiplyAdds(),
                null,
                model.recipe());
    }

    /** JSON has no other numbers. */
    static Double finite(double number) {
        return Double.isFinite(number) ? number : null;
    }
}
