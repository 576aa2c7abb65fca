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

import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Times whole models: a training step (forward pass, loss, gradients, optimizer) and predictions of
 * tensorial residual networks, next to their dense twins of DJL's own blocks, with inputs in both
 * memory layouts. All contestants of a case run in turn within one process, after warm-up rounds
 * ({@link Rounds}). Rows are appended to a file, and cases already in it are skipped.
 *
 * <p>Arguments: the file, and optionally a pattern of the cases to run. The number of threads is
 * that of the system property {@code ai.djl.pytorch.num_threads}; {@code benchmark.budget} is the
 * number of milliseconds that a case may take, {@code benchmark.rounds} the most rounds.
 */
public final class ModelBenchmark {

    private static final int MOST = Integer.getInteger("benchmark.rounds", 41);
    private static final int BUDGET = Integer.getInteger("benchmark.budget", 25_000);
    private static final Rounds ROUNDS = new Rounds(4, 3, MOST, BUDGET, Double.POSITIVE_INFINITY);

    /** Networks of stages of one kind, whose predictions are also timed stage by stage. */
    private static final Set<String> STAGED = Set.of("tensorial", "zoo");

    private ModelBenchmark() {}

    /**
     * Runs the benchmark.
     *
     * @param args the file of results; a regular expression of cases
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        NativeMemory.keepBuffers();
        Results results = new Results(args);
        for (ModelCase each : ModelCase.all()) {
            String key = Results.THREADS + "," + each.key();
            if (results.isWanted(key)) {
                results.add(key, run(each));
            }
        }
    }

    private static Map<String, Double> run(ModelCase each) {
        List<ModelContestant> contestants = each.contestants();
        try {
            List<Rounds.Turn> turns = new ArrayList<>();
            for (ModelContestant contestant : contestants) {
                turns.add(new Rounds.Turn(contestant.name(), true, contestant::once));
                if (!each.training() && STAGED.contains(contestant.name())) {
                    String name = contestant.name() + " by stages";
                    turns.add(new Rounds.Turn(name, false, contestant::stages));
                }
            }
            Map<String, Double> medians = ROUNDS.medians(turns);
            contestants.forEach(contestant -> medians.putAll(contestant.parts()));
            return medians;
        } finally {
            contestants.forEach(ModelContestant::close);
        }
    }
}
