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

/**
 * How many products a tensorial convolution adds up for one output entry, forward ({@code in}) and
 * backward ({@code out}): the product of the sizes of all summed modes, each hyperedge counted
 * once.
 *
 * <p>With independent zero-mean cores of variances {@code s_1 .. s_N}, {@code E[y^2] = in * s_1 ..
 * s_N * E[x^2]} and {@code E[dx^2] = out * s_1 .. s_N * E[dy^2]}. Group modes are in input and
 * output at once, so they are not summed.
 *
 * @param in the fan-in: rank modes, input modes and the window
 * @param out the fan-out: rank modes, output modes and the window
 * @since 0.1.0
 */
public record Fans(double in, double out) {

    /**
     * Returns the nominal fans, which count the whole window in both directions as Xavier's and
     * Kaiming's rules do.
     *
     * @param network the network
     * @return its nominal fans
     */
    public static Fans nominal(TensorNetwork network) {
        double window = 1;
        for (Mode mode : network.modes()) {
            window *= mode.role().isKernelAxis() ? (double) mode.size() : 1;
        }
        return fans(network, window, window);
    }

    /**
     * Returns the exact fans, which count the taps that are live on average: padding takes some at
     * the border, and backward only one in {@code stride} positions carries a gradient.
     *
     * @param network the network
     * @param geometry stride, padding and dilation of the layer
     * @param inputSpatial the spatial size of its input
     * @return its exact fans
     * @throws IllegalArgumentException if the window does not fit
     */
    public static Fans exact(
            TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial) {
        Shape output = geometry.outputShape(inputSpatial);
        double forward = 1;
        double backward = 1;
        for (int axis = 0; axis < geometry.numDimensions(); axis++) {
            double live = (double) geometry.liveTaps(axis, inputSpatial.get(axis));
            forward *= live / (double) output.get(axis);
            backward *= live / (double) inputSpatial.get(axis);
        }
        return fans(network, forward, backward);
    }

    private static Fans fans(TensorNetwork network, double forward, double backward) {
        double ranks = product(network, Role.RANK);
        return new Fans(
                ranks * product(network, Role.INPUT) * forward,
                ranks * product(network, Role.OUTPUT) * backward);
    }

    private static double product(TensorNetwork network, Role role) {
        double product = 1;
        for (Mode mode : network.modes(role)) {
            product *= (double) mode.size();
        }
        return product;
    }
}
