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

import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@link NativeMemory#keepBuffers()} does to the speed and to the resident memory of a
 * process: one network, alone in its process, with or without. Appends a row to a file.
 *
 * <p>Arguments: the file; {@code train} or {@code predict}; {@code tensorial} or {@code dense};
 * {@code keep} or {@code default}. Or: {@code report}, the page, the folder of the table {@code
 * memory.csv}, the file.
 */
public final class MemoryBenchmark {

    private static final int WARM_UP = 6;
    private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 15);
    private static final int BATCH = Integer.getInteger("benchmark.batch", 32);
    private static final Map<String, String> BUFFERS =
            Map.of("keep", "kept", "default", "as glibc does");

    private MemoryBenchmark() {}

    /**
     * Runs the benchmark, or writes the report.
     *
     * @param args see above
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        if (args[0].equals("report")) {
            report(Path.of(args[1]), Path.of(args[2]), Files.readAllLines(Path.of(args[3])));
            return;
        }
        boolean training = args[1].equals("train");
        if (args[3].equals("keep")) {
            NativeMemory.keepBuffers();
        }
        ModelCase each = new ModelCase(training ? 32 : 18, BATCH, training);
        String row;
        try (ModelContestant contestant =
                new ModelContestant(
                        args[2],
                        args[2].equals("dense") ? each.dense() : each.tensorial(),
                        each.input(),
                        false,
                        training,
                        false)) {
            for (int round = 0; round < WARM_UP; round++) {
                contestant.once();
            }
            double[] millis = new double[ROUNDS];
            long faults = PeakMemory.minorFaults();
            for (int round = 0; round < ROUNDS; round++) {
                millis[round] = contestant.once();
            }
            faults = (PeakMemory.minorFaults() - faults) / ROUNDS;
            Arrays.sort(millis);
            row =
                    String.format(
                            Locale.ROOT,
                            "%s,%s,%s,%s,%.1f,%d,%d,%d",
                            each.key(),
                            Integer.getInteger("ai.djl.pytorch.num_threads", 1),
                            args[2],
                            args[3],
                            millis[ROUNDS / 2],
                            faults,
                            PeakMemory.status("VmRSS") >> 20,
                            PeakMemory.status("VmHWM") >> 20);
        }
        Files.write(
                Path.of(args[0]),
                List.of(row),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** Writes the table and the part "memory" of a page from the rows of the file. */
    static void report(Path page, Path folder, List<String> rows) throws IOException {
        Csv table =
                new Csv(
                        "threads",
                        "what",
                        "network",
                        "whose",
                        "image",
                        "batch",
                        "buffers",
                        "ms",
                        "page_faults",
                        "resident_mib",
                        "highest_mib");
        Map<String, Map<String, String[]>> cases = new LinkedHashMap<>();
        for (String row : rows) {
            String[] c = row.split(",", -1);
            String what = c[0].equals("train") ? "training step" : "prediction";
            String network = "ResNet-" + c[1];
            table.add(
                    c[4],
                    what,
                    network,
                    c[5],
                    c[2],
                    c[3],
                    BUFFERS.get(c[6]),
                    c[7],
                    c[8],
                    c[9],
                    c[10]);
            String title =
                    String.format(
                            "| %s | %s, %s x %s, batch %s | %s, %s |",
                            c[4], what, c[2], c[2], c[3], network, c[5]);
            cases.computeIfAbsent(title, t -> new HashMap<>()).put(c[6], c);
        }
        StringBuilder text = new StringBuilder();
        text.append("| threads | what | network | ms, as glibc does / kept | page faults each ")
                .append("| resident, MiB | highest, MiB |\n|---|---|---|---|---|---|---|\n");
        cases.forEach(
                (title, pair) -> {
                    text.append(title);
                    for (int column = 7; column <= 10; column++) {
                        text.append(' ').append(value(pair.get("default"), column));
                        text.append(" / ").append(value(pair.get("keep"), column)).append(" |");
                    }
                    text.append('\n');
                });
        table.write(folder.resolve("memory.csv"));
        Page.replace(page, "memory", text.toString());
    }

    /** A value of a row, or a dash where there is no such row. */
    private static String value(String[] row, int column) {
        return row == null ? "-" : row[column];
    }
}
