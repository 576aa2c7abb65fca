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
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A file of comma-separated values with the names of the columns in its first line. No value has a
 * comma or a line break.
 */
final class Csv {

    private final List<String> columns;
    private final List<String> lines = new ArrayList<>();

    /** An empty table of these columns. */
    Csv(List<String> columns) {
        this.columns = List.copyOf(columns);
        lines.add(line(columns));
    }

    /** An empty table of these columns. */
    Csv(String... columns) {
        this(List.of(columns));
    }

    /** Adds a row: strings and whole numbers as they are, others with four decimals. */
    void add(Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(
                    values.length + " values for the " + columns.size() + " columns " + columns);
        }
        lines.add(line(List.of(values).stream().map(Csv::format).toList()));
    }

    /** Writes the table, and makes the folder if there is none. */
    void write(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path part = folder.resolve(file.getFileName() + ".part");
        Files.write(part, lines);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads the rows of a file, each as values by column. */
    static List<Map<String, String>> read(Path file) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        String[] names = lines.isEmpty() ? new String[0] : lines.get(0).split(",", -1);
        for (int i = 1; i < lines.size(); i++) {
            String[] values = lines.get(i).split(",", -1);
            if (values.length != names.length) {
                throw new IOException(
                        String.format(
                                "Line %d of %s has %d values, but there are %d columns",
                                i + 1, file, values.length, names.length));
            }
            Map<String, String> row = new LinkedHashMap<>();
            for (int column = 0; column < names.length; column++) {
                row.put(names[column], values[column]);
            }
            rows.add(row);
        }
        return rows;
    }

    private static String format(Object value) {
        if (value instanceof Double number) {
            return number.isNaN() ? "" : String.format(Locale.ROOT, "%.4f", number);
        }
        return value.toString();
    }

    private static String line(List<String> values) {
        for (String value : values) {
            if (value.contains(",") || value.contains("\n")) {
                throw new IllegalArgumentException(
                        "A value must not have a comma or a line break: " + value);
            }
        }
        return String.join(",", values);
    }
}
