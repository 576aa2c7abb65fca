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
package io.github.djltcnn.benchmarks;

import ai.djl.ndarray.types.Shape;
import com.sun.jna.Platform;
import io.github.djltcnn.benchmarks.PeakProbe.Evaluation;
import java.util.List;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The measure of native memory, on computations whose buffers are known. */
@Test(groups = "timing")
public class PeakMemoryTest {

    private static final double CLOSE = 0.05;
    private static final Shape INPUT = new Shape(8, 64, 56, 56);
    private static final long BYTES = INPUT.size() * Float.BYTES;

    /** libtorch convolves arrays with channels last where they are, and copies others. */
    public void knownBuffersAreFound() throws Exception {
        List<Long> found =
                PeakProbe.measure(
                        List.of(
                                new Evaluation("add", INPUT, false, false),
                                new Evaluation("dense", INPUT, true, false),
                                new Evaluation("dense", INPUT, false, false)));
        check(found.get(0), BYTES);
        check(found.get(1), BYTES);
        check(found.get(2), 2 * BYTES);
    }

    @BeforeClass(alwaysRun = true)
    public void linuxOnly() {
        if (!Platform.isLinux()) {
            throw new SkipException("Only Linux tells the highest size of a process");
        }
    }

    private static void check(long found, long expected) {
        Assert.assertEquals((double) found, (double) expected, CLOSE * expected);
    }
}
