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
package io.github.djltcnn.export.internal.graph;

/**
 * One size of a shape.
 *
 * @param number the size, or the multiple of the batch size
 * @param perBatch whether it is a multiple of the batch size
 */
public record Size(long number, boolean perBatch) {

    /**
     * Returns the size for a batch.
     *
     * @param batch the batch size
     * @return the size
     */
    public long at(long batch) {
        return perBatch ? number * batch : number;
    }

    /** The size that is {@code a} at one batch size and {@code b} at another. */
    public static Size unify(long a, long b, Batches batches) {
        if (a == b) {
            return new Size(a, false);
        }
        long times = a / batches.first();
        if (times * batches.first() == a && times * batches.second() == b) {
            return new Size(times, true);
        }
        throw new UntraceableException(
                "a size is "
                        + a
                        + " for a batch of "
                        + batches.first()
                        + " and "
                        + b
                        + " for one of "
                        + batches.second()
                        + ", which is no multiple of the batch size");
    }

    @Override
    public String toString() {
        return perBatch ? (number == 1 ? "N" : number + "N") : String.valueOf(number);
    }
}
