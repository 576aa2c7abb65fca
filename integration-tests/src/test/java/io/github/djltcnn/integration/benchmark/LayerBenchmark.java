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
package io.github.djltcnn.integration.benchmark;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.contraction.Layout;
import io.github.djltcnn.contraction.NativeMemory;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Times every cell of the grid: what the engine chooses, the hand-written orders, and DJL's dense
 * convolution, in both layouts. All contestants of a cell run in turn within one process, after a
 * warm-up round, and the median of each is kept; one more than twice as slow as the best is timed
 * only twice. Each runs twice in its turn, the second time timed: the memory that it finds free is
 * then its own and not that of the one before. Rows are appended to a file, and cells already in it
 * are skipped.
 *
 * <p>The gradient of a result is given in the layout of the result, as a next layer would give it.
 * DJL's collector would make one with channels first, to the disadvantage of all that runs with
 * channels last.
 *
 * <p>Arguments: the file, and optionally a pattern of the cells to run. The number of threads is
 * that of the system property {@code ai.djl.pytorch.num_threads}. With {@code
 * -Dbenchmark.clock=cpu} the time of the thread is taken instead of the wall's, for one thread on a
 * busy machine.
 */
public final class LayerBenchmark {

    private static final int ROUNDS = 41;
    private static final int WARM_UP = 24;
    private static final double HOPELESS = 2;
    private static final double NANOS_PER_MILLI = 1e6;

    private final LongSupplier clock;
    private final double budgetMillis = Double.parseDouble(property("benchmark.budget", "800"));
    private final int threads = Integer.getInteger("ai.djl.pytorch.num_threads", 1);

    private LayerBenchmark() {
        boolean cpu = "cpu".equals(property("benchmark.clock", "wall"));
        clock =
                cpu
                        ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
                        : System::nanoTime;
    }

    private static String property(String name, String standard) {
        return System.getProperty(name, standard);
    }

    /**
     * Runs the benchmark.
     *
     * @param args the file of results; a regular expression of cells
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        NativeMemory.keepBuffers();
        Path file = Path.of(args[0]);
        Pattern cells = Pattern.compile(args.length > 1 ? args[1] : "");
        Set<String> done = new HashSet<>();
        if (Files.exists(file)) {
            Files.readAllLines(file).forEach(row -> done.add(row.replaceAll("(,[^,]*){2}$", "")));
        }
        LayerBenchmark benchmark = new LayerBenchmark();
        boolean warm = false;
        for (boolean training : new boolean[] {false, true}) {
            for (Cell cell : Cell.grid()) {
                String key = benchmark.threads + "," + training + "," + cell.key();
                if (done.contains(key) || !cells.matcher(key).find()) {
                    continue;
                }
                if (!warm) {
                    benchmark.warmUp();
                    warm = true;
                }
                List<String> rows = new ArrayList<>();
                benchmark.run(cell, training).forEach(row -> rows.add(key + "," + row));
                Files.write(file, rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        }
    }

    /** Runs tiny layers of every format until Java has compiled what all contestants use. */
    private void warmUp() {
        for (int pass = 0; pass < WARM_UP; pass++) {
            for (Cell cell : Cell.grid()) {
                if (cell.channels() == 16) {
                    Cell tiny = new Cell(16, 3, 1, cell.format(), cell.rank());
                    run(tiny, pass % 2 == 1);
                }
            }
        }
    }

    /** What one cell works on. */
    private record Bench(
            NDManager manager, NDArray first, NDArray last, NDList cores, NDArray dense) {}

