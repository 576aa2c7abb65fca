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
package io.github.djltcnn.models.internal;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.github.djltcnn.nn.NormalizedInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a saved folder says of its model: the program that builds it, what became of each of its
 * layers, what its inputs and outputs mean, and which files hold the parameters and the labels.
 *
 * @param name the name of the model
 * @param library the version of this library that saved it
 * @param input the shape of an input, a batch of one
 * @param output the shape of its output
 * @param dataType float16, float32 or float64
 * @param blockFactory the class that builds the model as it was before any conversion
 * @param arguments what that class is told
 * @param layers all convolutions and linear layers, in the order in which they run
 * @param folded the batch normalisations that were folded into the layers before them
 * @param frozen the parameters that do not train
 * @param mean what the model subtracts from its input; empty if it takes the input as it is
 * @param deviation what it divides by
 * @param finite whether all parameters are finite
 * @param parameters the file of parameters
 * @param labels the file of labels, or null
 * @param provenance where the model comes from
 */
public record Structure(
        String name,
        String library,
        Shape input,
        Shape output,
        DataType dataType,
        String blockFactory,
        Map<String, String> arguments,
        List<Layer> layers,
        List<String> folded,
        List<String> frozen,
        List<Float> mean,
        List<Float> deviation,
        boolean finite,
        Content parameters,
        Content labels,
        Map<String, String> provenance) {

    /** The form of the file. */
    static final int VERSION = 2;

    /** The network of a layer that is dense. */
    public static final String DENSE = "dense";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final long MAX_INPUT = 1 << 26;
    private static final int MAX_LAYERS = 10_000;
    private static final int HASH_IN_NAME = 16;

    /**
     * A layer.
     *
     * @param path its path
     * @param network its network in notation, or {@link #DENSE}
     * @param planner what its evaluation is planned by, where that is not the standard; null
     *     otherwise
     */
    public record Layer(String path, String network, Map<String, String> planner) {}

    /**
     * The content of a file.
     *
     * @param sha256 its hash in hexadecimal
     * @param bytes its size
     */
    public record Content(String sha256, long bytes) {

        /** Checks that this can be the content of a file. */
        public Content {
            if (!HASH.matcher(sha256).matches() || bytes < 0) {
                throw new IllegalArgumentException("no valid hash and size of a file");
            }
        }

        /** The name of a file of this content: other content never has the same name. */
        String fileName(String before, String after) {
            return before + "-" + sha256.substring(0, HASH_IN_NAME) + after;
        }
    }

    /** Checks what has bounds; a text of the user's, such as a path, is looked up later. */
    public Structure {
        checkName(name);
        checkShape("input", input);
        checkShape("output", output);
        if (dataType != DataType.FLOAT16
                && dataType != DataType.FLOAT32
                && dataType != DataType.FLOAT64) {
            throw new IllegalArgumentException(
                    "data type " + dataType + " is none of float16, float32 and float64");
        }
        if (layers.size() > MAX_LAYERS) {
            throw new IllegalArgumentException(layers.size() + " layers are too many");
        }
        if (arguments.containsKey("initialize")) {
            throw new IllegalArgumentException("parameters come from a file, not from a seed");
        }
        layers = List.copyOf(layers);
        folded = List.copyOf(folded);
        frozen = List.copyOf(frozen);
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (!mean.isEmpty() || !deviation.isEmpty()) {
            NormalizedInput.check(array(mean), array(deviation));
        }
    }

    private static void checkShape(String what, Shape shape) {
        if (shape.dimension() < 1 || shape.dimension() > 8) {
            throw new IllegalArgumentException(what + " " + shape + " has no 1 to 8 dimensions");
        }
        long elements = 1;
        for (long size : shape.getShape()) {
            if (size < 1 || size > MAX_INPUT || elements * size > MAX_INPUT) {
                throw new IllegalArgumentException(
                        what
                                + " "
                                + shape
                                + " is out of bounds: every size is at least 1, and one sample has"
                                + " at most "
                                + MAX_INPUT
                                + " numbers");
            }
            elements *= size;
        }
    }

    /** Checks the name of a model, which becomes the name of a file. */
    public static void checkName(String name) {
        if (!NAME.matcher(name).matches() || name.contains("..")) {
            String shown = name.length() > 100 ? name.substring(0, 100) + ".." : name;
            throw new IllegalArgumentException(
                    "The name of a model is 1 to 100 letters, digits, dots, dashes and underscores,"
                            + " and starts with none of the dots and dashes; got \""
                            + shown
                            + "\"");
        }
    }

    /** Numbers as DJL takes them. */
    public static float[] array(List<Float> numbers) {
        float[] array = new float[numbers.size()];
        for (int n = 0; n < array.length; n++) {
            array[n] = numbers.get(n);
        }
        return array;
    }

    /** Whether the output is one number per class. */
    public boolean isClassifier() {
        return output.dimension() == 2;
    }

    /** Whether the input is a grey or colour image. */
    public boolean isImage() {
        return input.dimension() == 4 && (input.get(1) == 1 || input.get(1) == 3);
    }

    /** The name of the file of parameters. */
    public String parameterFile() {
        return parameters.fileName(name, ".safetensors");
    }

    /** The name of the file of labels; null if there are none. */
    public String labelFile() {
        return labels == null ? null : labels.fileName("synset", ".txt");
    }

    /** Writes this as JSON. */
    String toJson() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("version", VERSION);
        object.put("name", name);
        object.put("library", library);
        object.put("input", input.getShape());
        object.put("output", output.getShape());
        object.put("dataType", dataType.name());
        object.put("mean", mean);
        object.put("deviation", deviation);
        object.put("blockFactory", blockFactory);
        object.put("arguments", arguments);
        object.put("layers", layers);
        object.put("folded", folded);
        object.put("frozen", frozen);
        object.put("finite", finite);
        object.put("parameters", parameters);
        if (labels != null) {
            object.put("labels", labels);
        }
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
                        "version "
                                + version
                                + " of the form, this library reads "
                                + VERSION
                                + "; save the model with this release of the library");
            }
            List<Layer> layers = new ArrayList<>();
            for (JsonElement element : object.getAsJsonArray("layers")) {
                JsonObject layer = element.getAsJsonObject();
                layers.add(
                        new Layer(
                                text(layer, "path"),
                                text(layer, "network"),
                                layer.has("planner") ? texts(layer, "planner") : null));
            }
            return new Structure(
                    text(object, "name"),
                    text(object, "library"),
                    shape(object, "input"),
                    shape(object, "output"),
                    DataType.valueOf(text(object, "dataType")),
                    text(object, "blockFactory"),
                    texts(object, "arguments"),
                    layers,
                    list(object, "folded"),
                    list(object, "frozen"),
                    numbers(object, "mean"),
                    numbers(object, "deviation"),
                    object.get("finite").getAsBoolean(),
                    content(object, "parameters"),
                    object.has("labels") ? content(object, "labels") : null,
                    texts(object, "provenance"));
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | ClassCastException
                | NullPointerException e) {
            throw new IllegalArgumentException("not the JSON of a structure", e);
        }
    }

    private static Shape shape(JsonObject object, String key) {
        List<Long> sizes = new ArrayList<>();
        object.getAsJsonArray(key).forEach(size -> sizes.add(size.getAsLong()));
        return new Shape(sizes);
    }

    private static Content content(JsonObject object, String key) {
        JsonObject file = object.getAsJsonObject(key);
        return new Content(text(file, "sha256"), file.get("bytes").getAsLong());
    }

    private static List<String> list(JsonObject object, String key) {
        List<String> list = new ArrayList<>();
        object.getAsJsonArray(key).forEach(element -> list.add(element.getAsString()));
        return list;
    }

    private static List<Float> numbers(JsonObject object, String key) {
        List<Float> list = new ArrayList<>();
        object.getAsJsonArray(key).forEach(element -> list.add(element.getAsFloat()));
        return list;
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
