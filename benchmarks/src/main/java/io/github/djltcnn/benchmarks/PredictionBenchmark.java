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

import ai.onnxruntime.OrtException;
import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Times predictions of residual networks as they are, with batch normalizations folded, compiled,
 * and in ONNX Runtime with as many threads, in turn within one process. Rows are appended to a
 * file, and cases already in it are skipped.
 *
 * <p>Arguments: the file, and optionally a pattern of the cases to run. The number of threads is
 * that of the system property {@code ai.djl.pytorch.num_threads}; {@code benchmark.budget} is the
 * number of milliseconds that a case may take, {@code benchmark.rounds} the most rounds.
 */
public final class PredictionBenchmark {

    private static final int MOST = Integer.getInteger("benchmark.rounds", 41);
    private static final int BUDGET = Integer.getInteger("benchmark.budget", 10_000);
    private static final Rounds ROUNDS = new Rounds(3, 5, MOST, BUDGET, Double.POSITIVE_INFINITY);

    private PredictionBenchmark() {}

    /**
     * Runs the benchmark.
     *
     * @param args the file of results; a regular expression of cases
     * @throws IOException if a file cannot be written
     * @throws OrtException if ONNX Runtime refuses a network
     */
    public static void main(String[] args) throws IOException, OrtException {
        NativeMemory.keepBuffers();
        Results results = new Results(args);
        for (PredictionCase each : PredictionCase.all()) {
            String key = Results.THREADS + "," + each.key();
            if (results.isWanted(key)) {
                results.add(key, run(each));
            }
        }
    }

    private static Map<String, Double> run(PredictionCase each) throws IOException, OrtException {
        try (PredictionContestant contestant = new PredictionContestant(each)) {
            Map<String, Double> row = new LinkedHashMap<>(ROUNDS.medians(contestant.turns()));
            row.putAll(PredictionCase.counts(contestant.block(), each.input()));
            row.put("operations", (double) contestant.operations());
            return row;
        }
    }
}
