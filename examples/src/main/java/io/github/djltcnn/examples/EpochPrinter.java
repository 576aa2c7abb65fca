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
package io.github.djltcnn.examples;

import ai.djl.training.Trainer;
import ai.djl.training.TrainingResult;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.util.ProgressBar;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows a progress bar while an epoch runs and prints a line when it ends. Comes after an {@link
 * EvaluatorTrainingListener} in the list of listeners, whose numbers it reads.
 */
final class EpochPrinter extends TrainingListenerAdapter {

    private final int epochCount;
    private final int batchesPerEpoch;
    private final List<TrainingOutcome.Epoch> epochs = new ArrayList<>();
    private ProgressBar bar;
    private long started;

    /**
     * Prepares for a training.
     *
     * @param epochCount the number of epochs
     * @param batchesPerEpoch the number of training batches of each
     */
    EpochPrinter(int epochCount, int batchesPerEpoch) {
        this.epochCount = epochCount;
        this.batchesPerEpoch = batchesPerEpoch;
    }

    @Override
    public void onTrainingBegin(Trainer trainer) {
        startEpoch();
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batchData) {
        bar.increment(1);
    }

    @Override
    public void onEpoch(Trainer trainer) {
        TrainingResult result = trainer.getTrainingResult();
        Map<String, Float> values = result.getEvaluations();
        TrainingOutcome.Epoch epoch =
                new TrainingOutcome.Epoch(
                        epochs.size() + 1,
                        result.getTrainLoss(),
                        values.get("train_Accuracy"),
                        result.getValidateLoss(),
                        values.get("validate_Accuracy"));
        epochs.add(epoch);
        System.out.printf(
                Locale.ROOT,
                "epoch %d/%d: train loss %.4f, accuracy %.4f; test loss %.4f, accuracy %.4f;"
                        + " %.1f s%n",
                epoch.number(),
                epochCount,
                epoch.trainLoss(),
                epoch.trainAccuracy(),
                epoch.testLoss(),
                epoch.testAccuracy(),
                (System.nanoTime() - started) / 1e9);
        if (epochs.size() < epochCount) {
            startEpoch();
        }
    }

    /**
     * Returns what was printed so far.
     *
     * @return one entry per finished epoch
     */
    List<TrainingOutcome.Epoch> epochs() {
        return epochs;
    }

    private void startEpoch() {
        started = System.nanoTime();
        bar = new ProgressBar("Epoch " + (epochs.size() + 1), batchesPerEpoch);
        // The bar counts from 0: the first batch brings it to 1.
        bar.start(-1);
    }
}
