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
package io.github.djltcnn.common.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table of texts, written with aligned columns, as Markdown or as comma-separated values. */
public final class TextTable {

    private final String[] header;
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    /**
     * Creates a table.
     *
     * @param header the names of the columns; one that starts with {@code >} is aligned right
     */
    public TextTable(String... header) {
        this.header = new String[header.length];
        this.right = new boolean[header.length];
        for (int n = 0; n < header.length; n++) {
            right[n] = header[n].startsWith(">");
            this.header[n] = right[n] ? header[n].substring(1) : header[n];
        }
    }

    /** Adds a row of as many cells as there are columns. */
    public TextTable add(String... cells) {
        if (cells.length != header.length) {
            throw new IllegalArgumentException(
                    "Expected " + header.length + " cells, got " + Arrays.toString(cells));
        }
        rows.add(cells.clone());
        return this;
    }

    /** Counts with separators, as 11,689,512. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** Bytes as mebibytes, of 2^20 bytes each. */
    public static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / 1048576.0);
    }

    /**
     * Comma-separated values as in RFC 4180, a line of names first: a cell with a comma, a quote or
     * a line break is quoted.
     */
    public String toCsv() {
        StringBuilder text = new StringBuilder();
        line(text, "", ",", "", quoted(header));
        rows.forEach(row -> line(text, "", ",", "", quoted(row)));
        return text.toString();
    }

    private static String[] quoted(String... cells) {
        return Arrays.stream(cells).map(TextTable::quoted).toArray(String[]::new);
    }

    private static String quoted(String cell) {
        boolean plain = cell.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }

    /** A Markdown table. */
    public String toMarkdown() {
        StringBuilder text = new StringBuilder();
        line(text, "| ", " | ", " |", header);
        text.append('|');
        for (boolean r : right) {
            text.append(r ? "---:|" : "---|");
        }
        text.append('\n');
        for (String[] row : rows) {
            String[] escaped =
                    Arrays.stream(row)
                            .map(c -> c.replace("|", "\\|").replaceAll("\\R", " "))
                            .toArray(String[]::new);
            line(text, "| ", " | ", " |", escaped);
        }
        return text.toString();
    }

    private static void line(
            StringBuilder text, String open, String between, String close, String... cells) {
        text.append(open).append(String.join(between, cells)).append(close).append('\n');
    }

    /** Aligned columns, a rule under the header. */
    @Override
    public String toString() {
        int[] widths = new int[header.length];
        for (int n = 0; n < header.length; n++) {
            widths[n] = header[n].length();
            for (String[] row : rows) {
                widths[n] = Math.max(widths[n], row[n].length());
            }
        }
        StringBuilder text = new StringBuilder();
        aligned(text, widths, header);
        String[] rule = Arrays.stream(widths).mapToObj("-"::repeat).toArray(String[]::new);
        aligned(text, widths, rule);
        rows.forEach(row -> aligned(text, widths, row));
        return text.toString();
    }

    private void aligned(StringBuilder text, int[] widths, String... cells) {
        StringBuilder line = new StringBuilder();
        for (int n = 0; n < cells.length; n++) {
            String blanks = " ".repeat(widths[n] - cells[n].length());
            line.append(n == 0 ? "" : "  ")
                    .append(right[n] ? blanks + cells[n] : cells[n] + blanks);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }
}
