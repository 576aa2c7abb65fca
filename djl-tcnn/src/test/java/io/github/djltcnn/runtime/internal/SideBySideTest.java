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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Tasks several at once: results, failures, interruption, and libtorch's number of threads. */
public class SideBySideTest {

    @Test
    public void testResultsInOrder() throws Exception {
        for (int tasks : new int[] {1, 7}) {
            try (SideBySide threads = SideBySide.forTasks(tasks)) {
                List<Callable<Integer>> given = new ArrayList<>();
                for (int n = 0; n < tasks; n++) {
                    int number = n;
                    given.add(threads.submit(() -> number * number));
                }
                for (int n = 0; n < tasks; n++) {
                    Assert.assertEquals((int) given.get(n).call(), n * n);
                }
            }
        }
    }

    @Test
    public void testFailuresAreThoseOfTheTask() {
        try (SideBySide threads = SideBySide.forTasks(2)) {
            Callable<Integer> task =
                    threads.submit(
                            () -> {
                                throw new IllegalArgumentException("this one");
                            });
            IllegalArgumentException e =
                    Assert.expectThrows(IllegalArgumentException.class, task::call);
            Assert.assertEquals(e.getMessage(), "this one");
        }
    }

    /** Whoever waits is interrupted: the tasks are as well, and none is left running. */
    @Test
    public void testInterruption() throws InterruptedException {
        AtomicBoolean ended = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Thread waiting = Thread.currentThread();
        Thread interrupter =
                new Thread(
                        () -> {
                            try {
                                begun.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            waiting.interrupt();
                        });
        interrupter.start();
        try (SideBySide threads = SideBySide.forTasks(2)) {
            Callable<Integer> task =
                    threads.submit(
                            () -> {
                                begun.countDown();
                                try {
                                    Thread.sleep(60_000);
                                } finally {
                                    ended.set(true);
                                }
                                return 1;
                            });
            if (Runtime.getRuntime().availableProcessors() > 1) {
                Assert.expectThrows(CancellationException.class, task::call);
            } else {
                Assert.expectThrows(InterruptedException.class, task::call);
            }
        }
        interrupter.join();
        Assert.assertTrue(ended.get());
        Thread.interrupted(); // the next test is not to see it
    }

    /** Each task has one thread of libtorch; the caller and threads yet to come keep theirs. */
    @Test
    public void testThreadsOfLibtorch() throws Exception {
        Engine.getEngine(TorchThreads.ENGINE);
        int before = TorchThreads.count();
        TorchThreads.set(3);
        try {
            try (SideBySide threads = SideBySide.forTasks(4)) {
                for (int n = 0; n < 4; n++) {
                    int inside = threads.submit(TorchThreads::count).call();
                    boolean alone = Runtime.getRuntime().availableProcessors() == 1;
                    Assert.assertEquals(inside, alone ? 3 : 1);
                }
            }
            Assert.assertEquals(TorchThreads.count(), 3);
            int[] later = new int[1];
            Thread thread = new Thread(() -> later[0] = TorchThreads.count());
            thread.start();
            thread.join();
            Assert.assertEquals(later[0], 3);
        } finally {
            TorchThreads.set(before);
        }
    }
}
