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
package io.github.djltcnn.integration.benchmark;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.format.TensorFormats;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures the native memory that one evaluation of a layer holds at most, output included and input
 * and parameters not, in a process of its own.
 *
 * <p>{@link #measure} starts the process; {@link #main} is what runs in it.
 */
public final class PeakProbe {

    private static final int REPEATS = 5;
    private static final Shape ONE = new Shape(1, 1);

    private PeakProbe() {}

    /**
     * Measures one evaluation in a process of its own: 3 x 3 kernels, padding 1, as many filters as
     * channels, one thread.
     *
     * @param layer {@code add} for a sum of two arrays, {@code dense} for DJL's convolution, or the
     *     notation of a network
     * @param input (batch, channels, height, width)
     * @param channelsLast whether the channels of the input lie last
     * @param training whether gradients are computed too, of the input and all parameters
     * @return bytes
     * @throws IOException if the process cannot be started or fails
     * @throws InterruptedException if this thread is interrupted
     */
    public static long measure(String layer, Shape input, boolean channelsLast, boolean training)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xms256m",
                                "-Xmx256m",
                                "-XX:+AlwaysPreTouch",
                                "-XX:+UseSerialGC",
                                "-Dai.djl.pytorch.num_threads=1",
                                "-Dai.djl.pytorch.num_interop_threads=1",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                PeakProbe.class.getName(),
                                layer,
                                Boolean.toString(channelsLast),
                                Boolean.toString(training)));
        for (long size : input.getShape()) {
            command.add(Long.toString(size));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines;
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines = reader.lines().toList();
        }
        String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        if (process.waitFor() != 0 || !last.matches("\\d+")) {
            throw new IOException("The probe failed: " + String.join("\n", lines));
        }
        return Long.parseLong(last);
    }

    /**
     * Runs in the process of {@link #measure} and prints the bytes.
     *
     * @param args layer, channels last, training, and the sizes of the input
     */
    public static void main(String[] args) {
        if (!PeakMemory.mapEveryBuffer()) {
            throw new IllegalStateException("Only Linux with glibc tells the highest size");
        }
        boolean channelsLast = Boolean.parseBoolean(args[1]);
        boolean training = Boolean.parseBoolean(args[2]);
        long[] sizes = new long[4];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = Long.parseLong(args[3 + axis]);
        }
        Shape shape = new Shape(sizes);
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = args[0].equals("add") ? null : layer(args[0], (int) sizes[1]);
            if (block != null) {
                block.initialize(manager, DataType.FLOAT32, shape);
                block.getParameters()
                        .values()
                        .forEach(p -> p.getArray().setRequiresGradient(training));
            }
            NDArray x =
                    channelsLast
                            ? manager.randomNormal(
                                    new Shape(sizes[0], sizes[2], sizes[3], sizes[1]))
                            : manager.randomNormal(shape);
            x.setRequiresGradient(training);
            long bytes = PeakMemory.of(() -> run(block, x, channelsLast, training), REPEATS);
            System.out.printf(Locale.ROOT, "%d%n", bytes); // NOPMD: the answer of the process
        }
    }

    private static Block layer(String layer, int channels) {
        if (layer.equals("dense")) {
            return Conv2d.builder()
                    .setKernelShape(new Shape(3, 3))
                    .setFilters(channels)
                    .optPadding(ONE)
                    .optBias(false)
                    .build();
        }
        return TensorialConv2d.builder()
                .setFormat(TensorFormats.graph(layer))
                .setKernelShape(new Shape(3, 3))
                .setFilters(channels)
                .optPadding(ONE)
                .optBias(false)
                .build();
    }

    private static void run(Block block, NDArray x, boolean channelsLast, boolean training) {
        try (NDManager scope = x.getManager().newSubManager()) {
            if (training) {
                try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                    collector.backward(apply(block, x, channelsLast, true, scope));
                }
            } else {
                apply(block, x, channelsLast, false, scope);
            }
        }
    }

    private static NDArray apply(
            Block block, NDArray x, boolean channelsLast, boolean training, NDManager scope) {
        NDArray input = channelsLast ? x.transpose(0, 3, 1, 2) : x.reshape(x.getShape());
        input.attach(scope);
        if (block == null) {
            return input.add(input);
        }
        ParameterStore store = new ParameterStore(scope, false);
        return block.forward(store, new NDList(input), training).singletonOrThrow();
    }
}
