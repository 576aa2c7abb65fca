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
package io.github.djltcnn.contraction;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * What the planner chooses for a GPU, next to what was measured on one: docs/data/gpu has the times
 * of 408 plans of 80 cells (4 layers, 5 formats, prediction and training, 2 batch sizes) on an
 * NVIDIA H200, and the steps of each plan. The planner runs as it does for a user; the plan that it
 * makes is looked up by its steps.
 */
public class GpuChoiceTest {

    private static final Path DATA = Path.of("..", "docs", "data", "gpu");
    private static final double NEAR = 1.1;
    private static final double FAR = 1.3;

    /** Of 80; docs/gpu.md has the list of the others. */
    private static final int LEAST_NEAR = 70;

    /** One layer, direction and batch size. */
    private record Cell(String mode, int channels, int size, int batch, String format) {

        boolean training() {
            return mode.equals("train");
        }

        TensorNetwork network() {
            TensorFormat rule =
                    switch (format) {
                        case "TR10" -> TensorFormats.tensorRing(Rank.of(10));
                        case "TR20" -> TensorFormats.tensorRing(Rank.of(20));
                        case "TT16" -> TensorFormats.tensorTrain(Rank.of(16));
                        case "TK2_C/4" -> TensorFormats.tucker2(Rank.of(channels / 4));
                        case "CP_C/2" -> TensorFormats.cp(Rank.of(channels / 2));
                        default -> throw new IllegalArgumentException(format);
                    };
            return rule.network(KernelSpec.of(channels, channels, new Shape(3, 3)));
        }

        ContractionPlan plan(CostModel costs) {
            Shape one = new Shape(1, 1);
            ConvolutionGeometry geometry = new ConvolutionGeometry(new Shape(3, 3), one, one, one);
            return ContractionPlanner.create(
                            network(), geometry, PlannerOptions.standard().withCostModel(costs))
                    .plan(
                            new Shape(batch, channels, size, size),
                            training(),
                            Layout.CHANNELS_FIRST,
                            Device.gpu());
        }
    }

    /** A plan that was measured. */
    private record Measured(Cell cell, String name, double millis, List<Work> steps) {}

    private final Map<Cell, List<Measured>> cells = new LinkedHashMap<>();

    @BeforeClass
    public void read() throws IOException {
        Map<String, List<Work>> steps = new LinkedHashMap<>();
        for (String line : lines("steps-h200.csv")) {
            String[] f = line.split(",", -1);
            if (f[0].equals("train") || f[6].equals("activation")) {
                steps.computeIfAbsent(key(f), k -> new ArrayList<>()).add(work(f));
            }
        }
        for (int batch : new int[] {64, 256}) {
            for (String line : lines("layers-h200-batch" + batch + ".csv")) {
                String[] f = line.split(",", -1);
                List<Work> found = steps.get(key(f));
                if (found != null) {
                    Cell cell =
                            new Cell(
                                    f[0],
                                    Integer.parseInt(f[1]),
                                    Integer.parseInt(f[2]),
                                    Integer.parseInt(f[3]),
                                    f[4]);
                    cells.computeIfAbsent(cell, c -> new ArrayList<>())
                            .add(new Measured(cell, f[5], Double.parseDouble(f[6]), found));
                }
            }
        }
        Assert.assertEquals(cells.size(), 80);
    }

    private static Work work(String[] fields) {
        double[] n = Stream.of(fields).skip(8).mapToDouble(Double::parseDouble).toArray();
        Work.Extent extent = new Work.Extent(n[3], n[4], n[5], n[6], n[7], n[8], false);
        return new Work(Operation.valueOf(fields[7]), extent, n[0], n[0], 2 * n[0], n[1], n[2]);
    }

    private static List<String> lines(String file) throws IOException {
        List<String> lines = Files.readAllLines(DATA.resolve(file));
        return lines.subList(1, lines.size());
    }

    private static String key(String[] fields) {
        return String.join(",", List.of(fields).subList(0, 6));
    }

    /** The steps of a plan that count. */
    private static List<String> steps(ContractionPlan plan) {
        List<Work> works = plan.works();
        if (!plan.isForTraining()) {
            works = works.subList(plan.program().steps().size(), works.size());
        }
        return works.stream().map(GpuChoiceTest::name).toList();
    }

    private static List<String> names(Measured plan) {
        return plan.steps().stream().map(GpuChoiceTest::name).toList();
    }

    private static String name(Work work) {
        Work.Extent e = work.extent();
        return work.operation()
                + " "
                + work.macs()
                + " "
                + e.in()
                + " "
                + e.out()
                + " "
                + e.groups()
                + " "
                + e.positions()
                + " "
                + e.taps();
    }

    /**
     * The planner's choice where it was measured. Where the planner finds a plan that nobody has
     * timed, the listed plan that the model predicts to be the fastest, by the planner's own rule:
     * one convolution with a kept kernel if it is predicted to cost hardly more.
     */
    private static Measured choice(CostModel costs, Cell cell, List<Measured> candidates) {
        List<String> steps = steps(cell.plan(costs));
        return candidates.stream()
                .filter(m -> names(m).equals(steps))
                .min(Comparator.comparingDouble(Measured::millis))
                .orElseGet(() -> cheapest(costs, cell, candidates));
    }

    private static Measured cheapest(CostModel costs, Cell cell, List<Measured> candidates) {
        ToDoubleFunction<Measured> seconds =
                m ->
                        m.steps().stream()
                                .mapToDouble(work -> costs.seconds(work, cell.training()))
                                .sum();
        Measured best = candidates.stream().min(Comparator.comparingDouble(seconds)).orElseThrow();
        return candidates.stream()
                .filter(m -> !cell.training() && isOneConvolution(m))
                .filter(m -> seconds.applyAsDouble(m) <= 1.05 * seconds.applyAsDouble(best))
                .min(Comparator.comparingDouble(seconds))
                .orElse(best);
    }

    private static boolean isOneConvolution(Measured plan) {
        return plan.steps().stream().filter(w -> w.operation() != Operation.COPY).count() == 1;
    }

    @Test
    public void choicesAreNearTheMeasuredBest() {
        CostModel costs = CostModel.standard(Device.gpu(), 1);
        List<String> farther = new ArrayList<>();
        int measured = 0;
        double worst = 0;
        for (Map.Entry<Cell, List<Measured>> entry : cells.entrySet()) {
            Cell cell = entry.getKey();
            List<String> steps = steps(cell.plan(costs));
            boolean timed = entry.getValue().stream().anyMatch(m -> names(m).equals(steps));
            measured += timed ? 1 : 0;
            Measured chosen = choice(costs, cell, entry.getValue());
            double best =
                    entry.getValue().stream().mapToDouble(Measured::millis).min().orElseThrow();
            double ratio = chosen.millis() / best;
            worst = Math.max(worst, ratio);
            if (ratio > NEAR) {
                farther.add(
                        String.format(
                                Locale.ROOT, "%.2f %s %s %s", ratio, cell, chosen.name(), timed));
            }
        }
        // The aim is 72. The cells that miss it are within the noise of the measurement (medians
        // and
        // minima of their times disagree on the best plan), or kernels that a library was unlucky
        // in.
        Assert.assertTrue(farther.size() <= cells.size() - LEAST_NEAR, farther.toString());
        Assert.assertTrue(worst <= FAR, farther.toString());
        Assert.assertTrue(measured >= 60, "most choices are plans that were timed: " + measured);
    }
}
