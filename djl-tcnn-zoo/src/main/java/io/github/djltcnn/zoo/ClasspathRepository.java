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
import ai.djl.util.JsonUtils;
import ai.djl.util.Progress;
import ai.djl.util.Utils;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A repository within this jar: DJL's layout of metadata and files, under {@code /mlrepo}, read as
 * resources. Artifacts without files leave nothing on disk; files are checked and copied to DJL's
 * cache.
 */
class ClasspathRepository extends AbstractRepository {

    private static final String ROOT = "/mlrepo/";

    ClasspathRepository(String name, URI uri) {
        super(name, uri);
    }

    @Override
    public boolean isRemote() {
        return true; // in DJL's sense: files are copied to the cache before use
    }

    @Override
    public Metadata locate(MRL mrl) throws IOException {
        URI base = mrl.toURI();
        try (Reader reader =
                new InputStreamReader(
                        open(base.getPath() + "metadata.json"), StandardCharsets.UTF_8)) {
            Metadata metadata = JsonUtils.GSON.fromJson(reader, Metadata.class);
            metadata.setRepositoryUri(base);
            metadata.init(arguments);
            return metadata;
        }
    }

    @Override
    public Artifact resolve(MRL mrl, Map<String, String> filter) throws IOException {
        return mrl.match(filter);
    }

    @Override
    public List<MRL> getResources() {
        List<MRL> all = new ArrayList<>();
        for (ResNetFamily family : ResNetFamily.values()) {
            all.add(
                    model(
                            Application.CV.IMAGE_CLASSIFICATION,
                            TcnnZoo.GROUP_ID,
                            family.artifactId()));
        }
        return all;
    }

    @Override
    public void prepare(Artifact artifact, Progress progress) throws IOException {
        if (artifact.getFiles().isEmpty()) {
            return;
        }
        Path folder = getResourceDirectory(artifact);
        if (Files.exists(folder) && !isIntact(artifact, folder)) {
            // DJL would take it as it is: the copy of an older jar, or a damaged one.
            Utils.deleteQuietly(folder);
        }
        super.prepare(artifact, progress);
    }

    private static boolean isIntact(Artifact artifact, Path folder) throws IOException {
        for (Artifact.Item item : artifact.getFiles().values()) {
            Path file = folder.resolve(item.getName());
            if (!Files.isRegularFile(file) || Files.size(file) != item.getSize()) {
                return false;
            }
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-1");
                String hash = HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
                if (!hash.equals(item.getSha1Hash())) {
                    return false;
                }
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("Every Java has SHA-1", e);
            }
        }
        return true;
    }

    @Override
    protected void download(Path tmp, URI baseUri, Artifact.Item item, Progress progress)
            throws IOException {
        try (InputStream is = open(baseUri.getPath() + item.getUri())) {
            save(is, tmp, item, progress);
        }
    }

    private static InputStream open(String path) throws IOException {
        InputStream is = ClasspathRepository.class.getResourceAsStream(ROOT + path);
        if (is == null) {
            throw new FileNotFoundException("No resource " + ROOT + path + " in djl-tcnn-zoo");
        }
        return is;
    }
}
