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
import ai.djl.repository.AbstractRepository;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.util.Progress;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.models.internal.ModelProperties;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A repository of the one model that a URL names. */
final class ModelUrlRepository extends AbstractRepository {

    private static final Set<String> TRANSLATOR =
            Set.of(
                    "applySoftmax",
                    "centerCrop",
                    "centerFit",
                    "flag",
                    "mean",
                    "normalize",
                    "pad",
                    "range",
                    "resize",
                    "resizeShort",
                    "std",
                    "synset",
                    "topK");

    private final ResNetSpec spec;
    private final Metadata metadata;

    ModelUrlRepository(String name, URI uri) {
        super(name, uri);
        String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
        String model = uri.getAuthority() == null ? path : uri.getAuthority() + path;
        List<String> allowed = new ArrayList<>(SpecArguments.NUMBERS);
        arguments.keySet().stream().filter(PlannerOptions::isOption).forEach(allowed::add);
        allowed.addAll(PlannerOptions.names());
        checkArguments(uri, arguments.keySet(), allowed);
        arguments.put(SpecArguments.MODEL, model);
        ModelProperties.isCompile(arguments); // refuses what is neither true nor false
        this.spec = ResNetSpec.of(arguments);
        this.metadata = describe();
    }

    /**
     * Checks the arguments of a URL.
     *
     * @param uri the URL
     * @param given its arguments
     * @param numbers those that make the model another one
     * @throws IllegalArgumentException if one is not known
     */
    static void checkArguments(URI uri, Collection<String> given, Collection<String> numbers) {
        Set<String> seen = new HashSet<>();
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        for (String part : query.split("&", -1)) {
            String key = URLDecoder.decode(part.split("=", -1)[0], StandardCharsets.UTF_8);
            if (!key.isEmpty() && !seen.add(key)) {
                throw new IllegalArgumentException(
                        "The argument \"" + key + "\" is given twice in " + uri);
            }
        }
        for (String key : new TreeSet<>(given)) {
            boolean known =
                    numbers.contains(key)
                            || TRANSLATOR.contains(key)
                            || key.equals(ModelProperties.COMPILE);
            if (!known) {
                throw new IllegalArgumentException(
                        "Unknown argument \""
                                + key
                                + "\" in "
                                + uri
                                + "; allowed are "
                                + new TreeSet<>(numbers)
                                + ", "
                                + ModelProperties.COMPILE
                                + " and, for the translator, "
                                + new TreeSet<>(TRANSLATOR));
            }
        }
    }

    private Metadata describe() {
        Artifact artifact = new Artifact();
        artifact.setName(spec.name());
        artifact.setVersion("0.1.0");
        artifact.setFiles(Map.of());
        artifact.setOptions(Map.of("hasParameter", "false"));
        artifact.getArguments().putAll(spec.toArguments());
        arguments.forEach(
                (key, value) -> {
                    if (TRANSLATOR.contains(key) || key.equals(ModelProperties.COMPILE)) {
                        artifact.getArguments().put(key, value);
                    }
                });
        artifact.getArguments().put(SpecArguments.INITIALIZE, "true");
        Metadata all = new Metadata.MatchAllMetadata();
        all.setApplication(Application.CV.IMAGE_CLASSIFICATION);
        all.setGroupId(TcnnZoo.GROUP_ID);
        all.setArtifactId(spec.family().artifactId());
        all.setArtifacts(List.of(artifact));
        all.setRepositoryUri(mrl().toURI());
        return all;
    }

    private MRL mrl() {
        return model(
                Application.CV.IMAGE_CLASSIFICATION, TcnnZoo.GROUP_ID, spec.family().artifactId());
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public Metadata locate(MRL mrl) {
        return metadata;
    }

    @Override
    public Artifact resolve(MRL mrl, Map<String, String> filter) {
        return metadata.getArtifacts().get(0);
    }

    @Override
    public List<MRL> getResources() {
        return List.of(mrl());
    }

    /** There are no files: parameters are drawn. */
    @Override
    public void prepare(Artifact artifact, Progress progress) {}
}
