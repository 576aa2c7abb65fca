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
package io.github.djltcnn.zoo;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.common.internal.TextTable;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One-line access to the models of the zoo.
 *
 * <pre>{@code
 * TcnnZoo.list("tr_*");                                            // tr_resnet18_r10, ...
 * Model model = TcnnZoo.create("tr_resnet20_r10", 10, new Shape(1, 28, 28));
 * }</pre>
 *
 * <p>The same models are there for DJL's {@code Criteria}, by group id {@value #GROUP_ID}, artifact
 * id ({@code tr_resnet}) and filters ({@code layers}, {@code rank}), or by a URL such as {@code
 * tcnn://tr_resnet20?rank=10&classes=10}. Nothing of this opens a connection.
 *
 * @since 0.1.0
 */
public final class TcnnZoo {

    /** The group id of the zoo's models. */
    public static final String GROUP_ID = "io.github.djltcnn";

    private TcnnZoo() {}

    /**
     * Lists names of models. Each also comes in other ranks: {@code tr_resnet20_r4} is as good as
     * the listed {@code tr_resnet20_r10}.
     *
     * @param pattern a name in which {@code *} stands for any text, such as {@code tr_*}
     * @return the names that match, by family and depth; empty if none does
     */
    public static List<String> list(String pattern) {
        return ZooNames.matching(pattern);
    }

    /**
     * Creates a model with seed 0, initialised and ready to train.
     *
     * @param name the name, such as {@code tr_resnet20_r10}
     * @param outSize the number of classes
     * @param image the shape of an image, (channels, height, width)
     * @return the model, which the caller closes
     * @throws IllegalArgumentException if the name is unknown (the message lists the nearest) or a
     *     size is out of bounds
     */
    public static Model create(String name, int outSize, Shape image) {
        return create(ResNetSpec.parse(name).withOutSize(outSize).withImage(image));
    }

    /**
     * Creates a model, initialised and ready to train.
     *
     * @param spec what to create
     * @return the model on DJL's default device, which the caller closes
     */
    public static Model create(ResNetSpec spec) {
        return create(spec, null);
    }

    /**
     * Creates a model, initialised and ready to train.
     *
     * @param spec what to create; equal specifications give equal parameters
     * @param device the device, or null for DJL's default
     * @return the model, which the caller closes
     */
    public static Model create(ResNetSpec spec, Device device) {
        Model model = Model.newInstance(spec.name(), device, PyTorch.ENGINE);
        try {
            model.setBlock(ResNetBlockFactory.initialized(spec, model.getNDManager()));
            for (Map.Entry<String, Object> entry : spec.toArguments().entrySet()) {
                model.setProperty(entry.getKey(), entry.getValue().toString());
            }
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * Lists the models that come with trained parameters.
     *
     * @return names for {@link #load}, such as {@code resnet20_fashionmnist}
     */
    public static List<String> listTrained() {
        return TrainedModels.names();
    }

    /**
     * Loads a model with trained parameters, which ship with this jar. {@code Criteria} finds it by
     * the filter {@code dataset}, or by a URL such as {@code tcnn://resnet20_fashionmnist}. It
     * takes pixels from 0 to 1 and normalises them itself; {@code TensorialModels.translator} makes
     * the translator of its images.
     *
     * @param name one of {@link #listTrained}
     * @return the model, which the caller closes
     * @throws IllegalArgumentException if there is none of that name
     * @throws IOException if the files cannot be copied to DJL's cache
     * @throws MalformedModelException if the copy in the cache is damaged
     */
    public static Model load(String name) throws IOException, MalformedModelException {
        return load(name, null);
    }

    /**
     * Loads a model with trained parameters to a device.
     *
     * @param name one of {@link #listTrained}
     * @param device the device, or null for DJL's default
     * @return the model, which the caller closes
     * @throws IllegalArgumentException if there is none of that name
     * @throws IOException if the files cannot be copied to DJL's cache
     * @throws MalformedModelException if the copy in the cache is damaged
     */
    public static Model load(String name, Device device)
            throws IOException, MalformedModelException {
        return TrainedModels.load(name, device);
    }

    /**
     * Says of every model with trained parameters what it was trained on, how large and how good it
     * is, and how it was made.
     *
     * @return the models
     * @throws IOException if the files cannot be copied to DJL's cache
     * @throws MalformedModelException if the copy in the cache is damaged
     */
    public static List<TrainedModel> trained() throws IOException, MalformedModelException {
        return TrainedModels.describe();
    }

    /**
     * Describes the models with trained parameters.
     *
     * @return a table in Markdown
     * @throws IOException if the files cannot be copied to DJL's cache
     * @throws MalformedModelException if the copy in the cache is damaged
     */
    public static String describe() throws IOException, MalformedModelException {
        TextTable table =
                new TextTable(
                        "model",
                        "trained on",
                        "input",
                        "classes",
                        "accuracy",
                        "of",
                        "parameters",
                        "multiply-adds",
                        "size",
                        "latency",
                        "recipe",
                        "seed",
                        "version");
        for (TrainedModel model : trained()) {
            table.add(
                    model.name(),
                    model.data(),
                    model.input().slice(1).toString(),
                    Integer.toString(model.labels().size()),
                    String.format(Locale.ROOT, "%.4f", model.accuracy()),
                    model.accuracyOn(),
                    TextTable.count(model.parameters()),
                    TextTable.count(model.multiplyAdds()),
                    String.format(Locale.ROOT, "%.2f MB", model.bytes() / 1e6),
                    String.format(Locale.ROOT, "%s (%.2f)", model.latencyClass(), model.latency()),
                    model.recipe(),
                    model.seed(),
                    model.version());
        }
        return table.toMarkdown();
    }
}
