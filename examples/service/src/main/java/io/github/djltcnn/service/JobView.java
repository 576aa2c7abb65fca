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

import java.util.List;
import java.util.Map;

/**
 * What is known of a job at a moment; {@code job.json}, and what clients read.
 *
 * @param id its number
 * @param version counts changes
 * @param request what was asked for
 * @param state how far it is
 * @param message what to know about that; empty if all is as it should be
 * @param created when it was asked for
 * @param started when it was last started; null before
 * @param ended when it ended; null before
 * @param starts how often it was started: once, and again after each stop of the service
 * @param progress what it does now; null before it starts
 * @param epochs the curves of a fine-tuning
 * @param result what came out; null before the end
 */
record JobView(
        String id,
        long version,
        JobRequest request,
        JobState state,
        String message,
        String created,
        String started,
        String ended,
        int starts,
        Progress progress,
        List<Epoch> epochs,
        Map<String, Object> result) {

    /**
     * What a job does now.
     *
     * @param phase a verb
     * @param share the share of the work that is done, 0 to 1
     * @param secondsLeft by the pace so far; null if that is not known
     * @param epoch of a fine-tuning, from 1; 0 otherwise
     * @param epochs how many
     * @param step of this epoch
     * @param steps how many
     * @param loss the mean loss of this epoch so far; null before the first step
     * @param accuracy the share of this epoch's pictures that was recognised
     */
    record Progress(
            String phase,
            double share,
            Double secondsLeft,
            int epoch,
            int epochs,
            int step,
            int steps,
            Double loss,
            Double accuracy) {

        static Progress of(String phase, double share, Double secondsLeft) {
            return new Progress(phase, share, secondsLeft, 0, 0, 0, 0, null, null);
        }
    }

    /**
     * An epoch of a fine-tuning.
     *
     * @param epoch its number, from 1
     * @param trainLoss the mean loss on the pictures that are trained on
     * @param trainAccuracy the share of them that was recognised
     * @param heldOutLoss the mean loss on pictures held out
     * @param heldOutAccuracy the share of them that was recognised
     * @param seconds how long it took
     */
    record Epoch(
            int epoch,
            Double trainLoss,
            Double trainAccuracy,
            Double heldOutLoss,
            Double heldOutAccuracy,
            Double seconds) {}

    JobView with(JobState to, String why) {
        return new JobView(
                id, version, request, to, why, created, started, ended, starts, progress, epochs,
                result);
    }

    JobView with(Progress now, List<Epoch> curves) {
        return new JobView(
                id, version, request, state, message, created, started, ended, starts, now, curves,
                result);
    }

    JobView with(Map<String, Object> outcome) {
        return new JobView(
                id, version, request, state, message, created, started, ended, starts, progress,
                epochs, outcome);
    }

    JobView startedAt(String now) {
        return new JobView(
                id,
                version,
                request,
                JobState.RUNNING,
                "",
                created,
                now,
                null,
                starts + 1,
                null,
                epochs,
                null);
    }

    JobView endedAt(String now) {
        return new JobView(
                id, version, request, state, message, created, started, now, starts, progress,
                epochs, result);
    }

    JobView next() {
        return new JobView(
                id,
                version + 1,
                request,
                state,
                message,
                created,
                started,
                ended,
                starts,
                progress,
                epochs,
                result);
    }
}
