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
package io.github.djltcnn.integration.benchmark;

import io.github.djltcnn.contraction.NativeMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Times whole models: a training step (forward pass, loss, gradients, optimizer) and predictions of
 * tensorial residual networks, next to their dense twins of DJL's own blocks, with inputs in both
 * memory layouts. All contestants of a case run in turn within one process, after warm-up rounds;
 * the median of each is kept. Rows are appended to a file, and cases already in it are skipped.
 *
 * <p>Arguments: the file, and optionally a pattern of the cases to run. The number of threads is
 * that of the system property {@code ai.djl.pytorch.num_threads}; {@code benchmark.budget} is the
 * number of milliseconds that a case may take, {@code benchmark.rounds} the most rounds. With
 * {@code -Dbenchmark.clock=cpu} the time of the thread is taken instead of the wall's, for one
 * thread on a busy machine.
 */
public final class ModelBenchmark {

    private static final int WARM_UP = 4;
    private static final int THREADS = Integer.getInteger("ai.djl.pytorch.num_threads", 1);
    private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 41);
    private static final int BUDGET = Integer.getInteger("benchmark.budget", 25_000);

    private ModelBenchmark() {}

    /**
     * Runs the benchmark.
     *
     * @param args the file of results; a regular expression of cases
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        NativeMemory.keepBuffers();
        Path file = Path.of(args[0]);
        Pattern cases = Pattern.compile(args.length > 1 ? args[1] : "");
        Set<String> done = new HashSet<>();
        if (Files.exists(file)) {
            Files.readAllLines(file).forEach(row -> done.add(row.replaceAll("(,[^,]*){2}$", "")));
        }
        for (ModelCase each : ModelCase.all()) {
            String key = THREADS + "," + each.key();
            if (!done.contains(key) && cases.matcher(key).find()) {
                List<String> rows = new ArrayList<>();
                time(each).forEach(row -> rows.add(key + "," + row));
                Files.write(file, rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        }
    }

    private static List<String> time(ModelCase each) {
        List<ModelContestant> contestants = each.contestants();
        try {
            double spent = 0;
            for (int round = -WARM_UP; round < ROUNDS && (round < 3 || spent < BUDGET); round++) {
                for (ModelContestant contestant : contestants) {
                    double millis = contestant.once();
                    if (round >= 0) {
                        contestant.millis().add(millis);
                        spent += millis;
                    }
                }
            }
            return contestants.stream()
                    .map(c -> String.format(Locale.ROOT, "%s,%.3f", c.name(), median(c.millis())))
                    .toList();
        } finally {
            contestants.forEach(ModelContestant::close);
        }
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
