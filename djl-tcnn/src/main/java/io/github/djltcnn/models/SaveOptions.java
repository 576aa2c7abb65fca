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

import ai.djl.nn.BlockFactory;
import io.github.djltcnn.nn.NormalizedInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What {@link TensorialModels#save} writes down besides the model itself.
 *
 * @since 0.1.0
 */
public final class SaveOptions {

    private String name;
    private Class<? extends BlockFactory> blockFactory;
    private final Map<String, String> arguments = new LinkedHashMap<>();
    private final Map<String, String> provenance = new LinkedHashMap<>();
    private List<String> labels;
    private float[] mean;
    private float[] deviation;
    private boolean nonFinite;
    private Boolean compile;
    private boolean float16;

    /** Creates options with nothing in them. */
    public SaveOptions() {}

    /**
     * Sets the name of the model, in the place of the one it has.
     *
     * @param name letters, digits, dots, dashes and underscores
     * @return these options
     */
    public SaveOptions optName(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Sets what builds the model as it was before its conversion. Models of the zoo, and models
     * that came through {@code Criteria} with a block factory, say so themselves.
     *
     * @param factory a class with a public constructor without arguments
     * @param arguments what it is told
     * @return these options
     */
    public SaveOptions optBase(
            Class<? extends BlockFactory> factory, Map<String, String> arguments) {
        this.blockFactory = Objects.requireNonNull(factory, "factory");
        this.arguments.clear();
        this.arguments.putAll(arguments);
        return this;
    }

    /**
     * Sets the names of the classes, in the place of those that the model has.
     *
     * @param labels the names in order, as many as the model has outputs; or an empty list
     * @return these options
     */
    public SaveOptions optLabels(List<String> labels) {
        this.labels = List.copyOf(labels);
        return this;
    }

    /**
     * Says that the data of the training were normalised outside the model. The saved model gets
     * the normalisation at its entrance, so that it takes pixels from 0 to 1 by every way; the
     * model in memory stays as it is. For a model that is yet to be trained, {@link
     * TensorialModels#setNormalization} is simpler.
     *
     * @param mean the mean of each channel in units of [0, 1], or one number for all
     * @param deviation the standard deviation of each channel, above 0; as many as means
     * @return these options
     * @throws IllegalArgumentException if the numbers are no such
     */
    public SaveOptions optNormalization(float[] mean, float[] deviation) {
        NormalizedInput.check(mean, deviation);
        this.mean = mean.clone();
        this.deviation = deviation.clone();
        return this;
    }

    /**
     * Sets whether a model is saved some of whose parameters are infinite or not a number, as after
     * a training that diverged. It is refused by default, so that it does not replace a good one.
     *
     * @param nonFinite true to save it all the same, for instance to look into it
     * @return these options
     */
    public SaveOptions optNonFinite(boolean nonFinite) {
        this.nonFinite = nonFinite;
        return this;
    }

    /**
     * Sets whether DJL, and DJL Serving, are to compile the model for predictions whenever they
     * load the folder: {@code compile=true} in its {@code serving.properties}. Without a call, the
     * folder keeps what it says; {@link TensorialModels#load} has an option of its own.
     *
     * @param compile whether to compile it
     * @return these options
     */
    public SaveOptions optCompile(boolean compile) {
        this.compile = compile;
        return this;
    }

    /**
     * Sets whether the numbers are written as float16, in half the bytes. A model of float32 or
     * float64 is so again when it is loaded; its numbers are rounded to 11 bits, so its accuracy is
     * to be measured again.
     *
     * @param float16 whether to write float16; false by default
     * @return these options
     */
    public SaveOptions optFloat16(boolean float16) {
        this.float16 = float16;
        return this;
    }

    /**
     * Adds where the model comes from: {@code seed}, {@code data}, {@code command}, {@code
     * accuracy}, or whatever else whoever finds the folder may ask. The loaded model has it as
     * property {@code provenance.KEY}, and saves it again.
     *
     * @param key what
     * @param value the answer
     * @return these options
     */
    public SaveOptions optProvenance(String key, String value) {
        provenance.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
        return this;
    }

    String name() {
        return name;
    }

    Class<? extends BlockFactory> blockFactory() {
        return blockFactory;
    }

    Map<String, String> arguments() {
        return arguments;
    }

    Map<String, String> provenance() {
        return provenance;
    }

    List<String> labels() {
        return labels;
    }

    float[] mean() {
        return mean;
    }

    float[] deviation() {
        return deviation;
    }

    /** Null to leave what the folder says. */
    Boolean compile() {
        return compile;
    }

    boolean float16() {
        return float16;
    }

    boolean nonFinite() {
        return nonFinite;
    }
}
