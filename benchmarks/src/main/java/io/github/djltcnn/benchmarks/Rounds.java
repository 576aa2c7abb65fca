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

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Runs contestants in turn, round after round, and keeps the median of each: what disturbs the
 * machine for a while then disturbs all. With {@code -Dbenchmark.clock=cpu} the time of the thread
 * is taken instead of the wall's, for one thread on a busy machine.
 *
 * @param warmUp the rounds before the first that counts
 * @param least the rounds that count, whatever time they take
 * @param most the rounds that count, if there is time
 * @param budgetMillis the time after which no further round starts; that of the warm-up and of
 *     hopeless rivals is not counted
 * @param hopeless a rival that was so many times slower than the best three times is given up
 */
record Rounds(int warmUp, int least, int most, double budgetMillis, double hopeless) {

    /** The clock of all benchmarks, in nanoseconds. */
    static final LongSupplier CLOCK =
            "cpu".equals(System.getProperty("benchmark.clock"))
                    ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
                    : System::nanoTime;

    /** The runs that count before one is given up. */
    private static final int LOOKS = 3;

    private static final double NANOS_PER_MILLI = 1e6;

    /**
     * A contestant ready to run.
     *
     * @param name its name in the tables
     * @param isRival whether it competes, and not only belongs to what is measured
     * @param millis runs it once and tells the milliseconds that count
     */
    record Turn(String name, boolean isRival, DoubleSupplier millis) {}

    /** The milliseconds between two times of the clock. */
    static double millis(long start, long end) {
        return (end - start) / NANOS_PER_MILLI;
    }

    /** The median time of each, in the order they are given. */
    Map<String, Double> medians(List<Turn> turns) {
        return medians(turns, CLOCK);
    }

    /** The same with another clock, in nanoseconds. */
    Map<String, Double> medians(List<Turn> turns, LongSupplier clock) {
        List<List<Double>> times = new ArrayList<>();
        turns.forEach(turn -> times.add(new ArrayList<>()));
        double spent = 0;
        double best = Double.POSITIVE_INFINITY;
        for (int round = -warmUp;
                round < most && (round < least || spent < budgetMillis);
                round++) {
            for (int n = 0; n < turns.size(); n++) {
                Turn turn = turns.get(n);
                List<Double> mine = times.get(n);
                if (mine.size() >= LOOKS && isHopeless(turn, mine, best)) {
                    continue;
                }
                long start = clock.getAsLong();
                double millis = turn.millis().getAsDouble();
                double whole = millis(start, clock.getAsLong());
                // What takes so long as this is warm after one turn.
                if (round >= 0 || millis > budgetMillis / 4) {
                    mine.add(millis);
                    if (turn.isRival()) {
                        best = Math.min(best, millis);
                    }
                }
                // The hopeless do not shorten the time in which others are measured: a
                // disturbance as long as the rest would be all that is seen of them.
                if (round >= 0 && !isHopeless(turn, mine, best)) {
                    spent += whole;
                }
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        for (int n = 0; n < turns.size(); n++) {
            medians.put(turns.get(n).name(), median(times.get(n)));
        }
        return medians;
    }

    /** By its fastest run: the others may have been disturbed. */
    private boolean isHopeless(Turn turn, List<Double> times, double best) {
        return turn.isRival() && times.stream().allMatch(time -> time > hopeless * best);
    }

    /** The median of some numbers; the upper one of two. */
    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
