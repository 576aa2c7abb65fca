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
package io.github.djltcnn.runtime.internal;

import ai.djl.engine.Engine;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work on the layers of a model, several at once. Each is done by one thread, for which libtorch
 * computes with one thread as well: factorisations by several threads come to a standstill where
 * the processors are busy, and the numbers of a layer do not depend on how many there are.
 */
public final class SideBySide implements AutoCloseable {

    /** More layers at once would need more memory than they are worth. */
    private static final int MOST = 4;

    private final ExecutorService workers;
    private final int torchThreads;

    private SideBySide(ExecutorService workers, int torchThreads) {
        this.workers = workers;
        this.torchThreads = torchThreads;
    }

    /**
     * Starts as many threads as there are processors, up to {@value #MOST}.
     *
     * @param tasks how many tasks there will be; for fewer than two none is started, and each is
     *     done when it is given
     * @return the threads, to be closed
     */
    public static SideBySide forTasks(int tasks) {
        int threads = Math.min(Math.min(tasks, MOST), Runtime.getRuntime().availableProcessors());
        if (threads < 2) {
            return new SideBySide(null, 0);
        }
        boolean torch = Engine.hasEngine(TorchThreads.ENGINE);
        if (torch) {
            Engine.getEngine(TorchThreads.ENGINE); // reads its number of threads when it starts
        }
        int count = torch ? TorchThreads.count() : 0;
        AtomicInteger number = new AtomicInteger();
        ExecutorService workers =
                Executors.newFixedThreadPool(
                        threads,
                        task -> {
                            Thread thread =
                                    new Thread(
                                            () -> {
                                                single(count);
                                                task.run();
                                            },
                                            "layer-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
        return new SideBySide(workers, count);
    }

    /**
     * Makes libtorch compute with one thread for this one, and with as many as before for others.
     */
    private static void single(int others) {
        if (others > 1) {
            TorchThreads.count(); // what a thread begins with is set by its first call
            TorchThreads.set(1);
        }
    }

    /**
     * Gives a task to the next thread that is free.
     *
     * @param task the task
     * @param <T> what it returns
     * @return waits for its result; throws what it throws, and a {@link CancellationException} if
     *     the waiting thread is interrupted, which it stays
     */
    public <T> Callable<T> submit(Callable<T> task) {
        if (workers == null) {
            return task;
        }
        Future<T> future = workers.submit(task);
        return () -> result(future);
    }

    private static <T> T result(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (CancellationException)
                    new CancellationException("The thread was interrupted").initCause(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /**
     * Ends all threads: what is not done is interrupted, and waited for, since it may read arrays
     * of the model.
     */
    @Override
    public void close() {
        if (workers == null) {
            return;
        }
        workers.shutdownNow();
        boolean interrupted = Thread.interrupted();
        while (true) {
            try {
                if (workers.awaitTermination(1, TimeUnit.DAYS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (torchThreads > 1) {
            TorchThreads.set(torchThreads); // for threads that are yet to come
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
