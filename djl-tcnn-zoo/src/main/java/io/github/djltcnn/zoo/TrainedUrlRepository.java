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

import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** A repository of the one trained model that a URL names. */
final class TrainedUrlRepository extends ClasspathRepository {

    private final String model;

    TrainedUrlRepository(String name, URI uri, String model) {
        super(name, uri);
        ModelUrlRepository.checkArguments(uri, arguments.keySet(), List.of());
        this.model = model;
    }

    @Override
    public Metadata locate(MRL mrl) throws IOException {
        Metadata metadata = super.locate(mrl);
        metadata.setArtifacts(
                metadata.getArtifacts().stream()
                        .filter(artifact -> artifact.getName().equals(model))
                        .toList());
        return metadata;
    }

    @Override
    public List<MRL> getResources() {
        return super.getResources().stream().filter(this::hasModel).toList();
    }

    private boolean hasModel(MRL mrl) {
        return mrl.getArtifactId()
                .equals(TrainedModels.artifact(model).getMetadata().getArtifactId());
    }
}
