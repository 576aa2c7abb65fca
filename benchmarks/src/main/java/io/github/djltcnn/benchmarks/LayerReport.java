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
import java.util.stream.Stream;

/**
 * Writes what {@link LayerBenchmark} measured into a page, between the lines {@code <!-- layers
 * -->} and {@code <!-- /layers -->}: per number of threads and direction how often the engine's
 * choice is within 1.10 of the fastest contestant, and every cell.
 *
 * <p>Arguments: the page, then the files of results.
 */
public final class LayerReport {

    private static final double CLOSE = 1.10;
    private static final double FAR = 1.25;
    private static final double DENSE = 1.05;
    private final Map<String, Map<String, Double>> cells;
    private final StringBuilder text = new StringBuilder();

    private LayerReport(Map<String, Map<String, Double>> cells) {
        this.cells = cells;
    }

    /**
     * Writes the report.
     *
     * @param args the page, then the files of results
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        List<Path> files = Stream.of(args).skip(1).map(Path::of).toList();
        LayerReport report = new LayerReport(Results.read(files));
        Page.replace(Path.of(args[0]), "layers", report.write());
    }

    private String write() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (String key : cells.keySet()) {
            String[] columns = key.split(",", -1);
            groups.computeIfAbsent(columns[0] + "," + columns[1], g -> new ArrayList<>()).add(key);
        }
        text.append("| threads | direction | plan | cells | within 1.10 | within 1.25 | worst ")
                .append("| within 1.10 of the best by hand | worst | above 1.05 x dense |\n")
                .append("|---|---|---|---|---|---|---|---|---|---|\n");
        for (Map.Entry<String, List<String>> group : groups.entrySet()) {
            summary(group.getKey(), group.getValue(), "chosen");
            summary(group.getKey(), group.getValue(), "autotuned");
        }
        groups.forEach(this::table);
        return text.toString();
    }

    private void summary(String group, List<String> keys, String plan) {
        int close = 0;
        int near = 0;
        int slow = 0;
        double worst = 0;
        int hand = 0;
        double worstHand = 0;
        for (String key : keys) {
            Map<String, Double> times = cells.get(key);
            double ratio = best(times, plan) / others(times);
            close += ratio <= CLOSE ? 1 : 0;
            near += ratio <= FAR ? 1 : 0;
            slow += best(times, plan) > DENSE * best(times, "dense") ? 1 : 0;
            worst = Math.max(worst, ratio);
            double toHand = best(times, plan) / byHand(times);
            hand += toHand <= CLOSE ? 1 : 0;
            worstHand = Math.max(worstHand, toHand);
        }
        text.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %d | %d | %d | %.2f | %d | %.2f | %d |%n",
                        group.split(",", -1)[0],
                        direction(group),
                        plan,
                        keys.size(),
                        close,
                        near,
                        worst,
                        hand,
                        worstHand,
                        slow));
    }

    private void table(String group, List<String> keys) {
        text.append(
                String.format(
                        Locale.ROOT,
                        "%n### %s, threads: %s%n%n| C, H=W, batch | format | rank | chosen (first /"
                                + " last) | autotuned | best by hand | dense (first / last) | chosen /"
                                + " best |%n|---|---|---|---|---|---|---|---|%n",
                        direction(group),
                        group.split(",", -1)[0]));
        for (String key : keys) {
            String[] columns = key.split(",", -1);
            Map<String, Double> times = cells.get(key);
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s, %s, %s | %s | %s | %.2f / %.2f | %.2f | %s | %.2f / %.2f | %.2f"
                                    + " |%n",
                            columns[2],
                            columns[3],
                            columns[4],
                            columns[5],
                            columns[6],
                            times.get("chosen"),
                            times.get("chosen (last)"),
                            best(times, "autotuned"),
                            hand(times),
                            times.get("dense"),
                            times.get("dense (last)"),
                            best(times, "chosen") / others(times)));
        }
    }

    private static String direction(String group) {
        return group.endsWith("true") ? "forward and backward" : "forward";
    }

    private static double best(Map<String, Double> times, String plan) {
        return Math.min(times.get(plan), times.get(plan + " (last)"));
    }

    private static boolean isOurs(String name) {
        return name.startsWith("chosen") || name.startsWith("autotuned");
    }

    private static double others(Map<String, Double> times) {
        return times.entrySet().stream()
                .filter(entry -> !isOurs(entry.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .min()
                .orElseThrow();
    }

    /** The fastest order written by hand for the same cores; dense is another layer. */
    private static double byHand(Map<String, Double> times) {
        return times.entrySet().stream()
                .filter(entry -> !isOurs(entry.getKey()) && !entry.getKey().startsWith("dense"))
                .mapToDouble(Map.Entry::getValue)
                .min()
                .orElseThrow();
    }

    private static String hand(Map<String, Double> times) {
        return times.entrySet().stream()
                .filter(entry -> !isOurs(entry.getKey()) && !entry.getKey().startsWith("dense"))
                .min(Map.Entry.comparingByValue())
                .map(e -> String.format(Locale.ROOT, "%.2f %s", e.getValue(), e.getKey()))
                .orElseThrow();
    }
}
