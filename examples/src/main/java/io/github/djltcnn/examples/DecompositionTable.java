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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints the table of {@code docs/decomposition.md}: time and error of every format at a tenth of
 * the parameters, each in a virtual machine of its own whose whole heap is three kernels (in
 * float64) plus 64 MB.
 *
 * <p>Each row goes to a file as soon as it is measured; rows that are there already are printed as
 * they are.
 *
 * @since 0.1.0
 */
@Command(
        name = "DecompositionTable",
        description = "Measures how every format decomposes large kernels.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class DecompositionTable implements Callable<Integer> {

    private static final String HEADER =
            "channels,format,heapMb,algorithm,sweeps,starts,parameters,error,seconds,"
                    + "cpuSeconds,residentMb";

    /** Channels of the kernel that is decomposed first. */
    private static final int SMALL = 64;

    private static final double SHARE = 0.1;
    private static final int MEGABYTE = 1 << 20;

    @Spec private CommandSpec spec;

    @Option(
            names = "--channels",
            paramLabel = "N",
            split = ",",
            description = "Input and output channels of the kernels (default: ${DEFAULT-VALUE}).")
    private List<Integer> channels = List.of(256, 512);

    @Option(names = "--formats", paramLabel = "NAME", split = ",", description = "Default: all.")
    private List<String> formats = List.copyOf(formats().keySet());

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "The rows; those that are there are kept (default: ${DEFAULT-VALUE}).")
    private Path csv = Path.of("docs", "data", "decomposition.csv");

    @Option(
            names = "--here",
            description = "Measure one format in this virtual machine and print its row.")
    private boolean here;

    private DecompositionTable() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(DecompositionTable::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the number of lines, null after {@code --help}
     * @throws Exception if an option is wrong or a virtual machine cannot be started
     */
    public static Integer runExample(String... args) throws Exception {
        return Cli.call(new DecompositionTable(), args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (String format : formats) {
            if (!formats().containsKey(format)) {
                throw Cli.wrong(
                        spec, "--formats: expected " + formats().keySet() + ", got " + format);
            }
        }
        for (int count : channels) {
            Cli.requirePositive(spec, "--channels", count);
        }
        if (here) {
            System.out.println("row: " + measure(channels.get(0), formats.get(0)));
            return 1;
        }
        ResumableCsv rows = new ResumableCsv(csv, HEADER);
        System.out.println(
                "| kernel | heap MB | resident MB | format | algorithm | parameters | error |"
                        + " seconds | CPU s |");
        System.out.println("|---|---:|---:|---|---|---:|---:|---:|---:|");
        int lines = 0;
        for (int count : channels) {
            for (String format : formats) {
                String key = count + "," + format;
                if (rows.get(key) == null) {
                    rows.add(key + "," + measureApart(count, format));
                }
                print(rows.get(key));
                lines++;
            }
        }
        return lines;
    }

    private static void print(String... row) {
        System.out.printf(
                Locale.ROOT,
                "| %s x %s x 3 x 3 | %s | %s | %s | %s, %s sweeps, %s starts | %,d | %s | %s | %s |%n",
                row[0],
                row[0],
                row[2],
                row[10],
                row[1],
                row[3],
                row[4],
                row[5],
                Long.parseLong(row[6]),
                row[7],
                row[8],
                row[9]);
    }

    private static Map<String, TensorFormat> formats() {
        Rank rank = Rank.bestRatio(SHARE);
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
                                "--here",
                                "--channels",
                                Integer.toString(channels),
                                "--formats",
                                format)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(channels + " " + format + " failed:\n" + output);
        }
        String mark = "row: ";
        return output.lines()
                .filter(line -> line.startsWith(mark))
                .map(line -> line.substring(mark.length()))
                .findFirst()
                .orElseThrow();
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
        // Once before, small: what is measured is no loading of classes and libraries.
        int few = Math.min(channels, SMALL);
        decompose(kernel(few), KernelSpec.of(few, few, new Shape(3, 3)), format);
        double[] kernel = kernel(channels);
        double processor = ProcessorTime.seconds();
        long start = System.nanoTime();
        Decomposition found = decompose(kernel, spec, format);
        double seconds = (System.nanoTime() - start) / 1e9;
        processor = ProcessorTime.seconds() - processor;
        return String.format(
                Locale.ROOT,
                "%d,%s,%d,%d,%d,%.4f,%.2f,%.2f,%d",
                Runtime.getRuntime().maxMemory() / MEGABYTE,
                found.algorithm(),
                found.history().length,
                found.starts(),
                found.network().parameterCount(),
                found.relativeError(),
                seconds,
                processor,
                peakMegabytes());
    }

    private static Decomposition decompose(double[] kernel, KernelSpec spec, String format) {
        return Decomposer.builder().build().decompose(kernel, spec, formats().get(format));
    }

    /** The most memory that the process has had resident; 0 where the system does not say. */
    private static long peakMegabytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
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
