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
import io.github.djltcnn.compression.CompressionProgress;
import io.github.djltcnn.compression.CompressionReport;
import io.github.djltcnn.compression.CompressionResult;
import io.github.djltcnn.compression.Compressor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.springframework.stereotype.Component;

/** Compresses. One that was stopped begins anew. */
@Component
class CompressWork implements JobWork {

    private static final double MILLIS = 1e3;

    private final ModelStore models;
    private final PictureSets pictures;
    private final JobStore jobs;
    private final double measureSeconds;

    CompressWork(ModelStore models, PictureSets pictures, JobStore jobs, ServiceSettings settings) {
        this.models = models;
        this.pictures = pictures;
        this.jobs = jobs;
        measureSeconds = settings.measureSeconds();
    }

    @Override
    public JobKind kind() {
        return JobKind.COMPRESS;
    }

    @Override
    public End run(Job job) throws Exception {
        JobRequest request = job.view().request();
        try (Model model = models.load(request.model())) {
            Compressor compressor =
                    Compressor.builder()
                            .setModel(model)
                            .optFormat(request.format())
                            .optTarget(request.target(), request.share())
                            .optImages(pictures.folder(request.pictures()))
                            .optDistil(request.distil())
                            .optByAnswers(request.byAnswers())
                            .optMeasureSeconds(measureSeconds)
                            .optCancelled(job::isCancelled)
                            .build();
            try (CompressionResult result = compressor.run(now -> tell(job, now))) {
                finish(job, result);
                return new End(JobState.DONE, String.join(". ", result.report().warnings()));
            } catch (CancellationException e) {
                return new End(JobState.CANCELLED, e.getMessage());
            }
        }
    }

    private static void tell(Job job, CompressionProgress now) {
        JobView.Progress progress =
                JobView.Progress.of(
                        now.stage().toString(),
                        Double.isFinite(now.share()) ? now.share() : 0,
                        ModelCard.finite(now.secondsLeft()));
        job.change(view -> view.with(progress, view.epochs()));
    }

    private void finish(Job job, CompressionResult result) throws IOException {
        JobView view = job.view();
        JobRequest request = view.request();
        CompressionReport report = result.report();
        List<CompressionReport.Stage> stages = report.stages();
        job.change(v -> v.with(JobView.Progress.of("saving", 1, 0.0), v.epochs()));
        report.write(jobs.report(view.id()));
        ModelCard card =
                models.save(
                        result.model(),
                        new ModelCard(
                                request.name(),
                                kind().done(),
                                view.id(),
                                request.model(),
                                request.pictures(),
                                0,
                                0,
                                0,
                                List.of(),
                                ModelCard.finite(stages.get(stages.size() - 1).accuracy()),
                                "pictures of " + request.pictures(),
                                0,
                                0,
                                null,
                                report.request()));
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("model", card.name());
        outcome.put("before", request.model());
        outcome.put(
                "stages",
                stages.stream()
                        .map(
                                stage -> {
                                    Map<String, Object> row = new LinkedHashMap<>();
                                    row.put("name", stage.name());
                                    row.put("accuracy", ModelCard.finite(stage.accuracy()));
                                    row.put("agreement", ModelCard.finite(stage.agreement()));
                                    row.put("seconds", ModelCard.finite(stage.seconds()));
                                    return row;
                                })
                        .toList());
        outcome.put("rows", rows(report));
        job.change(v -> v.with(outcome));
    }

    /** Before and after, as a comparison has them. */
    private static List<Map<String, Object>> rows(CompressionReport report) {
        List<CompressionReport.Stage> stages = report.stages();
        List<Map<String, Object>> rows =
                new ArrayList<>(
                        List.of(
                                CompareWork.row(
                                        "accuracy",
                                        "share",
                                        stages.get(0).accuracy(),
                                        stages.get(stages.size() - 1).accuracy()),
                                CompareWork.row(
                                        "parameters",
                                        "count",
                                        (double) report.layers().parametersBefore(),
                                        (double) report.layers().parametersAfter()),
                                CompareWork.row(
                                        "multiply-adds",
                                        "count",
                                        (double) report.layers().macsBefore(),
                                        (double) report.layers().macsAfter())));
        for (CompressionReport.Latency latency : report.latency()) {
            rows.add(
                    CompareWork.row(
                            "time of "
                                    + latency.batch()
                                    + ", "
                                    + latency.mode().name().toLowerCase(Locale.ROOT),
                            "ms",
                            latency.before() * MILLIS,
                            latency.after() * MILLIS));
        }
        return rows;
    }
}
