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
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One page in a headless Chromium, driven by its DevTools protocol. The browser is told to open no
 * connection of its own.
 */
final class Browser implements AutoCloseable {

    /** Where Debian and others put it. */
    private static final List<Path> PLACES =
            List.of(
                    Path.of("/usr/bin/chromium"),
                    Path.of("/usr/bin/chromium-browser"),
                    Path.of("/usr/bin/google-chrome"));

    private static final long ANSWER_SECONDS = 60;
    private static final long LOOK_MILLIS = 50;

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final JsonMapper json = new JsonMapper();
    private final AtomicInteger last = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private String session;

    private Browser(Process process, Path profile, String url)
            throws IOException, InterruptedException {
        this.process = process;
        this.profile = profile;
        socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .buildAsync(URI.create(url), new Listener())
                        .join();
        String target =
                send("Target.createTarget", Map.of("url", "about:blank"))
                        .path("targetId")
                        .asString();
        session =
                send("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                        .path("sessionId")
                        .asString();
        send("Runtime.enable", Map.of());
        send("Log.enable", Map.of());
        send("Page.enable", Map.of());
    }

    /** The program, or null where there is none. */
    static Path program() {
        return PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
    }

    /** Starts a browser whose window is of that size. */
    static Browser start(int width, int height) throws IOException, InterruptedException {
        Path profile = Files.createTempDirectory("browser");
        Process process =
                new ProcessBuilder(
                                program().toString(),
                                "--headless=new",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + profile,
                                "--window-size=" + width + "," + height,
                                "--no-sandbox", // it shows one page, which is ours
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--hide-scrollbars",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--disable-extensions",
                                "about:blank")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        String mark = "DevTools listening on ";
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith(mark)) {
                Thread drain = new Thread(() -> reader.lines().forEach(ignored -> {}), "browser");
                drain.setDaemon(true);
                drain.start();
                return new Browser(process, profile, line.substring(mark.length()));
            }
        }
        process.destroyForcibly();
        throw new IOException(program() + " did not start");
    }

    /** Puts the parts of answers together. */
    private final class Listener implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
            text.append(data);
            if (isLast) {
                take(json.readTree(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void take(JsonNode message) {
        if (message.has("id")) {
            answers.remove(message.path("id").asInt()).complete(message);
            return;
        }
        String method = message.path("method").asString();
        JsonNode params = message.path("params");
        boolean bad =
                "Runtime.exceptionThrown".equals(method)
                        || ("Log.entryAdded".equals(method)
                                && "error".equals(params.path("entry").path("level").asString()));
        if (bad) {
            synchronized (complaints) {
                complaints.add(params.toString());
            }
        }
    }

    /** What the browser complained of: exceptions, what could not be loaded. */
    List<String> complaints() {
        synchronized (complaints) {
            return List.copyOf(complaints);
        }
    }

    private JsonNode send(String method, Map<String, ?> params)
            throws IOException, InterruptedException {
        int id = last.incrementAndGet();
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", id);
        message.put("method", method);
        message.put("params", params);
        if (session != null) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(json.writeValueAsString(message), true).join();
        try {
            JsonNode node = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (node.has("error")) {
                throw new IOException(method + ": " + node.path("error"));
            }
            return node.path("result");
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(method + " was not answered", e);
        }
    }

    void open(String url) throws IOException, InterruptedException {
        send("Page.navigate", Map.of("url", url));
    }

    /** What an expression of JavaScript comes to; promises are awaited. */
    JsonNode eval(String expression) throws IOException, InterruptedException {
        JsonNode result =
                send(
                        "Runtime.evaluate",
                        Map.of(
                                "expression",
                                expression,
                                "awaitPromise",
                                true,
                                "returnByValue",
                                true));
        if (result.has("exceptionDetails")) {
            throw new IOException(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** Waits until an expression is true. */
    void await(String expression, Duration most) throws IOException, InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        while (!eval("Boolean(" + expression + ")").asBoolean()) {
            if (System.nanoTime() > end) {
                throw new IOException(
                        "Not within "
                                + most
                                + ": "
                                + expression
                                + "; the page says: "
                                + eval("document.body.innerText").asString());
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** Chooses a file as a user would. */
    void choose(String selector, Path file) throws IOException, InterruptedException {
        int root = send("DOM.getDocument", Map.of()).path("root").path("nodeId").asInt();
        int node =
                send("DOM.querySelector", Map.of("nodeId", root, "selector", selector))
                        .path("nodeId")
                        .asInt();
        send(
                "DOM.setFileInputFiles",
                Map.of("nodeId", node, "files", List.of(file.toAbsolutePath().toString())));
    }

    /** Presses a key: Tab, Enter. */
    void press(String key) throws IOException, InterruptedException {
        int code = "Tab".equals(key) ? 9 : 13;
        for (String type : List.of("rawKeyDown", "char", "keyUp")) {
            if ("char".equals(type) && code == 9) {
                continue;
            }
            Map<String, Object> event = new LinkedHashMap<>();
            event.put("type", type);
            event.put("key", key);
            event.put("code", key);
            event.put("windowsVirtualKeyCode", code);
            if (code == 13) {
                event.put("text", "\r");
            }
            send("Input.dispatchKeyEvent", event);
        }
    }

    /** Draws a part of the page to a PNG file. */
    void screenshot(String selector, Path file) throws IOException, InterruptedException {
        JsonNode box =
                eval(
                        "(() => { const b = document.querySelector('"
                                + selector
                                + "').getBoundingClientRect(); return {x: b.x + scrollX, y: b.y +"
                                + " scrollY, width: b.width, height: b.height, scale: 1}; })()");
        JsonNode shot =
                send(
                        "Page.captureScreenshot",
                        Map.of(
                                "format",
                                "png",
                                "captureBeyondViewport",
                                true,
                                "clip",
                                json.treeToValue(box, Map.class)));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(shot.path("data").asString()));
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        DataFolder.delete(profile);
    }
}
