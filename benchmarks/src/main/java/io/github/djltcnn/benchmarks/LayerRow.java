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
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What {@link LayerBenchmark} measured of one cell in one direction; times in milliseconds.
 *
 * @param training whether the backward pass is timed with the forward pass
 * @param cell the cell
 * @param chosenFirst the plan of the cost model, input with channels first
 * @param chosenLast the same, input with channels last
 * @param autotuned the autotuned plan in its better layout
 * @param byHand the fastest order written by hand for the same cores
 * @param byHandOrder the name of that order
 * @param denseFirst the dense convolution, input with channels first
 * @param denseLast the same, input with channels last
 */
record LayerRow(
        boolean training,
        Cell cell,
        double chosenFirst,
        double chosenLast,
        double autotuned,
        double byHand,
        String byHandOrder,
        double denseFirst,
        double denseLast) {

    private static final String FORWARD = "forward";
    private static final String TRAINING = "forward and backward";
    private static final List<String> COLUMNS =
            List.of(
                    "direction",
                    "channels",
                    "size",
                    "batch",
                    "format",
                    "rank",
                    "chosen_first_ms",
                    "chosen_last_ms",
                    "autotuned_ms",
                    "by_hand_ms",
                    "by_hand_order",
                    "dense_first_ms",
                    "dense_last_ms",
                    "chosen_to_best");

    /** The row of a key of the results and its times by contestant. */
    static LayerRow of(String key, Map<String, Double> times) {
        String[] columns = key.split(",", 3);
        Map.Entry<String, Double> hand =
                times.entrySet().stream()
                        .filter(entry -> isByHand(entry.getKey()))
                        .min(Map.Entry.comparingByValue())
                        .orElseThrow();
        return new LayerRow(
                Boolean.parseBoolean(columns[1]),
                Cell.parse(columns[2]),
                times.get("chosen"),
                times.get("chosen (last)"),
                Math.min(times.get("autotuned"), times.get("autotuned (last)")),
                hand.getValue(),
                hand.getKey(),
                times.get("dense"),
                times.get("dense (last)"));
    }

    /** The row of a line of a file that {@link #add} has written. */
    static LayerRow parse(Map<String, String> line) throws IOException {
        String direction = line.get("direction");
        if (!line.keySet().containsAll(COLUMNS)
                || !List.of(FORWARD, TRAINING).contains(direction)) {
            throw new IOException("Not a row of layer times: " + line);
        }
        try {
            return new LayerRow(
                    direction.equals(TRAINING),
                    new Cell(
                            Integer.parseInt(line.get("channels")),
                            Integer.parseInt(line.get("size")),
                            Integer.parseInt(line.get("batch")),
                            line.get("format"),
                            Integer.parseInt(line.get("rank"))),
                    Double.parseDouble(line.get("chosen_first_ms")),
                    Double.parseDouble(line.get("chosen_last_ms")),
                    Double.parseDouble(line.get("autotuned_ms")),
                    Double.parseDouble(line.get("by_hand_ms")),
                    line.get("by_hand_order"),
                    Double.parseDouble(line.get("dense_first_ms")),
                    Double.parseDouble(line.get("dense_last_ms")));
        } catch (NumberFormatException e) {
            throw new IOException("Not a row of layer times: " + line, e);
        }
    }

    /** The dense convolution is another layer, with a kernel that is not made of the cores. */
    private static boolean isByHand(String name) {
        return List.of("chosen", "autotuned", "dense").stream()
                .noneMatch((Predicate<String>) name::startsWith);
    }

    /** An empty table of such rows. */
    static Csv table() {
        return new Csv(COLUMNS);
    }

    /** Adds the row to a table. */
    void add(Csv table) {
        table.add(
                direction(),
                cell.channels(),
                cell.size(),
                cell.batch(),
                cell.format(),
                cell.rank(),
                chosenFirst,
                chosenLast,
                autotuned,
                byHand,
                byHandOrder,
                denseFirst,
                denseLast,
                chosen() / best());
    }

    String direction() {
        return training ? TRAINING : FORWARD;
    }

    /** The plan of the cost model in its better layout. */
    double chosen() {
        return Math.min(chosenFirst, chosenLast);
    }

    /** The dense convolution in its better layout. */
    double dense() {
        return Math.min(denseFirst, denseLast);
    }

    /** The fastest contestant that is not the engine's. */
    double best() {
        return Math.min(byHand, dense());
    }
}
