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
package io.github.djltcnn.contraction.internal.search;

import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.runtime.internal.LibtorchQuirks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ways libtorch offers to compute a step, and their costs.
 *
 * <p>Of the modes of an activation, those the tensor lacks are free. A free mode before the
 * channels of a call is part of its batch. Behind the spatial axes, where channels-last has it, it
 * is one more spatial axis with a window of 1: neither needs a copy.
 */
public final class StepOptions {

    /** libtorch convolves over at most so many spatial axes. */
    static final int MAX_AXES = 3;

    private static final double VECTOR = 16;
    private static final int MAX_PERMUTED = 3;
    private static final double SMALL_BATCH = 16;
    private static final double SMALL_INPUT = 20480;
    private static final long SMALL_KERNEL = 3;

    private final ModeTable table;
    private final SpatialSchedule schedule;
    private final double bytesPerNumber;

    /** Creates the source of ways for one layer and input. */
    public StepOptions(ModeTable table, SpatialSchedule schedule, int bytesPerNumber) {
        this.table = table;
        this.schedule = schedule;
        this.bytesPerNumber = bytesPerNumber;
    }

    /** All ways to compute a contraction from an activation. */
    List<StepOption> of(ScoredContraction scored, ActivationLayout now) {
        ActivationContraction contraction = scored.contraction();
        List<StepOption> stepOptions = new ArrayList<>();
        boolean scales =
                contraction.isPointwise() && contraction.summed() == 0 && contraction.fresh() == 0;
        if (scales && isBlock(now, contraction.groups())) {
            add(stepOptions, scored, now, now, Operation.SCALE, now);
        }
        List<Integer> modes = now.modes();
        List<Integer> free = ActivationLayout.pick(modes, contraction.free());
        List<Integer> groups = ActivationLayout.pick(modes, contraction.groups());
        List<Integer> summed = ActivationLayout.pick(modes, contraction.summed());
        ActivationLayout asFirst = firstSource(contraction, now, free, groups, summed);
        List<ActivationLayout> asLast = lastSources(contraction, now, free, groups, summed, false);
        List<ActivationLayout> asProduct =
                isProduct(contraction)
                        ? lastSources(contraction, now, free, groups, summed, true)
                        : List.of();
        for (List<Integer> fresh : orders(contraction.fresh())) {
            List<Integer> inside = ActivationLayout.concat(groups, fresh);
            ActivationLayout first = firstResult(contraction, asFirst, inside);
            add(stepOptions, scored, now, asFirst, operation(contraction, true, false), first);
            if (isProduct(contraction)) {
                add(stepOptions, scored, now, asFirst, Operation.PRODUCT_FIRST, first);
            }
            for (ActivationLayout source : asLast) {
                List<Integer> extra = ActivationLayout.pick(source.trail(), contraction.free());
                Operation operation = operation(contraction, false, !extra.isEmpty());
                add(stepOptions, scored, now, source, operation, lastResult(source, extra, inside));
            }
            for (ActivationLayout source : asProduct) {
                List<Integer> extra = ActivationLayout.pick(source.trail(), contraction.free());
                ActivationLayout last = lastResult(source, extra, inside);
                add(stepOptions, scored, now, source, Operation.PRODUCT_LAST, last);
            }
        }
        return stepOptions;
    }

    /** All ways to compute a contraction in one order of axes or another. */
    static List<Operation> operations(ActivationContraction contraction) {
        List<Operation> operations = new ArrayList<>();
        if (contraction.isPointwise() && contraction.summed() == 0 && contraction.fresh() == 0) {
            operations.add(Operation.SCALE);
        }
        operations.add(operation(contraction, true, false));
        operations.add(operation(contraction, false, false));
        if (contraction.free() != 0 && !isProduct(contraction)) {
            operations.add(operation(contraction, false, true));
        }
        if (isProduct(contraction)) {
            operations.add(Operation.PRODUCT_FIRST);
            operations.add(Operation.PRODUCT_LAST);
        }
        return operations;
    }

    /** The copy from one order of axes to another; null if they are the same. */
    Work copy(ActivationLayout from, ActivationLayout to, long[] spatial) {
        if (from.equals(to)) {
            return null;
        }
        double positions = schedule.batch() * product(spatial);
        double numbers = positions * table.size(ActivationLayout.set(from.modes()));
        return Work.move(Operation.COPY, run(from, to, spatial), numbers * bytesPerNumber);
    }

