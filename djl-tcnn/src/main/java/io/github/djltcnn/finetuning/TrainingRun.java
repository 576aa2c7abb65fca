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
package io.github.djltcnn.finetuning;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.checkpoint.Checkpoints;
import io.github.djltcnn.finetuning.FineTuningProgress.Phase;
import io.github.djltcnn.finetuning.FineTuningResult.Status;
import io.github.djltcnn.finetuning.internal.Divergence;
import io.github.djltcnn.finetuning.internal.Meter;
import io.github.djltcnn.finetuning.internal.OneCycle;
import io.github.djltcnn.finetuning.internal.Randomness;
import io.github.djltcnn.finetuning.internal.Snapshot;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.training.FusedOptimizer;
import io.github.djltcnn.training.FusedOptimizers;
import io.github.djltcnn.training.FusedTrainer;
import io.github.djltcnn.training.Trainable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The training of one run: epochs, steps, checkpoints, and what comes out. */
final class TrainingRun {

    private static final double NANOS = 1e9;

    private final FineTuner tuner;
    private final FineTuner.Builder settings;
    private final Transferred made;
    private final Model model;
    private final TrainingData data;
    private final Randomness random;
    private final Meter meter;
    private final Divergence divergence;
    private final Checkpoints checkpoints;
    private final Batches batches;
    private final int pictures;
    private final int steps;
    private final long begin = System.nanoTime();
    private final List<EpochResult> history = new ArrayList<>();
    private Optimizer optimizer;
    private Tracker schedule;
    private Snapshot best;
    private ConfusionMatrix confusion;
    private int bestEpoch;
    private int epoch;
    private int step;
    private int stepsDone;
    private String message = "";

    TrainingRun(FineTuner tuner, Transferred made, TrainingData data) {
        this.tuner = tuner;
        this.made = made;
        this.data = data;
        settings = tuner.settings;
        model = made.model();
        random = new Randomness(settings.seed);
        meter = new Meter(data.classes().size());
        divergence = new Divergence(data.classes().size());
        checkpoints = settings.checkpoints();
        pictures = Math.toIntExact(data.train().size());
        batches = new Batches(data, settings.batchSize, settings.augmentation, random);
        steps = batches.steps();
        if (pictures == 0 || data.heldOut().size() == 0) {
            throw new IllegalArgumentException(
                    "There are "
                            + pictures
                            + " pictures to train on and "
                            + data.heldOut().size()
                            + " to measure on; there has to be one of each at least");
        }
    }

    FineTuningResult run() throws IOException, MalformedModelException, TranslateException {
        Block block = model.getBlock();
        optimizer = optimizer(block);
        Snapshot start = new Snapshot(block);
        Status status;
        try (Trainer trainer = trainer()) {
            trainer.setMetrics(new Metrics());
            trainer.initialize(ModelInfo.of(model).input());
            DjlInternals.skipGradientCheck(trainer);
            if (settings.trains == null) {
                Trainable.all(block);
            } else {
                Trainable.only(block, settings.trains);
            }
            if (settings.freezeStatistics) {
                Trainable.freezeStatistics(block);
            }
            restore();
            status = train(trainer);
            if (best != null) {
                best.restore(block);
            } else if (status == Status.DIVERGED) {
                start.restore(block);
            }
            if (confusion == null && status != Status.CANCELLED) {
                confusion = measure(trainer);
            }
        } finally {
            Trainable.thawStatistics(block);
            if (optimizer instanceof FusedOptimizer fused) {
                fused.close();
            }
        }
        describe();
        return new FineTuningResult(
                status,
                message,
                model,
                data.classes(),
                history,
                bestEpoch,
                confusion,
                pictures,
                Math.toIntExact(data.heldOut().size()),
                data.skipped(),
                made.report());
    }

