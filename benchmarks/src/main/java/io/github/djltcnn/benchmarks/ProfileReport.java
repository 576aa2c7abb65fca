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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Writes what {@link LayerProfile} and {@link CallProfile} measured into a page, between the lines
 * {@code <!-- profile -->} and {@code <!-- /profile -->}: why training steps miss the dense
 * convolution, cell by cell and counted, what a second thread brings, and the operations that a
 * contraction is made of.
 *
 * <p>Arguments: the page, then the files of results of both.
 */
public final class ProfileReport {

    private static final double NEAR = 1.05;
    private static final int MOST_THREADS = 64;

    private final List<ProfileRow> rows = new ArrayList<>();
    private final Map<String, Map<String, Double>> results;
    private final StringBuilder text = new StringBuilder();

    private ProfileReport(Map<String, Map<String, Double>> results) {
        this.results = results;
        results.forEach(
                (key, values) -> {
                    if (values.containsKey("dense")) {
                        rows.add(new ProfileRow(key, values));
                    }
                });
    }

    /**
     * Writes the report.
     *
     * @param args the page, then the files of results
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        List<Path> files = Stream.of(args).skip(1).map(Path::of).toList();
        Page.replace(Path.of(args[0]), "profile", write(Results.read(files)));
    }

    /** The report on results of both programs. */
    static String write(Map<String, Map<String, Double>> results) {
        ProfileReport report = new ProfileReport(results);
        List<Integer> threads = report.rows.stream().map(ProfileRow::threads).distinct().toList();
        report.summary(threads);
        report.secondThread();
        threads.forEach(report::table);
        CallProfile.CELLS.forEach(report::calls);
        return report.text.toString();
    }

    private Stream<ProfileRow> rows(int threads) {
        return rows.stream().filter(row -> row.threads() == threads);
    }

    private void summary(List<Integer> threads) {
        text.append("| threads | cells | above 1.10 x dense ");
        for (ProfileRow.Reason reason : ProfileRow.Reason.values()) {
            text.append("| ").append(reason).append(' ');
        }
        text.append("| chosen above 1.05 x the best measured besides | worst |\n|---|---|---|");
        text.append("---|".repeat(ProfileRow.Reason.values().length)).append("---|---|\n");
        for (int each : threads) {
            List<ProfileRow> missed = rows(each).filter(ProfileRow::isMissed).toList();
            line("| %d | %d | %d |", each, rows(each).count(), missed.size());
            for (ProfileRow.Reason reason : ProfileRow.Reason.values()) {
                line(" %d |", missed.stream().filter(row -> row.reason() == reason).count());
            }
            List<Double> toBest = missed.stream().map(row -> row.chosen() / row.best()).toList();
            line(" %d |", toBest.stream().filter(ratio -> ratio > NEAR).count());
            line(" %.2f |%n", toBest.stream().mapToDouble(ratio -> ratio).max().orElse(1));
        }
        text.append('\n');
    }

    private void table(int threads) {
        line("### Training steps taken apart, threads: %d%n%n", threads);
        text.append("| C, H=W, batch | format, rank | dense | chosen | chosen / dense | kernel ")
                .append("| (dense + kernel) / dense | its calls | its products ")
                .append("| (dense + products) / dense | multiply-adds kernel / dense ")
                .append("| fewest of any order / dense | best other order / dense ")
                .append("| chosen / best of these ")
                .append(
                        "| 10^9 multiply-adds per second, dense / products | what is above 1.10 |\n|")
                .append("---|".repeat(16))
                .append('\n');
        rows(threads)
                .filter(row -> row.isKernelFirst() || row.isMissed())
                .forEach(row -> text.append(row.line()));
        text.append('\n');
    }

    /** Medians over the cells whose kernel is contracted first, on one thread and on two. */
    private void secondThread() {
        Map<String, ProfileRow> one = new LinkedHashMap<>();
        rows(1).filter(ProfileRow::isKernelFirst).forEach(row -> one.put(row.cell(), row));
        List<ProfileRow> two =
                rows(2).filter(row -> row.isKernelFirst() && one.containsKey(row.cell())).toList();
        if (two.isEmpty()) {
            return;
        }
        line("| one thread / two threads, cells that contract the kernel | median |%n|---|---|%n");
        Map<String, ToDoubleFunction<ProfileRow>> parts = new LinkedHashMap<>();
        parts.put("dense convolution, forward and backward", ProfileRow::dense);
        parts.put("contraction of the kernel and its gradients", ProfileRow::kernel);
        parts.put("its matrix products alone", ProfileRow::products);
        parts.put("its calls alone", ProfileRow::calls);
        parts.forEach(
                (name, part) -> {
                    List<Double> ratios =
                            two.stream()
                                    .map(
                                            row ->
                                                    part.applyAsDouble(one.get(row.cell()))
                                                            / part.applyAsDouble(row))
                                    .toList();
                    line("| %s | %.2f |%n", name, Rounds.median(ratios));
                });
        text.append('\n');
    }

    private void calls(Cell cell) {
        List<Integer> threads = new ArrayList<>();
        for (int each = 1; each <= MOST_THREADS; each++) {
            if (results.containsKey(CallProfile.key(each, cell, true))) {
                threads.add(each);
            }
        }
        if (threads.isEmpty()) {
            return;
        }
        line(
                "### Operations of a kernel's contraction: %s of rank %d, %d channels%n%n",
                cell.format(), cell.rank(), cell.channels());
        text.append("| operations |");
        for (String direction : new String[] {"forward", "backward"}) {
            line(" %s, calls |", direction);
            threads.forEach(each -> line(" microseconds, threads: %d |", each));
        }
        text.append("\n|---|").append("---|---|".repeat(1 + threads.size())).append('\n');
        for (CallProfile.Kind kind : CallProfile.Kind.values()) {
            operations(cell, threads, kind.toString(), kind.name());
        }
        operations(cell, threads, "outside of libtorch", "OUTSIDE");
        operations(cell, threads, "all", "ALL");
        operations(cell, threads, "all, without the profiler", "ALONE");
        text.append('\n');
    }

    private void operations(Cell cell, List<Integer> threads, String words, String name) {
        StringBuilder row = new StringBuilder("| " + words + " |");
        boolean found = false;
        for (boolean backward : new boolean[] {false, true}) {
            Map<String, Double> first =
                    results.get(CallProfile.key(threads.get(0), cell, backward));
            Double calls = first.get(name + " calls");
            row.append(calls == null ? " |" : String.format(Locale.ROOT, " %.0f |", calls));
            for (int each : threads) {
                Double micros =
                        results.get(CallProfile.key(each, cell, backward)).get(name + " micros");
                found |= micros != null;
                row.append(micros == null ? " |" : String.format(Locale.ROOT, " %.0f |", micros));
            }
        }
        if (found) {
            text.append(row).append('\n');
        }
    }

    private void line(String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments));
    }
}
