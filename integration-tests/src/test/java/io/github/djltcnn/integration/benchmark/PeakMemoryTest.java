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
package io.github.djltcnn.integration.benchmark;

import ai.djl.ndarray.types.Shape;
import com.sun.jna.Platform;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The measure of native memory, on computations whose buffers are known. */
public class PeakMemoryTest {

    private static final Shape INPUT = new Shape(8, 64, 56, 56);
    private static final long BYTES = INPUT.size() * Float.BYTES;

    @Test
    public void theOutputIsWhatASumHolds() throws Exception {
        check(PeakProbe.measure("add", INPUT, false, false), BYTES, 0.05);
    }

    /** libtorch convolves arrays with channels last where they are. */
    @Test
    public void theOutputIsWhatADenseConvolutionHolds() throws Exception {
        check(PeakProbe.measure("dense", INPUT, true, false), BYTES, 0.05);
    }

    @BeforeClass
    public void linuxOnly() {
        if (!Platform.isLinux()) {
            throw new SkipException("Only Linux tells the highest size of a process");
        }
    }

    private static void check(long found, long expected, double tolerance) {
        Assert.assertEquals((double) found, expected, tolerance * expected);
    }
}
