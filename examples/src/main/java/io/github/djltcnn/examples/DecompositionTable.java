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
package io.github.djltcnn.examples;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Prints the table of {@code docs/decomposition.md}: time and error of every format at a tenth of
 * the parameters, each in a virtual machine of its own whose whole heap is three kernels (in
 * float64) plus 64 MB. Iterations get 3e10 multiply-adds.
 *
 * @since 0.1.0
 */
public final class DecompositionTable {

    private static final double SHARE = 0.1;
    private static final double MACS = 3e10;
    private static final int MEGABYTE = 1 << 20;

    private DecompositionTable() {}

    /**
     * Runs the program.
     *
     * @param args the channel counts to measure, 256 and 512 by default; or one count and one
     *     format, to measure that in this virtual machine
     */
    public static void main(String[] args) {
        Cli.main(DecompositionTable::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args as for {@link #main}
     * @return the lines printed
     * @throws IOException if a virtual machine cannot be started
     * @throws InterruptedException if the program is interrupted
     */
    public static String runExample(String... args) throws IOException, InterruptedException {
        if (args.length == 2 && formats().containsKey(args[1])) {
            String row = measure(Integer.parseInt(args[0]), args[1]);
            System.out.println(row);
            return row;
        }
        StringBuilder table = new StringBuilder();
        print(table, "| kernel | heap MB | format | algorithm | parameters | error | seconds |");
        print(table, "|---|---:|---|---|---:|---:|---:|");
        for (String channels : args.length == 0 ? new String[] {"256", "512"} : args) {
            for (String format : formats().keySet()) {
                print(table, measureApart(Integer.parseInt(channels), format));
            }
        }
        return table.toString();
    }

    private static void print(StringBuilder table, String line) {
        System.out.println(line);
        table.append(line).append('\n');
    }

    private static Map<String, TensorFormat> formats() {
        Rank rank = Rank.ratio(SHARE);
        Map<String, TensorFormat> formats = new LinkedHashMap<>();
        formats.put("tucker2", TensorFormats.tucker2(rank));
        formats.put("tensorTrain", TensorFormats.tensorTrain(rank));
        formats.put("tensorTrainMatrix", TensorFormats.tensorTrainMatrix(rank));
        formats.put("tensorRing", TensorFormats.tensorRing(rank));
        formats.put("cp", TensorFormats.cp(rank));
        formats.put("cpJoint", TensorFormats.cpJoint(rank));
        formats.put("hyperTucker2", TensorFormats.hyperTucker2(rank));
        formats.put("blockTerm", TensorFormats.blockTerm(4, rank));
        formats.put("graph", TensorFormats.graph("i r1, r1 h r2, r2 w r3, r3 o", rank));
        return formats;
    }

    private static String measureApart(int channels, String format)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx" + heap(channels) + "m",
                                // One generation in effect: no part of the heap is held back.
                                "-XX:+UseSerialGC",
                                "-XX:MaxNewSize=4m",
                                "-cp",
                                classPath(),
                                DecompositionTable.class.getName(),
                                Integer.toString(channels),
                                format)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(channels + " " + format + " failed:\n" + output);
        }
        List<String> lines = output.lines().filter(line -> line.startsWith("|")).toList();
        return lines.get(lines.size() - 1);
    }

    /** The class path of this program, which Maven's exec:java keeps to its own loader. */
    private static String classPath() {
        if (DecompositionTable.class.getClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs())
                    .map(url -> Path.of(URI.create(url.toString())).toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    /** Three kernels in float64 and 64 MB. */
    private static long heap(int channels) {
        return 64 + 3L * channels * channels * 9 * Double.BYTES / MEGABYTE;
    }

    private static String measure(int channels, String format) {
        KernelSpec spec = KernelSpec.of(channels, channels, new Shape(3, 3));
        double[] kernel = kernel(channels);
        long start = System.nanoTime();
        Decomposition found =
                Decomposer.builder()
                        .optMaxMacs(MACS)
                        .build()
                        .decompose(kernel, spec, formats().get(format));
        double seconds = (System.nanoTime() - start) / 1e9;
        return String.format(
                Locale.ROOT,
                "| %d x %d x 3 x 3 | %d | %s | %s, %d sweeps, %d starts | %,d | %.4f | %.1f |",
                channels,
                channels,
                Runtime.getRuntime().maxMemory() / MEGABYTE,
                format,
                found.algorithm(),
                found.history().length,
                found.starts(),
                found.network().parameterCount(),
                found.relativeError(),
                seconds);
    }

    /**
     * A kernel whose channels matter unequally, as those of trained layers do: Gaussian, with the
     * k-th direction of either channel axis shrunk to {@code k^-0.7}, the taps at the border to
     * half, and the channels mixed by random reflections.
     */
    private static double[] kernel(int channels) {
        Random random = new Random(0);
        double[] kernel = new double[channels * channels * 9];
        for (int n = 0; n < kernel.length; n++) {
            int tap = n % 9;
            int in = n / 9 % channels;
            int out = n / 9 / channels;
            kernel[n] =
                    random.nextGaussian()
                            * Math.pow((1.0 + in) * (1.0 + out), -0.7)
                            * (tap == 4 ? 1 : 0.5);
        }
        for (int times = 0; times < 3; times++) {
            reflect(kernel, channels, 1, channels * 9, random);
            reflect(kernel, channels, channels, 9, random);
        }
        return kernel;
    }

    /** Multiplies an axis, given by the blocks before it and the stride, by a reflection. */
    private static void reflect(
            double[] kernel, int channels, int blocks, int stride, Random random) {
        double[] normal = random.doubles(channels, -1, 1).toArray();
        double norm = 0;
        for (double x : normal) {
            norm += x * x;
        }
        for (int block = 0; block < blocks; block++) {
            for (int inner = 0; inner < stride; inner++) {
                int at = block * channels * stride + inner;
                double dot = 0;
                for (int k = 0; k < channels; k++) {
                    dot += normal[k] * kernel[at + k * stride];
                }
                for (int k = 0; k < channels; k++) {
                    kernel[at + k * stride] -= 2 * dot / norm * normal[k];
                }
            }
        }
    }
}
