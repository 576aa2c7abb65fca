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
package io.github.djltcnn.contraction.internal.cost;

/**
 * How much one step has to do.
 *
 * @param operation the kind of the step
 * @param extent its size along each axis
 * @param macs the multiply-adds of one forward evaluation
 * @param forward the multiply-adds as the library does them, channels filled up to whole vectors
 * @param backward the same for both gradients
 * @param read the bytes of the operands
 * @param written the bytes of the result
 */
public record Work(
        Operation operation,
        Extent extent,
        double macs,
        double forward,
        double backward,
        double read,
        double written) {

    /**
     * What a step computes, axis by axis.
     *
     * @param in the channels summed over in one group
     * @param out the channels of the result in one group
     * @param groups the groups
     * @param batch what counts as images
     * @param positions the positions of the result, all images together
     * @param taps the taps of the window
     * @param small whether libtorch takes its own convolution in place of oneDNN's
     */
    public record Extent(
            double in,
            double out,
            double groups,
            double batch,
            double positions,
            double taps,
            boolean small) {}

    /** A step without arithmetic to speak of. */
    public static Work move(Operation operation, double bytes) {
        return move(operation, 1, bytes);
    }

    /** A copy of runs of numbers that stay together. */
    public static Work move(Operation operation, double run, double bytes) {
        Extent extent = new Extent(run, 1, 1, 1, bytes / run, 1, false);
        return new Work(operation, extent, 0, 0, 0, bytes, bytes);
    }

    /** The bytes read and written. */
    public double bytes() {
        return read + written;
    }
}
