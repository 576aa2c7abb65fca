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

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import tools.jackson.databind.JsonNode;

/** Uploads that are not as they should be: a clear answer, and nothing is left. */
public class UploadTest {

    private static final int MB = 1 << 20;

    private RunningService service;
    private RunningService.Client client;

    @BeforeClass
    public void start() throws IOException {
        service =
                RunningService.start(
                        Files.createTempDirectory("uploads"),
                        "--service.upload.bytes=2MB",
                        "--service.upload.entries=100",
                        "--service.upload.unpacked-bytes=3MB",
                        "--service.upload.picture-bytes=1MB",
                        "--service.upload.pixels=1000000",
                        "--service.upload.classes=5");
        client = service.client();
    }

    @AfterClass(alwaysRun = true)
    public void stop() {
        service.close();
    }

    @DataProvider
    public Object[][] hostile() {
        byte[] png = Zips.picture(true, 1, "png");
        byte[] good = Zips.zip(Zips.stripes(3));
        Map<String, byte[]> many = Zips.stripes(60);
        Map<String, byte[]> classes = new LinkedHashMap<>();
        for (int n = 0; n < 12; n++) {
            classes.put("class" + n / 2 + "/" + n + ".png", png);
        }
        Map<String, byte[]> large = Zips.stripes(2);
        for (int n = 0; n < 5; n++) {
            large.put("quer/large" + n + ".bmp", Zips.coarse(500, 500, "bmp"));
        }
        Map<String, byte[]> link = Zips.stripes(2);
        link.put("quer/link.png", Zips.text("/etc/passwd"));
        Map<String, byte[]> lengths = new LinkedHashMap<>();
        for (int n = 0; n < 100; n++) {
            lengths.put("x/" + "a".repeat(90) + "/" + "b".repeat(90) + "/".repeat(600) + n, png);
        }
        return new Object[][] {
            {"up", Zips.with("../quer/9.png", png), 400, "leads out"},
            {"up within", Zips.with("quer/../../9.png", png), 400, "leads out"},
            {"absolute", Zips.with("/quer/9.png", png), 400, "absolute"},
            {"drive", Zips.with("C:/quer/9.png", png), 400, "absolute"},
            {"link", Zips.zip(link, "quer/link.png"), 400, "link"},
            {"control character", Zips.with("quer/a\u0007.png", png), 400, "control"},
            {"long name", Zips.with("quer/" + "x".repeat(101) + ".png", png), 400, "too long"},
            {"no zip", Zips.text("hello".repeat(100)), 400, "no zip"},
            {"nothing", new byte[0], 400, "no zip"},
            {"cut off", Arrays.copyOf(good, good.length / 2), 400, "no zip"},
            {"overwritten", cut(good), 400, "damaged"},
            {"encrypted", Zips.patched(Zips.zip(Zips.stripes(2)), 6, 8, 1), 400, "encrypted"},
            {"other method", Zips.patched(Zips.zip(Zips.stripes(2)), 8, 10, 98), 400, "packed"},
            {"one class", Zips.zip(Map.of("a/1.png", png, "a/2.png", png)), 400, "one class"},
            {"no picture", Zips.zip(Map.of("a/1.txt", png)), 400, "no picture"},
            {"too many classes", Zips.zip(classes), 400, "6 folders"},
            {"a single picture", Zips.with("third/1.png", png), 400, "third"},
            {"too many entries", Zips.zip(many), 413, "too many entries"},
            {"a large directory", Zips.zip(lengths), 413, "too many entries"},
            {"top level", Zips.with("9.png", png), 400, "no folder"},
            {"deep", Zips.with("a/b/c/9.png", png), 400, "folders within"},
            {"text", Zips.with("quer/9.png", Zips.text("no picture")), 400, "no picture"},
            {"empty file", Zips.with("quer/9.png", new byte[0]), 400, "no picture"},
            {"half", Zips.with("quer/9.png", Arrays.copyOf(png, png.length / 2)), 400, "damaged"},
            {"zip within", Zips.with("quer/9.png", good), 400, "no picture"},
            {"pixels", Zips.with("quer/9.png", Zips.hugePng()), 413, "60000 x 60000"},
            {"bomb", Zips.with("quer/9.png", new byte[MB - 1]), 400, "suspiciously"},
            {"large picture", Zips.with("quer/9.png", noise(MB + 1)), 413, "too large"},
            {"large in all", Zips.zip(large), 413, "too large"},
            {"lies of sizes", Zips.lying(Zips.zip(large), 9), 413, "too large"},
            {"large zip", noise(2 * MB + 1), 413, "too large"},
        };
    }

