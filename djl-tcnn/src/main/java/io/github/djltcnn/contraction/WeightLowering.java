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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Turns contraction trees over cores into steps. */
final class WeightLowering {

    private final ModeTable table;
    private final int bytesPerNumber;
    private final List<Step> steps = new ArrayList<>();
    private int numSlots;
    private int numWeights;

    WeightLowering(ModeTable table, int bytesPerNumber) {
        this.table = table;
        this.bytesPerNumber = bytesPerNumber;
        numSlots = table.numCores();
    }

    /** A tensor in a slot and the modes of its axes, in order. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Tensor(int slot, int[] modes) {}

    /** The steps so far. */
    WeightProgram program() {
        return new WeightProgram(steps, numSlots, numWeights);
    }

    /**
     * Writes the steps that contract a tree of cores to a weight.
     *
     * @param modes the order of modes wanted
     * @param shape the shape they are then brought to
     * @param contiguous whether it has to lie without gaps in memory
     * @param turned whether its last axis is then to be its second
     * @return the number of the weight
     */
    int weight(Merge tree, int[] modes, Shape shape, boolean contiguous, boolean turned) {
        Tensor tensor = contract(tree, modes);
        AxisOrder order = AxisOrder.between(tensor.modes(), modes);
        double bytes = order.isSame() || !contiguous ? 0 : (double) shape.size() * bytesPerNumber;
        Work work = Work.move(Operation.PREPARE, bytes);
        steps.add(
                new PrepareStep(tensor.slot(), numWeights, order, shape, contiguous, turned, work));
        return numWeights++;
    }

    private Tensor contract(Merge tree, int[] wanted) {
        if (tree.isLeaf()) {
            return load(tree.core());
        }
        // The operand whose modes come first in the order wanted becomes the left one.
        long own =
                table.keptByCores(tree.left().cores()) & ~table.keptByCores(tree.right().cores());
        long other =
                table.keptByCores(tree.right().cores()) & ~table.keptByCores(tree.left().cores());
        boolean swap = first(wanted, other) < first(wanted, own);
        Merge leftTree = swap ? tree.right() : tree.left();
        Merge rightTree = swap ? tree.left() : tree.right();
        Tensor left = contract(leftTree, wanted);
        Tensor right = contract(rightTree, wanted);
        long leftSet = set(left.modes());
        long rightSet = set(right.modes());
        long kept = table.keptByCores(tree.cores());
        int[] shared = inOrder(left.modes(), leftSet & rightSet & kept, wanted);
        int[] summed = inOrder(left.modes(), leftSet & rightSet & ~kept, wanted);
        int[] rows = inOrder(left.modes(), leftSet & ~rightSet, wanted);
        int[] columns = inOrder(right.modes(), rightSet & ~leftSet, wanted);
        int[] result = concat(shared, rows, columns);
        int slot = numSlots++;
        steps.add(
                new MergeStep(
                        left.slot(),
                        right.slot(),
                        slot,
                        AxisOrder.between(left.modes(), concat(shared, rows, summed)),
                        AxisOrder.between(right.modes(), concat(shared, summed, columns)),
                        matrices(shared, rows, summed),
                        matrices(shared, summed, columns),
                        new Shape(table.sizes(result)),
                        merge(table, bytesPerNumber, leftTree.cores(), rightTree.cores())));
        return new Tensor(slot, result);
    }

    /** The work of merging the tensors that two sets of cores contract to. */
    static Work merge(ModeTable table, double bytesPerNumber, long left, long right) {
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

    private Tensor load(int core) {
        List<Mode> modes = table.network().cores().get(core).modes();
        int[] axes = table.axes(core);
        if (axes.length < modes.size()) {
            List<Mode> kept = Arrays.stream(axes).mapToObj(table::mode).toList();
            List<Integer> dangling =
                    IntStream.range(0, modes.size())
                            .filter(n -> modes.get(n).size() > 1 && !kept.contains(modes.get(n)))
                            .boxed()
                            .toList();
            Shape shape = new Shape(table.sizes(axes));
            double bytes = (double) table.network().cores().get(core).size() * bytesPerNumber;
            Work work = Work.move(Operation.PREPARE, bytes);
            steps.add(new LoadStep(core, dangling, shape, work));
        }
        return new Tensor(core, axes);
    }

    private Shape matrices(int[] shared, int[] rows, int[] columns) {
        Shape matrix = new Shape(size(rows), size(columns));
        return shared.length == 0 ? matrix : new Shape(size(shared)).addAll(matrix);
    }

    private long size(int[] modes) {
        return Arrays.stream(table.sizes(modes)).reduce(1, (a, b) -> a * b);
    }

    /** Some modes: those with a place in the order wanted by it, then the rest as they stand. */
    private static int[] inOrder(int[] modes, long set, int[] wanted) {
        int[] placed = Arrays.stream(wanted).filter(m -> (set >> m & 1) != 0).toArray();
        long rest = set & ~set(placed);
        return concat(placed, Arrays.stream(modes).filter(m -> (rest >> m & 1) != 0).toArray());
    }

    private static int first(int[] wanted, long set) {
        int place = 0;
        while (place < wanted.length && (set >> wanted[place] & 1) == 0) {
            place++;
        }
        return place;
    }

    private static long set(int[] modes) {
        long set = 0;
        for (int mode : modes) {
            set |= 1L << mode;
        }
        return set;
    }

    static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }
}
