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

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.ZipInputStream;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import tools.jackson.databind.JsonNode;

/** From an upload to predictions of a compressed model, over HTTP. */
public class RoadTest {

    private static final String COMPARE = "compare";

    private RunningService.Client client;

    @BeforeClass
    public void start() throws IOException {
        client = RunningService.shared().client();
        client.put("/api/pictures/road", Zips.zip(Zips.stripes(16)), 201);
    }

    @Test
    public void theWholeRoad() throws Exception {
        JsonNode zoo = client.get("/api/zoo");
        Assert.assertTrue(zoo.get(0).path("accuracy").asDouble() > 0.5, zoo.toString());
        Assert.assertTrue(zoo.get(0).path("parameters").asLong() > 1000);

        String tuned = client.tune("road", "tuned", 4);
        List<JsonNode> events = events(tuned);
        JsonNode last = events.get(events.size() - 1);
        Assert.assertEquals(last.path("state").asString(), "DONE", last.toString());
        Assert.assertEquals(last.path("epochs").size(), 4);
        for (int n = 1; n < events.size(); n++) {
            Assert.assertTrue(
                    events.get(n).path("version").asLong()
                            > events.get(n - 1).path("version").asLong());
        }
        Assert.assertTrue(
                events.stream().anyMatch(e -> "RUNNING".equals(e.path("state").asString())));
        JsonNode result = last.path("result");
        Assert.assertEquals(result.path("heldOut").asInt(), 6, result.toString());
        Assert.assertEquals(result.path("confusion").size(), 2);
        Assert.assertEquals(
                client.send(client.request("/api/jobs/" + tuned + "/report/curves.png"))
                        .headers()
                        .firstValue("Content-Type")
                        .orElse(""),
                "image/png");
        Path checkpoints =
                RunningService.shared().data.resolve("jobs").resolve(tuned).resolve("checkpoints");
        Assert.assertFalse(Files.exists(checkpoints), "checkpoints of a job that is done");

        JsonNode card = client.get("/api/models/tuned");
        Assert.assertEquals(card.path("labels").toString(), "[\"längs\",\"quer\"]");
        Assert.assertEquals(card.path("accuracy"), result.path("accuracy"));
        predictions();

        String small =
                client.job(
                                Map.of(
                                        "kind", "compress",
                                        "model", "tuned",
                                        "pictures", "road",
                                        "name", "small",
                                        "format", "tucker2",
                                        "share", 0.5,
                                        "distil", 0,
                                        "byAnswers", false),
                                202)
                        .path("id")
                        .asString();
        JsonNode compressed = client.await(small, JobState.DONE).path("result");
        Assert.assertEquals(compressed.path("stages").get(0).path("name").asString(), "dense");
        JsonNode parameters = compressed.path("rows").get(1);
        Assert.assertEquals(
                parameters.path("after").asDouble() / parameters.path("before").asDouble(),
                0.5,
                0.1,
                compressed.toString());
        Assert.assertEquals(
                client.get("/api/models/small").path("parameters").asDouble(),
                parameters.path("after").asDouble());

        String compare =
                client.job(
                                Map.of(
                                        "kind",
                                        COMPARE,
                                        "model",
                                        "tuned",
                                        "other",
                                        "small",
                                        "pictures",
                                        "road"),
                                202)
                        .path("id")
                        .asString();
        JsonNode compared = client.await(compare, JobState.DONE).path("result");
        Assert.assertEquals(compared.path("rows").size(), 5);
        Assert.assertEquals(compared.path("rows").get(1), parameters);
        for (JsonNode row : compared.path("rows")) {
            Assert.assertTrue(row.path("before").asDouble() > 0, compared.toString());
        }
        client.delete("/api/models/small", 204);
        client.delete("/api/jobs/" + compare, 204);
        client.json(client.request("/api/models/small"), 404);
    }

