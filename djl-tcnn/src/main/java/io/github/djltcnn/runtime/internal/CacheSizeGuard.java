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

import com.sun.jna.Function;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps convolutions right on machines that do not tell the sizes of their caches.
 *
 * <p>oneDNN, which libtorch convolves with, divides its work by the sizes of the caches that the
 * processor reports. Some virtual machines report none. Its kernels for AVX and later then compute
 * rubbish, without an error, for numbers of channels that do not fill vectors, in dense layers as
 * well. Limited to SSE4.1 it is right, and slower. oneDNN reads the limit once, from the
 * environment variable {@code ONEDNN_MAX_CPU_ISA}, when it first convolves; so the guard sets that
 * variable before the first layer is built. A variable that is set already is left alone.
 */
public final class CacheSizeGuard {

    private static final String LIMIT = "ONEDNN_MAX_CPU_ISA";
    private static final String SAFE = "SSE41";
    private static final Logger logger = LoggerFactory.getLogger(CacheSizeGuard.class);

    /** Linux makes this folder from the cache sizes that the processor reports. */
    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache/index0");

    private static final Path PROCESSOR = Path.of("/sys/devices/system/cpu/cpu0");

    private static boolean done;

    private CacheSizeGuard() {}

    /** Limits oneDNN where cache sizes are missing. Does something once in a process. */
    public static synchronized void apply() {
        if (done) {
            return;
        }
        done = true;
        if (System.getenv(LIMIT) != null || !isNeeded()) {
            return;
        }
        try {
            Function.getFunction("c", "setenv").invokeInt(new Object[] {LIMIT, SAFE, 1});
            logger.warn(
                    "This machine does not report the sizes of its caches, and libtorch convolves"
                            + " wrongly on such machines. Its convolutions are limited to SSE4.1 in"
                            + " this process, which is right and slower. Set the environment"
                            + " variable {} to choose another limit.",
                    LIMIT);
        } catch (LinkageError e) {
            logger.error(
                    "This machine does not report the sizes of its caches, and libtorch convolves"
                            + " wrongly on such machines. Start the process with the environment"
                            + " variable {}={}.",
                    LIMIT,
                    SAFE,
                    e);
        }
    }

    /** Whether this is a processor of that family that reports no caches. */
    static boolean isNeeded() {
        return System.getProperty("os.name", "").startsWith("Linux")
                && System.getProperty("os.arch", "").equals("amd64")
                && Files.exists(PROCESSOR)
                && !Files.exists(CACHES);
    }
}
