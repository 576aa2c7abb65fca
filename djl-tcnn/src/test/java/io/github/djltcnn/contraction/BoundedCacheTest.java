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
package io.github.djltcnn.contraction;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.testng.Assert;
import org.testng.annotations.Test;

/** A bounded map whose values take long to make, or cannot be made. */
public class BoundedCacheTest {

    @Test
    public void whatCannotBeMadeLeavesNothing() {
        BoundedCache<Integer, String> cache = new BoundedCache<>(4);
        for (int n = 0; n < 100; n++) {
            int key = n % 3;
            IllegalArgumentException thrown =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> cache.get(key, this::refuse));
            Assert.assertEquals(thrown.getMessage(), "no " + key);
        }
        Assert.assertEquals(cache.size(), 0);
        Assert.assertEquals(cache.numOrdered(), 0);
        Assert.assertEquals(cache.get(1, key -> "made"), "made");
    }

    private String refuse(int key) {
        throw new IllegalArgumentException("no " + key);
    }

    @Test
    public void theOldestGoes() {
        BoundedCache<Integer, Integer> cache = new BoundedCache<>(4);
        for (int n = 0; n < 10; n++) {
            Assert.assertEquals((int) cache.get(n, key -> 2 * key), 2 * n);
            cache.put(n, 3 * n);
        }
        Assert.assertEquals(cache.size(), 4);
        Assert.assertEquals(cache.numOrdered(), 4);
        Assert.assertNull(cache.peek(5));
        Assert.assertEquals((int) cache.peek(6), 18);
    }

    /** Keys of one bin of a hash map: the second is made while the first is being made. */
    @Test(timeOut = 60_000)
    public void othersDoNotWait() throws InterruptedException {
        BoundedCache<SameHash, String> cache = new BoundedCache<>(4);
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        AtomicInteger made = new AtomicInteger();
        Runnable slow =
                () ->
                        cache.get(
                                new SameHash(1),
                                key -> {
                                    made.incrementAndGet();
                                    started.countDown();
                                    await(done);
                                    return "slow";
                                });
        Thread first = new Thread(slow);
        Thread second = new Thread(slow);
        first.start();
        started.await();
        second.start();
        Assert.assertEquals(cache.get(new SameHash(2), key -> "quick"), "quick");
        Assert.assertNull(cache.peek(new SameHash(1)));
        done.countDown();
        first.join();
        second.join();
        Assert.assertEquals(made.get(), 1);
        Assert.assertEquals(cache.peek(new SameHash(1)), "slow");
    }

    private static void await(CountDownLatch latch) {
        try {
            Assert.assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private record SameHash(int number) {

        @Override
        public boolean equals(Object other) {
            return other instanceof SameHash same && same.number == number;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }
}
