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
package io.github.djltcnn.service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients that predict at once, against a service that runs, and perhaps trains: counts errors and
 * answers that differ, and measures times and the memory of the service.
 *
 * <p>Arguments: the address of the service, its process id, a model, true for compiled, a folder of
 * pictures, the number of predictions, the number of clients. Prints a line of comma separated
 * values for every tenth of the predictions.
 */
public final class ServiceLoad {

    private static final int PARTS = 10;
    private static final double MILLI = 1e-6;

    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonMapper json = new JsonMapper();
    private final URI address;
    private final List<byte[]> pictures = new ArrayList<>();
    private final Map<Integer, String> answers = new ConcurrentHashMap<>();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicInteger others = new AtomicInteger();

    private ServiceLoad(URI address, Path folder) throws IOException {
        this.address = address;
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                pictures.add(Files.readAllBytes(file));
            }
        }
    }

    /**
     * Runs the load.
     *
     * @param args as above
     * @throws Exception if the service does not answer
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 7) {
            System.err.println("Arguments: URL PID MODEL COMPILED PICTURES PREDICTIONS CLIENTS");
            return;
        }
        URI address =
                URI.create(args[0] + "/api/models/" + args[2] + "/predictions?compile=" + args[3]);
        new ServiceLoad(address, Path.of(args[4]))
                .run(Long.parseLong(args[1]), Integer.parseInt(args[5]), Integer.parseInt(args[6]));
    }

    private void run(long pid, int predictions, int clients) throws Exception {
        for (int n = 0; n < pictures.size(); n++) {
            predict(n, new ArrayList<>());
        }
        System.out.println("predictions,errors,other_answers,seconds,p50_ms,p99_ms,rss_mb");
        ExecutorService pool = Executors.newFixedThreadPool(clients);
        List<Double> all = new ArrayList<>();
        for (int part = 1; part <= PARTS; part++) {
            long begin = System.nanoTime();
            List<Future<List<Double>>> parts = new ArrayList<>();
            for (int c = 0; c < clients; c++) {
                int first = c;
                parts.add(
                        pool.submit(
                                () -> {
                                    List<Double> times = new ArrayList<>();
                                    int own = predictions / PARTS / clients;
                                    for (int n = 0; n < own; n++) {
                                        predict((first + n) % pictures.size(), times);
                                    }
                                    return times;
                                }));
            }
            List<Double> times = new ArrayList<>();
            for (Future<List<Double>> each : parts) {
                times.addAll(each.get());
            }
            all.addAll(times);
            print(all.size(), times, (System.nanoTime() - begin) * 1e-9, pid);
        }
        pool.shutdown();
        print(all.size(), all, Double.NaN, pid);
    }

    private void print(int count, List<Double> times, double seconds, long pid) throws IOException {
        double[] sorted = times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%d,%d,%d,%.1f,%.1f,%.1f,%d%n",
                count,
                errors.get(),
                others.get(),
                seconds,
                quantile(sorted, 0.5),
                quantile(sorted, 0.99),
                rss(pid));
    }

    private static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * sorted.length))];
    }

    /** The memory of a process in megabytes; -1 where the system does not say. */
    private static long rss(long pid) throws IOException {
        Path file = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.isReadable(file)) {
            return -1;
        }
        String line =
                Files.readAllLines(file).stream()
                        .filter(l -> l.startsWith("VmRSS:"))
                        .findFirst()
                        .orElse("VmRSS: -1024 kB");
        return Long.parseLong(Arrays.asList(line.split("\\s+", -1)).get(1)) / 1024;
    }

    private void predict(int picture, List<Double> times) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address)
                        .header("Content-Type", "application/octet-stream")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(pictures.get(picture)))
                        .build();
        long begin = System.nanoTime();
        try {
            HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                errors.incrementAndGet();
                return;
            }
            times.add((System.nanoTime() - begin) * MILLI);
            String guesses = json.readTree(response.body()).path("guesses").toString();
            String before = answers.putIfAbsent(picture, guesses);
            if (before != null && !before.equals(guesses)) {
                others.incrementAndGet();
            }
        } catch (IOException e) {
            errors.incrementAndGet();
        }
    }
}
