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
import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import io.github.djltcnn.models.TensorialModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** The models of the zoo that have files of parameters. */
final class TrainedModels {

    private static final ClasspathRepository REPOSITORY =
            new ClasspathRepository("tcnn", URI.create("tcnn://classpath"));

    private TrainedModels() {}

    /** The names of the models. */
    static List<String> names() {
        return artifacts().stream().map(Artifact::getName).toList();
    }

    /** Copies a model to DJL's cache, if it is not there, and loads it. */
    static Model load(String name, Device device) throws IOException, MalformedModelException {
        Artifact artifact = artifact(name);
        REPOSITORY.prepare(artifact, null);
        return TensorialModels.load(
                REPOSITORY.getResourceDirectory(artifact),
                device,
                TrainedModels.class.getClassLoader());
    }

    /** What is known of each. */
    static List<TrainedModel> describe() throws IOException, MalformedModelException {
        List<TrainedModel> all = new ArrayList<>();
        for (Artifact artifact : artifacts()) {
            try (Model model = load(artifact.getName(), Device.cpu())) {
                all.add(TrainedModel.of(artifact, model));
            }
        }
        return all;
    }

    /** The artifact of a name. */
    static Artifact artifact(String name) {
        return artifacts().stream()
                .filter(artifact -> artifact.getName().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "No trained model \""
                                                + name
                                                + "\" in the zoo; there are "
                                                + names()));
    }

    private static List<Artifact> artifacts() {
        List<Artifact> trained = new ArrayList<>();
        for (ResNetFamily family : ResNetFamily.values()) {
            MRL mrl =
                    REPOSITORY.model(
                            Application.CV.IMAGE_CLASSIFICATION,
                            TcnnZoo.GROUP_ID,
                            family.artifactId());
            try {
                mrl.listArtifacts().stream()
                        .filter(artifact -> !artifact.getFiles().isEmpty())
                        .forEach(trained::add);
            } catch (IOException e) {
                throw new UncheckedIOException("The zoo's own metadata cannot be read", e);
            }
        }
        return trained;
    }
}
