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
package io.github.djltcnn.network;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a tensorial convolution is: a few small tensors (cores) whose contraction is the dense
 * kernel of the convolution. Immutable, equal by value, and printable in its own notation.
 *
 * <p>Modes of role input, output, group and kernel axis are the axes of the kernel; rank modes are
 * summed over:
 *
 * <pre>K[g.., o.., i.., d, h, w] = sum over all rank modes of the product of the cores</pre>
 *
 * A mode on several cores joins them; a rank on three or more cores is a hyperedge, and so may any
 * other mode stand on several cores. A rank on one core only is summed within that core. Several
 * input (output, group) modes form one channel axis, row-major in order of first appearance; a
 * channel is numbered {@code group * pieces + piece}.
 *
 * <p>Example, a tensor ring over 16 input and 32 output channels:
 *
 * <pre>{@code
 * TensorNetwork ring =
 *         TensorNetwork.parse(
 *                 "r0=6 i1=4 r1=6, r1 i2=4 r2=6, r2 h=3 w=3 r3=6, r3 o1=8 r4=6, r4 o2=4 r0");
 * ring.parameterCount();   // 1044
 * ring.compressionRatio(); // 4.41
 * }</pre>
 *
 * @since 0.1.0
 */
public final class TensorNetwork {

    private static final List<Role> KERNEL_AXES = List.of(Role.DEPTH, Role.HEIGHT, Role.WIDTH);

    private final List<Core> cores;
    private final List<Mode> modes;

    /** Computed when first asked for, as every forward pass asks; 0 before that. */
    private volatile long inputChannels;

    /**
     * Creates a network of cores.
     *
     * @param cores the cores, at least one
     * @throws IllegalArgumentException if there is no core, one mode has two sizes, a kernel axis
     *     has two modes, or the kernel or the parameters would be too many to count
     */
    public TensorNetwork(List<Core> cores) {
        this.cores = List.copyOf(cores);
        if (this.cores.isEmpty()) {
            throw new IllegalArgumentException(
                    "A tensor network needs at least one core, got none");
        }
        this.modes = distinctModes(this.cores);
        for (Role axis : KERNEL_AXES) {
            List<Mode> found = modes(axis);
            if (found.size() > 1) {
                throw new IllegalArgumentException(
                        "Kernel axis "
                                + axis.letter()
                                + " has "
                                + found.size()
                                + " modes, "
                                + found
                                + "; it may have one");
            }
        }
        // Both throw where a product does not fit a long.
        parameterCount();
        denseParameterCount();
    }

    private static List<Mode> distinctModes(List<Core> cores) {
        Map<String, Mode> byName = new LinkedHashMap<>();
        for (Core core : cores) {
            for (Mode mode : core.modes()) {
                Mode old = byName.putIfAbsent(mode.name(), mode);
                if (old != null && !old.equals(mode)) {
                    throw new IllegalArgumentException(
                            "Mode "
                                    + mode.name()
                                    + " has two sizes, "
                                    + old.size()
                                    + " and "
                                    + mode.size());
                }
            }
        }
        return List.copyOf(byName.values());
    }

    /**
     * Reads a network from its notation: cores separated by commas, modes by blanks, each size
     * given once as {@code name=size}.
     *
     * @param notation the line, such as {@code "i=16 r=8, r h=3 w=3, r o=32"}
     * @return the network
     * @throws IllegalArgumentException if the line is not well-formed or a size is missing
     */
    public static TensorNetwork parse(String notation) {
        return NetworkPattern.parse(notation).toNetwork();
    }

