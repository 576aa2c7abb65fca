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
package io.github.djltcnn.examples.initialization;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;

/** The medians over depth as comma-separated values, to go on where a run was stopped. */
final class DepthFile {

    private static final String HEADER =
            "format,initializer,layer,feature,gradient,feature error,gradient error,seeds";

    private final Path path;
    private final int layers;
    private final int seeds;

    DepthFile(Path path, int layers, int seeds) {
        this.path = path;
        this.layers = layers;
        this.seeds = seeds;
    }

    /** Returns the medians of a format and an initializer over as many seeds, or null. */
    DepthRun.Profile find(String format, NamedInitializer initializer) {
        String key = format + "," + initializer.name() + ",";
        List<String[]> rows =
                lines().stream()
                        .filter(line -> line.startsWith(key) && line.endsWith("," + seeds))
                        .map(line -> line.split(",", -1))
                        .toList();
        return rows.size() != layers
                ? null
                : new DepthRun.Profile(
                        rows.stream().mapToDouble(row -> Double.parseDouble(row[3])).toArray(),
                        rows.stream().mapToDouble(row -> Double.parseDouble(row[4])).toArray());
    }

    private List<String> lines() {
        try {
            return Files.exists(path) ? Files.readAllLines(path) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds medians and their standard errors. */
    void keep(
            String format,
            NamedInitializer initializer,
            DepthRun.Profile median,
            DepthRun.Profile error) {
        StringBuilder text = new StringBuilder(Files.exists(path) ? "" : HEADER + "\n");
        for (int n = 0; n < layers; n++) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%s,%d,%.4f,%.4f,%.4f,%.4f,%d\n",
                            format,
                            initializer.name(),
                            n + 1,
                            median.features()[n],
                            median.gradients()[n],
                            error.features()[n],
                            error.gradients()[n],
                            seeds));
        }
        try {
            Files.writeString(
                    path,
                    text,
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