    /** How many numbers that lie together still do after a copy. */
    private double run(ActivationLayout from, ActivationLayout to, long[] spatial) {
        double run = 1;
        int before = from.trail().size();
        int after = to.trail().size();
        while (before > 0 && after > 0) {
            int mode = from.trail().get(--before);
            if (mode != to.trail().get(--after)) {
                break;
            }
            run *= table.size(1L << mode);
        }
        return from.trail().isEmpty() && to.trail().isEmpty() ? product(spatial) : run;
    }

    private void add(
            List<StepOption> stepOptions,
            ScoredContraction scored,
            ActivationLayout now,
            ActivationLayout source,
            Operation operation,
            ActivationLayout result) {
        Work copy = copy(now, source, scored.contraction().before());
        stepOptions.add(new StepOption(source, copy, scored.work(operation), result));
    }

    private ActivationLayout firstSource(
            ActivationContraction contraction,
            ActivationLayout now,
            List<Integer> free,
            List<Integer> groups,
            List<Integer> summed) {
        // A 1x1 convolution takes whatever free modes lie behind its channels for positions.
        boolean ready =
                contraction.isPointwise()
                        ? areFree(now.trail(), contraction) && isBlocks(now.lead(), groups, summed)
                        : now.trail().isEmpty()
                                && now.lead().equals(ActivationLayout.concat(free, groups, summed));
        return ready ? now : ActivationLayout.first(ActivationLayout.concat(free, groups, summed));
    }

    private static ActivationLayout lastResult(
            ActivationLayout source, List<Integer> extra, List<Integer> inside) {
        return new ActivationLayout(source.lead(), ActivationLayout.concat(extra, inside));
    }

    private static ActivationLayout firstResult(
            ActivationContraction contraction, ActivationLayout source, List<Integer> inside) {
        List<Integer> lead = new ArrayList<>();
        boolean done = false;
        for (int mode : source.lead()) {
            if ((contraction.free() >> mode & 1) != 0) {
                lead.add(mode);
            } else if (!done) {
                lead.addAll(inside);
                done = true;
            }
        }
        if (!done) {
            lead.addAll(inside);
        }
        return new ActivationLayout(lead, source.trail());
    }

    private List<ActivationLayout> lastSources(
            ActivationContraction contraction,
            ActivationLayout now,
            List<Integer> free,
            List<Integer> groups,
            List<Integer> summed,
            boolean product) {
        boolean oneChannel = groups.isEmpty() && summed.isEmpty();
        boolean unsafe =
                LibtorchQuirks.breaksChannelsLast(
                        oneChannel ? 1 : 2,
                        schedule.hasDeadWindows(),
                        contraction.call().skipsPositions());
        if (!product && (unsafe || schedule.numAxes() == 0)) {
            return List.of();
        }
        boolean room = product || schedule.numAxes() < MAX_AXES;
        List<Integer> extra = ActivationLayout.pick(now.trail(), contraction.free());
        List<Integer> wanted = ActivationLayout.concat(extra, groups, summed);
        if (areFree(now.lead(), contraction)
                && now.trail().equals(wanted)
                && (extra.isEmpty() || room)) {
            return List.of(now);
        }
        List<ActivationLayout> sources = new ArrayList<>();
        List<Integer> channels = ActivationLayout.concat(groups, summed);
        sources.add(new ActivationLayout(free, channels));
        if (!free.isEmpty() && room) {
            sources.add(ActivationLayout.last(ActivationLayout.concat(free, channels)));
        }
        return sources;
    }

    /** Whether a matrix product computes a contraction as well. */
    private static boolean isProduct(ActivationContraction contraction) {
        return contraction.isPointwise() && contraction.groups() == 0;
    }

    private static Operation operation(
            ActivationContraction contraction, boolean first, boolean extra) {
        if (isProduct(contraction)) {
            return first ? Operation.POINTWISE_FIRST : Operation.POINTWISE_LAST;
        }
        if (contraction.groups() == 0) {
            return first
                    ? Operation.CONVOLUTION_FIRST
                    : extra ? Operation.CONVOLUTION_LAST_EXTRA : Operation.CONVOLUTION_LAST;
        }
        if (contraction.summed() == 0 && contraction.fresh() == 0) {
            return first
                    ? Operation.DEPTHWISE_FIRST
                    : extra ? Operation.DEPTHWISE_LAST_EXTRA : Operation.DEPTHWISE_LAST;
        }
        return first
                ? Operation.GROUPED_FIRST
                : extra ? Operation.GROUPED_LAST_EXTRA : Operation.GROUPED_LAST;
    }

