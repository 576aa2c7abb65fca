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

import ai.djl.Application;
import ai.djl.repository.Repository;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooProvider;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.net.URI;
import java.util.Set;

/**
 * Registers the zoo with DJL when this jar is on the class path.
 *
 * @since 0.1.0
 */
public final class TcnnZooProvider implements ZooProvider {

    @Override
    public ModelZoo getModelZoo() {
        return new TcnnModelZoo();
    }

    /** The zoo as DJL sees it: one artifact per family. */
    private static final class TcnnModelZoo extends ModelZoo {

        TcnnModelZoo() {
            Repository repository = new ClasspathRepository("tcnn", URI.create("tcnn://classpath"));
            for (ResNetFamily family : ResNetFamily.values()) {
                addModel(
                        new ResNetLoader(
                                repository.model(
                                        Application.CV.IMAGE_CLASSIFICATION,
                                        TcnnZoo.GROUP_ID,
                                        family.artifactId())));
            }
        }

        @Override
        public String getGroupId() {
            return TcnnZoo.GROUP_ID;
        }

        @Override
        public Set<String> getSupportedEngines() {
            return Set.of(PyTorch.ENGINE);
        }
    }
}
