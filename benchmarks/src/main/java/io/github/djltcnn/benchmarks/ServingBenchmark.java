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

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Serves one compiled ResNet-20: predictions per second of one thread and of eight that share it,
 * in turn, and the memory of the process over many predictions. libtorch computes each on one
 * thread ({@code ai.djl.pytorch.num_threads}).
 *
 * <p>The one argument is the file to which rows are appended.
 */
public final class ServingBenchmark {

    private static final Shape IMAGE = new Shape(1, 3, 32, 32);
    private static final int THREADS = 8;
    private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 7);
    private static final int CALLS = 800;
    private static final int PREDICTIONS = 10_000;
    private static final int STEP = 1_000;
    private static final double NANOS = 1e9;

    private ServingBenchmark() {}

    /**
     * Runs the benchmark.
     *
     * @param args the file of results
     * @throws IOException if it cannot be written
     * @throws InterruptedException if the program is interrupted
     * @throws ExecutionException if a prediction fails
     * @throws TranslateException if a prediction fails
     */
    public static void main(String[] args)
            throws IOException, InterruptedException, ExecutionException, TranslateException {
        Path file = Path.of(args[0]);
        try (Model model = TcnnZoo.create("resnet20", 10, IMAGE.slice(1))) {
            Compiled.replace(model);
            write(file, "what,value");
            throughput(model, file);
            memory(model, file);
        }
        System.gc();
        write(file, "MiB after closing," + mebibytes());
    }

    private static void throughput(Model model, Path file)
            throws IOException, InterruptedException, ExecutionException {
        List<Double> one = new ArrayList<>();
        List<Double> many = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = -1; round < ROUNDS; round++) {
                double single = perSecond(model, threads, 1);
                double shared = perSecond(model, threads, THREADS);
                if (round >= 0) {
                    one.add(single);
                    many.add(shared);
                }
            }
        } finally {
            threads.shutdown();
        }
        double single = Rounds.median(one);
        double shared = Rounds.median(many);
        write(file, String.format(Locale.ROOT, "per second with 1 thread,%.0f", single));
        write(file, String.format(Locale.ROOT, "per second with 8 threads,%.0f", shared));
        write(file, String.format(Locale.ROOT, "8 threads to 1,%.2f", shared / single));
    }

    private static double perSecond(Model model, ExecutorService threads, int number)
            throws InterruptedException, ExecutionException {
        List<Future<?>> running = new ArrayList<>();
        long start = System.nanoTime();
        for (int thread = 0; thread < number; thread++) {
            running.add(
                    threads.submit(
                            () -> {
                                predict(model, CALLS / number);
                                return null;
                            }));
        }
        for (Future<?> thread : running) {
            thread.get();
        }
        return CALLS * NANOS / (System.nanoTime() - start);
    }

    private static void predict(Model model, int calls) throws TranslateException {
        try (NDManager manager = NDManager.newBaseManager();
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
            NDArray image = manager.ones(IMAGE);
            for (int call = 0; call < calls; call++) {
                predictor.predict(new NDList(image)).close();
            }
        }
    }

    private static void memory(Model model, Path file) throws IOException, TranslateException {
        for (int done = 0; done <= PREDICTIONS; done += STEP) {
            predict(model, STEP);
            System.gc();
            write(file, "MiB after " + (done + STEP) + " predictions," + mebibytes());
        }
    }

    private static long mebibytes() {
        return PeakMemory.status("VmRSS") >> 20;
    }

    private static void write(Path file, String row) throws IOException {
        Files.write(file, List.of(row), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
