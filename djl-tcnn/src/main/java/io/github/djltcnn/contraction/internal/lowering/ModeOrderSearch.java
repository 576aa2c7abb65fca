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
import io.github.djltcnn.contraction.internal.execution.Arrangement;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses the order in which the modes of every tensor of a contraction tree lie, so that few calls
 * and little copying stand between one product and the next. A layer of few channels spends more
 * time on those than on the arithmetic, and in training twice.
 *
 * <p>A dynamic program from the cores up, which keeps the few cheapest orders of each tensor.
 */
public final class ModeOrderSearch {

    /** So many orders of a tensor are kept. */
    private static final int MOST = 3;

    /** The bytes that are copied in the time of one call, there and back. */
    private static final double BYTES_PER_CALL = 1 << 14;

    /** Calls: a matrix or its transpose is a view, anything else is cut, turned and copied. */
    private static final double VIEW = 1;

    private static final double TURNED_VIEW = 2;
    private static final double COPY = 3;

    private final ModeTable table;
    private final double bytesPerNumber;

    /** Creates the choice for the trees of one network. */
    public ModeOrderSearch(ModeTable table, double bytesPerNumber) {
        this.table = table;
        this.bytesPerNumber = bytesPerNumber;
    }

    /**
     * The orders that the tensor can have that a tree contracts to, each made the cheapest way.
     *
     * @param wanted an order that its modes would best have
     */
    public List<OrderedTensor> of(ContractionTree tree, int[] wanted) {
        if (tree.isLeaf()) {
            return List.of(new OrderedTensor(tree, table.axes(tree.tensor()), 0, null, null, null));
        }
        List<OrderedTensor> best = new ArrayList<>();
        for (OrderedTensor left : cheapest(tree.left(), wanted)) {
            for (OrderedTensor right : cheapest(tree.right(), wanted)) {
                addProducts(best, tree, left, right, wanted);
                addProducts(best, tree, right, left, wanted);
            }
        }
        return best;
    }

    private List<OrderedTensor> cheapest(ContractionTree tree, int[] wanted) {
        List<OrderedTensor> all = new ArrayList<>(of(tree, wanted));
        all.sort(Comparator.comparingDouble(OrderedTensor::cost));
        return all.subList(0, Math.min(MOST, all.size()));
    }

    /** The cost of a tensor brought into an order, and cut and seen as a call takes it. */
    double cost(OrderedTensor tensor, int[] order, AxisOrder seen) {
        double view = seen.isSame() ? VIEW : TURNED_VIEW;
        if (tensor.lies(order)) {
            return tensor.cost() + view;
        }
        return tensor.cost() + view + COPY - VIEW + copied(tensor);
    }

    /** The left operand of a product as (shared, rows, summed). */
    Arrangement rows(OrderedTensor left, OrderedTensor.Cut cut) {
        return matrices(left, cut.shared(), cut.rows(), cut.summed(), cut);
    }

    /** The right operand of a product as (shared, summed, columns). */
    Arrangement columns(OrderedTensor right, OrderedTensor.Cut cut) {
        return matrices(right, cut.shared(), cut.summed(), cut.columns(), cut);
    }

    private Arrangement matrices(
            OrderedTensor tensor, int[] shared, int[] first, int[] second, OrderedTensor.Cut cut) {
        Shape axes = new Shape(table.sizes(tensor.modes()));
        if (!tensor.lies(shared, first, second) && tensor.lies(shared, second, first)) {
            Shape shape = matrices(shared, second, first);
            AxisOrder seen = AxisOrder.transposed(shape.dimension());
            return new Arrangement(axes, AxisOrder.SAME, false, shape, seen);
        }
        AxisOrder order =
                AxisOrder.between(tensor.modes(), OrderedTensor.concat(shared, first, second));
        boolean gapless = cut.summed().length == 0;
        return new Arrangement(
                axes, order, gapless, matrices(shared, first, second), AxisOrder.SAME);
    }

    private Shape matrices(int[] shared, int[] rows, int[] columns) {
        Shape matrix = new Shape(size(rows), size(columns));
        return shared.length == 0 ? matrix : new Shape(size(shared)).addAll(matrix);
    }

    private long size(int[] modes) {
        return Arrays.stream(table.sizes(modes)).reduce(1, (a, b) -> a * b);
    }

    private void addProducts(
            List<OrderedTensor> best,
            ContractionTree tree,
            OrderedTensor left,
            OrderedTensor right,
            int[] wanted) {
        long leftSet = set(left.modes());
        long rightSet = set(right.modes());
        long kept = table.keptByCores(tree.tensors());
        long both = leftSet & rightSet;
        List<int[]> rowOrders = orders(leftSet & ~rightSet, wanted, left.modes());
        List<int[]> summedOrders = orders(both & ~kept, left.modes(), right.modes());
        List<int[]> columnOrders = orders(rightSet & ~leftSet, wanted, right.modes());
        for (int[] shared : orders(both & kept, wanted, left.modes())) {
            for (int[] summed : summedOrders) {
                for (int[] rows : rowOrders) {
                    double cost =
                            left.cost() + right.cost() + matrixCost(left, shared, rows, summed);
                    for (int[] columns : columnOrders) {
                        OrderedTensor.Cut cut =
                                new OrderedTensor.Cut(shared, rows, summed, columns);
                        double whole = cost + matrixCost(right, shared, summed, columns);
                        add(best, new OrderedTensor(tree, cut.result(), whole, left, right, cut));
                    }
                }
            }
        }
    }

    /** Keeps the cheaper of two ways to the same order. */
    private static void add(List<OrderedTensor> best, OrderedTensor made) {
        for (int n = 0; n < best.size(); n++) {
            if (best.get(n).lies(made.modes())) {
                if (made.cost() < best.get(n).cost()) {
                    best.set(n, made);
                }
                return;
            }
        }
        best.add(made);
    }

    private double matrixCost(OrderedTensor tensor, int[] shared, int[] first, int[] second) {
        if (tensor.lies(shared, first, second)) {
            return VIEW;
        }
        return tensor.lies(shared, second, first) ? TURNED_VIEW : COPY + copied(tensor);
    }

    private double copied(OrderedTensor tensor) {
        return table.size(set(tensor.modes())) * bytesPerNumber / BYTES_PER_CALL;
    }

    /** Some modes in two orders: that of others, what has no place there behind; and their own. */
    private static List<int[]> orders(long set, int[] others, int[] own) {
        int[] second = new int[Long.bitCount(set)];
        int[] first = new int[second.length];
        int count = pick(set, own, second, 0);
        int placed = pick(set, others, first, 0);
        pick(set & ~set(Arrays.copyOf(first, placed)), own, first, placed);
        return count < 2 || Arrays.equals(first, second) ? List.of(second) : List.of(first, second);
    }

    /** Writes those of some modes that are in a set behind what was there. */
    private static int pick(long set, int[] from, int[] to, int count) {
        int end = count;
        for (int mode : from) {
            if ((set >> mode & 1) != 0) {
                to[end++] = mode;
            }
        }
        return end;
    }

    private static long set(int[] modes) {
        long set = 0;
        for (int mode : modes) {
            set |= 1L << mode;
        }
        return set;
    }
}
