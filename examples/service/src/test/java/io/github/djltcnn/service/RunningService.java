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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.testng.Assert;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service in this process on a port of its own, and a client of it. */
final class RunningService implements AutoCloseable {

    static final JsonMapper JSON = new JsonMapper();
    static final Duration LONG = Duration.ofMinutes(10);

    private static RunningService shared;

    final Path data;
    final AtomicLong space = new AtomicLong(Long.MAX_VALUE / 2);
    private final ConfigurableApplicationContext context;
    private final Client client;

    private RunningService(Path data, String... options) {
        this.data = data;
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--server.port=0",
                                "--service.data=" + data,
                                "--logging.level.root=warn"));
        all.addAll(Arrays.asList(options));
        context =
                new SpringApplicationBuilder(ServiceApplication.class)
                        .initializers(
                                c ->
                                        ((GenericApplicationContext) c)
                                                .registerBean(
                                                        FreeSpace.class, () -> f -> space.get()))
                        .run(all.toArray(new String[0]));
        client =
                new Client(
                        URI.create(
                                "http://127.0.0.1:"
                                        + context.getEnvironment()
                                                .getProperty("local.server.port")));
    }

    static RunningService start(Path data, String... options) {
        return new RunningService(data, options);
    }

    /** One for all tests that need no limits of their own; the process takes it along. */
    static synchronized RunningService shared() throws IOException {
        if (shared == null) {
            shared = start(Files.createTempDirectory("service"), "--service.measure-seconds=0.02");
        }
        return shared;
    }

    Client client() {
        return client;
    }

    @Override
    public void close() {
        context.close();
    }

    /** Calls over HTTP. */
    record Client(URI base, HttpClient http) {

        Client(URI base) {
            this(base, HttpClient.newHttpClient());
        }

        HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(base + path)).timeout(LONG);
        }

        HttpResponse<String> send(HttpRequest.Builder request) {
            try {
                return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        JsonNode json(HttpRequest.Builder request, int status) {
            HttpResponse<String> response = send(request);
            Assert.assertEquals(response.statusCode(), status, response.body());
            return response.body().isEmpty() ? null : JSON.readTree(response.body());
        }

        JsonNode get(String path) {
            return json(request(path), 200);
        }

        JsonNode put(String path, byte[] body, int status) {
            return json(request(path).PUT(HttpRequest.BodyPublishers.ofByteArray(body)), status);
        }

        JsonNode post(String path, byte[] body, int status) {
            return json(
                    request(path)
                            .header("Content-Type", "application/octet-stream")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body)),
                    status);
        }

        JsonNode post(String path, int status) {
            return json(request(path).POST(HttpRequest.BodyPublishers.noBody()), status);
        }

        JsonNode delete(String path, int status) {
            return json(request(path).DELETE(), status);
        }

        JsonNode job(Map<String, ?> request, int status) {
            return json(
                    request("/api/jobs")
                            .header("Content-Type", "application/json")
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            JSON.writeValueAsString(request))),
                    status);
        }

        /** A fine-tuning that takes some seconds for ten epochs. */
        String tune(String pictures, String name, int epochs) {
            return job(
                            Map.of(
                                    "kind",
                                    "fine-tune",
                                    "model",
                                    "resnet20_fashionmnist",
                                    "pictures",
                                    pictures,
                                    "name",
                                    name,
                                    "epochs",
                                    epochs,
                                    "batchSize",
                                    8,
                                    "imageSize",
                                    8),
                            202)
                    .path("id")
                    .asString();
        }

        /** Waits for one of some states, or for a number of epochs. */
        JsonNode await(String id, int epochs, JobState... states) {
            long end = System.nanoTime() + LONG.toNanos();
            while (true) {
                JsonNode job = get("/api/jobs/" + id);
                JobState state = JobState.valueOf(job.path("state").asString());
                if (Arrays.asList(states).contains(state) || job.path("epochs").size() >= epochs) {
                    return job;
                }
                Assert.assertTrue(!state.isEnd() && System.nanoTime() < end, job.toString());
                try {
                    Thread.sleep(20);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        JsonNode await(String id, JobState state) {
            return await(id, Integer.MAX_VALUE, state);
        }
    }
}
