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

import io.github.djltcnn.examples.Cli;
import io.github.djltcnn.examples.ResumableCsv;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains residual networks with batch normalisation on photographs from cores that different rules
 * have drawn, each at the best of its own rates, and writes one line per run, so that a comparison
 * that was stopped goes on where it was.
 *
 * @since 0.2.0
 */
@Command(
        name = "CompareOnPhotographs",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = "Trains networks on photographs from different initializations.")
public final class CompareOnPhotographs implements Callable<Path> {

    /** Rates are so far apart where a sweep goes on beyond its edge. */
    private static final double FACTOR = 4;

    private static final String HEADER =
            "network,initializer,rate,seed,epochs,photographs,seconds,losses,accuracies";

    @Spec private CommandSpec spec;

    @Option(
            names = "--folder",
            required = true,
            description = "Photographs of 32 x 32 pixels: train/CLASS/.. and test/CLASS/..")
    private Path folder;

    @Option(
            names = "--networks",
            split = ",",
            description = "Names of the zoo, or odd (default: ${DEFAULT-VALUE}).")
    private List<String> networks =
            List.of(
                    "tr_resnet20_r8",
                    "cp_resnet20_r16",
                    "tt_resnet20_r8",
                    "tk2_resnet20_r8",
                    "htk2_resnet20_r16",
                    PhotographRun.ODD);

    @Option(names = "--initializers", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<NamedInitializer> initializers =
            List.of(
                    NamedInitializer.OUTPUTS,
                    NamedInitializer.PAPER,
                    NamedInitializer.KAIMING,
                    NamedInitializer.XAVIER,
                    NamedInitializer.TEDNET);

    @Option(
            names = "--rates",
            split = ",",
            description =
                    "Rates of the first seed, and once or twice beyond where the best is the first"
                            + " or last (default: ${DEFAULT-VALUE}).")
    private List<Double> rates = List.of(0.02, 0.08, 0.32);

    @Option(names = "--seeds", description = "Default: ${DEFAULT-VALUE}.")
    private int seeds = 3;

    @Option(names = "--epochs", description = "Default: ${DEFAULT-VALUE}.")
    private int epochs = 6;

    @Option(names = "--photographs", description = "For training (default: ${DEFAULT-VALUE}).")
    private int photographs = 4000;

    @Option(names = "--tests", description = "Test photographs (default: ${DEFAULT-VALUE}).")
    private int tests = 1000;

    @Option(
            names = "--minutes",
            description = "Begin no run after so many minutes (default: ${DEFAULT-VALUE}).")
    private int minutes = 600;

    @Option(names = "--out", description = "File of results (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("docs", "data", "photographs.csv");

    @Option(names = "--picture", description = "Draw the losses over the steps to this PNG file.")
    private Path picture;

    private ResumableCsv csv;
    private Photographs train;
    private Photographs test;
    private long end;

    private CompareOnPhotographs() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(CompareOnPhotographs::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the file of results, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static Path runExample(String... args) throws Exception {
        return Cli.call(new CompareOnPhotographs(), args);
    }

    @Override
    public Path call() throws IOException {
        Cli.requirePositive(spec, "--seeds", seeds);
        Cli.requirePositive(spec, "--epochs", epochs);
        Cli.requirePositive(spec, "--photographs", photographs);
        Cli.requirePositive(spec, "--tests", tests);
        csv = new ResumableCsv(out, HEADER);
        train = Photographs.read(folder.resolve("train"), photographs);
        test = Photographs.read(folder.resolve("test"), tests);
        end = System.nanoTime() + minutes * 60_000_000_000L;
        for (int seed = 1; seed <= seeds; seed++) {
            for (String network : networks) {
                for (NamedInitializer initializer : initializers) {
                    if (initializer.isFor(network)) {
                        double best = sweep(network, initializer);
                        if (seed > 1 && !Double.isNaN(best)) {
                            loss(new PhotographRun(network, initializer, best, seed));
                        }
                    }
                }
            }
        }
        PhotographReport report = new PhotographReport(out);
        System.out.println(report.tables());
        if (picture != null) {
            report.draw(picture);
        }
        return out;
    }

    /** The best rate of the first seed, beyond the given ones where it is the first or last. */
    private double sweep(String network, NamedInitializer initializer) throws IOException {
        TreeMap<Double, Double> losses = new TreeMap<>();
        List<Double> next = new ArrayList<>(rates);
        for (int more = 0; more <= 2; more++) {
            for (double rate : next) {
                double loss = loss(new PhotographRun(network, initializer, rate, 1));
                if (Double.isNaN(loss)) {
                    return loss;
                }
                losses.put(rate, loss);
            }
            double best = best(losses);
            next =
                    best == losses.firstKey()
                            ? List.of(best / FACTOR)
                            : best == losses.lastKey() ? List.of(best * FACTOR) : List.of();
        }
        return best(losses);
    }

    private static double best(Map<Double, Double> losses) {
        double least = Collections.min(losses.values());
        return losses.keySet().stream()
                .filter(rate -> losses.get(rate) == least)
                .findFirst()
                .orElseThrow();
    }

    /** The last loss of a run, which is made unless it is known; none when time is up. */
    private double loss(PhotographRun run) throws IOException {
        String key = run.key(epochs, train.count());
        if (csv.get(key) == null) {
            if (System.nanoTime() >= end) {
                return Double.NaN;
            }
            long began = System.nanoTime();
            PhotographRun.Result result = run.run(train, test, epochs);
            String line =
                    String.format(
                            Locale.ROOT,
                            "%s,%.1f,%s,%s",
                            key,
                            (System.nanoTime() - began) / 1e9,
                            result.losses().stream()
                                    .map(loss -> String.format(Locale.ROOT, "%.4f", loss))
                                    .collect(Collectors.joining(" ")),
                            result.accuracies().stream()
                                    .map(share -> String.format(Locale.ROOT, "%.4f", share))
                                    .collect(Collectors.joining(" ")));
            csv.add(line);
            System.out.println(line);
        }
        return PhotographRecord.parse(String.join(",", csv.get(key))).loss();
    }
}
