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

import java.time.Duration;
import java.util.function.UnaryOperator;

/** A job: what is known of it, for any number of threads that wait for changes. */
final class Job {

    private JobView view;
    private Runnable onCancel = () -> {};
    private boolean cancelled;
    private boolean closed;

    Job(JobView view) {
        this.view = view;
    }

    synchronized JobView view() {
        return view;
    }

    synchronized JobView change(UnaryOperator<JobView> how) {
        view = how.apply(view).next();
        notifyAll();
        return view;
    }

    /** Waits until there is something newer than that version, the time is up, or the end. */
    synchronized JobView await(long version, Duration most) throws InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        for (long left = most.toMillis(); view.version() == version && !closed && left > 0; ) {
            wait(left);
            left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        }
        return view;
    }

    /** Sets what asks the work at hand to stop; asked at once if somebody did before. */
    void onCancel(Runnable stop) {
        boolean now;
        synchronized (this) {
            onCancel = stop;
            now = cancelled;
        }
        if (now) {
            stop.run();
        }
    }

    void cancel() {
        Runnable stop;
        synchronized (this) {
            cancelled = true;
            stop = onCancel;
        }
        stop.run();
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Before a start. */
    synchronized void reset() {
        cancelled = false;
        onCancel = () -> {};
    }

    /** The service stops: those who wait go home. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
