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

import com.sun.jna.Function;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A switch for how the C library treats large buffers.
 *
 * <p>glibc gives every large buffer back to the system when it is freed, and the next convolution
 * faults its pages in again, one by one. On a CPU that can be a good part of the time of a layer.
 * {@link #keepBuffers()} tells glibc to keep what it has. The price is resident memory: the process
 * stays as large as it once was.
 *
 * @since 0.1.0
 */
public final class NativeMemory {

    private static final Logger logger = LoggerFactory.getLogger(NativeMemory.class);

    /** Numbers of options of mallopt(3). */
    private static final int M_TRIM_THRESHOLD = -1;

    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_MAX = -4;

    private static final int TOP_PAD = 64 << 20;

    private NativeMemory() {}

    /**
     * Makes the C library keep freed buffers for the next allocation. For the whole process, once
     * and for all; where there is no glibc this does nothing and logs a line.
     *
     * @return whether buffers are kept from now on
     */
    public static boolean keepBuffers() {
        try {
            if (!Platform.isLinux()) {
                logger.info("Native buffers are not kept: only glibc on Linux has the switch");
                return false;
            }
            // All three, in this order: grow in large pieces, never map a buffer on its own, and
            // never trim the top. mallopt answers 1 where it complied.
            Function mallopt = Function.getFunction("c", "mallopt");
            return mallopt.invokeInt(new Object[] {M_TOP_PAD, TOP_PAD}) == 1
                    && mallopt.invokeInt(new Object[] {M_MMAP_MAX, 0}) == 1
                    && mallopt.invokeInt(new Object[] {M_TRIM_THRESHOLD, Integer.MAX_VALUE}) == 1;
        } catch (LinkageError e) {
            logger.info("Native buffers are not kept: no mallopt, or no JNA to call it by", e);
            return false;
        }
    }
}
