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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * A number that changes when parameters do. An optimizer changes them in place, so that the arrays
 * stay the same objects. All numbers are read: a sample would miss a column that was set to zero.
 * Some 10 GB are read in a second, which is little beside what a layer does with them.
 */
final class Fingerprint {

    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private static final int LANES = 4;

    private Fingerprint() {}

    private static long mix(long hash, long word) {
        long mixed = (hash ^ word) * PRIME;
        return mixed ^ mixed >>> 29;
    }

    /** The fingerprint of some arrays; 0 where memory would have to be copied from a device. */
    static long of(NDList arrays) {
        long hash = 0;
        for (NDArray array : arrays) {
            if (!array.getDevice().equals(Device.cpu())) {
                return 0;
            }
            hash = of(array.toByteBuffer(true).order(ByteOrder.nativeOrder()), hash);
        }
        return hash;
    }

    /**
     * Four sums, and four sums of these sums, which know the order of the words: additions of 64
     * bits, which lose nothing, in chains that do not wait for each other.
     */
    private static long of(ByteBuffer memory, long seed) {
        LongBuffer words = memory.asLongBuffer();
        int count = words.limit();
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        long aa = 0;
        long bb = 0;
        long cc = 0;
        long dd = 0;
        int word = 0;
        for (; word < count - LANES + 1; word += LANES) {
            a += words.get(word);
            b += words.get(word + 1);
            c += words.get(word + 2);
            d += words.get(word + 3);
            aa += a;
            bb += b;
            cc += c;
            dd += d;
        }
        long hash = mix(seed, memory.limit());
        for (long sum : new long[] {a, b, c, d, aa, bb, cc, dd}) {
            hash = mix(hash, sum);
        }
        for (; word < count; word++) {
            hash = mix(hash, words.get(word));
        }
        for (int at = count * Long.BYTES; at < memory.limit(); at++) {
            hash = mix(hash, memory.get(at));
        }
        return hash;
    }
}
