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

import ai.djl.repository.Repository;
import ai.djl.repository.RepositoryFactory;
import java.net.URI;
import java.util.Set;

/**
 * Understands URLs such as {@code tcnn://tr_resnet20?rank=10&classes=10}: the name of a model of
 * the zoo, trained ones among them, and arguments ({@code rank}, {@code classes}, {@code channels},
 * {@code height}, {@code width}, {@code seed}, and those of DJL's image classification translator).
 * DJL splits a list of URLs at commas, so a comma within an argument is written {@code %2C}.
 *
 * @since 0.1.0
 */
public final class TcnnRepositoryFactory implements RepositoryFactory {

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the name is unknown, or an argument is unknown or out of
     *     bounds
     */
    @Override
    public Repository newInstance(String name, URI uri) {
        String model = uri.getAuthority();
        return model != null && TrainedModels.names().contains(model)
                ? new TrainedUrlRepository(name, uri, model)
                : new ModelUrlRepository(name, uri);
    }

    @Override
    public Set<String> getSupportedScheme() {
        return Set.of("tcnn");
    }
}
