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
package io.github.djltcnn.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;

/**
 * A master of Spark and its workers, each a process of its own on this machine, which listen on its
 * loopback address alone. Workers have one core each.
 */
final class LocalCluster implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final long PATIENCE_SECONDS = 120;

    private final Path home;
    private final String classPath = classPath();
    private final List<Process> workers = new ArrayList<>();
    private final Process master;
    private final String url;

    /**
     * Starts a master and workers.
     *
     * @param workerCount the number of workers
     * @throws IOException if a process cannot be started, or the master does not answer
     */
    LocalCluster(int workerCount) throws IOException {
        home = Files.createTempDirectory("spark-home");
        // Workers look for Spark's jars in its home.
        Files.createDirectories(home.resolve("jars"));
        int port = freePort();
        url = "spark://" + HOST + ":" + port;
        master =
                start(
                        "master",
                        "org.apache.spark.deploy.master.Master",
                        "--host",
                        HOST,
                        "--port",
                        Integer.toString(port),
                        "--webui-port",
                        "0");
        try {
            await(port);
            for (int n = 0; n < workerCount; n++) {
                workers.add(
                        start(
                                "worker" + n,
                                "org.apache.spark.deploy.worker.Worker",
                                "--host",
                                HOST,
                                "--cores",
                                "1",
                                "--memory",
                                "1g",
                                "--webui-port",
                                "0",
                                "--work-dir",
                                home.resolve("work" + n).toString(),
                                url));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** What this program was loaded from: by Maven, or by Java. */
    private static String classPath() {
        if (LocalCluster.class.getClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs())
                    .map(url -> Path.of(URI.create(url.toString())).toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process start(String name, String mainClass, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptions().split(" ", -1)));
        command.addAll(List.of("-Xmx256m", "-cp", classPath, mainClass));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .putAll(
                        Map.of(
                                "SPARK_HOME",
                                home.toString(),
                                "SPARK_SCALA_VERSION",
                                "2.13",
                                "SPARK_LOCAL_IP",
                                HOST));
        return builder.redirectErrorStream(true)
                .redirectOutput(home.resolve(name + ".log").toFile())
                .start();
    }

    private void await(int port) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (socket.isConnected()) {
                    return;
                }
            } catch (IOException e) {
                if (!master.isAlive() || System.nanoTime() > end) {
                    throw new IOException(
                            "The master of Spark does not answer: "
                                    + Files.readString(home.resolve("master.log")),
                            e);
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while the master of Spark starts", e);
            }
        }
    }

    /** A session on this cluster; the executors' class path is that of this process. */
    SparkSession session() {
        return SparkSession.builder()
                .appName("djl-tcnn")
                .master(url)
                .config("spark.driver.host", HOST)
                .config("spark.driver.bindAddress", HOST)
                .config("spark.ui.enabled", false)
                .config("spark.executor.cores", 1)
                .config("spark.executor.memory", "512m")
                .config("spark.executor.extraClassPath", classPath)
                .config(
                        "spark.executor.extraJavaOptions",
                        "-Dai.djl.pytorch.num_threads=1 -Dai.djl.default_engine=PyTorch"
                                + " -Djava.awt.headless=true")
                .config("spark.scheduler.minRegisteredResourcesRatio", 1)
                .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "300s")
                .config("spark.cores.max", workers.size())
                .getOrCreate();
    }

    /** Kills a worker and its executor, as a power failure would. */
    void kill(int worker) {
        kill(workers.get(worker));
    }

    private static void kill(Process process) {
        // The executor first: it would end by itself when its worker is gone, but some time later.
        try (Stream<ProcessHandle> children = process.descendants()) {
            children.forEach(ProcessHandle::destroyForcibly);
        }
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        workers.forEach(LocalCluster::kill);
        kill(master);
        for (Process process : workers) {
            process.onExit().join();
        }
        master.onExit().join();
        for (int attempt = 0; Files.exists(home); attempt++) {
            try {
                Trees.delete(home);
            } catch (IOException | java.io.UncheckedIOException e) {
                // An executor that has just been killed may still have written.
                if (attempt == 10) {
                    throw new IOException("Cannot delete " + home, e);
                }
            }
        }
    }
}
