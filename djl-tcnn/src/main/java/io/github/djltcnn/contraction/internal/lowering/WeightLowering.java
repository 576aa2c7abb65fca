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
package io.github.djltcnn.contraction.internal.lowering;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.algebra.internal.ContractionTree;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.Arrangement;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.LoadStep;
import io.github.djltcnn.contraction.internal.execution.MergeStep;
import io.github.djltcnn.contraction.internal.execution.PrepareStep;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import io.github.djltcnn.contraction.internal.execution.WeightStep;
import io.github.djltcnn.contraction.internal.search.MergeSearch;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.network.Mode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Turns contraction trees over cores into steps. */
public final class WeightLowering {

    private final ModeTable table;
    private final int bytesPerNumber;
    private final ModeOrderSearch arrangements;
    private final List<WeightStep> steps = new ArrayList<>();
    private int numSlots;
    private int numWeights;

    /** Creates an empty program. */
    public WeightLowering(ModeTable table, int bytesPerNumber) {
        this.table = table;
        this.bytesPerNumber = bytesPerNumber;
        arrangements = new ModeOrderSearch(table, bytesPerNumber);
        numSlots = table.numCores();
    }

    /**
     * What a call wants of its weight, which has to lie without gaps in memory.
     *
     * @param modes the order its modes are to lie in
     * @param shape the shape it is then cut into
     * @param seen the view of that which the call takes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Wanted(int[] modes, Shape shape, AxisOrder seen) {}

    /** One way to make a weight, and what it takes. */
    private record Choice(Wanted wanted, OrderedTensor made, double cost) {}

    /** The steps so far. */
    public WeightProgram program() {
        return new WeightProgram(steps, numSlots, numWeights);
    }

    /**
     * Writes the steps that contract a tree of cores to a weight.
     *
     * @param choices what the call can take, all the same to it
     * @return the number of the weight
     */
    public int weight(ContractionTree tree, Wanted... choices) {
        Choice best =
                Stream.of(choices)
                        .flatMap(
                                wanted ->
                                        arrangements.of(tree, wanted.modes()).stream()
                                                .map(
                                                        made ->
                                                                new Choice(
                                                                        wanted,
                                                                        made,
                                                                        cost(made, wanted))))
                        .min(Comparator.comparingDouble(Choice::cost))
                        .orElseThrow();
        int slot = contract(best.made());
        prepare(slot, best.made().modes(), best.wanted());
        return numWeights++;
    }

    private double cost(OrderedTensor made, Wanted wanted) {
        return arrangements.cost(made, wanted.modes(), wanted.seen());
    }

    private void prepare(int slot, int[] modes, Wanted wanted) {
        AxisOrder order = AxisOrder.between(modes, wanted.modes());
        double bytes = order.isSame() ? 0 : (double) wanted.shape().size() * bytesPerNumber;
        Arrangement arrangement =
                new Arrangement(
                        new Shape(table.sizes(modes)), order, true, wanted.shape(), wanted.seen());
        Work work = Work.move(Operation.PREPARE, bytes);
        steps.add(new PrepareStep(slot, numWeights, arrangement, work));
    }

    /** Writes the steps that make a tensor. */
    private int contract(OrderedTensor tensor) {
        if (tensor.tree().isLeaf()) {
            return load(tensor.tree().tensor());
        }
        int left = contract(tensor.left());
        int right = contract(tensor.right());
        int slot = numSlots++;
        long leftCores = tensor.left().tree().tensors();
        long rightCores = tensor.right().tree().tensors();
        steps.add(
                new MergeStep(
                        left,
                        right,
                        slot,
                        arrangements.rows(tensor.left(), tensor.cut()),
                        arrangements.columns(tensor.right(), tensor.cut()),
                        tensor.cut().summed().length > 0,
                        merge(table, bytesPerNumber, leftCores, rightCores)));
        return slot;
    }

    /** The work of merging the tensors that two sets of cores contract to. */
    public static Work merge(ModeTable table, double bytesPerNumber, long left, long right) {
        double macs = MergeSearch.macs(table, left, right);
        double read = table.size(table.keptByCores(left)) + table.size(table.keptByCores(right));
        double written = table.size(table.keptByCores(left | right));
        return new Work(
                Operation.MERGE,
                new Work.Extent(1, 1, 1, 1, macs, 1, false),
                macs,
                macs,
                2 * macs,
                read * bytesPerNumber,
                written * bytesPerNumber);
    }

    private int load(int core) {
        List<Mode> modes = table.network().cores().get(core).modes();
        List<Mode> kept = IntStream.of(table.axes(core)).mapToObj(table::mode).toList();
        List<Integer> dangling =
                IntStream.range(0, modes.size())
                        .filter(n -> modes.get(n).size() > 1 && !kept.contains(modes.get(n)))
                        .boxed()
                        .toList();
        if (!dangling.isEmpty()) {
            double bytes = (double) table.network().cores().get(core).size() * bytesPerNumber;
            steps.add(new LoadStep(core, dangling, Work.move(Operation.PREPARE, bytes)));
        }
        return core;
    }
}
