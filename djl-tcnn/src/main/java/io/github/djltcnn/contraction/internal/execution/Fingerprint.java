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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A number that changes when parameters do. An optimizer changes them in place, so that the arrays
 * stay the same objects; on a CPU their memory can be read for next to nothing.
 */
public final class Fingerprint {

    /** So many 8-byte words are read of an array; of a larger one, evenly spread. */
    static final int WORDS = 8192;

    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private static final int LANES = 4;

    private Fingerprint() {}

    private static long mix(long hash, long word) {
        long mixed = (hash ^ word) * PRIME;
        return mixed ^ mixed >>> 29;
    }

    /** The fingerprint of some arrays; 0 on a GPU, whose memory would have to be copied. */
    static long of(NDList arrays) {
        long hash = 0;
        for (NDArray array : arrays) {
            if (array.getDevice().isGpu()) {
                return 0;
            }
            hash = of(array.toByteBuffer(true).order(ByteOrder.nativeOrder()), hash);
        }
        return hash;
    }

    private static long of(ByteBuffer memory, long seed) {
        int bytes = memory.limit();
        int words = bytes / Long.BYTES;
        int step = Math.max(1, (words + WORDS - 1) / WORDS);
        long hash = seed * PRIME + bytes;
        // Four chains side by side: each waits for its own multiplication only.
        long[] lanes = {hash, hash + 1, hash + 2, hash + 3};
        int word = 0;
        for (; word + 3L * step < words; word += LANES * step) {
            for (int lane = 0; lane < LANES; lane++) {
                lanes[lane] = mix(lanes[lane], memory.getLong((word + lane * step) * Long.BYTES));
            }
        }
        for (long lane : lanes) {
            hash = mix(hash, lane);
        }
        for (; word < words; word += step) {
            hash = mix(hash, memory.getLong(word * Long.BYTES));
        }
        for (int at = words * Long.BYTES; at < bytes; at++) {
            hash = (hash ^ memory.get(at)) * PRIME;
        }
        return hash;
    }
}