    /** The size of a contraction by one operation. */
    Work work(ActivationContraction contraction, Operation operation) {
        double free = table.size(contraction.free());
        double groups = table.size(contraction.groups());
        double in = table.size(contraction.summed());
        double out = table.size(contraction.fresh());
        double taps = contraction.call().taps();
        double batch = schedule.batch() * (operation.hasExtraAxis() ? 1 : free);
        double before = schedule.batch() * free * product(contraction.before()) * groups * in;
        double positions = schedule.batch() * free * product(contraction.after());
        double calls = positions * taps * groups;
        double filled = filled(operation, in, out);
        return new Work(
                operation,
                new Work.Extent(
                        in,
                        out,
                        groups,
                        batch,
                        positions,
                        taps,
                        isSmall(contraction, groups, batch, before)),
                calls * in * out,
                calls * filled,
                calls * (filled + filled(operation, out, in)),
                (before + groups * in * out * taps) * bytesPerNumber,
                positions * groups * out * bytesPerNumber);
    }

    /** Whether libtorch 2.7.1 thinks a convolution too small for oneDNN. */
    private static boolean isSmall(
            ActivationContraction contraction, double groups, double batch, double numbers) {
        if (groups > 1) {
            return false;
        }
        boolean wide =
                Arrays.stream(contraction.call().kernel()).anyMatch(size -> size > SMALL_KERNEL);
        return contraction.isPointwise()
                ? batch < SMALL_BATCH
                : batch == 1 && !wide && numbers <= SMALL_INPUT;
    }

    /** The multiply-adds of one position and tap, channels filled up to whole vectors. */
    private static double filled(Operation operation, double in, double out) {
        return switch (operation) {
            case CONVOLUTION_FIRST -> (in > VECTOR ? vectors(in) : in) * vectors(out);
            case CONVOLUTION_LAST, CONVOLUTION_LAST_EXTRA -> in * vectors(out);
            case GROUPED_FIRST -> vectors(in) * vectors(out);
            case GROUPED_LAST, GROUPED_LAST_EXTRA -> in * vectors(out);
            default -> in * out;
        };
    }

    private static double vectors(double channels) {
        return Math.ceil(channels / VECTOR) * VECTOR;
    }

    /** The orders in which new modes may come: output modes keep theirs. */
    private List<List<Integer>> orders(long fresh) {
        List<Integer> natural = new ArrayList<>();
        for (long rest = fresh; rest != 0; rest &= rest - 1) {
            natural.add(Long.numberOfTrailingZeros(rest));
        }
        if (natural.size() < 2) {
            return List.of(natural);
        }
        List<List<Integer>> orders = new ArrayList<>();
        if (natural.size() <= MAX_PERMUTED) {
            permute(natural, new ArrayList<>(), orders);
        } else {
            List<Integer> ranks = ActivationLayout.pick(natural, ~table.outputModes());
            List<Integer> outputs = ActivationLayout.pick(natural, table.outputModes());
            orders.add(ActivationLayout.concat(ranks, outputs));
            orders.add(ActivationLayout.concat(outputs, ranks));
        }
        return orders;
    }

    private void permute(List<Integer> rest, List<Integer> chosen, List<List<Integer>> orders) {
        if (rest.isEmpty()) {
            orders.add(List.copyOf(chosen));
        }
        boolean outputTaken = false;
        for (int n = 0; n < rest.size(); n++) {
            boolean output = (table.outputModes() >> rest.get(n) & 1) != 0;
            if (output && outputTaken) {
                continue;
            }
            outputTaken |= output;
            List<Integer> left = new ArrayList<>(rest);
            chosen.add(left.remove(n));
            permute(left, chosen, orders);
            chosen.remove(chosen.size() - 1);
        }
    }

    private static boolean areFree(List<Integer> modes, ActivationContraction contraction) {
        return (ActivationLayout.set(modes) & ~contraction.free()) == 0;
    }

    /** Whether groups and then summed modes are one block of a list. */
    private static boolean isBlocks(
            List<Integer> modes, List<Integer> groups, List<Integer> summed) {
        List<Integer> block = ActivationLayout.concat(groups, summed);
        for (int start = 0; start + block.size() <= modes.size(); start++) {
            if (modes.subList(start, start + block.size()).equals(block)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBlock(ActivationLayout now, long set) {
        List<Integer> lead = ActivationLayout.pick(now.lead(), set);
        List<Integer> trail = ActivationLayout.pick(now.trail(), set);
        if (lead.isEmpty()) {
            return isBlocks(now.trail(), trail, ActivationLayout.NONE);
        }
        return trail.isEmpty() && isBlocks(now.lead(), lead, ActivationLayout.NONE);
    }

    static double product(long[] sizes) {
        double product = 1;
        for (long size : sizes) {
            product *= size;
        }
        return product;
    }
}
