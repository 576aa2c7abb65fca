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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.benchmarks.PairwiseOrders.Product;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.contraction.KernelContraction;
import io.github.djltcnn.contraction.Objective;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Takes the training steps of the layer benchmark apart: next to DJL's dense convolution and the
 * order that the engine chooses it times, in the same rounds, both that convolution and the
 * contraction of a kernel with the gradients of all cores, the one after the other in one step;
 * that contraction alone; its matrix products alone, without copies and without gradients'
 * bookkeeping; its calls alone, on cores of next to no size; and the orders that do not contract
 * the kernel: those written by hand and that of the fewest multiply-adds.
 *
 * <p>Arguments: the file of results, and optionally a pattern of the cells to run. The number of
 * threads is that of the system property {@code ai.djl.pytorch.num_threads}; {@code
 * benchmark.budget} is the number of milliseconds that a cell may take.
 */
public final class LayerProfile {

    /** What the names of plans end with that contract all cores to the kernel. */
    static final String KERNEL_FIRST = ": kernel first";

    /** A kernel contracted and the dense convolution, which does not use it, in one step. */
    static final String SUM = "sum";

    /** The matrix products of a kernel and the dense convolution in one step. */
    static final String BARE_SUM = "bare sum";

    /** Kernels that take more of the multiply-adds of the convolution are not looked into. */
    private static final double LARGE = 0.5;

    private static final int BUDGET = Integer.getInteger("benchmark.budget", 1200);

    private LayerProfile() {}

    /**
     * Runs the profile.
     *
     * @param args the file of results; a regular expression of cells
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        NativeMemory.keepBuffers();
        run(new Results(args), Cell.grid(), new Rounds(1, 9, 61, BUDGET, 2));
    }

    /** Runs those of some cells that are wanted. */
    static void run(Results results, List<Cell> cells, Rounds rounds) throws IOException {
        boolean warm = false;
        for (Cell cell : cells) {
            String key = Results.THREADS + "," + cell.key();
            if (!results.isWanted(key)) {
                continue;
            }
            if (!warm) {
                Cell.warmUp(tiny -> run(tiny, new Rounds(0, 1, 1, 0, 2)));
                warm = true;
            }
            results.add(key, run(cell, rounds));
        }
    }

    /** The median times of one cell. */
    static Map<String, Double> run(Cell cell, Rounds rounds) {
        try (LayerBench bench = new LayerBench(cell, true)) {
            return rounds.medians(turns(cell, bench));
        }
    }

    /** What runs in turn. */
    static List<Rounds.Turn> turns(Cell cell, LayerBench bench) {
        List<Rounds.Turn> turns = new ArrayList<>();
        List<Contestant> dense = Contestant.dense(bench.dense());
        dense.forEach(each -> turns.add(bench.step(each, true)));
        for (Layout layout : Layout.values()) {
            turns.add(bench.step(plan("chosen", cell, layout, Objective.TIME), true));
            Contestant fewest = plan("fewest", cell, layout, Objective.MACS);
            if (!fewest.name().contains(KERNEL_FIRST)) {
                turns.add(bench.step(fewest, true));
            }
        }
        for (Contestant each : HandOrders.of(cell.format(), cell.network())) {
            if (!each.name().startsWith("kernel first")) {
                turns.add(bench.step(each, true));
            }
        }
        PairwiseOrders orders = new PairwiseOrders(cell.network());
        if (orders.kernelMacs() < LARGE * cell.denseMacs()) {
            Contestant kernel = kernel(cell);
            Contestant products = products(orders.kernelProducts(), bench);
            for (Contestant each : dense) {
                String layout = each.name().replace("dense", "");
                turns.add(bench.step(SUM + layout, false, kernel, each));
                turns.add(bench.step(after(products, each, BARE_SUM + layout), false));
            }
            turns.add(bench.step(kernel, false));
            turns.add(bench.step(calls(cell, bench), false));
            turns.add(bench.prediction(products, false));
        }
        return turns;
    }

    private static Contestant plan(String name, Cell cell, Layout layout, Objective objective) {
        ContractionEngine engine =
                ContractionEngine.create(
                        cell.network(),
                        Cell.GEOMETRY,
                        PlannerOptions.standard().withObjective(objective));
        int meetings =
                engine.planner().plan(cell.inputShape(), true, layout).contractionPath().size();
        Contestant plan = Contestant.of(meetings == 1 ? name + KERNEL_FIRST : name, engine, true);
        return layout == Layout.CHANNELS_LAST ? plan.withChannelsLast() : plan;
    }

    /** The contraction of the kernel, which is the result; the input is not touched. */
    private static Contestant kernel(Cell cell) {
        KernelContraction contraction = KernelContraction.of(cell.network(), 2);
        return new Contestant(
                "kernel",
                false,
                cores -> new NDList(contraction.execute(cores, cores.get(0).getManager())),
                (x, w) -> w.get(0));
    }

    /** The same for 4 channels and rank 2: as many products, with next to nothing to do. */
    private static Contestant calls(Cell cell, LayerBench bench) {
        Cell small = new Cell(4, cell.size(), cell.batch(), cell.format(), 2);
        NDList cores = new NDList();
        small.network().cores().forEach(core -> cores.add(bench.leaf(core.shape())));
        Contestant kernel = kernel(small);
        return new Contestant(
                "calls", false, mine -> kernel.weights().apply(cores), kernel.apply());
    }

    /** The products of the contraction and those of the gradients of both operands of each. */
    private static Contestant products(List<Product> products, LayerBench bench) {
        NDList operands = new NDList();
        for (Product product : products) {
            NDArray left = matrices(bench, product, product.rows(), product.summed());
            NDArray right = matrices(bench, product, product.summed(), product.columns());
            operands.add(left);
            operands.add(right);
            operands.add(matrices(bench, product, product.rows(), product.columns()));
            operands.add(bench.keep(turned(left)));
            operands.add(bench.keep(turned(right)));
        }
        return new Contestant(
                "products",
                false,
                cores -> operands,
                (x, w) -> {
                    NDArray last = x;
                    for (int n = 0; n < operands.size(); n += 5) {
                        NDArray gradient = operands.get(n + 2);
                        operands.get(n).matMul(operands.get(n + 1));
                        gradient.matMul(operands.get(n + 4));
                        last = operands.get(n + 3).matMul(gradient);
                    }
                    return last;
                });
    }

    /** One after what needs no gradients. */
    private static Contestant after(Contestant before, Contestant then, String name) {
        return new Contestant(
                name,
                then.channelsLast(),
                then.weights(),
                (x, w) -> {
                    NDArray unused = before.apply().apply(x, w);
                    return then.apply().apply(x, w);
                });
    }

    private static NDArray matrices(LayerBench bench, Product product, long rows, long columns) {
        return bench.random(
                product.batch() == 1
                        ? new Shape(rows, columns)
                        : new Shape(product.batch(), rows, columns));
    }

    private static NDArray turned(NDArray matrices) {
        return matrices.getShape().dimension() == 2
                ? matrices.transpose(1, 0)
                : matrices.transpose(0, 2, 1);
    }
}
