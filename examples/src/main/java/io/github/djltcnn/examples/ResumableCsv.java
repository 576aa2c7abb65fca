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
package io.github.djltcnn.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of comma-separated lines that a long run adds to, line by line, so that a run that was cut
 * off goes on where it stopped. A line begins with its key; what is there already is not measured
 * again.
 *
 * @since 0.1.0
 */
public final class ResumableCsv {

    private final Path file;
    private final String header;
    private final List<String> lines = new ArrayList<>();

    /**
     * Opens a file, which need not exist.
     *
     * @param file the file
     * @param header its first line
     * @throws IOException if it cannot be read, or has another header
     */
    public ResumableCsv(Path file, String header) throws IOException {
        this.file = file;
        this.header = header;
        if (Files.exists(file)) {
            List<String> all = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (all.isEmpty() || !all.get(0).equals(header)) {
                throw new IOException(
                        file + " does not begin with \"" + header + "\"; remove it to begin anew");
            }
            lines.addAll(all.subList(1, all.size()));
        }
    }

    /**
     * Returns the line of a key.
     *
     * @param key its first cells, joined by commas
     * @return the cells of the line; null if there is none yet
     */
    public String[] get(String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key + ","))
                .findFirst()
                .map(line -> line.split(",", -1))
                .orElse(null);
    }

    /**
     * Adds a line, in the file as well.
     *
     * @param line the cells, joined by commas
     * @throws IOException if the file cannot be written
     */
    public void add(String line) throws IOException {
        if (lines.isEmpty() && !Files.exists(file)) {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            Files.writeString(file, header + "\n", StandardCharsets.UTF_8);
        }
        Files.writeString(file, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        lines.add(line);
    }
}
