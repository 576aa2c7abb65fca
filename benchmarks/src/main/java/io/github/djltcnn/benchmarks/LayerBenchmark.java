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

import ai.djl.Device;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Times every cell of the grid: what the engine chooses, the hand-written orders, and DJL's dense
 * convolution, in both layouts. All contestants of a cell run in turn within one process, after a
 * warm-up round ({@link Rounds}, {@link LayerBench}); one more than twice as slow as the best three
 * times is given up. Rows are appended to a file, and cells already in it are skipped.
 *
 * <p>Arguments: the file, and optionally a pattern of the cells to run. The number of threads is
 * that of the system property {@code ai.djl.pytorch.num_threads}; {@code benchmark.budget} is the
 * number of milliseconds that a cell may take.
 */
public final class LayerBenchmark {

    private static final int BUDGET = Integer.getInteger("benchmark.budget", 800);
    private static final Rounds ROUNDS = new Rounds(1, 5, 41, BUDGET, 2);

    private LayerBenchmark() {}

    /**
     * Runs the benchmark.
     *
     * @param args the file of results; a regular expression of cells
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        NativeMemory.keepBuffers();
        Results results = new Results(args);
        boolean warm = false;
        for (boolean training : new boolean[] {false, true}) {
            for (Cell cell : Cell.grid()) {
                String key = Results.THREADS + "," + training + "," + cell.key();
                if (!results.isWanted(key)) {
                    continue;
                }
                if (!warm) {
                    Cell.warmUp(
                            tiny -> {
                                run(tiny, false);
                                run(tiny, true);
                            });
                    warm = true;
                }
                results.add(key, run(cell, training));
            }
        }
    }

    private static Map<String, Double> run(Cell cell, boolean training) {
        try (LayerBench bench = new LayerBench(cell, training)) {
            return ROUNDS.medians(
                    contestants(cell, bench, training).stream().map(bench::turn).toList());
        }
    }

    private static List<Contestant> contestants(Cell cell, LayerBench bench, boolean training) {
        TensorNetwork network = cell.network();
        List<Contestant> all = new ArrayList<>();
        // An engine per layout: in a network, too, what comes before a layer does not change.
        for (boolean autotuned : new boolean[] {false, true}) {
            for (Layout layout : Layout.values()) {
                ContractionEngine engine = ContractionEngine.create(network, Cell.GEOMETRY);
                if (autotuned) {
                    engine.planner().autotune(cell.inputShape(), training, layout, Device.cpu());
                }
                String name = autotuned ? "autotuned" : "chosen";
                Contestant ours = Contestant.of(name, engine, training);
                all.add(layout == Layout.CHANNELS_LAST ? ours.withChannelsLast() : ours);
            }
        }
        all.addAll(Contestant.dense(bench.dense()));
        all.addAll(HandOrders.of(cell.format(), network));
        return all;
    }
}
