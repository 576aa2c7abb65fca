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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.Test;
import tools.jackson.databind.JsonNode;

/** A service that is killed comes back with what it had. */
public class KillTest {

    private static final int EPOCHS = 5;
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    /** Another process, to be killed. */
    private record Other(Process process, RunningService.Client client) {

        static Other start(Path data) throws IOException {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "-Xmx600m",
                                    "-Dai.djl.default_engine=PyTorch",
                                    "-Dai.djl.pytorch.num_threads=1",
                                    "-Dai.djl.pytorch.num_interop_threads=1",
                                    "-Djava.awt.headless=true",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    ServiceApplication.class.getName(),
                                    "--server.port=0",
                                    "--service.data=" + data)
                            .redirectErrorStream(true)
                            .start();
            BufferedReader reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
            StringBuilder said = new StringBuilder();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                said.append(line).append('\n');
                Matcher matcher = PORT.matcher(line);
                if (matcher.find()) {
                    Thread drain = new Thread(() -> reader.lines().forEach(ignored -> {}), "drain");
                    drain.setDaemon(true);
                    drain.start();
                    return new Other(
                            process,
                            new RunningService.Client(
                                    URI.create("http://127.0.0.1:" + matcher.group(1))));
                }
            }
            throw new IOException("The service did not start: " + said);
        }

        /** SIGKILL. */
        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    public void killedWhileItTrainsAndWhileItSaves() throws Exception {
        Path data = Files.createTempDirectory("killed");
        Other first = Other.start(data);
        String id;
        try {
            first.client.put("/api/pictures/stripes", Zips.zip(Zips.stripes(12)), 201);
            id = first.client.tune("stripes", "survivor", EPOCHS);
            first.client.await(id, 2);
        } finally {
            first.kill();
        }
        Assert.assertFalse(Files.exists(data.resolve("models/survivor")));

        Other second = Other.start(data);
        try {
            while (second.client.get("/api/jobs/" + id).path("starts").asInt() < 2) {
                Thread.sleep(5);
            }
            // The folder of the model appears while it is written, and goes to its place then.
            while (second.process.isAlive() && !isSaving(data)) {
                Thread.sleep(1);
            }
        } finally {
            second.kill();
        }

        try (RunningService third = RunningService.start(data)) {
            JsonNode done = third.client().await(id, JobState.DONE);
            Assert.assertEquals(done.path("starts").asInt(), 3);
            Assert.assertEquals(DataFolder.children(data.resolve("staging")), List.of());
            Assert.assertEquals(
                    third.client().get("/api/models/survivor").path("job").asString(), id);
            third.client()
                    .post("/api/models/survivor/predictions", Zips.picture(true, 3, "png"), 200);
            // As if nobody had killed it.
            String whole = third.client().tune("stripes", "whole", EPOCHS);
            JsonNode unbroken = third.client().await(whole, JobState.DONE);
            for (int n = 0; n < EPOCHS; n++) {
                for (String number : List.of("trainLoss", "heldOutLoss", "heldOutAccuracy")) {
                    Assert.assertEquals(
                            done.path("epochs").get(n).path(number),
                            unbroken.path("epochs").get(n).path(number),
                            number + " of epoch " + n);
                }
            }
        }
    }

    private static boolean isSaving(Path data) throws IOException {
        for (Path stage : DataFolder.children(data.resolve("staging"))) {
            if (Files.exists(stage.resolve("survivor"))) {
                return true;
            }
        }
        return Files.exists(data.resolve("models/survivor"));
    }

    /** A service that is stopped in order lets its job go on at the next start. */
    @Test
    public void stoppedInOrder() throws Exception {
        Path data = Files.createTempDirectory("stopped");
        String id;
        try (RunningService first = RunningService.start(data)) {
            first.client().put("/api/pictures/stripes", Zips.zip(Zips.stripes(12)), 201);
            id = first.client().tune("stripes", "later", 200);
            first.client().await(id, 1);
        }
        try (RunningService second = RunningService.start(data)) {
            JsonNode further = second.client().await(id, 2);
            Assert.assertEquals(further.path("starts").asInt(), 2);
            second.client().post("/api/jobs/" + id + "/cancel", 202);
            second.client().await(id, JobState.CANCELLED);
        }
    }
}
