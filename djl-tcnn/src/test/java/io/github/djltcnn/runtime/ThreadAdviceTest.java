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
package io.github.djltcnn.runtime;

import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Advice about threads. */
public class ThreadAdviceTest {

    /** Workers, cores, load, and the threads that are best. */
    @DataProvider
    public Object[][] machines() {
        return new Object[][] {
            {1, 2, 0.0, 2},
            {1, 2, Double.NaN, 2},
            {1, 2, 2.0, 1},
            {1, 2, 11.0, 1},
            {1, 8, 3.2, 5},
            {2, 8, 0.1, 4},
            {3, 8, 0.0, 2},
            {8, 8, 0.0, 1},
            {40, 8, 0.0, 1},
            {Integer.MAX_VALUE, 8, 0.0, 1},
            {1, 8, Double.POSITIVE_INFINITY, 1},
        };
    }

    @Test(dataProvider = "machines")
    public void aThreadPerIdleCoreAndWorker(int workers, int cores, double load, int threads) {
        ThreadAdvice advice = ThreadAdvice.of(workers, cores, load);
        Assert.assertEquals(advice.torchThreads(), threads);
        Assert.assertTrue(
                advice.toString()
                        .startsWith("-Dai.djl.pytorch.num_threads=" + threads + " is best"),
                advice.toString());
    }

    @Test
    public void tooManyThreadsAreWarnedAbout() {
        int configured = ThreadAdvice.configured();
        Assert.assertFalse(new ThreadAdvice(configured, 2, 0, 1).warnIfWorse());
        Assert.assertTrue(new ThreadAdvice(configured - 1, 2, 0, 1).warnIfWorse());
        Assert.assertTrue(ThreadAdvice.forWorkers(1).torchThreads() >= 1);
    }

    @Test
    public void noWorkerAndNoCoreAreRefused() {
        Assert.assertThrows(
                IllegalArgumentException.class, () -> ThreadAdvice.of(0, 2, Double.NaN));
        Assert.assertThrows(
                IllegalArgumentException.class, () -> ThreadAdvice.of(1, 0, Double.NaN));
        // Five threads less than none are not five more idle cores.
        Assert.assertThrows(IllegalArgumentException.class, () -> ThreadAdvice.of(1, 2, -5));
    }
}
