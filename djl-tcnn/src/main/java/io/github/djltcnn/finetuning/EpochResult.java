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

/**
 * One pass over the pictures.
 *
 * @param epoch its number, from 1
 * @param trainLoss the mean cross entropy of the pictures trained on, as they came, before each
 *     step
 * @param trainAccuracy the share of them that were recognised
 * @param heldOutLoss the mean cross entropy of the pictures held out, after the epoch
 * @param heldOutAccuracy the share of them that were recognised
 * @param learningRate the rate of the last step; NaN with an optimizer of the caller's
 * @param seconds how long it took, on the wall
 * @since 0.1.0
 */
public record EpochResult(
        int epoch,
        double trainLoss,
        double trainAccuracy,
        double heldOutLoss,
        double heldOutAccuracy,
        double learningRate,
        double seconds) {

    private static final int COLUMNS = 7;

    /** The names of {@link #toCsv}. */
    static final String HEADER =
            "epoch,train_loss,train_accuracy,held_out_loss,held_out_accuracy,learning_rate,seconds";

    /** All digits, so that reading gives the same numbers. */
    String toCsv() {
        return epoch
                + ","
                + trainLoss
                + ","
                + trainAccuracy
                + ","
                + heldOutLoss
                + ","
                + heldOutAccuracy
                + ","
                + learningRate
                + ","
                + seconds;
    }

    static EpochResult parse(String line) {
        String[] parts = line.split(",", -1);
        if (parts.length != COLUMNS) {
            throw new IllegalArgumentException("no epoch: " + line);
        }
        double[] numbers = new double[COLUMNS];
        for (int n = 1; n < COLUMNS; n++) {
            numbers[n] = Double.parseDouble(parts[n]);
        }
        return new EpochResult(
                Integer.parseInt(parts[0]),
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6]);
    }
}