    /**
     * Returns the pattern of this network: its cores and modes, with every size known.
     *
     * @return the pattern, whose {@link NetworkPattern#toNetwork()} is this network again
     */
    public NetworkPattern pattern() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        modes.forEach(mode -> sizes.put(mode.name(), mode.size()));
        return new NetworkPattern(
                cores.stream().map(core -> core.modes().stream().map(Mode::name).toList()).toList(),
                sizes);
    }

    /**
     * Returns the cores.
     *
     * @return the cores in notation order
     */
    public List<Core> cores() {
        return cores;
    }

    /**
     * Returns all modes.
     *
     * @return each mode once, in order of first appearance
     */
    public List<Mode> modes() {
        return modes;
    }

    /**
     * Returns the modes of one role.
     *
     * @param role the role
     * @return each mode once, in order of first appearance
     */
    public List<Mode> modes(Role role) {
        return modes.stream().filter(mode -> mode.role() == role).collect(Collectors.toList());
    }

    /**
     * Returns the mode of the given name.
     *
     * @param name the name
     * @return the mode
     * @throws IllegalArgumentException if there is none of that name
     */
    public Mode mode(String name) {
        return modes.stream()
                .filter(mode -> mode.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "No mode " + name + " in \"" + this + "\""));
    }

    /**
     * Returns the number of groups of the convolution.
     *
     * @return the product of the group modes; 1 without any
     */
    public long groups() {
        return product(Role.GROUP);
    }

    /**
     * Returns the number of input channels.
     *
     * @return groups times the product of the input modes
     */
    public long inputChannels() {
        long known = inputChannels;
        if (known == 0) {
            known = Sizes.multiply(groups(), product(Role.INPUT));
            inputChannels = known;
        }
        return known;
    }

    /**
     * Returns the number of output channels.
     *
     * @return groups times the product of the output modes
     */
    public long outputChannels() {
        return Sizes.multiply(groups(), product(Role.OUTPUT));
    }

    /**
     * Returns the least number of spatial dimensions a convolution with this kernel has: 3 with a
     * depth mode, 2 with a height mode, 1 with a width mode, else 0.
     *
     * @return 0 to 3
     */
    public int minDimensions() {
        for (int i = 0; i < KERNEL_AXES.size(); i++) {
            if (!modes(KERNEL_AXES.get(i)).isEmpty()) {
                return KERNEL_AXES.size() - i;
            }
        }
        return 0;
    }

    /**
     * Returns the modes of the kernel axes of a convolution.
     *
     * @param numDimensions the number of spatial dimensions, from {@link #minDimensions()} to 3
     * @return one entry per axis, the last for width; null where the kernel has size 1 without a
     *     mode
     * @throws IllegalArgumentException if the network has a kernel axis that the convolution lacks
     */
    public List<Mode> kernelModes(int numDimensions) {
        if (numDimensions < minDimensions() || numDimensions > KERNEL_AXES.size()) {
            throw new IllegalArgumentException(
                    "\""
                            + this
                            + "\" is a kernel of "
                            + minDimensions()
                            + " to 3 spatial dimensions, asked for "
                            + numDimensions);
        }
        List<Mode> axes = new ArrayList<>();
        for (int axis = KERNEL_AXES.size() - numDimensions; axis < KERNEL_AXES.size(); axis++) {
            List<Mode> found = modes(KERNEL_AXES.get(axis));
            axes.add(found.isEmpty() ? null : found.get(0));
        }
        return axes;
    }

    /**
     * Returns the window of the kernel.
     *
     * @param numDimensions the number of spatial dimensions
     * @return one size per spatial dimension, the last for width; 1 where no mode stands for it
     */
    public Shape kernelShape(int numDimensions) {
        return new Shape(
                kernelModes(numDimensions).stream()
                        .mapToLong(mode -> mode == null ? 1 : mode.size())
                        .toArray());
    }

    /**
     * Returns the shape of the dense kernel as a convolution takes it.
     *
     * @param numDimensions the number of spatial dimensions
     * @return (output channels, input channels / groups, kernel axes)
     */
    public Shape denseShape(int numDimensions) {
        return new Shape(outputChannels(), product(Role.INPUT)).addAll(kernelShape(numDimensions));
    }

    /**
     * Returns the number of trainable numbers in the cores.
     *
     * @return the sum of the sizes of the cores
     */
    public long parameterCount() {
        long count = 0;
        for (Core core : cores) {
            count = Sizes.add(count, core.size());
        }
        return count;
    }

    /**
     * Returns the number of entries of the dense kernel.
     *
     * @return output channels times input channels per group times kernel window
     */
    public long denseParameterCount() {
        long count = Sizes.multiply(outputChannels(), product(Role.INPUT));
        for (Role axis : KERNEL_AXES) {
            count = Sizes.multiply(count, product(axis));
        }
        return count;
    }

    /**
     * Returns how many times fewer parameters the cores have than the dense kernel.
     *
     * @return dense parameters over parameters; below 1 if the network is the larger one
     */
    public double compressionRatio() {
        return (double) denseParameterCount() / (double) parameterCount();
    }

    /**
     * Returns the multiply-adds of a dense convolution with the contracted kernel.
     *
     * @param geometry stride, padding and dilation
     * @param inputShape the input, (batch, channels, spatial...)
     * @return the count for the whole batch
     */
    public long denseMacs(ConvolutionGeometry geometry, Shape inputShape) {
        return MultiplyAdds.dense(this, geometry, inputShape);
    }

    /**
     * Returns the multiply-adds of applying the cores to the input one after another in the order
     * written, every mode summed at the last core that carries it: the customary count for a
     * factorised convolution. A better order may exist.
     *
     * @param geometry stride, padding and dilation
     * @param inputShape the input, (batch, channels, spatial...)
     * @return the count for the whole batch
     */
    public long macs(ConvolutionGeometry geometry, Shape inputShape) {
        return MultiplyAdds.coreByCore(this, geometry, inputShape);
    }

    private long product(Role role) {
        return Sizes.product(modes(role));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorNetwork that && cores.equals(that.cores);
    }

    @Override
    public int hashCode() {
        return cores.hashCode();
    }

    /** Returns the notation; {@link #parse} reads it back to an equal network. */
    @Override
    public String toString() {
        Set<Mode> printed = new LinkedHashSet<>();
        return cores.stream()
                .map(
                        core ->
                                core.modes().stream()
                                        .map(m -> printed.add(m) ? m.toString() : m.name())
                                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining(", "));
    }
}
