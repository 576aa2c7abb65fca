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
package io.github.djltcnn.examples.initialization;

import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.HalvedImages;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A process of its own that trains what it is told to, one run after another: DJL allows one
 * gradient collector per process.
 */
final class TrainingWorker implements AutoCloseable {

    private static final String RESULT = "result ";

    /** System properties that a worker inherits. */
    private static final List<String> INHERITED =
            List.of("ai.djl.", "org.slf4j.", "java.awt.", "DJL_", "OPT_OUT_");

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    /**
     * Starts a worker.
     *
     * @param images the number of training images
     * @param steps the steps of each run
     * @throws IOException if the process cannot be started
     */
    TrainingWorker(int images, int steps) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String name : System.getProperties().stringPropertyNames()) {
            if (INHERITED.stream().anyMatch(name::startsWith)) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of("-cp", classPath(), TrainingWorker.class.getName()));
        command.addAll(List.of(Integer.toString(images), Integer.toString(steps)));
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        requests =
                new BufferedWriter(
                        new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        answers =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The class path of this program; Maven runs it with a class loader of its own. */
    private static String classPath() {
        if (TrainingWorker.class.getClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs())
                    .map(URL::getPath)
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    /**
     * Has a run done.
     *
     * @param run the run
     * @return what came of it
     * @throws IOException if the worker has died
     */
    TrainingRecord train(TrainingRun run) throws IOException {
        requests.write(run.key());
        requests.newLine();
        requests.flush();
        String line;
        do {
            line = answers.readLine();
            if (line == null) {
                throw new IOException("The worker ended in the middle of " + run);
            }
        } while (!line.startsWith(RESULT));
        return TrainingRecord.parse(line.substring(RESULT.length()));
    }

    /** Lets the worker end. */
    @Override
    public void close() throws IOException {
        requests.close();
        process.onExit().join();
    }

    /**
     * Reads runs, a line each, and answers each with a line of its result.
     *
     * @param args the number of training images and the steps of a run
     * @throws IOException if the images cannot be read
     */
    public static void main(String[] args) throws IOException {
        FashionMnist data = FashionMnist.subset();
        HalvedImages train = new HalvedImages(data.train().head(Integer.parseInt(args[0])));
        HalvedImages test = new HalvedImages(data.test());
        int steps = Integer.parseInt(args[1]);
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            TrainingRun run = TrainingRun.parse(List.of(line.split(",", -1)));
            long start = System.nanoTime();
            long cpuStart = cpuTime();
            TrainingRun.Result result = run.run(train, test, steps);
            System.out.println(
                    RESULT
                            + TrainingRecord.of(
                                    run,
                                    steps,
                                    result,
                                    (System.nanoTime() - start) * 1e-9,
                                    (cpuTime() - cpuStart) * 1e-9));
        }
    }

    /** The processor time of this process, all its threads, in nanoseconds. */
    private static long cpuTime() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }
}
