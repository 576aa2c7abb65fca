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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.Locale;

/**
 * The fans of a layer and how they come about: which modes are summed in which direction, and how
 * many taps of the window are live. Print it to see the count.
 *
 * @param network the network of the kernel
 * @param geometry how the kernel slides
 * @param inputSpatial the spatial size of the input
 */
public record FanAnalysis(TensorNetwork network, ConvolutionGeometry geometry, Shape inputSpatial) {

    /**
     * Checks that the three fit together.
     *
     * @param network the network of the kernel
     * @param geometry how the kernel slides
     * @param inputSpatial the spatial size of the input
     * @throws IllegalArgumentException if they do not
     */
    public FanAnalysis {
        Shape kernel = network.kernelShape(geometry.numDimensions());
        if (!kernel.equals(geometry.kernel())) {
            throw new IllegalArgumentException(
                    "Geometry has kernel "
                            + geometry.kernel()
                            + ", the network \""
                            + network
                            + "\" has "
                            + kernel);
        }
        // Throws where the window does not fit.
        geometry.outputShape(inputSpatial);
    }

    /**
     * Returns the fans under a count of the taps.
     *
     * @param count how to count
     * @return fan-in and fan-out
     */
    public Fans fans(FanCount count) {
        return count.fans(network, geometry, inputSpatial);
    }

    /** Returns a table: one line per mode with its factor in each direction, then the fans. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(512);
        text.append("network  ").append(network).append('\n');
        text.append("input    ").append(inputSpatial).append(", output ");
        text.append(geometry.outputShape(inputSpatial)).append('\n');
        row(text, "mode", "cores", "size", "forward", "backward");
        for (Mode mode : network.modes()) {
            long cores = network.cores().stream().filter(core -> core.contains(mode)).count();
            String size = Long.toString(mode.size());
            String forward = "-";
            String backward = "-";
            if (mode.role().isKernelAxis()) {
                int axis = axis(mode);
                double live = (double) geometry.liveTaps(axis, inputSpatial.get(axis));
                double out = (double) geometry.outputShape(inputSpatial).get(axis);
                forward = size + " (live " + number(live / out) + ")";
                backward = size + " (live " + number(live / inputSpatial.get(axis)) + ")";
            } else {
                if (mode.role() == Role.RANK || mode.role() == Role.INPUT) {
                    forward = size;
                }
                if (mode.role() == Role.RANK || mode.role() == Role.OUTPUT) {
                    backward = size;
                }
            }
            row(text, mode.name(), Long.toString(cores), size, forward, backward);
        }
        for (FanCount count : FanCount.values()) {
            Fans fans = fans(count);
            row(
                    text,
                    "fan",
                    "",
                    count.toString().toLowerCase(Locale.ROOT),
                    number(fans.in()),
                    number(fans.out()));
        }
        return text.toString();
    }

    /** The spatial axis of a kernel mode: the last is width. */
    private int axis(Mode mode) {
        List<Mode> axes = network.kernelModes(geometry.numDimensions());
        return axes.indexOf(mode);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.4g", value);
    }

    private static void row(StringBuilder text, Object... cells) {
        text.append(String.format(Locale.ROOT, "%-8s %5s %8s %18s %18s\n", cells));
    }
}
