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
package io.github.djltcnn.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which model executors load: one that ships with the zoo, by its name, or a saved folder, whose
 * files travel with the broadcast, so that executors need no disk in common for it.
 *
 * @param name the name in the zoo, or of the folder
 * @param files the files of the folder by name; empty for a model of the zoo
 * @since 0.2.0
 */
public record ModelSource(String name, Map<String, byte[]> files) implements Serializable {

    private static final long MAX_BYTES = 1L << 30;
    private static final String STRUCTURE = "model.tcnn";

    /**
     * A model that ships with the zoo.
     *
     * @param name its name, one of {@code TcnnZoo.listTrained()}
     * @return the source
     */
    public static ModelSource zoo(String name) {
        return new ModelSource(name, Map.of());
    }

    /**
     * A folder that {@code TensorialModels.save} wrote.
     *
     * @param folder the folder
     * @return the source, with its files in memory
     * @throws IOException if a file cannot be read, or the files are too large for a broadcast
     */
    public static ModelSource folder(Path folder) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        long bytes = 0;
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
                bytes += Files.size(path);
                if (bytes > MAX_BYTES) {
                    throw new IOException(
                            folder
                                    + " has more than "
                                    + MAX_BYTES
                                    + " bytes: put it where all executors can read it");
                }
                files.put(path.getFileName().toString(), Files.readAllBytes(path));
            }
        }
        if (!files.containsKey(STRUCTURE)) {
            throw new IOException(
                    folder
                            + " is no saved model: there is no model.tcnn; save it with"
                            + " TensorialModels.save");
        }
        return new ModelSource(String.valueOf(folder.getFileName()), files);
    }

    /** The same for equal models: {@code model.tcnn} begins with its hash, and has the others'. */
    String key() {
        byte[] structure = files.get(STRUCTURE);
        return structure == null
                ? "zoo " + name
                : new String(structure, StandardCharsets.UTF_8).lines().findFirst().orElse("");
    }

    /**
     * A folder if there is one of this name, else a model of the zoo.
     *
     * @param text a folder or a name
     * @return the source
     * @throws IOException if the folder cannot be read
     */
    public static ModelSource of(String text) throws IOException {
        Path folder = Path.of(text);
        return Files.isDirectory(folder) ? folder(folder) : zoo(text);
    }
}
