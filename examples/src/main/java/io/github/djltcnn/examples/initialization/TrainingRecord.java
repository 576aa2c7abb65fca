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
package io.github.djltcnn.examples.initialization;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A line of the file of results: a run and what came of it.
 *
 * @param run the run
 * @param steps its steps
 * @param accuracy the share of test images that are classified correctly
 * @param loss the mean training loss of the last ten steps; infinite if training broke off at a
 *     loss that is no number
 * @param seconds how long the run took
 * @param cpuSeconds the processor time that its process used meanwhile
 * @param losses the mean training loss over each ten steps
 */
record TrainingRecord(
        TrainingRun run,
        int steps,
        double accuracy,
        double loss,
        double seconds,
        double cpuSeconds,
        List<Double> losses) {

    static final String HEADER =
            "network,format,initializer,rate,seed,steps,accuracy,loss,seconds,cpu seconds,losses";

    static TrainingRecord of(
            TrainingRun run, int steps, TrainingRun.Result result, double seconds, double cpu) {
        List<Double> losses = result.losses().stream().map(loss -> (double) loss).toList();
        boolean finished = losses.size() == steps / TrainingRun.EVERY;
        return new TrainingRecord(
                run,
                steps,
                result.accuracy(),
                finished ? losses.get(losses.size() - 1) : Double.POSITIVE_INFINITY,
                seconds,
                cpu,
                losses);
    }

    static TrainingRecord parse(String line) {
        String[] cells = line.split(",", -1);
        return new TrainingRecord(
                TrainingRun.parse(List.of(cells)),
                Integer.parseInt(cells[5]),
                Double.parseDouble(cells[6]),
                Double.parseDouble(cells[7]),
                Double.parseDouble(cells[8]),
                Double.parseDouble(cells[9]),
                cells[10].isEmpty()
                        ? List.of()
                        : Arrays.stream(cells[10].split(" ", -1)).map(Double::valueOf).toList());
    }

    /** Returns the line. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s,%d,%.4f,%s,%.2f,%.2f,%s",
                run.key(),
                steps,
                accuracy,
                Double.isInfinite(loss) ? "Infinity" : String.format(Locale.ROOT, "%.4f", loss),
                seconds,
                cpuSeconds,
                losses.stream()
                        .map(x -> String.format(Locale.ROOT, "%.4f", x))
                        .collect(Collectors.joining(" ")));
    }
}
