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
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Turns contraction trees into steps: decides slots, the order of axes and the shapes of calls. */
final class Lowering {

    private static final Role[] AXES = {Role.DEPTH, Role.HEIGHT, Role.WIDTH};

    private final ModeTable table;
    private final List<Step> steps = new ArrayList<>();
    private int nextSlot;

    Lowering(ModeTable table) {
        this.table = table;
        nextSlot = table.numCores();
    }

    /** A tensor in a slot and the modes of its axes, in order. */
    @SuppressWarnings("ArrayRecordComponent") // lives in a search and is never compared
    record Tensor(int slot, int[] modes) {}

    List<Step> steps() {
        return steps;
    }

    int numSlots() {
        return nextSlot;
    }

    int newSlot() {
        return nextSlot++;
    }

    /** Writes the steps that contract a tree of cores. */
    Tensor contract(Merge tree) {
        if (tree.isLeaf()) {
            return load(tree.core());
        }
        Tensor left = contract(tree.left());
        Tensor right = contract(tree.right());
        long leftSet = set(left.modes());
        long rightSet = set(right.modes());
        long kept = table.keptByCores(tree.cores());
        int[] shared = pick(left.modes(), leftSet & rightSet & kept);
        int[] summed = pick(left.modes(), leftSet & rightSet & ~kept);
        int[] rows = pick(left.modes(), leftSet & ~rightSet);
        int[] columns = pick(right.modes(), rightSet & ~leftSet);
        int[] result = concat(shared, rows, columns);
        int slot = newSlot();
        steps.add(
                new MergeStep(
                        left.slot(),
                        right.slot(),
                        slot,
                        permutation(left.modes(), concat(shared, rows, summed)),
                        permutation(right.modes(), concat(shared, summed, columns)),
                        size(shared),
                        size(rows),
                        size(summed),
                        size(columns),
                        new Shape(table.sizes(result))));
        return new Tensor(slot, result);
    }

    private Tensor load(int core) {
        List<Mode> modes = table.network().cores().get(core).modes();
        int[] axes = table.axes(core);
        List<Mode> kept = Arrays.stream(axes).mapToObj(table::mode).toList();
        List<Integer> dangling =
                IntStream.range(0, modes.size())
                        .filter(n -> modes.get(n).size() > 1 && !kept.contains(modes.get(n)))
                        .boxed()
                        .toList();
        steps.add(new LoadStep(core, dangling, new Shape(table.sizes(axes))));
        return new Tensor(core, axes);
    }

    /**
     * Writes the steps that take the input through some tensors.
     *
     * @return the result, whose modes are the channel modes in the order they have
     */
    Tensor pass(List<Merge> path, ConvolutionGeometry geometry, Shape inputShape, boolean bias) {
        Tensor activation = new Tensor(newSlot(), table.ordered(Role.GROUP, Role.INPUT));
        Sliding sliding = new Sliding(table, geometry, inputShape);
        long passed = 0;
        for (int n = 0; n < path.size(); n++) {
            boolean biasHere = bias && n == path.size() - 1;
            activation = pass(activation, passed, path, n, sliding, biasHere);
            passed |= path.get(n).cores();
        }
        return activation;
    }

    private Tensor pass(
            Tensor activation,
            long passed,
            List<Merge> path,
            int index,
            Sliding sliding,
            boolean bias) {
        Tensor weight = contract(path.get(index));
        long have = set(activation.modes());
        long met = set(weight.modes());
        long after = table.keptByInput(passed | path.get(index).cores());
        int[] free = pick(activation.modes(), have & ~met);
        int[] groups = pick(activation.modes(), have & met & after);
        int[] summed = pick(activation.modes(), have & met & ~after);
        int[] fresh = laterUsedFirst(met & ~have & ~table.kernelModes(), path, index + 1);
        int[] kernel = sliding.kernelModes(met);

        Shape before = sliding.spatial();
        Sliding.Call call = sliding.slide(met);
        long batch = sliding.batch();
        int[] result = concat(free, groups, fresh);
        // The bias is one number per output channel, so it needs them all, in order, and no
        // channel mode in the batch.
        boolean biasHere = bias && free.length == 0 && isOutput(result);
        int slot = newSlot();
        steps.add(
                new ConvolutionStep(
                        activation.slot(),
                        weight.slot(),
                        slot,
                        new Shape(batch)
                                .addAll(new Shape(table.sizes(activation.modes())))
                                .addAll(before),
                        spatialPermutation(
                                activation.modes(), concat(free, groups, summed), before),
                        new Shape(batch * size(free), size(groups) * size(summed)).addAll(before),
                        permutation(weight.modes(), concat(groups, fresh, summed, kernel)),
                        new Shape(size(groups) * size(fresh), size(summed)).addAll(call.kernel()),
                        call.stride(),
                        call.padding(),
                        call.dilation(),
                        Math.toIntExact(size(groups)),
                        biasHere,
                        (double) batch
                                * sliding.spatial().size()
                                * size(result)
                                * size(summed)
                                * call.kernel().size()));
        return new Tensor(slot, result);
    }

    /** Whether modes are the channel modes of the output in their order. */
    boolean isOutput(int[] modes) {
        return Arrays.equals(modes, table.ordered(Role.GROUP, Role.OUTPUT));
    }

    /**
     * New channel modes in an order that spares copies: the mode that is met last comes first, so
     * that what the next step leaves alone is already next to the batch.
     */
    private int[] laterUsedFirst(long modes, List<Merge> path, int from) {
        int[] natural = table.ordered(Role.RANK, Role.OUTPUT);
        return Arrays.stream(natural)
                .filter(mode -> (modes >> mode & 1) != 0)
                .boxed()
                .sorted(Comparator.comparingInt(mode -> -firstUse(mode, path, from)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private int firstUse(int mode, List<Merge> path, int from) {
        for (int n = from; n < path.size(); n++) {
            if ((table.keptByCores(path.get(n).cores()) >> mode & 1) != 0) {
                return n;
            }
        }
        return path.size();
    }

    private long size(int[] modes) {
        return LongStream.of(table.sizes(modes)).reduce(1, (a, b) -> a * b);
    }

    private static long set(int[] modes) {
        long set = 0;
        for (int mode : modes) {
            set |= 1L << mode;
        }
        return set;
    }

    private static int[] pick(int[] modes, long set) {
        return Arrays.stream(modes).filter(mode -> (set >> mode & 1) != 0).toArray();
    }

    static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    /** The transposition that brings axes of the modes {@code from} into the order {@code to}. */
    static AxisOrder permutation(int[] from, int[] to) {
        int[] permutation = new int[to.length];
        for (int n = 0; n < to.length; n++) {
            int axis = 0;
            while (from[axis] != to[n]) {
                axis++;
            }
            permutation[n] = axis;
        }
        return new AxisOrder(permutation);
    }

    /** The same for an activation, whose modes stand between the batch and the spatial axes. */
    static AxisOrder spatialPermutation(int[] from, int[] to, Shape spatial) {
        int[] whole = new int[from.length + 1 + spatial.dimension()];
        int[] wanted = whole.clone();
        for (int n = 0; n < whole.length; n++) {
            boolean mode = n >= 1 && n <= from.length;
            // Batch and spatial axes get names that no mode has.
            whole[n] = mode ? from[n - 1] : -1 - n;
            wanted[n] = mode ? to[n - 1] : -1 - n;
        }
        return permutation(whole, wanted);
    }

    static Role[] axes(int numDimensions) {
        return Arrays.copyOfRange(AXES, AXES.length - numDimensions, AXES.length);
    }
}
