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

import io.github.djltcnn.examples.data.FashionMnist;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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
    private int steps = 150;

    @Option(names = "--seeds", description = "Seeds per cell (default ${DEFAULT-VALUE}).")
    private int seeds = 3;

    @Option(names = "--rates", split = ",", description = "Learning rates of the sweep.")
    private List<Double> rates = List.of(0.01, 0.03, 0.1);

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
                    NamedInitializer.EXACT,
                    NamedInitializer.MIRRORED,
                    NamedInitializer.KAIMING,
                    NamedInitializer.XAVIER,
                    NamedInitializer.NORMAL);

    @Option(names = "--images", description = "Training images (default all).")
    private int images = Integer.MAX_VALUE;

    @Option(names = "--minutes", description = "Stop after so many minutes.")
    private int minutes = 60;

    private final Map<String, Double> finalLosses = new HashMap<>();

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
            Files.readAllLines(out).stream().skip(1).forEach(this::remember);
        } else {
            Files.createDirectories(out.toAbsolutePath().getParent());
            append("network,format,initializer,rate,seed,steps,accuracy,final loss,losses");
        }
        FashionMnist data = FashionMnist.subset();
        TrainingRun.Data train = new TrainingRun.Data(data.train().head(images));
        TrainingRun.Data test = new TrainingRun.Data(data.test());
        long end = System.nanoTime() + minutes * 60_000_000_000L;
        boolean inTime = true;
        for (TrainingRun run : sweep()) {
            inTime = inTime && train(run, train, test, end);
        }
        for (TrainingRun run : inTime ? repetitions() : List.<TrainingRun>of()) {
            inTime = inTime && train(run, train, test, end);
        }
        if (!inTime) {
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
                            if (best == null || finalLoss(run) < finalLoss(best)) {
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

    private double finalLoss(TrainingRun run) {
        return finalLosses.getOrDefault(key(run), Double.POSITIVE_INFINITY);
    }

    private boolean train(TrainingRun run, TrainingRun.Data train, TrainingRun.Data test, long end)
            throws IOException {
        if (finalLosses.containsKey(key(run))) {
            return true;
        }
        if (System.nanoTime() > end) {
            return false;
        }
        TrainingRun.Result result = run.run(train, test, steps);
        List<String> losses = new ArrayList<>();
        result.losses().forEach(loss -> losses.add(String.format(Locale.ROOT, "%.4f", loss)));
        boolean finished = losses.size() == steps / 10;
        String line =
                String.format(
                        Locale.ROOT,
                        "%s,%d,%.4f,%s,%s",
                        key(run),
                        steps,
                        result.accuracy(),
                        finished ? losses.get(losses.size() - 1) : "Infinity",
                        String.join(" ", losses));
        append(line);
        remember(line);
        System.out.println(line.substring(0, Math.min(line.length(), 100)));
        return true;
    }

    private void remember(String line) {
        String[] cells = line.split(",", -1);
        String key = String.join(",", List.of(cells).subList(0, 5));
        finalLosses.put(key, Double.parseDouble(cells[7]));
    }

    private static String key(TrainingRun run) {
        return String.join(
                ",",
                run.network().name(),
                run.format().name(),
                run.initializer().name(),
                Double.toString(run.rate()),
                Integer.toString(run.seed()));
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