    private static byte[] cut(byte[] zip) {
        byte[] cut = zip.clone();
        Arrays.fill(cut, 40, 200, (byte) 7);
        return cut;
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new java.util.Random(3).nextBytes(noise);
        return noise;
    }

    @Test(dataProvider = "hostile")
    public void isRefusedAndLeavesNothing(String what, byte[] zip, int status, String word)
            throws IOException {
        JsonNode answer = client.put("/api/pictures/hostile", zip, status);
        Assert.assertEquals(answer.path("status").asInt(), status);
        Assert.assertTrue(answer.toString().contains(word), what + ": " + answer);
        Assert.assertFalse(answer.path("allowed").isNull(), what + ": " + answer);
        nothingLeft("hostile");
    }

    private void nothingLeft(String name) throws IOException {
        try (Stream<Path> left = Files.list(service.data.resolve("staging"))) {
            Assert.assertEquals(left.toList(), List.of());
        }
        Assert.assertFalse(Files.exists(service.data.resolve("pictures").resolve(name)));
        Assert.assertEquals(client.send(client.request("/api/pictures/" + name)).statusCode(), 404);
    }

    @DataProvider
    public Object[][] names() {
        return new Object[][] {
            {".hidden"}, {"-x"}, {"a%20b"}, {"%C3%A4"}, {"x".repeat(65)}, {"a%0Ab"}, {"a.b"}
        };
    }

    @Test(dataProvider = "names")
    public void aNameThatIsNoneIsRefused(String name) {
        byte[] zip = Zips.zip(Zips.stripes(2));
        JsonNode answer = client.put("/api/pictures/" + name, zip, 400);
        Assert.assertTrue(answer.toString().contains("letters"), answer.toString());
    }

    @DataProvider
    public Object[][] paths() {
        return new Object[][] {
            {"/api/pictures/..%2F..%2Fx"}, {"/api/models/..%2Fx"}, {"/api/models/%2e%2e"},
            {"/api/jobs/..%2F000001"}, {"/api/jobs/x/report/..%2Fjob.json"}, {"/..%2fpom.xml"}
        };
    }

    @Test(dataProvider = "paths")
    public void pathsLeadNowhere(String path) {
        int status = client.send(client.request(path)).statusCode();
        Assert.assertTrue(status == 400 || status == 404, path + ": " + status);
    }

    @Test
    public void aStreamWithoutLengthIsCounted() throws IOException {
        byte[] body = noise(3 * MB);
        HttpRequest.Builder request =
                client.request("/api/pictures/stream")
                        .PUT(
                                HttpRequest.BodyPublishers.ofInputStream(
                                        () -> new ByteArrayInputStream(body)));
        Assert.assertTrue(client.json(request, 413).toString().contains("more than 2097152"));
        nothingLeft("stream");
    }

