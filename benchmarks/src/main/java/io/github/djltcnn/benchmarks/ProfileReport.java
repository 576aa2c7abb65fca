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
 * Writes what {@link LayerProfile} and {@link CallProfile} measured. Into a page, between the lines
 * {@code <!-- profile -->} and {@code <!-- /profile -->}: for how many training steps the dense
 * convolution is out of reach and why, and what a second thread brings. Into files: {@code
 * profile-N.csv} per number of threads, step by step, and {@code profile-operations.csv}, what a
 * contraction is made of.
 *
 * <p>Arguments: the page, the folder of the tables, then the files of results of both.
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
     * @param args the page, the folder of the tables, then the files of results
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        List<Path> files = Stream.of(args).skip(2).map(Path::of).toList();
        write(Path.of(args[0]), Path.of(args[1]), Results.read(files));
    }

    /** Writes tables and summary of the results of both programs. */
    static void write(Path page, Path folder, Map<String, Map<String, Double>> results)
            throws IOException {
        ProfileReport report = new ProfileReport(results);
        List<Integer> threads = report.rows.stream().map(ProfileRow::threads).distinct().toList();
        for (int each : threads) {
            report.steps(each).write(folder.resolve("profile-" + each + ".csv"));
        }
        report.operations().write(folder.resolve("profile-operations.csv"));
        report.summary(threads);
        report.secondThread();
        Page.replace(page, "profile", report.text.toString());
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
        line(
                "%n| one thread / two threads, cells that contract the kernel | median |%n|---|---|%n");
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
    }

    /** The steps that contract the kernel or miss the aim. */
    private Csv steps(int threads) {
        Csv table = ProfileRow.table();
        rows(threads)
                .filter(row -> row.isKernelFirst() || row.isMissed())
                .forEach(row -> row.add(table));
        return table;
    }

    /** The operations of a kernel's contraction, with a column of times per number of threads. */
    private Csv operations() {
        List<Integer> threads = new ArrayList<>();
        for (int each = 1; each <= MOST_THREADS; each++) {
            if (results.containsKey(CallProfile.key(each, CallProfile.CELLS.get(0), true))) {
                threads.add(each);
            }
        }
        List<String> columns =
                new ArrayList<>(
                        List.of("format", "rank", "channels", "direction", "operations", "calls"));
        threads.forEach(each -> columns.add("microseconds_threads_" + each));
        Map<String, String> words = new LinkedHashMap<>();
        for (CallProfile.Kind kind : CallProfile.Kind.values()) {
            words.put(kind.name(), kind.toString());
        }
        words.put("OUTSIDE", "outside of libtorch");
        words.put("ALL", "all");
        words.put("ALONE", "all without the profiler");
        Csv table = new Csv(columns);
        for (Cell cell : CallProfile.CELLS) {
            words.forEach(
                    (name, text) -> {
                        operations(table, threads, cell, name, text, false);
                        operations(table, threads, cell, name, text, true);
                    });
        }
        return table;
    }

    private void operations(
            Csv table,
            List<Integer> threads,
            Cell cell,
            String name,
            String words,
            boolean backward) {
        List<Object> row = new ArrayList<>();
        row.addAll(List.of(cell.format(), cell.rank(), cell.channels()));
        row.add(backward ? "backward" : "forward");
        row.add(words);
        List<Double> micros = new ArrayList<>();
        double calls = Double.NaN;
        for (int each : threads) {
            Map<String, Double> found =
                    results.getOrDefault(CallProfile.key(each, cell, backward), Map.of());
            micros.add(found.getOrDefault(name + " micros", Double.NaN));
            calls = Double.isNaN(calls) ? found.getOrDefault(name + " calls", calls) : calls;
        }
        row.add(Double.isNaN(calls) ? "" : Math.round(calls));
        row.addAll(micros);
        if (!micros.stream().allMatch(value -> value.isNaN())) {
            table.add(row.toArray());
        }
    }

    private void line(String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments));
    }
}
