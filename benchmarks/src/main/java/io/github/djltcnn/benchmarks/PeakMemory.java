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

import com.sun.jna.Function;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * The highest amount of native memory that a computation holds at once, as the system sees it.
 *
 * <p>Linux keeps the highest resident size of a process and forgets it when told to. For that size
 * to follow what is allocated, every buffer has to be mapped on its own and given back when it is
 * freed: glibc does so for all buffers above a threshold, which {@link #mapEveryBuffer()} makes
 * small. Slow, and for a process of its own: call it first of all, and {@link
 * io.github.djltcnn.contraction.NativeMemory#keepBuffers()} never.
 */
public final class PeakMemory {

    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_THRESHOLD = -3;
    private static final int M_MMAP_MAX = -4;

    private static final int SMALLEST = 16 << 10;
    private static final int MOST_MAPPINGS = 1 << 20;

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    /** Field 10 of the file, which is the eighth after the name of the program. */
    private static final int MINOR_FAULTS = 7;

    private PeakMemory() {}

    /**
     * Makes every larger buffer a mapping of its own.
     *
     * @return whether that works here; it does with glibc on Linux
     */
    public static boolean mapEveryBuffer() {
        if (!Platform.isLinux() || !Files.isWritable(CLEAR)) {
            return false;
        }
        Function mallopt = Function.getFunction("c", "mallopt");
        return mallopt.invokeInt(new Object[] {M_MMAP_MAX, MOST_MAPPINGS}) == 1
                && mallopt.invokeInt(new Object[] {M_MMAP_THRESHOLD, SMALLEST}) == 1
                && mallopt.invokeInt(new Object[] {M_TOP_PAD, 0}) == 1
                && mallopt.invokeInt(new Object[] {M_TRIM_THRESHOLD, SMALLEST}) == 1;
    }

    /**
     * Measures the rise of resident memory while something runs: the median of some repeats, the
     * first of which is not counted: what other threads of the process take or give back at the
     * same time adds to some counts and is missing from others.
     *
     * @param run what to measure; gives back all that it allocates
     * @param repeats how often, at least 1
     * @return the bytes held at the highest point above what was held before
     */
    public static long of(Runnable run, int repeats) {
        long[] rises = new long[repeats];
        run.run();
        for (int n = 0; n < repeats; n++) {
            trim();
            try {
                Files.writeString(CLEAR, "5");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            long before = status("VmRSS");
            run.run();
            rises[n] = status("VmHWM") - before;
        }
        Arrays.sort(rises);
        return rises[repeats / 2];
    }

    private static void trim() {
        Function.getFunction("c", "malloc_trim").invokeInt(new Object[] {new NativeLong(0)});
    }

    /**
     * Returns a size that the system keeps of this process.
     *
     * @param name {@code VmRSS}, the resident memory, or {@code VmHWM}, the highest it was
     * @return bytes
     */
    public static long status(String name) {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    String.format(Locale.ROOT, "%s is not readable: Linux has it", STATUS), e);
        }
    }

    /**
     * Returns how many pages the system gave to this process without reading them from a disk.
     *
     * @return the number of minor page faults so far
     */
    public static long minorFaults() {
        try {
            String stat = Files.readString(STAT);
            return Long.parseLong(
                    stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[MINOR_FAULTS]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
