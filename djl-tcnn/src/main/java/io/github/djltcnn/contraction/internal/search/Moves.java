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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ways libtorch offers to compute a step, and what they take.
 *
 * <p>Of the modes of an activation, those the tensor lacks are free. A free mode before the
 * channels of a call is part of its batch. Behind the spatial axes, where channels-last has it, it
 * is one more spatial axis with a window of 1: neither needs a copy.
 */
public final class Moves {

    /** libtorch convolves over at most so many spatial axes. */
    static final int MAX_AXES = 3;

    private static final double VECTOR = 16;
    private static final int MAX_PERMUTED = 3;
    private static final double SMALL_BATCH = 16;
    private static final double SMALL_INPUT = 20480;
    private static final long SMALL_KERNEL = 3;

    private final ModeTable table;
    private final Sliding sliding;
    private final double bytesPerNumber;

    /** Creates the source of ways for one layer and input. */
    public Moves(ModeTable table, Sliding sliding, int bytesPerNumber) {
        this.table = table;
        this.sliding = sliding;
        this.bytesPerNumber = bytesPerNumber;
    }

    /** All ways to compute a meeting from an activation. */
    List<Move> of(ScoredMeeting scored, Activation now) {
        Meeting meeting = scored.meeting();
        List<Move> moves = new ArrayList<>();
        boolean scales = meeting.isPointwise() && meeting.summed() == 0 && meeting.fresh() == 0;
        if (scales && isBlock(now, meeting.groups())) {
            add(moves, scored, now, now, Operation.SCALE, now);
        }
        List<Integer> modes = now.modes();
        List<Integer> free = Activation.pick(modes, meeting.free());
        List<Integer> groups = Activation.pick(modes, meeting.groups());
        List<Integer> summed = Activation.pick(modes, meeting.summed());
        Activation asFirst = firstSource(meeting, now, free, groups, summed);
        List<Activation> asLast = lastSources(meeting, now, free, groups, summed, false);
        List<Activation> asProduct =
                isProduct(meeting)
                        ? lastSources(meeting, now, free, groups, summed, true)
                        : List.of();
        for (List<Integer> fresh : orders(meeting.fresh())) {
            List<Integer> inside = Activation.concat(groups, fresh);
            Activation first = firstResult(meeting, asFirst, inside);
            add(moves, scored, now, asFirst, operation(meeting, true, false), first);
            if (isProduct(meeting)) {
                add(moves, scored, now, asFirst, Operation.PRODUCT_FIRST, first);
            }
            for (Activation source : asLast) {
                List<Integer> extra = Activation.pick(source.trail(), meeting.free());
                Operation operation = operation(meeting, false, !extra.isEmpty());
                add(moves, scored, now, source, operation, lastResult(source, extra, inside));
            }
            for (Activation source : asProduct) {
                List<Integer> extra = Activation.pick(source.trail(), meeting.free());
                Activation last = lastResult(source, extra, inside);
                add(moves, scored, now, source, Operation.PRODUCT_LAST, last);
            }
        }
        return moves;
    }

    /** All ways to compute a meeting in one order of axes or another. */
    static List<Operation> operations(Meeting meeting) {
        List<Operation> operations = new ArrayList<>();
        if (meeting.isPointwise() && meeting.summed() == 0 && meeting.fresh() == 0) {
            operations.add(Operation.SCALE);
        }
        operations.add(operation(meeting, true, false));
        operations.add(operation(meeting, false, false));
        if (meeting.free() != 0 && !isProduct(meeting)) {
            operations.add(operation(meeting, false, true));
        }
        if (isProduct(meeting)) {
            operations.add(Operation.PRODUCT_FIRST);
            operations.add(Operation.PRODUCT_LAST);
        }
        return operations;
    }

    /** The copy from one order of axes to another; null if they are the same. */
    Work copy(Activation from, Activation to, long[] spatial) {
        if (from.equals(to)) {
            return null;
        }
        double positions = sliding.batch() * product(spatial);
        double numbers = positions * table.size(Activation.set(from.modes()));
        return Work.move(Operation.COPY, run(from, to, spatial), numbers * bytesPerNumber);
    }

    /** How many numbers that lie together still do after a copy. */
    private double run(Activation from, Activation to, long[] spatial) {
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
            List<Move> moves,
            ScoredMeeting scored,
            Activation now,
            Activation source,
            Operation operation,
            Activation result) {
        Work copy = copy(now, source, scored.meeting().before());
        moves.add(new Move(source, copy, scored.work(operation), result));
    }

    private Activation firstSource(
            Meeting meeting,
            Activation now,
            List<Integer> free,
            List<Integer> groups,
            List<Integer> summed) {
        // A 1x1 convolution takes whatever free modes lie behind its channels for positions.
        boolean ready =
                meeting.isPointwise()
                        ? areFree(now.trail(), meeting) && isBlocks(now.lead(), groups, summed)
                        : now.trail().isEmpty()
                                && now.lead().equals(Activation.concat(free, groups, summed));
        return ready ? now : Activation.first(Activation.concat(free, groups, summed));
    }

    private static Activation lastResult(
            Activation source, List<Integer> extra, List<Integer> inside) {
        return new Activation(source.lead(), Activation.concat(extra, inside));
    }

