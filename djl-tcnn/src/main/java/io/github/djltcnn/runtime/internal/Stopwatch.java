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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.LongSupplier;

/**
 * Times work on a device from the moment at which the device is idle to the moment at which it is
 * idle again. A CPU computes while it is called. Other devices are handed their work and go on
 * beside the caller: a clock around the calls tells how long the handing over takes. Here one
 * number is read back from the device inside the timed region, which waits for all work before it.
 *
 * <p>Reading back costs some ten microseconds. Work that is shorter is repeated within one region,
 * {@link #repetitions} times.
 */
public final class Stopwatch implements AutoCloseable {

    private static final double NANO = 1e-9;

    /** No region repeats its work more often. */
    private static final int MOST_REPETITIONS = 1 << 14;

    private final boolean asynchronous;
    private final Runnable awaitDevice;
    private final LongSupplier clock;
    private final NDArray marker;

    /**
     * Creates a stopwatch.
     *
     * @param manager a manager on the device; what the stopwatch reads back belongs to it
     */
    public Stopwatch(NDManager manager) {
        this(manager, !manager.getDevice().equals(Device.cpu()));
    }

    private Stopwatch(NDManager manager, boolean asynchronous) {
        this.asynchronous = asynchronous;
        clock = System::nanoTime;
        marker = asynchronous ? manager.create(0f) : null;
        // Devices compute in the order they are called: a copy to the host is the last of it.
        awaitDevice = asynchronous ? marker::toFloatArray : () -> {};
    }

    /** A stopwatch with another clock, and another way to wait for the device. */
    Stopwatch(boolean asynchronous, Runnable awaitDevice, LongSupplier clock) {
        this.asynchronous = asynchronous;
        this.awaitDevice = awaitDevice;
        this.clock = clock;
        marker = null;
    }

    /**
     * A stopwatch that treats any device as one that computes beside its caller, a CPU too.
     *
     * @param manager a manager on the device
     * @return the stopwatch
     */
    public static Stopwatch asynchronous(NDManager manager) {
        return new Stopwatch(manager, true);
    }

    /**
     * Returns whether the device computes beside its caller.
     *
     * @return false for a CPU
     */
    public boolean isAsynchronous() {
        return asynchronous;
    }

    /**
     * Times work.
     *
     * @param work what to do on the device, once
     * @return the nanoseconds until the device had done it
     */
    public long nanos(Runnable work) {
        awaitDevice.run();
        long start = clock.getAsLong();
        work.run();
        awaitDevice.run();
        return clock.getAsLong() - start;
    }

    /**
     * Times work that is repeated in one region.
     *
     * @param repetitions how often to do it
     * @param work what to do on the device
     * @return the seconds of one repetition, their mean
     */
    public double seconds(int repetitions, Runnable work) {
        long nanos =
                nanos(
                        () -> {
                            for (int n = 0; n < repetitions; n++) {
                                work.run();
                            }
                        });
        return nanos * NANO / repetitions;
    }

    /**
     * Finds how often work has to be repeated for a region to last: once on a CPU, where nothing is
     * read back, else as often as makes the region long enough.
     *
     * @param regionSeconds how long a region should last at least
     * @param work what to do on the device; is done at least once where the device is asynchronous
     * @return the number of repetitions, at least 1
     */
    public int repetitions(double regionSeconds, Runnable work) {
        if (!asynchronous) {
            return 1;
        }
        int repetitions = 1;
        while (repetitions < MOST_REPETITIONS
                && seconds(repetitions, work) * repetitions < regionSeconds) {
            repetitions *= 2;
        }
        return repetitions;
    }

    /** Lets go of what is read back. */
    @Override
    public void close() {
        if (marker != null) {
            marker.close();
        }
    }
}
