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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Counts the multiply-adds of a convolution whose kernel is a network. */
final class MultiplyAdds {

    private MultiplyAdds() {}

    /** Those of a dense convolution with the contracted kernel. */
    static long dense(TensorNetwork network, ConvolutionGeometry geometry, Shape inputShape) {
        check(network, geometry, inputShape);
        long positions = geometry.outputShape(inputShape.slice(2)).size();
        return Sizes.multiply(
                Sizes.multiply(inputShape.get(0), positions), network.denseParameterCount());
    }

    /** Those of the cores applied to the input one after another in the order written. */
    static long coreByCore(TensorNetwork network, ConvolutionGeometry geometry, Shape inputShape) {
        check(network, geometry, inputShape);
        List<Core> cores = network.cores();
        long[] in = inputShape.slice(2).getShape();
        long[] out = geometry.outputShape(inputShape.slice(2)).getShape();
        List<Mode> axes = network.kernelModes(geometry.numDimensions());
        Set<Mode> open = new LinkedHashSet<>(network.modes(Role.GROUP));
        open.addAll(network.modes(Role.INPUT));
        long macs = 0;
        for (int n = 0; n < cores.size(); n++) {
            open.addAll(cores.get(n).modes());
            long step = Sizes.multiply(inputShape.get(0), Sizes.product(open));
            for (int axis = 0; axis < axes.size(); axis++) {
                // An axis shrinks to its output size with the first core that slides along it.
                Mode mode = axes.get(axis);
                boolean slid = mode == null || firstCore(cores, mode) <= n;
                step = Sizes.multiply(step, slid ? out[axis] : in[axis]);
            }
            macs = Sizes.add(macs, step);
            int done = n;
            open.removeIf(mode -> !isOutput(mode) && lastCore(cores, mode) <= done);
        }
        return macs;
    }

    private static void check(
            TensorNetwork network, ConvolutionGeometry geometry, Shape inputShape) {
        Shape kernel = network.kernelShape(geometry.numDimensions());
        if (!geometry.kernel().equals(kernel)) {
            throw new IllegalArgumentException(
                    "Geometry has kernel " + geometry.kernel() + ", the network " + kernel);
        }
        if (inputShape.dimension() != geometry.numDimensions() + 2
                || inputShape.get(1) != network.inputChannels()) {
            throw new IllegalArgumentException(
                    "Expected an input (batch, "
                            + network.inputChannels()
                            + " channels, "
                            + geometry.numDimensions()
                            + " spatial dimensions), got "
                            + inputShape);
        }
    }

    private static boolean isOutput(Mode mode) {
        return mode.role() == Role.OUTPUT || mode.role() == Role.GROUP;
    }

    private static int firstCore(List<Core> cores, Mode mode) {
        int n = 0;
        while (!cores.get(n).contains(mode)) {
            n++;
        }
        return n;
    }

    private static int lastCore(List<Core> cores, Mode mode) {
        int n = cores.size() - 1;
        while (!cores.get(n).contains(mode)) {
            n--;
        }
        return n;
    }
}
