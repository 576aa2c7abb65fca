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

import ai.djl.util.Progress;

/** DJL's progress of a conversion as that of a stage. */
final class StageProgress implements Progress {

    private final Pace pace;
    private long most = 1;
    private long done;

    StageProgress(Pace pace) {
        this.pace = pace;
    }

    @Override
    public void reset(String message, long max, String trailingMessage) {
        most = Math.max(1, max);
        done = 0;
    }

    @Override
    public void start(long initialProgress) {
        update(initialProgress);
    }

    @Override
    public void end() {
        pace.report(1);
    }

    @Override
    public void increment(long increment) {
        update(done + increment);
    }

    @Override
    public void update(long progress, String message) {
        done = progress;
        pace.report(Math.min(1, (double) done / most));
    }
}
