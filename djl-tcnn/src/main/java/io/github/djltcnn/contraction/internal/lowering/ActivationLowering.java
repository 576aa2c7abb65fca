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
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.BatchProductStep;
import io.github.djltcnn.contraction.internal.execution.ConvolutionStep;
import io.github.djltcnn.contraction.internal.execution.CopyStep;
import io.github.djltcnn.contraction.internal.execution.ProductStep;
import io.github.djltcnn.contraction.internal.execution.ScaleStep;
import io.github.djltcnn.contraction.internal.search.ActivationContraction;
import io.github.djltcnn.contraction.internal.search.ActivationLayout;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.network.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns a contraction path into steps with the shapes of their calls. */
public final class ActivationLowering {

    /** So many columns are few. */
    private static final int MAX_THIN_COLUMNS = 12;

    /** Measured: how much more a better order gains where they are few. */
    private static final double THIN_GAIN = 5;

    /** Multiply-adds from which the better order gains more than it takes, there and back. */
    private static final double MIN_MACS_TO_REORDER = 6e6;

    private final ModeTable table;
    private final SpatialSchedule schedule;

    private final WeightLowering weights;
    private final boolean training;
    private final List<ActivationStep> steps = new ArrayList<>();
    private final List<Integer> outputs;
    private ActivationLayout now;
    private boolean biasAdded;

    /** Creates an empty list of steps. */
    public ActivationLowering(
            ModeTable table, SpatialSchedule schedule, WeightLowering weights, boolean training) {
        this.training = training;
        this.table = table;
        this.schedule = schedule;
        this.weights = weights;
        outputs = Arrays.stream(table.ordered(Role.GROUP, Role.OUTPUT)).boxed().toList();
    }

    /** The steps so far. */
    public List<ActivationStep> steps() {
        return steps;
    }

    /** Whether the last step adds the bias. */
    public boolean isBiasAdded() {
        return biasAdded;
    }

    /** Writes the steps of a path from an input in a given order of axes. */
    public void lower(PathSearch.Path path, ActivationLayout start) {
        now = start;
        List<PathSearch.PathStep> steps = path.steps();
        for (int n = 0; n < steps.size(); n++) {
            PathSearch.PathStep step = steps.get(n);
            copyTo(step.option().source(), step.option().copy(), step.contraction().before());
            // The bias is one number per output channel: a step can add it that has all of them
            // as its channels, in order, and none in its batch.
            biasAdded =
                    n == steps.size() - 1
                            && step.contraction().free() == 0
                            && step.option().work().operation() != Operation.SCALE
                            && step.option().result().modes().equals(outputs);
            step(step);
            now = step.option().result();
        }
        copyTo(path.end(), path.lastCopy(), schedule.sizes(table.allCores()));
    }

    private void copyTo(ActivationLayout wanted, Work work, long[] spatial) {
        if (work == null) {
            return;
        }
        int[] from = names(now, spatial.length);
        int[] to = names(wanted, spatial.length);
        Shape axes =
                new Shape(schedule.batch())
                        .addAll(sizes(now.lead()))
                        .addAll(new Shape(spatial))
                        .addAll(sizes(now.trail()));
        steps.add(new CopyStep(axes, AxisOrder.between(from, to), work));
        now = wanted;
    }

    /** The axes of an activation: modes by their number, batch and spatial axes below zero. */
    private static int[] names(ActivationLayout activation, int numSpatial) {
        List<Integer> names = new ArrayList<>();
        names.add(-1);
        names.addAll(activation.lead());
        for (int axis = 0; axis < numSpatial; axis++) {
            names.add(-2 - axis);
        }
        names.addAll(activation.trail());
        return names.stream().mapToInt(Integer::intValue).toArray();
    }

    private void step(PathSearch.PathStep step) {
        Operation operation = step.option().work().operation();
        switch (operation) {
            case SCALE -> scale(step);
            case PRODUCT_LAST -> product(step);
            case PRODUCT_FIRST -> products(step);
            case CONVOLUTION_LAST,
                    POINTWISE_LAST,
                    CONVOLUTION_LAST_EXTRA,
                    GROUPED_LAST,
                    GROUPED_LAST_EXTRA,
                    DEPTHWISE_LAST,
                    DEPTHWISE_LAST_EXTRA ->
                    convolveLast(step);
            default -> convolveFirst(step);
        }
    }