    private List<String> run(Cell cell, boolean training) {
        TensorNetwork network = cell.network();
        Shape shape = cell.inputShape();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList cores = new NDList();
            for (Core core : network.cores()) {
                cores.add(leaf(manager, core.shape(), training));
            }
            Bench bench =
                    new Bench(
                            manager,
                            leaf(manager, shape, training),
                            leaf(
                                    manager,
                                    new Shape(
                                            shape.get(0), shape.get(2), shape.get(3), shape.get(1)),
                                    training),
                            cores,
                            leaf(manager, network.denseShape(2), training));
            return time(contestants(cell, network, bench, training), bench, training);
        }
    }

    private static NDArray leaf(NDManager manager, Shape shape, boolean training) {
        // Small numbers: products of five cores stay finite, and none becomes subnormal.
        NDArray array = manager.randomNormal(0, 0.3f, shape, DataType.FLOAT32);
        array.setRequiresGradient(training);
        return array;
    }

    private static List<Contestant> contestants(
            Cell cell, TensorNetwork network, Bench bench, boolean training) {
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        new Shape(3, 3), new Shape(1, 1), new Shape(1, 1), new Shape(1, 1));
        List<Contestant> all = new ArrayList<>();
        // An engine per layout: in a network, too, what comes before a layer does not change.
        for (boolean autotuned : new boolean[] {false, true}) {
            for (Layout layout : Layout.values()) {
                ContractionEngine engine = ContractionEngine.create(network, geometry);
                if (autotuned) {
                    engine.planner().autotune(cell.inputShape(), training, layout, Device.cpu());
                }
                Contestant ours =
                        new Contestant(
                                autotuned ? "autotuned" : "chosen",
                                false,
                                cores -> cores,
                                (x, w) -> engine.forward(x, bench.cores(), null, training));
                all.add(layout == Layout.CHANNELS_LAST ? ours.withChannelsLast() : ours);
            }
        }
        Contestant dense =
                new Contestant(
                        "dense",
                        false,
                        cores -> new NDList(bench.dense()),
                        (x, w) -> HandOrders.wide(x, w.get(0), 1));
        all.add(dense);
        all.add(dense.withChannelsLast());
        all.addAll(HandOrders.of(cell.format(), network));
        return all;
    }

    private List<String> time(List<Contestant> contestants, Bench bench, boolean training) {
        List<List<Double>> times = new ArrayList<>();
        List<NDList> weights = new ArrayList<>();
        for (Contestant contestant : contestants) {
            times.add(new ArrayList<>());
            weights.add(training ? null : contestant.weights().apply(bench.cores()));
        }
        // By identity: arrays are equal if their numbers are.
        Set<NDArray> keep = Collections.newSetFromMap(new IdentityHashMap<>());
        keep.addAll(bench.manager().getManagedArrays());
        List<NDArray> gradients = new ArrayList<>();
        if (training) {
            for (Contestant contestant : contestants) {
                gradients.add(gradient(contestant, bench));
            }
            keep.addAll(bench.manager().getManagedArrays());
        }
        double spent = 0;
        double best = Double.POSITIVE_INFINITY;
        for (int round = -1; round < ROUNDS && (round < 5 || spent < budgetMillis); round++) {
            for (int n = 0; n < contestants.size(); n++) {
                List<Double> mine = times.get(n);
                boolean hopeless = mine.size() >= 1 && median(mine) > HOPELESS * best;
                if (hopeless && mine.size() >= 2) {
                    continue;
                }
                Turn turn =
                        new Turn(
                                contestants.get(n),
                                weights.get(n),
                                training ? gradients.get(n) : null);
                once(turn, bench, keep);
                double millis = once(turn, bench, keep);
                spent += 2 * millis;
                if (round >= 0 || millis > budgetMillis / 4) {
                    mine.add(millis);
                    best = Math.min(best, median(mine));
                }
            }
        }
        List<String> rows = new ArrayList<>();
        for (int n = 0; n < contestants.size(); n++) {
            String name = contestants.get(n).name().replace(",", ";");
            rows.add(String.format(Locale.ROOT, "%s,%.4f", name, median(times.get(n))));
        }
        return rows;
    }

    /**
     * What runs, with weights from before, or to be differentiated with the gradient of its result.
     */
    private record Turn(Contestant contestant, NDList kept, NDArray gradient) {}

    @SuppressWarnings("try") // the collector collects while it is open
    private double once(Turn turn, Bench bench, Set<NDArray> keep) {
        Contestant contestant = turn.contestant();
        long start;
        long end;
        if (turn.gradient() != null) {
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                start = clock.getAsLong();
                NDList weights = contestant.weights().apply(bench.cores());
                NDArray output = contestant.apply().apply(input(contestant, bench), weights);
                JniUtils.backward((PtNDArray) output, (PtNDArray) turn.gradient(), false, false);
                end = clock.getAsLong();
            }
        } else {
            start = clock.getAsLong();
            NDArray output = contestant.apply().apply(input(contestant, bench), turn.kept());
            end = clock.getAsLong();
            output.close();
        }
        for (NDArray array : bench.manager().getManagedArrays()) {
            if (!keep.contains(array)) {
                array.close();
            }
        }
        return (end - start) / NANOS_PER_MILLI;
    }

    /** An array that lies as the result of a contestant does: a copy of it. */
    private static NDArray gradient(Contestant contestant, Bench bench) {
        NDList weights = contestant.weights().apply(bench.cores());
        NDArray output = contestant.apply().apply(input(contestant, bench), weights);
        return output.stopGradient().duplicate();
    }

    private static NDArray input(Contestant contestant, Bench bench) {
        return contestant.channelsLast() ? bench.last().transpose(0, 3, 1, 2) : bench.first();
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
