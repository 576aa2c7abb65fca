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
import io.github.djltcnn.finetuning.Augmentation;
import io.github.djltcnn.finetuning.EpochResult;
import io.github.djltcnn.finetuning.FineTuner;
import io.github.djltcnn.finetuning.FineTuningProgress;
import io.github.djltcnn.finetuning.FineTuningResult;
import io.github.djltcnn.models.ModelInfo;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Fine-tunes. Checkpoints lie with the job, so that one that was stopped or killed goes on where it
 * was.
 */
@Component
class FineTuneWork implements JobWork {

    /** A checkpoint after so many steps; one of a small model takes some ten milliseconds. */
    private static final int CHECKPOINT_STEPS = 20;

    private final ModelStore models;
    private final PictureSets pictures;
    private final JobStore jobs;

    FineTuneWork(ModelStore models, PictureSets pictures, JobStore jobs) {
        this.models = models;
        this.pictures = pictures;
        this.jobs = jobs;
    }

    @Override
    public JobKind kind() {
        return JobKind.FINE_TUNE;
    }

    @Override
    public End run(Job job) throws Exception {
        JobView view = job.view();
        JobRequest request = view.request();
        try (Model model = models.load(request.model())) {
            FineTuner tuner =
                    builder(request, model)
                            .optCheckpoints(jobs.checkpoints(view.id()))
                            .optCheckpointSteps(CHECKPOINT_STEPS)
                            .optProgress(now -> tell(job, now))
                            .build();
            job.onCancel(tuner::cancel);
            try (FineTuningResult result = tuner.run()) {
                return finish(job, result);
            }
        }
    }

    private FineTuner.Builder builder(JobRequest request, Model model) {
        long[] image = ModelInfo.of(model).input().getShape();
        int height = request.imageSize() == null ? (int) image[2] : request.imageSize();
        int width = request.imageSize() == null ? (int) image[3] : request.imageSize();
        FineTuner.Builder builder =
                FineTuner.builder()
                        .setModel(model)
                        .setImages(pictures.folder(request.pictures()))
                        .optName(request.name())
                        .optEpochs(request.epochs())
                        .optBatchSize(request.batchSize())
                        .optLearningRate(request.learningRate().floatValue())
                        .optImageSize(height, width)
                        .optSeed(request.seed());
        if (request.channels() != null) {
            builder.optChannels(request.channels());
        }
        if (request.mirror()) {
            builder.optAugmentation(Augmentation.standard(Math.min(height, width)));
        }
        if (request.headOnly()) {
            builder.optTrains(path -> path.startsWith("head.")).optFreezeStatistics(true);
        }
        return builder;
    }

    private static void tell(Job job, FineTuningProgress now) {
        JobView.Progress progress =
                new JobView.Progress(
                        now.phase().name().toLowerCase(Locale.ROOT),
                        now.share(),
                        now.remaining() == null ? null : now.remaining().toMillis() / 1e3,
                        now.epoch(),
                        now.epochs(),
                        now.step(),
                        now.steps(),
                        ModelCard.finite(now.loss()),
                        ModelCard.finite(now.accuracy()));
        List<JobView.Epoch> curves = now.curves().stream().map(FineTuneWork::epoch).toList();
        job.change(view -> view.with(progress, curves.isEmpty() ? view.epochs() : curves));
    }

    private static JobView.Epoch epoch(EpochResult result) {
        return new JobView.Epoch(
                result.epoch(),
                ModelCard.finite(result.trainLoss()),
                ModelCard.finite(result.trainAccuracy()),
                ModelCard.finite(result.heldOutLoss()),
                ModelCard.finite(result.heldOutAccuracy()),
                ModelCard.finite(result.seconds()));
    }

    private End finish(Job job, FineTuningResult result) throws IOException {
        if (result.status() == FineTuningResult.Status.CANCELLED) {
            return new End(JobState.CANCELLED, result.message());
        }
        if (result.bestEpoch() == 0) {
            return new End(JobState.FAILED, result.message());
        }
        JobView view = job.view();
        JobRequest request = view.request();
        // A run that goes on from its last checkpoint tells no progress.
        List<JobView.Epoch> curves = result.epochs().stream().map(FineTuneWork::epoch).toList();
        job.change(v -> v.with(JobView.Progress.of("saving", 1, 0.0), curves));
        result.write(jobs.report(view.id()));
        String on = result.heldOut() + " pictures held out";
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
                                ModelCard.finite(result.accuracy()),
                                on,
                                0,
                                0,
                                null,
                                request.epochs() + " epochs at " + request.learningRate()));
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("model", card.name());
        outcome.put("accuracy", ModelCard.finite(result.accuracy()));
        outcome.put("accuracyOn", on);
        outcome.put("bestEpoch", result.bestEpoch());
        outcome.put("trained", result.trained());
        outcome.put("heldOut", result.heldOut());
        outcome.put("classes", result.classes());
        outcome.put("confusion", result.confusion() == null ? null : result.confusion().counts());
        outcome.put("transfer", result.transfer().toString());
        job.change(v -> v.with(outcome));
        DataFolder.delete(jobs.checkpoints(view.id()));
        return new End(JobState.DONE, result.message());
    }
}