    private Optimizer optimizer(Block block) {
        if (settings.optimizer != null) {
            return settings.optimizer.apply(block);
        }
        long all = (long) settings.epochs * steps;
        if (all > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    settings.epochs
                            + " epochs of "
                            + steps
                            + " steps are more steps than DJL counts, "
                            + Integer.MAX_VALUE
                            + "; ask for fewer epochs or larger batches");
        }
        schedule = OneCycle.of(settings.learningRate, (int) all);
        return FusedOptimizers.sgd()
                .setLearningRateTracker(schedule)
                .optMomentum(0.9f)
                .optWeightDecays(5e-4f)
                .build();
    }

    private Trainer trainer() {
        return optimizer instanceof FusedOptimizer
                ? FusedTrainer.of(model, config())
                : model.newTrainer(config());
    }

    private DefaultTrainingConfig config() {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(optimizer)
                        .optDevices(new Device[] {model.getNDManager().getDevice()})
                        .addTrainingListeners(meter);
        if (settings.listeners.stream().noneMatch(EvaluatorTrainingListener.class::isInstance)
                && !(settings.evaluators.isEmpty() && settings.listeners.isEmpty())) {
            config.addTrainingListeners(new EvaluatorTrainingListener());
        }
        settings.evaluators.forEach(config::addEvaluator);
        settings.listeners.forEach(config::addTrainingListeners);
        return config;
    }

    private Status train(Trainer trainer) throws IOException, TranslateException {
        for (; epoch < settings.epochs; epoch++, step = 0) {
            long epochBegin = System.nanoTime();
            if (step == 0) {
                meter.startEpoch();
            }
            Status early = trainEpoch(trainer);
            if (early != null) {
                return early;
            }
            tell(Phase.MEASURING);
            ConfusionMatrix measured = measure(trainer);
            Meter.Sums held = meter.measured();
            if (!Double.isFinite(held.meanLoss())) {
                return diverged(held.meanLoss());
            }
            history.add(
                    new EpochResult(
                            epoch + 1,
                            meter.training().meanLoss(),
                            meter.training().accuracy(),
                            held.meanLoss(),
                            held.accuracy(),
                            rate(),
                            (System.nanoTime() - epochBegin) / NANOS));
            boolean isBest = isBest();
            if (isBest) {
                bestEpoch = epoch + 1;
                best = new Snapshot(model.getBlock());
                confusion = measured;
            }
            trainer.notifyListeners(listener -> listener.onEpoch(trainer));
            save(epoch + 1, 0, isBest);
            tell(Phase.MEASURING);
        }
        return Status.FINISHED;
    }

    private Status trainEpoch(Trainer trainer) throws IOException, TranslateException {
        List<List<Long>> left = batches.of(epoch).subList(step, steps);
        Iterator<List<Long>> indices = left.iterator();
        for (Batch batch : batches.training(trainer.getManager(), left)) {
            try (batch) {
                if (tuner.isCancelled()) {
                    save(epoch, step, false);
                    message = "Stopped in epoch " + (epoch + 1) + " after " + step + " steps.";
                    return Status.CANCELLED;
                }
                // Dropout draws what it would have drawn in an unbroken run.
                model.getNDManager().getEngine().setRandomSeed(random.step(epoch, step));
                EasyTrain.trainBatch(trainer, batches.augment(batch, epoch, indices.next()));
                if (divergence.notice(meter.lastLoss())) {
                    return diverged(meter.lastLoss());
                }
                trainer.step();
            }
            step++;
            stepsDone++;
            tell(Phase.TRAINING);
            if (step % settings.checkpointSteps == 0 && step < steps) {
                save(epoch, step, false);
            }
        }
        return null;
    }

    private Status diverged(double loss) {
        message =
                String.format(
                        Locale.ROOT,
                        "The training diverged in epoch %d, step %d: the loss began at %.3f and is"
                                + " %.3f%s. Try %s. The model is %s.",
                        epoch + 1,
                        step + 1,
                        divergence.first(),
                        loss,
                        schedule == null ? "" : " at learning rate " + rate(),
                        schedule == null
                                ? "a smaller learning rate"
                                : "optLearningRate(" + settings.learningRate / 4 + "f)",
                        best == null
                                ? "as it was at the start"
                                : "that of the best epoch, " + bestEpoch);
        return Status.DIVERGED;
    }

    private double rate() {
        return schedule == null
                ? Double.NaN
                : schedule.getNewValue(epoch * steps + Math.max(1, step));
    }

    private boolean isBest() {
        EpochResult last = history.get(history.size() - 1);
        if (bestEpoch == 0) {
            return true;
        }
        EpochResult before = history.get(bestEpoch - 1);
        return last.heldOutAccuracy() > before.heldOutAccuracy()
                || (last.heldOutAccuracy() == before.heldOutAccuracy()
                        && last.heldOutLoss() < before.heldOutLoss());
    }

    private ConfusionMatrix measure(Trainer trainer) throws IOException, TranslateException {
        meter.startMeasuring();
        for (Batch batch : batches.heldOut(trainer.getManager())) {
            try (batch) {
                EasyTrain.validateBatch(trainer, batch);
            }
        }
        return ConfusionMatrix.of(data.classes(), meter.measured().confusion());
    }

    private void tell(Phase phase) {
        long elapsed = System.nanoTime() - begin;
        long left = (long) (settings.epochs - epoch) * steps - step;
        tuner.report(
                new FineTuningProgress(
                        phase,
                        epoch + 1,
                        settings.epochs,
                        step,
                        steps,
                        meter.training().meanLoss(),
                        meter.training().accuracy(),
                        bestEpoch == 0 ? Double.NaN : history.get(bestEpoch - 1).heldOutAccuracy(),
                        Duration.ofNanos(elapsed),
                        stepsDone == 0
                                ? null
                                : Duration.ofNanos((long) ((double) elapsed / stepsDone * left)),
                        history));
    }

    /** Provenance, which a save writes down. */
    private void describe() {
        model.setProperty("provenance.finetuned.pictures", Integer.toString(pictures));
        model.setProperty("provenance.finetuned.seed", Long.toString(settings.seed));
        if (bestEpoch > 0) {
            model.setProperty("provenance.epoch", Integer.toString(bestEpoch));
            model.setProperty(
                    "provenance.accuracy",
                    String.format(
                            Locale.ROOT,
                            "%.4f on %d pictures held out",
                            history.get(bestEpoch - 1).heldOutAccuracy(),
                            data.heldOut().size()));
        }
    }

    private void save(int atEpoch, int atStep, boolean isBest) throws IOException {
        if (checkpoints == null) {
            return;
        }
        Map<String, String> progress = new TreeMap<>(RunSettings.of(settings, data, made));
        progress.put("epoch", Integer.toString(atEpoch));
        progress.put("step", Integer.toString(atStep));
        progress.put("sums", meter.training().state());
        progress.put("divergence", divergence.state());
        progress.put("bestEpoch", Integer.toString(bestEpoch));
        StringBuilder epochs = new StringBuilder();
        history.forEach(result -> epochs.append(result.toCsv()).append('\n'));
        progress.put("history", epochs.toString());
        checkpoints.save(model, optimizer, progress, isBest);
    }

    private void restore() throws IOException, MalformedModelException {
        Map<String, String> progress = checkpoints == null ? null : checkpoints.progress();
        if (progress == null) {
            return;
        }
        RunSettings.check(settings.checkpoints, RunSettings.of(settings, data, made), progress);
        if (checkpoints.restoreBest(model)) {
            best = new Snapshot(model.getBlock());
        }
        checkpoints.restore(model, optimizer);
        epoch = Integer.parseInt(progress.get("epoch"));
        step = Integer.parseInt(progress.get("step"));
        meter.training().restore(progress.get("sums"));
        divergence.restore(progress.get("divergence"));
        bestEpoch = Integer.parseInt(progress.get("bestEpoch"));
        progress.get("history").lines().map(EpochResult::parse).forEach(history::add);
    }
}
