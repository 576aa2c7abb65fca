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
package io.github.djltcnn.tuning;

import io.github.djltcnn.contraction.CostModel;
import io.github.djltcnn.contraction.internal.cost.Filling;
import io.github.djltcnn.contraction.internal.cost.Neighbours;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Rate;
import io.github.djltcnn.contraction.internal.cost.StepCost;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.tuning.internal.NonNegativeFit;
import io.github.djltcnn.tuning.internal.StepSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The steps that a calibration has timed, and the costs that fit them. */
final class TimedSteps {

    /** Below this a clock tells nothing. */
    private static final double LEAST_TIME = 5e-7;

    /** A step that took more than its neighbours by this factor is timed again. */
    private static final double STRANGE = 1.4;

    /**
     * A backward pass that seems to take less than this share of the forward pass was disturbed.
     */
    private static final double LEAST_SHARE = 0.25;

    /** A kind of step that came up less often keeps the coefficients it had. */
    private static final int LEAST_ROWS = 6;

    private final CostModel start;
    private final Map<Operation, List<Timed>> steps = new EnumMap<>(Operation.class);
    private final List<Program> programs = new ArrayList<>();
    private final Set<Object> seen = new HashSet<>();

    /** Creates an empty collection that starts from the costs of a model. */
    TimedSteps(CostModel start) {
        this.start = start;
        for (Operation operation : Operation.values()) {
            steps.put(operation, new ArrayList<>());
        }
    }

    private record Timed(StepSample sample, StepStopwatch.Time time) {}

    private record Program(List<Work> works, StepStopwatch.Time time) {}

    /** Times a step, unless one like it was timed. */
    void time(StepSample sample, StepStopwatch watch) {
        if (seen.add(sample.key())) {
            steps.get(sample.step().work().operation()).add(new Timed(sample, watch.time(sample)));
        }
    }

    /** Adds the contraction of a kernel that was timed as a whole. */
    void add(List<Work> works, StepStopwatch.Time time) {
        programs.add(new Program(works, time));
    }

    /**
     * What a backward pass takes is a difference of times: something else that ran during one of
     * them can leave nothing of it. Times it once more, and forgets it if that is no better.
     */
    void repeatDisturbed(StepStopwatch watch) {
        steps.values()
                .forEach(
                        all -> {
                            all.replaceAll(
                                    timed ->
                                            isDisturbed(timed.time())
                                                    ? new Timed(
                                                            timed.sample(),
                                                            watch.time(timed.sample()))
                                                    : timed);
                            all.removeIf(timed -> isDisturbed(timed.time()));
                        });
        programs.removeIf(program -> isDisturbed(program.time()));
    }

    private static boolean isDisturbed(StepStopwatch.Time time) {
        return time.backward() < LEAST_SHARE * time.forward();
    }

    /** Something else may have run while a step was timed: the lesser of two times counts. */
    void repeatStrange(StepStopwatch watch) {
        Map<Operation, StepCost> entries = fit();
        steps.forEach(
                (operation, all) -> {
                    StepCost entry = entries.get(operation);
                    for (int n = 0; n < all.size(); n++) {
                        Timed timed = all.get(n);
                        Work work = timed.sample().step().work();
                        if (isStrange(entry, work, timed.time(), false)
                                || isStrange(entry, work, timed.time(), true)) {
                            StepStopwatch.Time again = watch.time(timed.sample());
                            if (!isDisturbed(again)) {
                                all.set(n, new Timed(timed.sample(), timed.time().least(again)));
                            }
                        }
                    }
                });
    }

    private static boolean isStrange(
            StepCost entry, Work work, StepStopwatch.Time time, boolean backward) {
        double others = Math.exp(entry.timed().without(work.extent(), backward));
        return nonZero(time, backward) > STRANGE * others * entry.rate(work, backward);
    }

    /** The costs that fit what was timed; a kind that came up too seldom keeps those it had. */
    Map<Operation, StepCost> fit() {
        Map<Operation, StepCost> entries = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            entries.put(operation, start.stepCost(operation));
        }
        steps.forEach(
                (operation, all) -> {
                    if (all.size() >= LEAST_ROWS) {
                        entries.put(operation, fitStep(operation, all, start.stepCost(operation)));
                    }
                });
        if (programs.size() >= LEAST_ROWS) {
            Rate[] forward = fitPrograms(false);
            Rate[] backward = fitPrograms(true);
            entries.put(Operation.MERGE, withoutNeighbours(forward[0], backward[0]));
            entries.put(Operation.PREPARE, withoutNeighbours(forward[1], backward[1]));
        }
        return entries;
    }

    private static StepCost withoutNeighbours(Rate forward, Rate backward) {
        return new StepCost(forward, backward, Filling.NONE, Neighbours.NONE);
    }

    private static StepCost fitStep(Operation operation, List<Timed> all, StepCost start) {
        Rate forward = rate(all, start, false);
        Rate backward = operation == Operation.COPY ? forward : rate(all, start, true);
        StepCost rates = new StepCost(forward, backward, start.filling(), Neighbours.NONE);
        return new StepCost(forward, backward, start.filling(), neighbours(all, rates));
    }

    private static double nonZero(StepStopwatch.Time time, boolean backward) {
        return Math.max(LEAST_TIME, backward ? time.backward() : time.forward());
    }

    private static Rate rate(List<Timed> all, StepCost start, boolean backward) {
        List<double[]> terms = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        for (Timed timed : all) {
            Work work = timed.sample().step().work();
            terms.add(Rate.factors(start.macs(work, backward), work.bytes()));
            times.add(nonZero(timed.time(), backward));
        }
        return Rate.of(NonNegativeFit.robust(terms, times)).rounded();
    }

    private static Neighbours neighbours(List<Timed> all, StepCost rates) {
        List<Neighbours.Row> rows = new ArrayList<>();
        for (Timed timed : all) {
            Work work = timed.sample().step().work();
            // The gradient of a lone copy is a view; whatever comes before it has to copy it back.
            boolean copy = work.operation() == Operation.COPY;
            rows.add(
                    new Neighbours.Row(
                            work.extent(),
                            Math.log(nonZero(timed.time(), false) / rates.rate(work, false)),
                            Math.log(nonZero(timed.time(), !copy) / rates.rate(work, true))));
        }
        return Neighbours.thinned(rows);
    }

    /** Merging and arranging cannot be timed apart, their sums can. */
    private Rate[] fitPrograms(boolean backward) {
        List<double[]> terms = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        for (Program program : programs) {
            double[] sum = new double[2 * Rate.SIZE];
            for (Work work : program.works()) {
                int from = work.operation() == Operation.MERGE ? 0 : Rate.SIZE;
                double macs = start.stepCost(work.operation()).macs(work, backward);
                double[] factors = Rate.factors(macs, work.bytes());
                for (int n = 0; n < Rate.SIZE; n++) {
                    sum[from + n] += factors[n];
                }
            }
            terms.add(sum);
            times.add(nonZero(program.time(), backward));
        }
        double[] both = NonNegativeFit.robust(terms, times);
        return new Rate[] {
            Rate.of(Arrays.copyOfRange(both, 0, Rate.SIZE)).rounded(),
            Rate.of(Arrays.copyOfRange(both, Rate.SIZE, 2 * Rate.SIZE)).rounded()
        };
    }
}