    private void scale(PathSearch.PathStep step) {
        ActivationContraction contraction = step.contraction();
        List<Integer> modes = now.modes();
        List<Integer> groups = ActivationLayout.pick(modes, contraction.groups());
        boolean leads = ActivationLayout.pick(now.lead(), contraction.groups()).size() > 0;
        List<Integer> side = leads ? now.lead() : now.trail();
        int from = groups.isEmpty() ? 0 : side.indexOf(groups.get(0));
        long positions = count(contraction.before());
        long before = schedule.batch() * size(side.subList(0, from));
        long behind = size(side.subList(from + groups.size(), side.size()));
        if (leads) {
            behind *= positions * size(now.trail());
        } else {
            before *= positions * size(now.lead());
        }
        int weight = weight(step, array(groups), new Shape(size(groups), 1));
        Shape view = new Shape(before, size(groups), behind);
        steps.add(new ScaleStep(weight, view, step.option().work()));
    }

    private void product(PathSearch.PathStep step) {
        List<Integer> summed = ActivationLayout.pick(now.modes(), step.contraction().summed());
        List<Integer> fresh =
                ActivationLayout.pick(step.option().result().modes(), step.contraction().fresh());
        int weight = productWeight(step, fresh, summed);
        long rows =
                schedule.batch()
                        * count(step.contraction().before())
                        * size(ActivationLayout.pick(now.modes(), step.contraction().free()));
        Shape view = new Shape(rows, size(summed));
        steps.add(new ProductStep(weight, view, biasAdded, step.option().work()));
    }

    /**
     * The weight of a matrix product, (fresh, summed). The fewer of both lie outside: libtorch's
     * matrix product is several times slower where its result, here the gradient of the weight, has
     * few columns than where it has few rows. Where little is multiplied, though, it takes longer
     * to bring the weight into that order.
     */
    private int productWeight(PathSearch.PathStep step, List<Integer> fresh, List<Integer> summed) {
        WeightLowering.Wanted straight =
                new WeightLowering.Wanted(
                        OrderedTensor.concat(array(fresh), array(summed)),
                        new Shape(size(fresh), size(summed)),
                        AxisOrder.SAME);
        WeightLowering.Wanted turned =
                new WeightLowering.Wanted(
                        OrderedTensor.concat(array(summed), array(fresh)),
                        new Shape(size(summed), size(fresh)),
                        AxisOrder.transposed(2));
        long few = Math.min(size(fresh), size(summed));
        double worth = step.option().work().macs() * (few <= MAX_THIN_COLUMNS ? THIN_GAIN : 1);
        boolean same = size(fresh) == size(summed);
        if (same || (training && worth < MIN_MACS_TO_REORDER)) {
            return weights.weight(step.tensor(), straight, turned);
        }
        return weights.weight(step.tensor(), size(fresh) < size(summed) ? straight : turned);
    }

    private void products(PathSearch.PathStep step) {
        List<Integer> summed = ActivationLayout.pick(now.modes(), step.contraction().summed());
        List<Integer> fresh =
                ActivationLayout.pick(step.option().result().modes(), step.contraction().fresh());
        int weight =
                weight(
                        step,
                        OrderedTensor.concat(array(fresh), array(summed)),
                        new Shape(1, size(fresh), size(summed)));
        Cut cut = cut(step.contraction());
        Shape view =
                new Shape(
                        cut.batch(),
                        cut.channels(),
                        count(step.contraction().before()) * cut.extra());
        steps.add(new BatchProductStep(weight, view, biasAdded, step.option().work()));
    }

    /**
     * A channels-first activation around the modes that a step is about.
     *
     * @param batch the batch and the free modes before them
     * @param channels these modes
     * @param extra the free modes behind them
     */
    private record Cut(long batch, long channels, long extra) {}

    private Cut cut(ActivationContraction contraction) {
        List<Integer> lead = now.lead();
        int from = 0;
        while (from < lead.size() && (contraction.free() >> lead.get(from) & 1) != 0) {
            from++;
        }
        int to = from;
        while (to < lead.size() && (contraction.free() >> lead.get(to) & 1) == 0) {
            to++;
        }
        return new Cut(
                schedule.batch() * size(lead.subList(0, from)),
                size(lead.subList(from, to)),
                size(lead.subList(to, lead.size())) * size(now.trail()));
    }

