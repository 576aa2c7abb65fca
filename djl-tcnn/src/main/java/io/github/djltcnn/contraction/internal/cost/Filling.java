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
 * How many multiply-adds a step costs on a device that computes in blocks of channels: those of
 * whole blocks, and of a slower kernel where a number of channels is not aligned.
 *
 * @param in channels in of one block
 * @param out channels out of one block
 * @param alignment what both numbers of channels must be multiples of
 * @param unaligned what the multiply-adds count if they are not, at least 1
 */
public record Filling(double in, double out, double alignment, double unaligned) {

    /**
     * The multiply-adds stand as the step gives them, which fills channels up to the vectors of a
     * CPU.
     */
    public static final Filling NONE = new Filling(0, 0, 0, 1);

    private static final int SIZE = 4;

    /** Reads what {@link #toString()} wrote; no text is no filling. */
    public static Filling parse(String key, String text) {
        if (text == null) {
            return NONE;
        }
        double[] numbers =
                Coefficients.parse(
                        key,
                        text,
                        SIZE,
                        "four numbers (channels in and out of a block, their alignment, what"
                                + " multiply-adds count beside it)");
        for (double number : numbers) {
            if (number < 1) {
                throw new IllegalArgumentException(
                        "\"" + key + "\" has a number below 1: \"" + text + '"');
            }
        }
        return new Filling(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    /** The multiply-adds of a forward pass. */
    double forward(Work work) {
        return this.equals(NONE) ? work.forward() : filled(work.extent());
    }

    /** The multiply-adds of both gradients. */
    double backward(Work work) {
        return this.equals(NONE) ? work.backward() : 2 * filled(work.extent());
    }

    private double filled(Work.Extent e) {
        boolean aligned = e.in() % alignment == 0 && e.out() % alignment == 0;
        double block = Math.ceil(e.in() / in) * in * Math.ceil(e.out() / out) * out;
        return e.positions() * e.taps() * e.groups() * block * (aligned ? 1 : unaligned);
    }

    @Override
    public String toString() {
        return in + " " + out + " " + alignment + " " + unaligned;
    }
}
