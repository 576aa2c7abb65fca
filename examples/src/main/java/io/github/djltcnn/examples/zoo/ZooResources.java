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
package io.github.djltcnn.examples.zoo;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The zoo's resources: a folder per trained model, and the lists that name their files. */
final class ZooResources {

    /** What all files of trained models may take together. */
    static final long MAX_BYTES = 8_000_000;

    private static final Path GROUP =
            Path.of("mlrepo", "model", "cv", "image_classification")
                    .resolve(TcnnZoo.GROUP_ID.replace('.', '/'));
    private static final String VERSION = "0.1.0";
    private static final Pattern NAME =
            Pattern.compile(
                    "(?<family>(?:[a-z0-9]+_)?resnet)(?<layers>\\d+)(?:_r(?<rank>\\d+))?"
                            + "(?:_x(?<compression>\\d+))?_(?<dataset>[a-z0-9]+)");

    private final Path group;

    /** The resources of a module, from its folder {@code src/main/resources}. */
    ZooResources(Path resources) throws IOException {
        group = resources.resolve(GROUP);
        if (!Files.isDirectory(group)) {
            throw new IOException(
                    resources + " are not the resources of djl-tcnn-zoo: there is no " + GROUP);
        }
    }

    /** Takes a name apart: family, layers, rank, compression, dataset. */
    static Map<String, String> parse(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\""
                            + name
                            + "\" is no name of a trained model; one is like"
                            + " tr_resnet20_r10_cifar10jpeg, or tk2_resnet20_x4_cifar10jpeg for one"
                            + " that was compressed four times");
        }
        Map<String, String> parts = new TreeMap<>();
        for (String part : List.of("family", "layers", "rank", "compression", "dataset")) {
            if (matcher.group(part) != null) {
                parts.put(part, matcher.group(part));
            }
        }
        return parts;
    }

    private Path family(String name) {
        return group.resolve(parse(name).get("family"));
    }

    /** The folder of a model. */
    Path folder(String name) {
        return family(name).resolve(VERSION).resolve(name);
    }

    /** The bytes of all trained models but one. */
    long bytesWithout(String name) throws IOException {
        long bytes = 0;
        try (Stream<Path> families = Files.list(group)) {
            for (Path family : families.filter(Files::isDirectory).toList()) {
                if (!Files.isDirectory(family.resolve(VERSION))) {
                    continue;
                }
                try (Stream<Path> models = Files.list(family.resolve(VERSION))) {
                    for (Path model : models.toList()) {
                        if (!model.getFileName().toString().equals(name)) {
                            bytes += bytes(model);
                        }
                    }
                }
            }
        }
        return bytes;
    }

    /** The bytes of the files of a folder. */
    static long bytes(Path folder) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    /** Names the files of a model in the list of its family, in the place of older ones. */
    void list(String name) throws IOException {
        Path file = family(name).resolve("metadata.json");
        JsonObject metadata = JsonUtils.GSON.fromJson(Files.readString(file), JsonObject.class);
        JsonArray artifacts = new JsonArray();
        for (JsonElement artifact : metadata.getAsJsonArray("artifacts")) {
            if (!artifact.getAsJsonObject().get("name").getAsString().equals(name)) {
                artifacts.add(artifact);
            }
        }
        artifacts.add(artifact(name));
        metadata.add("artifacts", artifacts);
        Files.writeString(
                file,
                JsonUtils.builder(true).disableHtmlEscaping().create().toJson(metadata) + "\n");
    }

    private JsonObject artifact(String name) throws IOException {
        JsonObject properties = new JsonObject();
        parse(name)
                .forEach(
                        (part, value) -> {
                            if (!"family".equals(part)) {
                                properties.addProperty(part, value);
                            }
                        });
        JsonObject arguments = new JsonObject();
        arguments.addProperty("translatorFactory", "io.github.djltcnn.zoo.ResNetTranslatorFactory");
        JsonObject files = new JsonObject();
        try (Stream<Path> paths = Files.list(folder(name))) {
            for (Path path : paths.sorted().toList()) {
                String file = path.getFileName().toString();
                JsonObject item = new JsonObject();
                item.addProperty("uri", VERSION + "/" + name + "/" + file);
                item.addProperty("name", file);
                item.addProperty("sha1Hash", sha1(path));
                item.addProperty("size", Files.size(path));
                files.add(file.substring(file.lastIndexOf('.') + 1), item);
            }
        }
        JsonObject artifact = new JsonObject();
        artifact.addProperty("version", VERSION);
        artifact.addProperty("snapshot", false);
        artifact.addProperty("name", name);
        artifact.add("properties", properties);
        artifact.add("arguments", arguments);
        artifact.add("options", new JsonObject());
        artifact.add("files", files);
        return artifact;
    }

    /** DJL checks its downloads by SHA-1. */
    private static String sha1(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java has SHA-1", e);
        }
    }
}
