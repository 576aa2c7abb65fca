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
package io.github.djltcnn.finetuning.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import java.util.Map;

/**
 * Adds up loss and right answers of every batch, in double precision and in the order of the
 * pictures.
 */
public final class Meter extends TrainingListenerAdapter {

    /** Sums over pictures. */
    public static final class Sums {
        private double loss;
        private int right;
        private int count;
        private int[][] confusion;

        private Sums() {}

        /** The mean loss; NaN of no pictures. */
        public double meanLoss() {
            return count == 0 ? Double.NaN : loss / count;
        }

        /** The share that was recognised; NaN of no pictures. */
        public double accuracy() {
            return count == 0 ? Double.NaN : (double) right / count;
        }

        /** How many pictures of each class were taken for which; null in training. */
        public int[][] confusion() {
            return confusion;
        }

        /** The sums as text. */
        public String state() {
            return loss + "," + right + "," + count;
        }

        /** Goes on from a text. */
        public void restore(String state) {
            String[] parts = state.split(",", -1);
            loss = Double.parseDouble(parts[0]);
            right = Integer.parseInt(parts[1]);
            count = Integer.parseInt(parts[2]);
        }
    }

    private final int classes;
    private Sums training = new Sums();
    private Sums measured = new Sums();
    private double lastLoss;

    /** Counts for so many classes. */
    public Meter(int classes) {
        this.classes = classes;
    }

    /** The sums of the epoch so far. */
    public Sums training() {
        return training;
    }

    /** The sums of the last measurement. */
    public Sums measured() {
        return measured;
    }

    /** The mean loss of the last batch that was trained on. */
    public double lastLoss() {
        return lastLoss;
    }

    /** Begins an epoch. */
    public void startEpoch() {
        training = new Sums();
    }

    /** Begins a measurement. */
    public void startMeasuring() {
        measured = new Sums();
        measured.confusion = new int[classes][classes];
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batch) {
        double before = training.loss;
        int count = training.count;
        add(batch, training);
        lastLoss = (training.loss - before) / Math.max(1, training.count - count);
    }

    @Override
    public void onValidationBatch(Trainer trainer, BatchData batch) {
        add(batch, measured);
    }

    private void add(BatchData batch, Sums sums) {
        for (Map.Entry<ai.djl.Device, NDList> entry : batch.getPredictions().entrySet()) {
            float[] scores = floats(entry.getValue().head());
            float[] labels = floats(batch.getLabels().get(entry.getKey()).head());
            if (scores.length != labels.length * classes) {
                throw new IllegalArgumentException(
                        "The labels of a batch are the numbers of the classes, one per picture;"
                                + " got "
                                + batch.getLabels().get(entry.getKey()).head().getShape()
                                + " for answers of "
                                + entry.getValue().head().getShape());
            }
            for (int n = 0; n < labels.length; n++) {
                add(scores, n * classes, Math.round(labels[n]), sums);
            }
        }
    }

    private void add(float[] scores, int start, int label, Sums sums) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException(
                    "A picture has label "
                            + label
                            + ", the classes are 0 to "
                            + (classes - 1)
                            + "; give as many labels as the dataset has classes");
        }
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = scores[start + c] > scores[start + best] ? c : best;
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp((double) scores[start + c] - scores[start + best]);
        }
        sums.loss += Math.log(sum) + scores[start + best] - scores[start + label];
        sums.right += best == label ? 1 : 0;
        sums.count++;
        if (sums.confusion != null) {
            sums.confusion[label][best]++;
        }
    }

    private static float[] floats(NDArray array) {
        try (NDArray real = array.toType(DataType.FLOAT32, true)) {
            return real.toFloatArray();
        }
    }
}
