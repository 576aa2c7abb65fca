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

import ai.djl.Model;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonParseException;
import io.github.djltcnn.nn.NormalizedInput;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a model carries as properties of DJL's from loading to saving: what builds it and with which
 * arguments, its labels, and where it comes from.
 */
public final class ModelProperties {

    /** Before the name of a property that says where the model comes from. */
    public static final String PROVENANCE = "provenance.";

    /** The argument that asks for a model that was compiled for predictions. */
    public static final String COMPILE = "compile";

    private static final String FACTORY = "blockFactory";
    private static final String OWN_FACTORY = "tcnn.blockFactory";
    private static final String LABELS = "tcnn.labels";
    private static final String DERIVED = "tcnn.derived";

    /** What DJL's trainer leaves: it says where the parameters come from. */
    private static final Map<String, String> TRAINER =
            Map.of("Epoch", "epoch", "Accuracy", "accuracy");

    /** What is said elsewhere in the folder, or only of one way of loading. */
    private static final Set<String> NO_ARGUMENTS =
            Set.of(
                    FACTORY,
                    COMPILE,
                    "initialize",
                    "engine",
                    "synset",
                    "synsetFileName",
                    "synsetUrl",
                    "application",
                    "modelName",
                    "hasParameter",
                    "mean",
                    "std");

    /** Settings of DJL's translators that say again what the normalisation of a model says. */
    static final Set<String> PIXEL_SETTINGS = Set.of("normalize", "range", "toTensor");

    private ModelProperties() {}

    /** Writes into a model what its folder says. */
    public static void write(Model model, Structure structure, List<String> labels) {
        structure.arguments().forEach(model::setProperty);
        structure.provenance().forEach((k, v) -> model.setProperty(PROVENANCE + k, v));
        model.setProperty(FACTORY, structure.blockFactory());
        model.setProperty(OWN_FACTORY, structure.blockFactory());
        setLabels(model, labels);
    }

    /** Notes settings that were made up for DJL, and are no arguments of the model. */
    static void setDerived(Model model, Set<String> keys) {
        model.setProperty(DERIVED, JsonUtils.GSON.toJson(keys));
    }

    /** Writes labels into a model. */
    public static void setLabels(Model model, List<String> labels) {
        model.setProperty(LABELS, JsonUtils.GSON.toJson(labels));
    }

    /** The labels of a model; none if it has none. */
    public static List<String> labels(Model model) {
        return texts(model, LABELS);
    }

    private static List<String> texts(Model model, String key) {
        String json = model.getProperty(key);
        if (json == null) {
            return List.of();
        }
        try {
            return List.of(JsonUtils.GSON.fromJson(json, String[].class));
        } catch (JsonParseException | NullPointerException e) {
            throw new IllegalArgumentException(
                    "The property " + key + " is no list of texts: " + json, e);
        }
    }

    /**
     * Reads whether a model is to be compiled for predictions.
     *
     * @param arguments what DJL was told
     * @return false if it says nothing
     * @throws IllegalArgumentException if it says neither true nor false
     */
    public static boolean isCompile(Map<String, ?> arguments) {
        String value = Objects.toString(arguments.get(COMPILE), "false").trim();
        if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
            throw new IllegalArgumentException(
                    "The argument compile is true or false, got \"" + value + '"');
        }
        return Boolean.parseBoolean(value);
    }

    /** The class that builds a model; null if it does not say. */
    public static String factory(Model model) {
        String own = model.getProperty(OWN_FACTORY);
        return own != null ? own : model.getProperty(FACTORY);
    }

    /** What the class that builds a model is told. */
    public static Map<String, String> arguments(Model model) {
        Map<String, String> arguments = new TreeMap<>(model.getProperties());
        arguments.keySet().removeAll(texts(model, DERIVED));
        arguments
                .keySet()
                .removeIf(
                        key ->
                                NO_ARGUMENTS.contains(key)
                                        || TRAINER.containsKey(key)
                                        || key.startsWith("tcnn.")
                                        || key.startsWith("option.")
                                        || key.startsWith(PROVENANCE));
        return arguments;
    }

    /** Where a model comes from. */
    public static Map<String, String> provenance(Model model) {
        Map<String, String> provenance = new TreeMap<>();
        model.getProperties()
                .forEach(
                        (key, value) -> {
                            if (key.startsWith(PROVENANCE)) {
                                provenance.put(key.substring(PROVENANCE.length()), value);
                            }
                        });
        // A later training overrules what an earlier one left.
        TRAINER.forEach(
                (key, name) -> {
                    if (model.getProperty(key) != null) {
                        provenance.put(name, model.getProperty(key));
                    }
                });
        return provenance;
    }

    /**
     * Checks that the properties of a model say nothing else about its pixels than the model does.
     *
     * @param properties properties, or arguments that DJL was given
     * @param normalised the normalisation of the model; null if it has none
     * @param loading whether they are for one way to a prediction, not for all
     * @throws IllegalArgumentException if they say something else
     */
    public static void checkPixels(
            Map<String, ?> properties, NormalizedInput normalised, boolean loading) {
        Object mean = properties.get("mean");
        Object deviation = properties.get("std");
        if (mean != null || deviation != null) {
            float[] means = numbers("mean", mean == null ? "0" : mean.toString());
            float[] deviations = numbers("std", deviation == null ? "1" : deviation.toString());
            if (normalised == null
                    || !Arrays.equals(means, normalised.getMean())
                    || !Arrays.equals(deviations, normalised.getDeviation())) {
                throw new IllegalArgumentException(
                        "The properties say mean "
                                + mean
                                + " and std "
                                + deviation
                                + ", the model "
                                + (normalised == null
                                        ? "does not normalise its input"
                                        : "normalises by mean "
                                                + Arrays.toString(normalised.getMean())
                                                + " and deviation "
                                                + Arrays.toString(normalised.getDeviation()))
                                + ". Call TensorialModels.setNormalization(model, mean, deviation)"
                                + " before training on pixels from 0 to 1; or, if the data were"
                                + " normalised outside the model, save it with"
                                + " SaveOptions.optNormalization(mean, deviation) and leave the"
                                + " properties out");
            }
        }
        for (String key : PIXEL_SETTINGS) {
            Object value = properties.get(key);
            boolean plain =
                    value == null
                            || value.toString().equals("toTensor".equals(key) ? "true" : "false");
            if (!plain && !(loading && normalised == null)) {
                throw new IllegalArgumentException(
                        "The property "
                                + key
                                + "="
                                + value
                                + " changes pixels on some ways to a prediction and not on others."
                                + " Leave it out; what the model subtracts and divides by is set by"
                                + " TensorialModels.setNormalization or"
                                + " SaveOptions.optNormalization");
            }
        }
    }

    /** Reads numbers that are separated by commas. */
    public static float[] numbers(String key, String text) {
        String[] parts = text.split(",", -1);
        float[] numbers = new float[parts.length];
        for (int n = 0; n < parts.length; n++) {
            try {
                numbers[n] = Float.parseFloat(parts[n].strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "The argument "
                                + key
                                + " is a number, or one number per channel separated by commas;"
                                + " got \""
                                + text
                                + "\"",
                        e);
            }
        }
        return numbers;
    }
}
