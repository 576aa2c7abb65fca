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

import io.github.djltcnn.benchmarks.StepContestant.Update;
import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Times training steps of ResNet-32, and their updates alone, with DJL's optimizer, with {@code
 * FusedOptimizers} in DJL's trainer, and with a {@code FusedTrainer}; all in turn in one process.
 * {@link HostCalls} counts calls of the same steps.
 *
 * <p>Arguments: the file of results, and optionally a pattern of the cases to run; or {@code
 * report}, the page, the folder of the tables and the files of results.
 */
public final class StepBenchmark {

    /** The networks; DJL's own blocks come first. */
    static final List<String> NETWORKS =
            List.of("stock", "tr_resnet32_r10", "tt_resnet32_r10", "tk2_resnet32_r10");

    private static final int BATCH = Integer.getInteger("benchmark.batch", 32);
    private static final int BUDGET = Integer.getInteger("benchmark.budget", 60_000);
    private static final int MOST = Integer.getInteger("benchmark.rounds", 41);
    private static final int WARM_UP = 4;
    private static final Rounds ROUNDS =
            new Rounds(WARM_UP, 3, MOST, BUDGET, Double.POSITIVE_INFINITY);

    private StepBenchmark() {}

    /**
     * Runs the benchmark, or writes the report.
     *
     * @param args see above
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        if (args[0].equals("report")) {
            List<Path> files = Stream.of(args).skip(3).map(Path::of).toList();
            report(Path.of(args[1]), Path.of(args[2]), Results.read(files));
            return;
        }
        NativeMemory.keepBuffers();
        Results results = new Results(args);
        String key = Results.THREADS + "," + BATCH;
        if (results.isWanted(key)) {
            results.add(key, run());
        }
    }

    private static Map<String, Double> run() {
        Map<String, StepContestant> contestants = new LinkedHashMap<>();
        for (String network : NETWORKS) {
            for (Update update : Update.values()) {
                contestants.put(name(network, update), new StepContestant(network, BATCH, update));
            }
        }
        try {
            List<Rounds.Turn> turns = new ArrayList<>();
            contestants.forEach(
                    (name, each) -> turns.add(new Rounds.Turn(name + " step", true, each::once)));
            Map<String, Double> medians = ROUNDS.medians(turns);
            contestants.forEach(
                    (name, each) -> medians.put(name + " update", each.medianUpdate(MOST)));
            return medians;
        } finally {
            contestants.values().forEach(StepContestant::close);
        }
    }

    static String name(String network, Update update) {
        return network + " " + update;
    }

    /** Writes the table and the part "steps" of a page. */
    static void report(Path page, Path folder, Map<String, Map<String, Double>> results)
            throws IOException {
        Csv table =
                new Csv(
                        "threads",
                        "batch",
                        "network",
                        "update",
                        "step_ms",
                        "update_ms",
                        "step_to_stock_djl");
        StringBuilder text = new StringBuilder();
        text.append(
                        "| threads | network | update: DJL, drop-in, fused "
                                + "| step: DJL, drop-in, fused |")
                .append(" step to stock: DJL, fused |\n|---|---|---|---|---|\n");
        for (Map.Entry<String, Map<String, Double>> entry : results.entrySet()) {
            String[] key = entry.getKey().split(",", -1);
            if (key[0].equals("calls")) {
                continue;
            }
            Map<String, Double> times = entry.getValue();
            double stock = times.get(name(NETWORKS.get(0), Update.DJL) + " step");
            for (String network : NETWORKS) {
                double[] step = new double[Update.values().length];
                double[] update = new double[step.length];
                int n = 0;
                for (Update each : Update.values()) {
                    step[n] = times.get(name(network, each) + " step");
                    update[n] = times.get(name(network, each) + " update");
                    table.add(
                            key[0],
                            key[1],
                            network,
                            each.name(),
                            step[n],
                            update[n],
                            step[n] / stock);
                    n++;
                }
                text.append(
                        String.format(
                                Locale.ROOT,
                                "| %s | %s | %.2f, %.2f, %.2f | %.1f, %.1f, %.1f | %.2f, %.2f |%n",
                                key[0],
                                network,
                                update[0],
                                update[1],
                                update[2],
                                step[0],
                                step[1],
                                step[2],
                                step[0] / stock,
                                step[2] / stock));
            }
        }
        table.write(folder.resolve("steps.csv"));
        Page.replace(page, "steps", text.toString());
        calls(page, folder, results);
    }

    private static void calls(Path page, Path folder, Map<String, Map<String, Double>> results)
            throws IOException {
        Csv table = new Csv("network", "update", "calls_of_pass", "calls_of_update");
        StringBuilder text = new StringBuilder();
        text.append("| network | forward and backward pass | update: DJL, drop-in, fused |")
                .append(" step, fused to DJL |\n|---|---|---|---|\n");
        for (String network : NETWORKS) {
            double[] update = new double[Update.values().length];
            double pass = 0;
            int n = 0;
            for (Update each : Update.values()) {
                Map<String, Double> counts =
                        results.get("calls," + name(network, each).replace(' ', ','));
                if (counts == null) {
                    return;
                }
                pass = counts.get("pass");
                update[n] = counts.get("update");
                n++;
                table.add(network, each.name(), (long) pass, counts.get("update").longValue());
            }
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.0f | %.0f, %.0f, %.0f | %.2f |%n",
                            network,
                            pass,
                            update[0],
                            update[1],
                            update[2],
                            (pass + update[2]) / (pass + update[0])));
        }
        table.write(folder.resolve("step-calls.csv"));
        Page.replace(page, "step-calls", text.toString());
    }
}