    private static Activation firstResult(
            Meeting meeting, Activation source, List<Integer> inside) {
        List<Integer> lead = new ArrayList<>();
        boolean done = false;
        for (int mode : source.lead()) {
            if ((meeting.free() >> mode & 1) != 0) {
                lead.add(mode);
            } else if (!done) {
                lead.addAll(inside);
                done = true;
            }
        }
        if (!done) {
            lead.addAll(inside);
        }
        return new Activation(lead, source.trail());
    }

    private List<Activation> lastSources(
            Meeting meeting,
            Activation now,
            List<Integer> free,
            List<Integer> groups,
            List<Integer> summed,
            boolean product) {
        boolean oneChannel = groups.isEmpty() && summed.isEmpty();
        boolean unsafe = oneChannel || sliding.hasDeadWindows() || meeting.call().skipsPositions();
        if (!product && (unsafe || sliding.numAxes() == 0)) {
            // libtorch 2.7.1 computes wrong numbers, or crashes, where channels-last has a single
            // channel (its strides are then those of either layout), where a window sees nothing
            // but padding, and in the backward pass of a 1x1 convolution with a stride, which
            // corrupts the heap.
            return List.of();
        }
        boolean room = product || sliding.numAxes() < MAX_AXES;
        List<Integer> extra = Activation.pick(now.trail(), meeting.free());
        List<Integer> wanted = Activation.concat(extra, groups, summed);
        if (areFree(now.lead(), meeting)
                && now.trail().equals(wanted)
                && (extra.isEmpty() || room)) {
            return List.of(now);
        }
        List<Activation> sources = new ArrayList<>();
        List<Integer> channels = Activation.concat(groups, summed);
        sources.add(new Activation(free, channels));
        if (!free.isEmpty() && room) {
            sources.add(Activation.last(Activation.concat(free, channels)));
        }
        return sources;
    }

    /** Whether a matrix product computes a meeting as well. */
    private static boolean isProduct(Meeting meeting) {
        return meeting.isPointwise() && meeting.groups() == 0;
    }

    private static Operation operation(Meeting meeting, boolean first, boolean extra) {
        if (isProduct(meeting)) {
            return first ? Operation.POINTWISE_FIRST : Operation.POINTWISE_LAST;
        }
        if (meeting.groups() == 0) {
            return first
                    ? Operation.CONVOLUTION_FIRST
                    : extra ? Operation.CONVOLUTION_LAST_EXTRA : Operation.CONVOLUTION_LAST;
        }
        if (meeting.summed() == 0 && meeting.fresh() == 0) {
            return first
                    ? Operation.DEPTHWISE_FIRST
                    : extra ? Operation.DEPTHWISE_LAST_EXTRA : Operation.DEPTHWISE_LAST;
        }
        return first
                ? Operation.GROUPED_FIRST
                : extra ? Operation.GROUPED_LAST_EXTRA : Operation.GROUPED_LAST;
    }

    /** What a meeting takes by one operation. */
    Work work(Meeting meeting, Operation operation) {
        double free = table.size(meeting.free());
        double groups = table.size(meeting.groups());
        double in = table.size(meeting.summed());
        double out = table.size(meeting.fresh());
        double taps = meeting.call().taps();
        double batch = sliding.batch() * (operation.hasExtraAxis() ? 1 : free);
        double before = sliding.batch() * free * product(meeting.before()) * groups * in;
        double positions = sliding.batch() * free * product(meeting.after());
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
                        isSmall(meeting, groups, batch, before)),
                calls * in * out,
                calls * filled,
                calls * (filled + filled(operation, out, in)),
                (before + groups * in * out * taps) * bytesPerNumber,
                positions * groups * out * bytesPerNumber);
    }

    /** Whether libtorch 2.7.1 thinks a convolution too small for oneDNN. */
    private static boolean isSmall(Meeting meeting, double groups, double batch, double numbers) {
        if (groups > 1) {
            return false;
        }
        boolean wide = Arrays.stream(meeting.call().kernel()).anyMatch(size -> size > SMALL_KERNEL);
        return meeting.isPointwise()
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
            List<Integer> ranks = Activation.pick(natural, ~table.outputModes());
            List<Integer> outputs = Activation.pick(natural, table.outputModes());
            orders.add(Activation.concat(ranks, outputs));
            orders.add(Activation.concat(outputs, ranks));
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

    private static boolean areFree(List<Integer> modes, Meeting meeting) {
        return (Activation.set(modes) & ~meeting.free()) == 0;
    }

    /** Whether groups and then summed modes are one block of a list. */
    private static boolean isBlocks(
            List<Integer> modes, List<Integer> groups, List<Integer> summed) {
        List<Integer> block = Activation.concat(groups, summed);
        for (int start = 0; start + block.size() <= modes.size(); start++) {
            if (modes.subList(start, start + block.size()).equals(block)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBlock(Activation now, long set) {
        List<Integer> lead = Activation.pick(now.lead(), set);
        List<Integer> trail = Activation.pick(now.trail(), set);
        if (lead.isEmpty()) {
            return isBlocks(now.trail(), trail, Activation.NONE);
        }
        return trail.isEmpty() && isBlocks(now.lead(), lead, Activation.NONE);
    }

    static double product(long[] sizes) {
        double product = 1;
        for (long size : sizes) {
            product *= size;
        }
        return product;
    }
}
