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
package io.github.djltcnn.initializer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The backward pass of a tensorial convolution as a forward one. The gradient with respect to the
 * input sums over output positions and taps, {@code dx_j = sum dy_j' w_k} over all {@code j' , k}
 * with {@code j = stride j' + dilation k - padding}: not a window sliding over dy. It becomes one
 * when
 *
 * <ol>
 *   <li>{@code stride - 1} zeros are put between neighbours of dy,
 *   <li>dy is padded by {@code dilation (kernel - 1) - padding} at the near end (cropped, if this
 *       is negative) and by as much plus the remainder {@code (size + 2 padding - dilation (kernel
 *       - 1) - 1) mod stride} at the far end,
 *   <li>the cores are read backwards along the kernel axes, and
 *   <li>input and output modes change their roles; ranks and groups stay.
 * </ol>
 *
 * <p>Then {@code dx} is the convolution of the prepared dy with {@link #network()}, stride 1, no
 * padding, the same dilation. Fan-out is the fan-in of that convolution, which is how one rule
 * serves features and gradients (<a href="https://arxiv.org/abs/2205.15307">Pan et al., 2022</a>,
 * section 3; the exact form with stride, dilation and cropping is derived here).
 *
 * @param network the network of the backward convolution
 * @param geometry its geometry: stride 1, no padding, the forward dilation
 * @param zeros how many zeros are put between neighbours of dy, per spatial axis
 * @param near how many zeros are put before dy, per spatial axis; negative to crop
 * @param far how many zeros are put after dy, per spatial axis; negative to crop
 */
public record ReproducingTransformation(
        TensorNetwork network,
        ConvolutionGeometry geometry,
        List<Long> zeros,
        List<Long> near,
        List<Long> far) {

    /**
     * Copies the lists.
     *
     * @param network the network of the backward convolution
     * @param geometry its geometry
     * @param zeros zeros between neighbours
     * @param near zeros before
     * @param far zeros after
     */
    public ReproducingTransformation {
        zeros = List.copyOf(zeros);
        near = List.copyOf(near);
        far = List.copyOf(far);
    }

    /**
     * Returns the backward pass of a convolution.
     *
     * @param network its network
     * @param geometry its geometry
     * @param inputSpatial the spatial size of its input
     * @return the same pass as a forward convolution
     * @throws IllegalArgumentException if the window does not fit
     */
    public static ReproducingTransformation backward(
            TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial) {
        Shape output = geometry.outputShape(inputSpatial);
        List<Long> zeros = new ArrayList<>();
        List<Long> near = new ArrayList<>();
        List<Long> far = new ArrayList<>();
        for (int axis = 0; axis < geometry.numDimensions(); axis++) {
            long stride = geometry.stride().get(axis);
            long span = geometry.dilation().get(axis) * (geometry.kernel().get(axis) - 1);
            long padding = geometry.padding().get(axis);
            zeros.add(stride - 1);
            near.add(span - padding);
            // As the near end, plus the positions that no window reached.
            far.add(inputSpatial.get(axis) - stride * (output.get(axis) - 1) - 1 + padding);
        }
        Shape ones = ConvolutionGeometry.of(geometry.kernel()).stride();
        return new ReproducingTransformation(
                new TensorNetwork(
                        network.cores().stream()
                                .map(ReproducingTransformation::swapRoles)
                                .toList()),
                new ConvolutionGeometry(
                        geometry.kernel(),
                        ones,
                        ConvolutionGeometry.of(geometry.kernel()).padding(),
                        geometry.dilation()),
                zeros,
                near,
                far);
    }

    private static Core swapRoles(Core core) {
        return new Core(core.modes().stream().map(ReproducingTransformation::swapRole).toList());
    }

    private static Mode swapRole(Mode mode) {
        return switch (mode.role()) {
            case INPUT -> new Mode("o" + mode.name().substring(1), mode.size());
            case OUTPUT -> new Mode("i" + mode.name().substring(1), mode.size());
            default -> mode;
        };
    }

    /**
     * Prepares a gradient: zeros between neighbours and at both ends, or cropped ends.
     *
     * @param outputGradient the gradient of the forward output, (batch, channels, spatial...)
     * @return the input of the backward convolution, which belongs to the gradient's manager
     * @throws IllegalArgumentException if the number of dimensions differs
     */
    public NDArray prepare(NDArray outputGradient) {
        if (outputGradient.getShape().dimension() != geometry.numDimensions() + 2) {
            throw new IllegalArgumentException(
                    "Expected a gradient (batch, channels and "
                            + geometry.numDimensions()
                            + " spatial dimensions), got "
                            + outputGradient.getShape());
        }
        try (NDManager manager = outputGradient.getManager().newSubManager()) {
            NDArray x = outputGradient.duplicate();
            x.attach(manager);
            for (int axis = 0; axis < geometry.numDimensions(); axis++) {
                x = spread(x, axis + 2, zeros.get(axis), manager);
                x = pad(x, axis + 2, near.get(axis), far.get(axis), manager);
            }
            x.attach(outputGradient.getManager());
            return x;
        }
    }

    private static NDArray spread(NDArray x, int axis, long count, NDManager manager) {
        if (count == 0) {
            return x;
        }
        // (.., n, ..) -> (.., n, 1 + count, ..) -> (.., n (1 + count), ..), without the last zeros.
        long size = x.getShape().get(axis);
        NDArray column = x.expandDims(axis + 1);
        long[] gap = column.getShape().getShape().clone();
        gap[axis + 1] = count;
        NDArray wide = column.concat(manager.zeros(new Shape(gap), x.getDataType()), axis + 1);
        long[] flat = x.getShape().getShape().clone();
        flat[axis] = size * (1 + count);
        return crop(wide.reshape(flat), axis, 0, flat[axis] - count);
    }

    private static NDArray pad(NDArray x, int axis, long near, long far, NDManager manager) {
        long size = x.getShape().get(axis);
        NDArray cropped = crop(x, axis, Math.max(0, -near), size + Math.min(0, far));
        NDList parts = new NDList(3);
        addZeros(parts, cropped, axis, near, manager);
        parts.add(cropped);
        addZeros(parts, cropped, axis, far, manager);
        return parts.size() == 1 ? cropped : NDArrays.concat(parts, axis);
    }

    private static void addZeros(
            NDList parts, NDArray like, int axis, long count, NDManager manager) {
        if (count > 0) {
            long[] shape = like.getShape().getShape().clone();
            shape[axis] = count;
            parts.add(manager.zeros(new Shape(shape), like.getDataType()));
        }
    }

    private static NDArray crop(NDArray x, int axis, long from, long to) {
        if (from == 0 && to == x.getShape().get(axis)) {
            return x;
        }
        NDIndex index = new NDIndex();
        for (int n = 0; n < axis; n++) {
            index.addAllDim();
        }
        return x.get(index.addSliceDim(from, to));
    }

    /**
     * Reads the cores backwards along the kernel axes.
     *
     * @param cores the cores of the forward network, in order
     * @return the cores of {@link #network()}, which belong to the managers of the given ones
     * @throws IllegalArgumentException if there are too many or too few
     */
    public NDList flip(NDList cores) {
        if (cores.size() != network.cores().size()) {
            throw new IllegalArgumentException(
                    "\""
                            + network
                            + "\" has "
                            + network.cores().size()
                            + " cores, got "
                            + cores.size());
        }
        NDList flipped = new NDList(cores.size());
        for (int n = 0; n < cores.size(); n++) {
            List<Mode> modes = network.cores().get(n).modes();
            int[] axes =
                    IntStream.range(0, modes.size())
                            .filter(axis -> modes.get(axis).role().isKernelAxis())
                            .toArray();
            NDArray core = cores.get(n);
            flipped.add(axes.length == 0 ? core.duplicate() : core.flip(axes));
        }
        return flipped;
    }

    /** Returns the transformation in a line per step. */
    @Override
    public String toString() {
        return "backward network  "
                + network
                + "\nzeros between     "
                + zeros
                + "\nzeros at the ends "
                + near
                + " "
                + far
                + "\nkernel            flipped, stride 1, dilation "
                + Arrays.toString(geometry.dilation().getShape());
    }
}
