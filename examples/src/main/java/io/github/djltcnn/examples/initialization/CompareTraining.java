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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains networks without BatchNorm on Fashion-MNIST from different starts and writes one line per
 * run, so that an interrupted comparison goes on where it stopped.
 */
@Command(
        name = "CompareTraining",
        mixinStandardHelpOptions = true,
        description = "Trains BatchNorm-free networks from different initializations.")
public final class CompareTraining implements Callable<Integer> {

    @Option(names = "--out", description = "File of results; runs found in it are kept.")
    private Path out = Path.of("docs/data/training.csv");

    @Option(names = "--steps", description = "Steps per run (default ${DEFAULT-VALUE}).")
    private int steps = 100;

    @Option(names = "--seeds", description = "Seeds per cell (default ${DEFAULT-VALUE}).")
    private int seeds = 3;

    @Option(names = "--rates", split = ",", description = "Learning rates of the sweep.")
    private List<Double> rates = List.of(0.003, 0.01, 0.03, 0.1);

    @Option(names = "--networks", split = ",", description = "Networks: ${COMPLETION-CANDIDATES}.")
    private List<NamedNetwork> networks = List.of(NamedNetwork.values());

    @Option(names = "--formats", split = ",", description = "Formats: ${COMPLETION-CANDIDATES}.")
    private List<NamedFormat> formats = List.of(NamedFormat.values());

    @Option(
            names = "--initializers",
            split = ",",
            description = "Initializers: ${COMPLETION-CANDIDATES}.")
    private List<NamedInitializer> initializers =
            List.of(
                    NamedInitializer.PAPER,
                    NamedInitializer.ORTHOGONAL,
                    NamedInitializer.OUTPUTS,
                    NamedInitializer.BOTH,
                    NamedInitializer.FOUND,
                    NamedInitializer.KAIMING,
                    NamedInitializer.XAVIER,
                    NamedInitializer.NORMAL);

    @Option(names = "--images", description = "Training images (default all).")
    private int images = Integer.MAX_VALUE;

    @Option(
            names = "--workers",
            description = "Processes that train at once (default ${DEFAULT-VALUE}).")
    private int workers = 2;

    @Option(names = "--minutes", description = "Stop after so many minutes.")
    private int minutes = 60;

    private final Map<TrainingRun, TrainingRecord> done = new HashMap<>();

    private CompareTraining() {}

    /**
     * Runs the comparison.
     *
     * @param args options, see {@code --help}
     */
    public static void main(String[] args) {
        int code = runExample(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    /**
     * Runs the comparison.
     *
     * @param args options, see {@code --help}
     * @return the exit code
     */
    public static int runExample(String... args) {
        return new CommandLine(new CompareTraining())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args);
    }

    /** {@inheritDoc} */
    @Override
    public Integer call() throws IOException {
        if (Files.exists(out)) {
            Files.readAllLines(out).stream()
                    .skip(1)
                    .map(TrainingRecord::parse)
                    .forEach(known -> done.put(known.run(), known));
        } else {
            Files.createDirectories(out.toAbsolutePath().getParent());
            append(TrainingRecord.HEADER);
        }
        long end = System.nanoTime() + minutes * 60_000_000_000L;
        if (!train(sweep(), end) || !train(repetitions(), end)) {
            System.out.println("Out of time; run again to go on.");
        }
        TrainingReport report = new TrainingReport(out);
        System.out.println(report.tables());
        report.draw(out.toAbsolutePath().getParent());
        return 0;
    }

    /** Every cell with every rate, for the first seed. */
    private List<TrainingRun> sweep() {
        List<TrainingRun> runs = new ArrayList<>();
        for (NamedNetwork network : networks) {
            for (double rate : rates) {
                for (NamedFormat format : formats) {
                    for (NamedInitializer initializer : initializers) {
                        runs.add(new TrainingRun(network, format, initializer, rate, 1));
                    }
                }
            }
        }
        return runs;
    }

    /** Every cell with its best rate, for the other seeds. */
    private List<TrainingRun> repetitions() {
        List<TrainingRun> runs = new ArrayList<>();
        for (NamedNetwork network : networks) {
            for (int seed = 2; seed <= seeds; seed++) {
                for (NamedFormat format : formats) {
                    for (NamedInitializer initializer : initializers) {
                        TrainingRun best = null;
                        for (double rate : rates) {
                            TrainingRun run =
                                    new TrainingRun(network, format, initializer, rate, 1);
                            if (best == null || loss(run) < loss(best)) {
                                best = run;
                            }
                        }
                        runs.add(new TrainingRun(network, format, initializer, best.rate(), seed));
                    }
                }
            }
        }
        return runs;
    }

    private double loss(TrainingRun run) {
        TrainingRecord known = done.get(run);
        return known == null ? Double.POSITIVE_INFINITY : known.loss();
    }

    /** Shares out what is left to do among the workers; returns whether all of it was done. */
    private boolean train(List<TrainingRun> runs, long end) {
        List<TrainingRun> left = new ArrayList<>(runs);
        left.removeAll(done.keySet());
        Queue<TrainingRun> queue = new ConcurrentLinkedQueue<>(left);
        List<CompletableFuture<Void>> working = new ArrayList<>();
        for (int n = 0; n < Math.min(Math.max(1, workers), left.size()); n++) {
            working.add(
                    CompletableFuture.runAsync(
                            () -> work(queue, end), task -> new Thread(task).start()));
        }
        working.forEach(CompletableFuture::join);
        return queue.isEmpty();
    }

    private void work(Queue<TrainingRun> queue, long end) {
        try (TrainingWorker worker = new TrainingWorker(images, steps)) {
            while (System.nanoTime() < end) {
                TrainingRun run = queue.poll();
                if (run == null) {
                    return;
                }
                keep(worker.train(run));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void keep(TrainingRecord line) throws IOException {
        append(line.toString());
        done.put(line.run(), line);
        System.out.printf(
                Locale.ROOT,
                "%s: loss %.3f, accuracy %.3f, %.1f s%n",
                line.run().key(),
                line.loss(),
                line.accuracy(),
                line.seconds());
    }

    private void append(String line) throws IOException {
        Files.writeString(
                out,
                line + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
