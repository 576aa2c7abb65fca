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
package io.github.djltcnn.compression;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Tells progress and the time that is left, and ends the work when it was cancelled. The seconds of
 * each stage are estimated before; within a stage they follow what its share has taken so far.
 */
final class Pace {

    /** What every message of a cancellation says. */
    static final String AS_BEFORE = "the model is as it was";

    private static final double NANO = 1e-9;

    /** The share of a stage from which its own speed counts. */
    private static final double TELLING = 0.05;

    private final CompressionListener listener;
    private final BooleanSupplier cancelled;
    private final Map<CompressionStage, Double> seconds = new EnumMap<>(CompressionStage.class);
    private CompressionStage stage = CompressionStage.CHECK;
    private final long begin = System.nanoTime();
    private long stageBegin = begin;
    private double shown;

    Pace(CompressionListener listener, BooleanSupplier cancelled) {
        this.listener = listener;
        this.cancelled = cancelled;
    }

    /** Says how long a stage is going to take. */
    void expect(CompressionStage which, double expected) {
        seconds.put(which, expected);
    }

    /** Says how long the stages are going to take. */
    void expect(Map<CompressionStage, Double> expected) {
        seconds.clear();
        seconds.putAll(expected);
    }

    /** Begins a stage. */
    void begin(CompressionStage next) {
        stage = next;
        stageBegin = System.nanoTime();
        report(0);
    }

    /** The seconds that this stage has taken. */
    double elapsed() {
        return (System.nanoTime() - stageBegin) * NANO;
    }

    /**
     * Reports how far the stage is.
     *
     * @throws CancellationException if the work was cancelled
     */
    void report(double share) {
        check();
        double spent = elapsed();
        double guess = seconds.getOrDefault(stage, 0.0);
        double whole = share > TELLING ? spent / share : Math.max(guess, spent);
        double left = Math.max(0, whole - spent);
        if (stage == CompressionStage.CHECK) {
            left = Math.max(left, 1); // too early to tell
        }
        for (Map.Entry<CompressionStage, Double> entry : seconds.entrySet()) {
            if (entry.getKey().compareTo(stage) > 0) {
                left += entry.getValue();
            }
        }
        double all = (System.nanoTime() - begin) * NANO;
        // A bar does not run backwards when a stage turns out to be long.
        shown = Math.max(shown, all + left > 0 ? Math.min(1, all / (all + left)) : 0);
        listener.onProgress(new CompressionProgress(stage, shown, left));
    }

    /** Reports the end. */
    void end() {
        shown = 1;
        listener.onProgress(new CompressionProgress(stage, 1, 0));
    }

    /** Ends the work if it was cancelled; an interrupted thread stays so. */
    void check() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException(
                    "The compression was cancelled (" + stage + "); " + AS_BEFORE);
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException(
                    "The thread was interrupted (" + stage + "); " + AS_BEFORE);
        }
    }
}