    @Test
    public void aClientThatLeavesLeavesNothing() throws Exception {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), client.base().getPort())) {
            socket.getOutputStream()
                    .write(
                            Zips.text(
                                    "PUT /api/pictures/gone HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                            + "Content-Length: 1000000\r\n\r\nhello"));
            socket.getOutputStream().flush();
            Path staging = service.data.resolve("staging");
            while (DataFolder.children(staging).isEmpty()) {
                Thread.sleep(5);
            }
        }
        long end = System.nanoTime() + RunningService.LONG.toNanos();
        while (!DataFolder.children(service.data.resolve("staging")).isEmpty()) {
            Assert.assertTrue(System.nanoTime() < end, "something is left");
            Thread.sleep(5);
        }
        nothingLeft("gone");
    }

    @Test
    public void aFullDiskIsSaid() throws IOException {
        long before = service.space.get();
        try {
            service.space.set(0);
            JsonNode answer = client.put("/api/pictures/full", Zips.zip(Zips.stripes(2)), 507);
            Assert.assertTrue(answer.toString().contains("free"), answer.toString());
            // Enough for the file as it comes, not for what is in it.
            service.space.set((256L << 20) + 12_000);
            Map<String, byte[]> files = Zips.stripes(2);
            files.put("quer/x.bmp", Zips.blank(100, 100, "bmp"));
            answer = client.put("/api/pictures/full", Zips.zip(files), 507);
            Assert.assertTrue(answer.toString().contains("12000"), answer.toString());
            nothingLeft("full");
        } finally {
            service.space.set(before);
        }
    }

    @Test
    public void formsAreRefused() {
        for (String type :
                List.of("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")) {
            HttpRequest.Builder request =
                    client.request("/api/pictures/form")
                            .header("Content-Type", type)
                            .PUT(HttpRequest.BodyPublishers.ofString("a=b"));
            Assert.assertTrue(client.json(request, 415).toString().contains("application/zip"));
        }
    }

    @Test
    public void aPageOfAnotherSiteIsRefused() {
        HttpRequest.Builder request =
                client.request("/api/pictures/other")
                        .header("Origin", "http://other.example")
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(Zips.zip(Zips.stripes(2))));
        Assert.assertEquals(client.send(request).statusCode(), 403);
        HttpResponse<String> page = client.send(client.request("/"));
        Assert.assertTrue(
                page.headers().firstValue("Content-Security-Policy").orElse("").contains("'self'"));
    }

    @Test
    public void whatSystemsAddIsLeftOutAndSaid() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("all/", new byte[0]);
        Zips.stripes(2).forEach((name, bytes) -> files.put("all/" + name, bytes));
        files.put("__MACOSX/all/quer/._1.png", Zips.text("x"));
        files.put("all/quer/Thumbs.db", Zips.text("x"));
        files.put("all/README.txt", Zips.text("x"));
        JsonNode set = client.put("/api/pictures/mac", Zips.zip(files), 201);
        Assert.assertEquals(set.path("pictures").asInt(), 4);
        Assert.assertEquals(set.path("leftOut").size(), 3, set.toString());
        Assert.assertEquals(set.path("classes").path("längs").asInt(), 2);
        Assert.assertTrue(set.path("grey").asBoolean());
        client.put("/api/pictures/mac", Zips.zip(files), 409);
        client.delete("/api/pictures/mac", 204);
        client.delete("/api/pictures/mac", 404);
    }

    /** Eight clients at once: four for one name, of which one gets it; four for others. */
    @Test
    public void eightClientsAtOnce() throws Exception {
        byte[] zip = Zips.zip(Zips.stripes(20));
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int n = 0; n < 8; n++) {
                String name = n < 4 ? "same" : "other" + n;
                calls.add(
                        () ->
                                client.send(
                                                client.request("/api/pictures/" + name)
                                                        .PUT(
                                                                HttpRequest.BodyPublishers
                                                                        .ofByteArray(zip)))
                                        .statusCode());
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> each : pool.invokeAll(calls)) {
                statuses.add(each.get());
            }
            Assert.assertEquals(statuses.subList(0, 4).stream().filter(s -> s == 201).count(), 1);
            Assert.assertEquals(statuses.subList(0, 4).stream().filter(s -> s == 409).count(), 3);
            Assert.assertEquals(statuses.subList(4, 8), List.of(201, 201, 201, 201));
            Assert.assertEquals(client.get("/api/pictures/same").path("pictures").asInt(), 40);
            Assert.assertEquals(DataFolder.children(service.data.resolve("staging")), List.of());
        } finally {
            pool.shutdown();
        }
        for (String name : List.of("same", "other4", "other5", "other6", "other7")) {
            client.delete("/api/pictures/" + name, 204);
        }
    }
}
