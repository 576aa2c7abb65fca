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
package io.github.djltcnn.format;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.TensorNetwork;

/**
 * The dense kernel that a {@link TensorFormat} is asked to replace.
 *
 * @param inputChannels all input channels, over all groups
 * @param outputChannels all output channels, over all groups
 * @param kernel the window, one size per spatial dimension; no dimension for a linear layer
 * @param groups the number of groups; divides both channel counts
 * @since 0.1.0
 */
public record KernelSpec(long inputChannels, long outputChannels, Shape kernel, long groups) {

    /**
     * Checks the numbers.
     *
     * @param inputChannels all input channels
     * @param outputChannels all output channels
     * @param kernel the window
     * @param groups the number of groups
     * @throws IllegalArgumentException if a number is below 1, there are more than 2,147,483,647
     *     channels, the kernel has more entries than a long counts, there are more than three
     *     spatial dimensions, or the groups do not divide the channels
     */
    public KernelSpec {
        if (inputChannels < 1 || outputChannels < 1 || groups < 1) {
            throw new IllegalArgumentException(
                    "Channels and groups are at least 1, got "
                            + inputChannels
                            + " input channels, "
                            + outputChannels
                            + " output channels, "
                            + groups
                            + " groups");
        }
        if (inputChannels > Integer.MAX_VALUE || outputChannels > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "Channels are at most "
                            + Integer.MAX_VALUE
                            + ", as the axes of an array are; got "
                            + inputChannels
                            + " input channels and "
                            + outputChannels
                            + " output channels");
        }
        if (inputChannels % groups != 0 || outputChannels % groups != 0) {
            throw new IllegalArgumentException(
                    groups
                            + " groups do not divide "
                            + inputChannels
                            + " input channels and "
                            + outputChannels
                            + " output channels evenly");
        }
        if (kernel.dimension() > 3) {
            throw new IllegalArgumentException(
                    "A kernel has at most 3 spatial dimensions, got " + kernel);
        }
        for (long size : kernel.getShape()) {
            if (size < 1) {
                throw new IllegalArgumentException("Kernel " + kernel + " has a size below 1");
            }
        }
        count(inputChannels, outputChannels, kernel, groups);
    }

    /**
     * Returns the kernel of a convolution without groups.
     *
     * @param inputChannels the input channels
     * @param outputChannels the output channels
     * @param kernel the window
     * @return the specification
     */
    public static KernelSpec of(long inputChannels, long outputChannels, Shape kernel) {
        return new KernelSpec(inputChannels, outputChannels, kernel, 1);
    }

    /**
     * Returns the weight matrix of a linear layer.
     *
     * @param inputs the number of input features
     * @param outputs the number of output features
     * @return the specification
     */
    public static KernelSpec linear(long inputs, long outputs) {
        return of(inputs, outputs, new Shape());
    }

    /**
     * Returns the number of entries of the dense kernel.
     *
     * @return output channels times input channels per group times window
     */
    public long denseParameterCount() {
        return count(inputChannels, outputChannels, kernel, groups);
    }

    private static long count(long inputs, long outputs, Shape kernel, long groups) {
        try {
            long count = Math.multiplyExact(outputs, inputs / groups);
            for (long size : kernel.getShape()) {
                count = Math.multiplyExact(count, size);
            }
            return count;
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "A kernel of "
                            + inputs
                            + " -> "
                            + outputs
                            + " channels, window "
                            + kernel
                            + " and "
                            + groups
                            + " groups has more than "
                            + Long.MAX_VALUE
                            + " entries",
                    e);
        }
    }

    /**
     * Returns whether a network is a kernel of this specification.
     *
     * @param network a network
     * @return true if channels, groups and window agree
     */
    public boolean fits(TensorNetwork network) {
        return network.inputChannels() == inputChannels
                && network.outputChannels() == outputChannels
                && network.groups() == groups
                && network.minDimensions() <= kernel.dimension()
                && network.kernelShape(kernel.dimension()).equals(kernel);
    }

    /** Returns the numbers as in {@code 16 -> 32 channels, kernel (3, 3), groups 1}. */
    @Override
    public String toString() {
        return inputChannels
                + " -> "
                + outputChannels
                + " channels, kernel "
                + kernel
                + ", groups "
                + groups;
    }
}
