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

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How far a fine-tuning is.
 *
 * @param phase what it does
 * @param epoch the epoch, from 1
 * @param epochs the number of epochs
 * @param step the steps of this epoch that are done
 * @param steps the steps of an epoch
 * @param loss the mean loss of this epoch so far; NaN before the first step
 * @param accuracy the share of this epoch's pictures that were recognised so far
 * @param bestAccuracy the best accuracy of an epoch on the pictures held out; NaN before the first
 * @param elapsed the time since this start
 * @param remaining the time that is left, by the pace so far; null before the first step
 * @param curves the epochs that are done, with those of the checkpoint that the run went on from
 * @since 0.1.0
 */
public record FineTuningProgress(
        Phase phase,
        int epoch,
        int epochs,
        int step,
        int steps,
        double loss,
        double accuracy,
        double bestAccuracy,
        Duration elapsed,
        Duration remaining,
        List<EpochResult> curves) {

    /**
     * Makes the list unmodifiable.
     *
     * @param phase what it does
     * @param epoch the epoch, from 1
     * @param epochs the number of epochs
     * @param step the steps of this epoch that are done
     * @param steps the steps of an epoch
     * @param loss the mean loss of this epoch so far; NaN before the first step
     * @param accuracy the share of this epoch's pictures that were recognised so far
     * @param bestAccuracy the best accuracy of an epoch on the pictures held out; NaN before the
     *     first
     * @param elapsed the time since this start
     * @param remaining the time that is left, by the pace so far; null before the first step
     * @param curves the epochs that are done, with those of the checkpoint that the run went on
     *     from
     */
    public FineTuningProgress {
        curves = List.copyOf(curves);
    }

    /**
     * What a fine-tuning does.
     *
     * @since 0.1.0
     */
    public enum Phase {
        /** Reads the pictures. */
        READING,
        /** Trains. */
        TRAINING,
        /** Measures the accuracy on the pictures held out. */
        MEASURING,
        /** Is done, for whatever reason. */
        DONE
    }

    /**
     * Returns the share of the work that is done.
     *
     * @return from 0 to 1
     */
    public double share() {
        if (phase == Phase.DONE) {
            return 1;
        }
        return steps == 0 ? 0 : ((double) (epoch - 1) * steps + step) / ((double) epochs * steps);
    }

    /** Returns the progress in one line. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s epoch %d/%d step %d/%d loss %.4f accuracy %.4f best %.4f%s",
                phase.name().toLowerCase(Locale.ROOT),
                epoch,
                epochs,
                step,
                steps,
                loss,
                accuracy,
                bestAccuracy,
                remaining == null ? "" : ", " + remaining.toSeconds() + " s left");
    }
}
