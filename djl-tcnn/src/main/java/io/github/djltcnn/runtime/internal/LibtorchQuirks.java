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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What libtorch 2.7.1 computes wrongly or breaks on, and where the library keeps away from it. Each
 * has a canary test that tells when a libtorch no longer does it.
 */
public final class LibtorchQuirks {

    private static final Logger logger = LoggerFactory.getLogger(LibtorchQuirks.class);

    /** More than a vector of AVX-512, and not a multiple of one. */
    private static final int CHANNELS = 18;

    private static final double TOLERANCE = 1e-3;

    private static final AtomicBoolean CHECKED = new AtomicBoolean();

    private LibtorchQuirks() {}

    /**
     * Whether a convolution must not be given its input with channels last: a single channel has
     * strides that pass for either layout, and the result is wrong; a window that sees nothing but
     * padding gives rubbish or a crash; and the backward pass of a convolution whose stride skips
     * positions corrupts the heap.
     *
     * @param channels the channels of the input, all groups together
     * @param hasDeadWindows whether a window sees nothing but padding
     * @param skipsPositions whether a stride is larger than its window
     */
    public static boolean breaksChannelsLast(
            long channels, boolean hasDeadWindows, boolean skipsPositions) {
        return channels == 1 || hasDeadWindows || skipsPositions;
    }

    /**
     * Whether a channels-first input has to be copied before a convolution, because its strides may
     * be mistaken for those of channels last.
     *
     * @param channels the channels of the input
     */
    public static boolean mistakesStrides(long channels) {
        return channels == 1;
    }

    /**
     * Whether arrays of a data type may be asked of DJL: for bfloat16 its native code ends the
     * process.
     *
     * @param dataType the data type
     */
    public static boolean abortsOn(DataType dataType) {
        return dataType == DataType.BFLOAT16;
    }

    /**
     * Logs an error, once in a process, where convolutions of channels that do not fill vectors are
     * wrong in spite of {@link CacheSizeGuard}: another part of the program convolved before the
     * guard was there, or set another limit.
     *
     * @param engine the name of the engine that computes
     */
    public static void checkConvolutions(String engine) {
        CacheSizeGuard.apply();
        if (CHECKED.compareAndSet(false, true) && !convolvesRightly(engine)) {
            logger.error(
                    "libtorch computes float32 convolutions wrongly on this processor, those of"
                            + " dense layers too: set the environment variable"
                            + " ONEDNN_MAX_CPU_ISA=SSE41 before the process starts, and compare");
        }
    }

    /**
     * Compares one convolution in float32 with the same in float64, which other code computes.
     *
     * @param engine the name of the engine that computes
     * @return whether they agree
     */
    static boolean convolvesRightly(String engine) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), engine)) {
            NDArray x = manager.arange(0f, 2f * CHANNELS * 49, 1f, DataType.FLOAT64).mul(0.3).cos();
            NDArray w = manager.arange(0f, 4f * CHANNELS * 9, 1f, DataType.FLOAT64).mul(0.7).sin();
            NDArray right = convolve(x, w, DataType.FLOAT64);
            NDArray error = convolve(x, w, DataType.FLOAT32).sub(right).abs().max();
            // NaN does not agree either.
            return error.getDouble() <= TOLERANCE * right.abs().max().getDouble();
        }
    }

    private static NDArray convolve(NDArray x, NDArray w, DataType dataType) {
        NDArray input = x.reshape(new Shape(2, CHANNELS, 7, 7)).toType(dataType, true);
        NDArray weight = w.reshape(new Shape(4, CHANNELS, 3, 3)).toType(dataType, true);
        return Conv2d.conv2d(input, weight).singletonOrThrow().toType(DataType.FLOAT64, true);
    }
}
