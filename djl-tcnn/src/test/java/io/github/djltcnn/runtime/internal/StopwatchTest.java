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

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The stopwatch, on devices and clocks made up: a queue of work beside the caller. */
public class StopwatchTest {

    /** A device that is handed work in no time and does it later, each for so many nanoseconds. */
    private static final class Queue {
        private static final long READ_BACK = 10_000;

        private final long each;
        private long now;
        private long busyUntil;
        private int calls;

        Queue(long each) {
            this.each = each;
        }

        void call() {
            calls++;
            now += 100;
            busyUntil = Math.max(now, busyUntil) + each;
        }

        void await() {
            now = Math.max(now, busyUntil) + READ_BACK;
        }

        Stopwatch watch() {
            return new Stopwatch(true, this::await, () -> now);
        }
    }

    @Test
    public void theWorkIsTimedAndNotTheCall() {
        Queue device = new Queue(5_000_000);
        long nanos = device.watch().nanos(device::call);
        Assert.assertEquals(nanos, 100 + 5_000_000 + Queue.READ_BACK);
    }

    @Test
    public void whatWasAskedForBeforeDoesNotCount() {
        Queue device = new Queue(5_000_000);
        device.call();
        Assert.assertEquals(device.watch().nanos(device::call), 100 + 5_000_000 + Queue.READ_BACK);
    }

    @Test
    public void shortWorkIsRepeatedUntilReadingBackIsLittle() {
        Queue device = new Queue(3_000);
        Stopwatch watch = device.watch();
        int repetitions = watch.repetitions(2e-3, device::call);
        Assert.assertEquals(repetitions, 1024, "the first power of two whose region lasts 2 ms");
        Assert.assertEquals(watch.seconds(repetitions, device::call), 3e-6, 0.02 * 3e-6);
    }

    @Test
    public void longWorkIsDoneOnce() {
        Queue device = new Queue(50_000_000);
        Assert.assertEquals(device.watch().repetitions(2e-3, device::call), 1);
        Assert.assertEquals(device.calls, 1);
    }

    @Test
    public void workThatTakesNoTimeIsNotRepeatedForEver() {
        int repetitions = new Stopwatch(true, () -> {}, () -> 0).repetitions(1, () -> {});
        Assert.assertEquals(repetitions, 1 << 14);
    }

    @Test
    public void aCpuIsNeitherWaitedForNorKeptBusy() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Stopwatch watch = new Stopwatch(manager)) {
            List<Integer> done = new ArrayList<>();
            Assert.assertFalse(watch.isAsynchronous());
            Assert.assertEquals(watch.repetitions(1, () -> done.add(1)), 1);
            Assert.assertTrue(done.isEmpty());
            Assert.assertTrue(watch.nanos(() -> done.add(2)) >= 0);
            Assert.assertEquals(done, List.of(2));
            Assert.assertTrue(manager.getManagedArrays().isEmpty());
        }
    }

    @Test
    public void whatIsReadBackGoesWithTheWatch() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            try (Stopwatch watch = Stopwatch.asynchronous(manager)) {
                Assert.assertTrue(watch.isAsynchronous());
                Assert.assertTrue(watch.seconds(3, () -> manager.zeros(new Shape(2)).close()) > 0);
            }
            Assert.assertTrue(manager.getManagedArrays().isEmpty());
        }
    }
}
