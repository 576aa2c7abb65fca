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
package io.github.djltcnn.benchmarks;

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
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialConv2d;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the native memory that one evaluation of a layer holds at most, output included and
 * input and parameters not, in a process of its own.
 *
 * <p>{@link #measure} starts the process; {@link #main} is what runs in it.
 */
public final class PeakProbe {

    private static final int REPEATS = 9;
    private static final Shape ONE = new Shape(1, 1);

    private PeakProbe() {}

    /**
     * An evaluation: 3 x 3 kernels, padding 1, as many filters as channels.
     *
     * @param layer {@code add} for a sum of two arrays, {@code dense} for DJL's convolution, or the
     *     notation of a network
     * @param input (batch, channels, height, width)
     * @param channelsLast whether the channels of the input lie last
     * @param training whether gradients are computed too, of the input and all parameters
     */
    record Evaluation(String layer, Shape input, boolean channelsLast, boolean training) {

        private static final int ARGUMENTS = 7;

        List<String> arguments() {
            List<String> arguments =
                    new ArrayList<>(
                            List.of(
                                    layer,
                                    Boolean.toString(channelsLast),
                                    Boolean.toString(training)));
            for (long size : input.getShape()) {
                arguments.add(Long.toString(size));
            }
            return arguments;
        }

        static Evaluation of(List<String> arguments) {
            return new Evaluation(
                    arguments.get(0),
                    new Shape(arguments.subList(3, ARGUMENTS).stream().map(Long::valueOf).toList()),
                    Boolean.parseBoolean(arguments.get(1)),
                    Boolean.parseBoolean(arguments.get(2)));
        }
    }

    /**
     * Measures evaluations one after another, all in one other process, on one thread.
     *
     * @param evaluations what to measure
     * @return bytes for each
     * @throws IOException if the process cannot be started or fails
     * @throws InterruptedException if this thread is interrupted
     */
    static List<Long> measure(List<Evaluation> evaluations)
            throws IOException, InterruptedException {
        Path answer = Files.createTempFile("peak", ".txt");
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
                                answer.toString()));
        evaluations.forEach(evaluation -> command.addAll(evaluation.arguments()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> said;
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            said = reader.lines().toList();
        }
        int code = process.waitFor();
        List<Long> bytes = Files.readAllLines(answer).stream().map(Long::valueOf).toList();
        Files.delete(answer);
        if (code != 0 || bytes.size() != evaluations.size()) {
            throw new IOException("The probe failed: " + String.join("\n", said));
        }
        return bytes;
    }

    /**
     * Runs in the other process and writes the bytes to a file, a line for each evaluation.
     *
     * @param args the file; for each evaluation the layer, whether channels lie last, whether it
     *     trains, and the four sizes of the input
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        if (!PeakMemory.mapEveryBuffer()) {
            throw new IllegalStateException("Only Linux with glibc tells the highest size");
        }
        List<String> arguments = List.of(args).subList(1, args.length);
        List<String> lines = new ArrayList<>();
        for (int at = 0; at < arguments.size(); at += Evaluation.ARGUMENTS) {
            List<String> own = arguments.subList(at, at + Evaluation.ARGUMENTS);
            lines.add(Long.toString(bytes(Evaluation.of(own))));
        }
        Files.write(Path.of(args[0]), lines);
    }

    private static long bytes(Evaluation evaluation) {
        Shape shape = evaluation.input();
        boolean training = evaluation.training();
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = block(evaluation.layer(), Math.toIntExact(shape.get(1)));
            if (block != null) {
                block.initialize(manager, DataType.FLOAT32, shape);
                block.getParameters()
                        .values()
                        .forEach(p -> p.getArray().setRequiresGradient(training));
            }
            NDArray x =
                    evaluation.channelsLast()
                            ? manager.randomNormal(
                                    new Shape(
                                            shape.get(0), shape.get(2), shape.get(3), shape.get(1)))
                            : manager.randomNormal(shape);
            x.setRequiresGradient(training);
            return PeakMemory.of(() -> run(block, x, evaluation.channelsLast(), training), REPEATS);
        }
    }

    private static Block block(String layer, int channels) {
        if (layer.equals("add")) {
            return null;
        }
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
