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

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The least of a service, for the end of docs/tutorial.md: answers pictures over HTTP, on this
 * machine alone, one at a time. The module {@code examples/service} is a whole one.
 *
 * @since 0.2.0
 */
public final class Serve implements AutoCloseable {

    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;

    private final ZooModel<Image, Classifications> model;
    private final Predictor<Image, Classifications> predictor;
    private final HttpServer server;

    private Serve(Path folder, int port) throws Exception {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(folder)
                        .build();
        model = criteria.loadModel();
        predictor = model.newPredictor();
        InetAddress here = InetAddress.getLoopbackAddress();
        server = HttpServer.create(new InetSocketAddress(here, port), 0);
        // The server answers on one thread, as a predictor wants it.
        server.createContext("/", this::answer);
        server.start();
    }

    /**
     * Runs the program, until it is killed.
     *
     * @param args the folder of a saved model, and a port
     * @throws Exception if the model cannot be loaded, or the port is taken
     */
    public static void main(String[] args) throws Exception {
        runExample(Path.of(args[0]), Integer.parseInt(args[1]));
    }

    /**
     * Starts the service.
     *
     * @param folder the folder of a saved model
     * @param port the port, 0 for any
     * @return the running service
     * @throws Exception if the model cannot be loaded, or the port is taken
     */
    public static Serve runExample(Path folder, int port) throws Exception {
        return new Serve(folder, port);
    }

    /**
     * Returns the port that it listens on.
     *
     * @return the port
     */
    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        int status = OK;
        String text;
        try {
            Image picture = ImageFactory.getInstance().fromInputStream(exchange.getRequestBody());
            text = predictor.predict(picture).toJson();
        } catch (Exception e) {
            status = BAD_REQUEST;
            text = "This is no picture: " + e.getMessage();
        }
        byte[] answer = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        predictor.close();
        model.close();
    }
}