    private void convolveFirst(PathSearch.PathStep step) {
        ActivationContraction contraction = step.contraction();
        Cut cut = cut(contraction);
        long[] before = contraction.before();
        SpatialSchedule.Call call = contraction.call();
        if (cut.extra() > 1 || before.length == 0) {
            // Only a 1x1 convolution gets here, to which all positions are alike.
            before = new long[] {count(before) * cut.extra()};
            call =
                    new SpatialSchedule.Call(
                            new long[] {1}, new long[] {1}, new long[1], new long[] {1});
        }
        Shape view = new Shape(cut.batch(), cut.channels()).addAll(new Shape(before));
        convolve(step, view, call, false);
    }

    private void convolveLast(PathSearch.PathStep step) {
        ActivationContraction contraction = step.contraction();
        List<Integer> extra = ActivationLayout.pick(now.trail(), contraction.free());
        long channels = size(now.trail()) / size(extra);
        long[] before = contraction.before();
        SpatialSchedule.Call call = contraction.call();
        if (!extra.isEmpty() || before.length == 0) {
            before = append(before, size(extra));
            call =
                    new SpatialSchedule.Call(
                            append(call.kernel(), 1),
                            append(call.stride(), 1),
                            append(call.padding(), 0),
                            append(call.dilation(), 1));
        }
        long batch = schedule.batch() * size(now.lead());
        Shape view = new Shape(batch).addAll(new Shape(before)).addAll(new Shape(channels));
        convolve(step, view, call, true);
    }

    private void convolve(
            PathSearch.PathStep step, Shape view, SpatialSchedule.Call call, boolean channelsLast) {
        ActivationContraction contraction = step.contraction();
        List<Integer> groups = ActivationLayout.pick(now.modes(), contraction.groups());
        List<Integer> summed = ActivationLayout.pick(now.modes(), contraction.summed());
        List<Integer> fresh =
                ActivationLayout.pick(step.option().result().modes(), contraction.fresh());
        int[] kernel =
                Arrays.stream(schedule.kernelModes())
                        .filter(mode -> (contraction.kernel() >> mode & 1) != 0)
                        .toArray();
        Shape window = new Shape(call.kernel());
        Shape out = new Shape(size(groups) * size(fresh));
        Shape in = new Shape(size(summed));
        int[] outer = OrderedTensor.concat(array(groups), array(fresh));
        // With one tap, or one channel in, both orders are the same in memory.
        boolean turned = channelsLast && window.size() > 1 && in.size() > 1;
        int weight =
                turned
                        ? weights.weight(
                                step.tensor(),
                                new WeightLowering.Wanted(
                                        OrderedTensor.concat(outer, kernel, array(summed)),
                                        out.addAll(window).addAll(in),
                                        AxisOrder.lastToSecond(window.dimension() + 2)))
                        : weight(
                                step,
                                OrderedTensor.concat(outer, array(summed), kernel),
                                out.addAll(in).addAll(window));
        steps.add(
                new ConvolutionStep(
                        weight,
                        view,
                        channelsLast,
                        new Shape(call.stride()),
                        new Shape(call.padding()),
                        new Shape(call.dilation()),
                        Math.toIntExact(size(groups)),
                        biasAdded,
                        step.option().work()));
    }

    private int weight(PathSearch.PathStep step, int[] modes, Shape shape) {
        return weights.weight(
                step.tensor(), new WeightLowering.Wanted(modes, shape, AxisOrder.SAME));
    }

    private Shape sizes(List<Integer> modes) {
        return new Shape(table.sizes(array(modes)));
    }

    private long size(List<Integer> modes) {
        return sizes(modes).size();
    }

    private static int[] array(List<Integer> modes) {
        return modes.stream().mapToInt(Integer::intValue).toArray();
    }

    private static long count(long[] sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    private static long[] append(long[] values, long last) {
        long[] more = Arrays.copyOf(values, values.length + 1);
        more[values.length] = last;
        return more;
    }
}
