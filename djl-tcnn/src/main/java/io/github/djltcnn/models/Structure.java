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
package io.github.djltcnn.models;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a saved folder says of its model: the program that builds it, what became of each of its
 * layers, and which file holds the parameters.
 *
 * @param name the name of the model
 * @param library the version of this library that saved it
 * @param input the shape of an input, with its batch
 * @param dataType float32 or float64
 * @param blockFactory the class that builds the model as it was before any conversion
 * @param arguments what that class is told
 * @param layers all convolutions and linear layers, in the order in which they run
 * @param folded the batch normalisations that were folded into the layers before them
 * @param sha256 the hash of the file of parameters, in hexadecimal
 * @param bytes its size
 * @param provenance where the model comes from
 */
record Structure(
        String name,
        String library,
        Shape input,
        DataType dataType,
        String blockFactory,
        Map<String, String> arguments,
        List<Layer> layers,
        List<String> folded,
        String sha256,
        long bytes,
        Map<String, String> provenance) {

    /** The form of the file. */
    static final int VERSION = 1;

    /** The network of a layer that is dense. */
    static final String DENSE = "dense";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final long MAX_SIZE = 1 << 16;
    private static final long MAX_INPUT = 1 << 26;
    private static final int MAX_LAYERS = 10_000;

    /**
     * A layer.
     *
     * @param path its path
     * @param network its network in notation, or {@link #DENSE}
     */
    record Layer(String path, String network) {}

    /** Checks what has bounds; a text of the user's, such as a path, is looked up later. */
    Structure {
        checkName(name);
        if (input.dimension() < 1 || input.dimension() > 8) {
            throw new IllegalArgumentException("input " + input + " has no 1 to 8 dimensions");
        }
        long elements = 1;
        for (long size : input.getShape()) {
            if (size < 1 || size > MAX_SIZE || elements * size > MAX_INPUT) {
                throw new IllegalArgumentException("input " + input + " is out of bounds");
            }
            elements *= size;
        }
        if (dataType != DataType.FLOAT32 && dataType != DataType.FLOAT64) {
            throw new IllegalArgumentException(
                    "data type " + dataType + " is neither float32 nor float64");
        }
        if (layers.size() > MAX_LAYERS) {
            throw new IllegalArgumentException(layers.size() + " layers are too many");
        }
        if (!HASH.matcher(sha256).matches() || bytes < 0) {
            throw new IllegalArgumentException("no valid hash and size of the parameters");
        }
        if (arguments.containsKey("initialize")) {
            throw new IllegalArgumentException("parameters come from a file, not from a seed");
        }
        layers = List.copyOf(layers);
        folded = List.copyOf(folded);
    }

    /** Checks the name of a model, which becomes the name of a file. */
    static void checkName(String name) {
        if (!NAME.matcher(name).matches() || name.contains("..")) {
            String shown = name.length() > 100 ? name.substring(0, 100) + ".." : name;
            throw new IllegalArgumentException(
                    "The name of a model is 1 to 100 letters, digits, dots, dashes and underscores,"
                            + " and starts with none of the dots and dashes; got \""
                            + shown
                            + "\"");
        }
    }

    /** The name of the file of parameters. */
    String parameterFile() {
        return name + ".safetensors";
    }

    /** Writes this as JSON. */
    String toJson() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("version", VERSION);
        object.put("name", name);
        object.put("library", library);
        object.put("input", input.getShape());
        object.put("dataType", dataType.name());
        object.put("blockFactory", blockFactory);
        object.put("arguments", arguments);
        object.put("layers", layers);
        object.put("folded", folded);
        object.put("sha256", sha256);
        object.put("bytes", bytes);
        object.put("provenance", provenance);
        return JsonUtils.builder(true).disableHtmlEscaping().create().toJson(object);
    }

    /**
     * Reads JSON.
     *
     * @param json the text
     * @return the structure
     * @throws IllegalArgumentException if it is not well-formed or out of bounds
     */
    static Structure parse(String json) {
        try {
            JsonObject object = JsonUtils.GSON.fromJson(json, JsonObject.class);
            int version = object.get("version").getAsInt();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "version " + version + " of the form, this library reads " + VERSION);
            }
            List<Long> input = new ArrayList<>();
            object.getAsJsonArray("input").forEach(size -> input.add(size.getAsLong()));
            List<Layer> layers = new ArrayList<>();
            for (JsonElement element : object.getAsJsonArray("layers")) {
                JsonObject layer = element.getAsJsonObject();
                layers.add(new Layer(text(layer, "path"), text(layer, "network")));
            }
            List<String> folded = new ArrayList<>();
            for (JsonElement element : object.getAsJsonArray("folded")) {
                folded.add(element.getAsString());
            }
            return new Structure(
                    text(object, "name"),
                    text(object, "library"),
                    new Shape(input),
                    DataType.valueOf(text(object, "dataType")),
                    text(object, "blockFactory"),
                    texts(object, "arguments"),
                    layers,
                    folded,
                    text(object, "sha256"),
                    object.get("bytes").getAsLong(),
                    texts(object, "provenance"));
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | ClassCastException
                | NullPointerException e) {
            throw new IllegalArgumentException("not the JSON of a structure", e);
        }
    }

    private static String text(JsonObject object, String key) {
        JsonElement value = object.get(key);
        if (value == null || !value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw new IllegalArgumentException("\"" + key + "\" is missing or no text");
        }
        return value.getAsString();
    }

    private static Map<String, String> texts(JsonObject object, String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        JsonObject inner = object.getAsJsonObject(key);
        inner.keySet().forEach(name -> texts.put(name, text(inner, name)));
        return texts;
    }
}
