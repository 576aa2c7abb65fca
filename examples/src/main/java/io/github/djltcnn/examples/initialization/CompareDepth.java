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

import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.FanCount;
import io.github.djltcnn.initializer.TensorialInitializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Follows features and gradients through 30 convolutions with ReLU, without BatchNorm, from
 * different initializations: a table of what is left at the ends, the medians of all layers as CSV,
 * and a picture. Medians found in the file of an earlier run are kept.
 */
@Command(
        name = "CompareDepth",
        mixinStandardHelpOptions = true,
        description = "Follows features and gradients through a deep stack of convolutions.")
public final class CompareDepth implements Callable<Integer> {

    private static final int LOWEST = -6;
    private static final int HIGHEST = 4;

    @Option(names = "--out", description = "Folder of results (default ${DEFAULT-VALUE}).")
    private Path out = Path.of("docs/data");

    @Option(names = "--layers", description = "Convolutions (default ${DEFAULT-VALUE}).")
    private int layers = 30;

    @Option(names = "--seeds", description = "Seeds (default ${DEFAULT-VALUE}).")
    private int seeds = 32;

    @Option(
            names = "--initializers",
            split = ",",
            description = "Initializers: ${COMPLETION-CANDIDATES}.")
    private List<NamedInitializer> initializers = List.of(NamedInitializer.values());

