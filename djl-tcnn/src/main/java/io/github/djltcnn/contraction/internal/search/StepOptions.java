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

/** The ways to compute a step, and their costs: what all kinds of steps offer together. */
public final class StepOptions {

    private static final int MAX_PERMUTED = 3;
    private static final double SMALL_BATCH = 16;
    private static final double SMALL_INPUT = 20480;
    private static final long SMALL_KERNEL = 3;

    private final List<? extends StepKind> kinds;
    private final ModeTable table;
    private final SpatialSchedule schedule;
    private final double bytesPerNumber;

    /** Creates the source of ways for one layer and input. */
    public StepOptions(
            List<? extends StepKind> kinds,
            ModeTable table,
            SpatialSchedule schedule,
            int bytesPerNumber) {
        this.kinds = kinds;
        this.table = table;
        this.schedule = schedule;
        this.bytesPerNumber = bytesPerNumber;
    }

    /** All ways to compute a contraction from an activation. */
    List<StepOption> of(ScoredContraction scored, ActivationLayout now) {
        StepOffers offers = new StepOffers(this, schedule, scored, now);
        for (List<Integer> fresh : orders(scored.contraction().fresh())) {
            kinds.forEach(kind -> kind.offer(offers, fresh));
        }
        return offers.added();
    }

    /** All operations that compute a contraction in one order of axes or another. */
    List<Operation> operations(ActivationContraction contraction) {
        List<Operation> operations = new ArrayList<>();
        kinds.forEach(kind -> operations.addAll(kind.operations(contraction)));
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
        double filled = operation.filled(in, out);
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
                calls * (filled + operation.filled(out, in)),
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

    static double product(long[] sizes) {
        double product = 1;
        for (long size : sizes) {
            product *= size;
        }
        return product;
    }
}