    /** Eager and compiled, PNG and JPEG, and the downloaded folder by DJL's Criteria: as one. */
    private void predictions() throws Exception {
        byte[] png = Zips.picture(true, 5, "png");
        JsonNode eager = predict("tuned", png, false);
        JsonNode compiled = predict("tuned", png, true);
        Assert.assertTrue(compiled.path("compiled").asBoolean());
        double sum = 0;
        for (int n = 0; n < 2; n++) {
            JsonNode guess = eager.path("guesses").get(n);
            sum += guess.path("probability").asDouble();
            Assert.assertEquals(compiled.path("guesses").get(n).path("label"), guess.path("label"));
            Assert.assertEquals(
                    compiled.path("guesses").get(n).path("probability").asDouble(),
                    guess.path("probability").asDouble(),
                    1e-4);
        }
        Assert.assertEquals(sum, 1, 1e-5);
        Assert.assertEquals(
                predict("tuned", Zips.picture(true, 5, "jpg"), false).path("guesses").size(), 2);
        Path folder = Files.createTempDirectory("download");
        HttpResponse<byte[]> zip =
                client.http()
                        .send(
                                client.request("/api/models/tuned/archive").build(),
                                HttpResponse.BodyHandlers.ofByteArray());
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip.body()))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(in, file);
            }
        }
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(folder.resolve("tuned"))
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                var predictor = model.newPredictor()) {
            Image image = ImageFactory.getInstance().fromInputStream(new ByteArrayInputStream(png));
            Classifications.Classification best = predictor.predict(image).best();
            JsonNode first = eager.path("guesses").get(0);
            Assert.assertEquals(best.getClassName(), first.path("label").asString());
            Assert.assertEquals(best.getProbability(), first.path("probability").asDouble(), 1e-6);
        }
        DataFolder.delete(folder);
    }

    private JsonNode predict(String model, byte[] picture, boolean compile) {
        return client.post(
                "/api/models/" + model + "/predictions?compile=" + compile, picture, 200);
    }

    private List<JsonNode> events(String id) throws Exception {
        List<JsonNode> events = new ArrayList<>();
        var response =
                client.http()
                        .send(
                                client.request("/api/jobs/" + id + "/events").build(),
                                HttpResponse.BodyHandlers.ofLines());
        Assert.assertTrue(
                response.headers().firstValue("Content-Type").orElse("").contains("event-stream"));
        response.body()
                .filter(line -> line.startsWith("data: "))
                .forEach(line -> events.add(RunningService.JSON.readTree(line.substring(6))));
        return events;
    }

    /** Eight clients predict while a fine-tuning runs: no error, and the answers of before. */
    @Test
    public void eightClientsPredictWhileItTrains() throws Exception {
        String model = "resnet20_fashionmnist";
        List<byte[]> pictures = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
            pictures.add(Zips.picture(n % 2 == 0, n, n < 2 ? "png" : "jpg"));
            for (boolean compile : new boolean[] {false, true}) {
                expected.add(predict(model, pictures.get(n), compile).path("guesses").toString());
            }
        }
        String job = client.tune("road", "beside", 200);
        client.await(job, 1, JobState.RUNNING);
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Callable<List<String>>> calls = new ArrayList<>();
            for (int c = 0; c < 8; c++) {
                boolean compile = c % 2 == 1;
                calls.add(
                        () ->
                                pictures.stream()
                                        .map(p -> predict(model, p, compile))
                                        .map(answer -> answer.path("guesses").toString())
                                        .toList());
            }
            List<Future<List<String>>> answers = pool.invokeAll(calls);
            for (int c = 0; c < 8; c++) {
                for (int n = 0; n < 4; n++) {
                    Assert.assertEquals(
                            answers.get(c).get().get(n),
                            expected.get(2 * n + c % 2),
                            "client " + c);
                }
            }
        } finally {
            pool.shutdown();
        }
        Assert.assertEquals(client.get("/api/jobs/" + job).path("state").asString(), "RUNNING");
        client.post("/api/jobs/" + job + "/cancel", 202);
        client.await(job, JobState.CANCELLED);
    }
}