    private CompareDepth() {}

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
        return new CommandLine(new CompareDepth())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args);
    }

    private static Map<String, TensorFormat> formats() {
        Map<String, TensorFormat> formats = new LinkedHashMap<>();
        formats.put("CP 16", TensorFormats.cp(Rank.of(16)));
        formats.put("Tucker-2 16", TensorFormats.tucker2(Rank.of(16)));
        formats.put(
                "TT 6",
                TensorFormats.graph(
                        "i1=4 r1, r1 i2=8 r2, r2 h w r3, r3 o1=4 r4, r4 o2=8", Rank.of(6)));
        formats.put(
                "TR 6",
                TensorFormats.graph(
                        "r0 i1=4 r1, r1 i2=8 r2, r2 h w r3, r3 o1=4 r4, r4 o2=8 r0", Rank.of(6)));
        formats.put("dense", TensorFormats.dense());
        return formats;
    }

    /** {@inheritDoc} */
    @Override
    public Integer call() throws IOException {
        Files.createDirectories(out);
        Map<String, TensorFormat> formats = formats();
        DepthFile file = new DepthFile(out.resolve("depth.csv"), layers, seeds);
        Map<String, Map<NamedInitializer, DepthRun.Profile>> profiles = new LinkedHashMap<>();
        Map<String, DepthRun> stacks = stacks(formats, true);
        header("initializer", formats);
        for (NamedInitializer initializer : initializers) {
            List<String> cells = new ArrayList<>();
            stacks.forEach(
                    (name, stack) -> {
                        DepthRun.Profile median = file.find(name, initializer);
                        if (median == null) {
                            List<DepthRun.Profile> sample =
                                    sample(seed -> stack.measure(initializer, seed));
                            median = over(sample, CompareDepth::median);
                            file.keep(name, initializer, median, over(sample, CompareDepth::error));
                        }
                        cells.add(cell(median));
                        profiles.computeIfAbsent(name, key -> new LinkedHashMap<>())
                                .put(initializer, median);
                    });
            System.out.println(
                    "| " + initializer.title() + " | " + String.join(" | ", cells) + " |");
        }
        draw(profiles);
        countTaps(formats);
        return 0;
    }

    private static void header(String first, Map<String, TensorFormat> formats) {
        System.out.println("| " + first + " | " + String.join(" | ", formats.keySet()) + " |");
        System.out.println("|---|" + "---|".repeat(formats.size()));
    }

    private Map<String, DepthRun> stacks(Map<String, TensorFormat> formats, boolean periodic) {
        Map<String, DepthRun> stacks = new LinkedHashMap<>();
        formats.forEach((name, format) -> stacks.put(name, new DepthRun(format, layers, periodic)));
        return stacks;
    }

    private List<DepthRun.Profile> sample(IntFunction<DepthRun.Profile> measure) {
        return IntStream.rangeClosed(1, seeds).mapToObj(measure).toList();
    }

    /** Makes one profile of many, number by number. */
    private DepthRun.Profile over(
            List<DepthRun.Profile> sample, ToDoubleFunction<double[]> statistic) {
        double[] features = new double[layers];
        double[] gradients = new double[layers];
        for (int n = 0; n < layers; n++) {
            int at = n;
            features[n] =
                    statistic.applyAsDouble(
                            sample.stream().mapToDouble(p -> p.features()[at]).toArray());
            gradients[n] =
                    statistic.applyAsDouble(
                            sample.stream().mapToDouble(p -> p.gradients()[at]).toArray());
        }
        return new DepthRun.Profile(features, gradients);
    }

    private static double median(double... sample) {
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The standard error of the median of a normal sample. */
    private static double error(double... sample) {
        double mean = Arrays.stream(sample).average().orElseThrow();
        double square = Arrays.stream(sample).map(x -> (x - mean) * (x - mean)).sum();
        return Math.sqrt(Math.PI / 2 * square / (sample.length - 1) / sample.length);
    }

    private String cell(DepthRun.Profile profile) {
        return String.format(
                Locale.ROOT, "%.2f / %.2f", profile.features()[layers - 1], profile.gradients()[0]);
    }

    /** With zeros beyond the border, what each count of the taps leaves of the signal. */
    private void countTaps(Map<String, TensorFormat> formats) {
        System.out.println();
        Map<String, DepthRun> stacks = stacks(formats, false);
        header("count of taps", formats);
        for (FanCount count : FanCount.values()) {
            List<String> cells = new ArrayList<>();
            stacks.values()
                    .forEach(
                            stack ->
                                    cells.add(
                                            cell(
                                                    over(
                                                            sample(
                                                                    seed ->
                                                                            stack.measure(
                                                                                    counted(
                                                                                            count,
                                                                                            seed),
                                                                                    seed)),
                                                            CompareDepth::median))));
            System.out.println("| " + count + " | " + String.join(" | ", cells) + " |");
        }
    }

    private static TensorialInitializer counted(FanCount count, int seed) {
        return ((TensorialInitializer) NamedInitializer.BOTH.create(seed)).withFanCount(count);
    }

    private void draw(Map<String, Map<NamedInitializer, DepthRun.Profile>> profiles)
            throws IOException {
        double[] depth = IntStream.rangeClosed(1, layers).asDoubleStream().toArray();
        List<XYChart> charts = new ArrayList<>();
        profiles.forEach(
                (format, lines) -> {
                    XYChart features = chart(format + ", features", "E[y^2]");
                    XYChart gradients = chart(format + ", gradients", "E[dy^2]");
                    lines.forEach(
                            (initializer, profile) -> {
                                Charts.add(
                                        features, initializer, depth, powers(profile.features()));
                                Charts.add(
                                        gradients, initializer, depth, powers(profile.gradients()));
                            });
                    charts.add(features);
                    charts.add(gradients);
                });
        Charts.save(charts, initializers, 4, out.resolve("depth.png"));
    }

    private static XYChart chart(String title, String moment) {
        XYChart chart = Charts.chart(title, "layer", moment);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(Math.pow(10, LOWEST)).setYAxisMax(Math.pow(10, HIGHEST));
        chart.getStyler().setXAxisMaxLabelCount(7);
        return chart;
    }

    /** Second moments from decades, cut where the picture ends. */
    private static double[] powers(double... decades) {
        return Arrays.stream(decades)
                .map(x -> Math.pow(10, Math.max(LOWEST, Math.min(HIGHEST, x))))
                .toArray();
    }
}
