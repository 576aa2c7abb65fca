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
package io.github.djltcnn.service;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.finetuning.Evaluation;
import io.github.djltcnn.models.ModelInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.springframework.stereotype.Component;

/** Measures two models on the same pictures, and their times in turns. */
@Component
class CompareWork implements JobWork {

    private static final int WARM_UP = 3;
    private static final int ROUNDS = 51;
    private static final double MILLI = 1e-6;

    private final ModelStore models;
    private final PictureSets pictures;

    CompareWork(ModelStore models, PictureSets pictures) {
        this.models = models;
        this.pictures = pictures;
    }

    @Override
    public JobKind kind() {
        return JobKind.COMPARE;
    }

    @Override
    public End run(Job job) throws Exception {
        JobRequest request = job.view().request();
        try (Model first = models.load(request.model());
                Model second = models.load(request.other())) {
            List<Model> both = List.of(first, second);
            List<Map<String, Object>> rows = new ArrayList<>();
            double[] accuracies = new double[2];
            for (int n = 0; n < 2; n++) {
                step(job, "measure the accuracy of " + name(request, n), 0.4 * n);
                accuracies[n] =
                        Evaluation.of(both.get(n), pictures.folder(request.pictures())).accuracy();
            }
            rows.add(row("accuracy", "share", accuracies[0], accuracies[1]));
            ModelSummary[] summaries =
                    both.stream()
                            .map(m -> ModelSummary.of(m.getBlock(), ModelInfo.of(m).input()))
                            .toArray(ModelSummary[]::new);
            rows.add(
                    row(
                            "parameters",
                            "count",
                            (double) summaries[0].parameters(),
                            (double) summaries[1].parameters()));
            rows.add(
                    row(
                            "multiply-adds",
                            "count",
                            (double) summaries[0].macs(),
                            (double) summaries[1].macs()));
            step(job, "measure times", 0.8);
            double[] eager = times(both.stream().map(Model::getBlock).toList(), both);
            rows.add(row("time of 1, eager", "ms", eager[0], eager[1]));
            step(job, "measure times, compiled", 0.9);
            try (Compiled a = Compiled.of(first, ModelInfo.of(first).input());
                    Compiled b = Compiled.of(second, ModelInfo.of(second).input())) {
                double[] compiled = times(List.of(a, b), both);
                rows.add(row("time of 1, compiled", "ms", compiled[0], compiled[1]));
            }
            Map<String, Object> outcome = new LinkedHashMap<>();
            outcome.put("before", request.model());
            outcome.put("model", request.other());
            outcome.put("rows", rows);
            job.change(v -> v.with(outcome));
            return new End(JobState.DONE, "");
        } catch (CancellationException e) {
            return new End(JobState.CANCELLED, "Stopped.");
        }
    }

    private static String name(JobRequest request, int n) {
        return n == 0 ? request.model() : request.other();
    }

    private static void step(Job job, String phase, double share) {
        if (job.isCancelled()) {
            throw new CancellationException();
        }
        job.change(v -> v.with(JobView.Progress.of(phase, share, null), v.epochs()));
    }

    static Map<String, Object> row(String what, String unit, double before, double after) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("what", what);
        row.put("unit", unit);
        row.put("before", ModelCard.finite(before));
        row.put("after", ModelCard.finite(after));
        return row;
    }

    /** The medians of predictions of one picture in milliseconds, one after the other. */
    private static double[] times(List<? extends Block> blocks, List<Model> models) {
        long[][] times = new long[blocks.size()][ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            for (int n = 0; n < times.length; n++) {
                try (NDManager manager = models.get(n).getNDManager().newSubManager()) {
                    NDArray input = manager.zeros(ModelInfo.of(models.get(n)).input());
                    long begin = System.nanoTime();
                    blocks.get(n)
                            .forward(new ParameterStore(manager, false), new NDList(input), false)
                            .singletonOrThrow()
                            .toFloatArray();
                    if (round >= 0) {
                        times[n][round] = System.nanoTime() - begin;
                    }
                }
            }
        }
        return Arrays.stream(times)
                .mapToDouble(t -> Arrays.stream(t).sorted().toArray()[ROUNDS / 2] * MILLI)
                .toArray();
    }
}
