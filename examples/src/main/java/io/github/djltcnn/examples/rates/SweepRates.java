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
package io.github.djltcnn.examples.rates;

import io.github.djltcnn.examples.Cli;
import io.github.djltcnn.examples.ResumableCsv;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.HalvedImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains small networks of every format at eight rates, a factor 2 apart, with one rate for all
 * parameters and with rates that are transferred from the dense network, and writes one line per
 * run, so that a sweep that was stopped goes on where it was.
 *
 * @since 0.1.0
 */
@Command(
        name = "SweepRates",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = "Finds the best learning rate of every format, rank and optimizer.")
public final class SweepRates implements Callable<Path> {

    /** The rates of a sweep. */
    static final int RATES = 8;

    private static final String HEADER =
            "network,start,optimizer,format,rank,rule,seed,rate,steps,channels,loss,seconds";

    @Spec private CommandSpec spec;

    @Option(names = "--networks", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<RateCell.Network> networks = List.of(RateCell.Network.values());

    @Option(names = "--starts", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<RateCell.Start> starts = List.of(RateCell.Start.values());

    @Option(names = "--optimizers", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<RateCell.Method> optimizers =
            List.of(RateCell.Method.MOMENTUM, RateCell.Method.ADAM, RateCell.Method.SGD);

    @Option(names = "--formats", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<RateCell.Format> formats =
            List.of(
                    RateCell.Format.CP,
                    RateCell.Format.TUCKER2,
                    RateCell.Format.TR,
                    RateCell.Format.TT,
                    RateCell.Format.HTK2,
                    RateCell.Format.BTT,
                    RateCell.Format.ODD);

    @Option(names = "--ranks", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> ranks = List.of(2, 4, 16);

    @Option(names = "--rules", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<RateCell.Rule> rules = List.of(RateCell.Rule.values());

    @Option(names = "--seeds", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> seeds = List.of(1);

    @Option(names = "--steps", description = "Steps per run (default: ${DEFAULT-VALUE}).")
    private int steps = 100;

    @Option(
            names = "--channels",
            description = "Channels of the first convolutions (default: ${DEFAULT-VALUE}).")
    private int channels = 16;

    @Option(
            names = "--minutes",
            description = "Begin no cell after so many minutes (default: ${DEFAULT-VALUE}).")
    private int minutes = 600;

    @Option(names = "--out", description = "File of results (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("docs", "data", "rates.csv");

    @Option(names = "--picture", description = "Draw the losses over the rates to this PNG file.")
    private Path picture;

    private SweepRates() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(SweepRates::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the file of results, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static Path runExample(String... args) throws Exception {
        return Cli.call(new SweepRates(), args);
    }

    @Override
    public Path call() throws IOException {
        Cli.requirePositive(spec, "--steps", steps);
        Cli.requirePositive(spec, "--channels", channels);
        ResumableCsv csv = new ResumableCsv(out, HEADER);
        HalvedImages images = new HalvedImages(FashionMnist.subset().train());
        long end = System.nanoTime() + minutes * 60_000_000_000L;
        for (RateCell cell : cells()) {
            if (System.nanoTime() < end) {
                sweep(cell, images, csv);
            }
        }
        RateReport report = new RateReport(out);
        System.out.println(report.tables());
        if (picture != null) {
            report.draw(picture);
        }
        return out;
    }

    /** Every network's dense cell first, then the others. */
    private List<RateCell> cells() {
        List<RateCell> cells = new ArrayList<>();
        for (int seed : seeds) {
            for (RateCell.Start start : starts) {
                for (RateCell.Method optimizer : optimizers) {
                    for (RateCell.Network network : networks) {
                        for (int rank : ranks) {
                            for (RateCell.Format format : formats) {
                                for (RateCell.Rule rule : rules) {
                                    RateCell cell =
                                            new RateCell(
                                                    network, start, optimizer, format, rank, rule,
                                                    seed);
                                    if (!cells.contains(cell.dense())) {
                                        cells.add(cell.dense());
                                    }
                                    cells.add(cell);
                                }
                            }
                        }
                    }
                }
            }
        }
        return cells;
    }

    private void sweep(RateCell cell, HalvedImages images, ResumableCsv csv) throws IOException {
        List<Double> left = new ArrayList<>();
        for (int number = 0; number < RATES; number++) {
            double rate = cell.optimizer().rate(number);
            if (csv.get(key(cell, rate)) == null) {
                left.add(rate);
            }
        }
        if (left.isEmpty()) {
            return;
        }
        try (RateTraining training = new RateTraining(cell, images, channels, steps)) {
            for (double rate : left) {
                long began = System.nanoTime();
                double loss = training.train(rate);
                String line =
                        String.format(
                                Locale.ROOT,
                                "%s,%s,%.2f",
                                key(cell, rate),
                                Double.isInfinite(loss)
                                        ? "Infinity"
                                        : String.format(Locale.ROOT, "%.4f", loss),
                                (System.nanoTime() - began) / 1e9);
                csv.add(line);
                System.out.println(line);
            }
        }
    }

    private String key(RateCell cell, double rate) {
        return String.format(Locale.ROOT, "%s,%s,%d,%d", cell.key(), rate, steps, channels);
    }
}
