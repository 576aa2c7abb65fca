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
package io.github.djltcnn.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The file that a benchmark writes: rows of a key, a name and a number, separated by commas. A
 * benchmark that was stopped goes on where it was, as what the file holds is not run again.
 */
final class Results {

    /** The number of threads that libtorch computes with, the first column of every key. */
    static final int THREADS = Integer.getInteger("ai.djl.pytorch.num_threads", 1);

    private final Path file;
    private final Pattern wanted;
    private final Map<String, Map<String, Double>> done;

    /**
     * Opens the file of results, which need not exist.
     *
     * @param args the file; optionally a regular expression, found in the keys of what shall run
     */
    Results(String... args) throws IOException {
        file = Path.of(args[0]);
        wanted = Pattern.compile(args.length > 1 ? args[1] : "");
        done = Files.exists(file) ? read(List.of(file)) : Map.of();
    }

    /** Whether what has this key is asked for and not yet done. */
    boolean isWanted(String key) {
        return !done.containsKey(key) && wanted.matcher(key).find();
    }

    /** Appends rows. */
    void add(String key, Map<String, Double> values) throws IOException {
        List<String> rows = new ArrayList<>();
        values.forEach(
                (name, value) ->
                        rows.add(
                                String.format(
                                        Locale.ROOT,
                                        "%s,%s,%.4f",
                                        key,
                                        name.replace(",", ";"),
                                        value)));
        Files.write(file, rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Reads files of results: the values by name of every key, in the order of the files. */
    static Map<String, Map<String, Double>> read(List<Path> files) throws IOException {
        Map<String, Map<String, Double>> all = new LinkedHashMap<>();
        for (Path file : files) {
            for (String row : Files.readAllLines(file)) {
                int end = row.lastIndexOf(',');
                int middle = row.lastIndexOf(',', end - 1);
                all.computeIfAbsent(row.substring(0, middle), key -> new LinkedHashMap<>())
                        .put(
                                row.substring(middle + 1, end),
                                Double.valueOf(row.substring(end + 1)));
            }
        }
        return all;
    }
}
