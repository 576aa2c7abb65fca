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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.models.internal.ModelFolder;
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.models.internal.Roots;
import io.github.djltcnn.models.internal.SavedModel;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.runtime.internal.CacheSizeGuard;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Saves models to folders that say themselves what they are, and loads them.
 *
 * <pre>{@code
 * TensorialModels.setNormalization(model, new float[] {.286f}, new float[] {.353f});
 * TensorialModels.setLabels(model, List.of("T-shirt", "Trouser", ..));
 * // .. training on pixels from 0 to 1 ..
 * TensorialModels.save(model, folder);
 *
 * Model again = TensorialModels.load(folder);
 * ZooModel<Image, Classifications> served =
 *         Criteria.builder().setTypes(Image.class, Classifications.class)
 *                 .optModelPath(folder).build().loadModel();
 * }</pre>
 *
 * <p>A folder holds {@code model.tcnn} (what builds the model, the network of every layer, what its
 * input means, the provenance; it begins with its own hash), {@code NAME-HASH.safetensors} (the
 * parameters by path), {@code synset-HASH.txt} if there are labels, and {@code serving.properties}
 * for DJL. Nothing is built from a file that was changed; sizes are compared before memory is
 * reserved. {@code serving.properties} alone may be edited: settings such as {@code batch_size} or
 * {@code topK} are used and kept, those that say that the model is another one are refused.
 *
 * <p>A save takes effect in one move of {@code model.tcnn}: a process that is killed before leaves
 * the old model, one that is killed after the new one, and what it left aside is deleted by the
 * next save. Several threads and processes may save to one folder, and load from it meanwhile.
 * Files that no save wrote stay.
 *
 * @since 0.1.0
 */
public final class TensorialModels {

    static {
        CacheSizeGuard.apply();
    }

    private TensorialModels() {}

    /**
     * Saves a model whose properties say what builds it, as those of the zoo's models do.
     *
     * @param model an initialised model
     * @param folder the folder; it is made, or its model replaced
     * @throws IOException if it cannot be written, or holds something else
     * @throws IllegalArgumentException if the model cannot be described, or could not be loaded
     */
    public static void save(Model model, Path folder) throws IOException {
        save(model, folder, new SaveOptions());
    }

    /**
     * Saves a model.
     *
     * @param model an initialised model
     * @param folder the folder; it is made, or its model replaced
     * @param options labels, provenance, and what builds the model before its conversion
     * @throws IOException if it cannot be written, or holds something else
     * @throws IllegalArgumentException if the model cannot be described, or could not be loaded:
     *     names the layer or parameter
     */
    public static void save(Model model, Path folder, SaveOptions options) throws IOException {
        Saving.save(model, folder, options);
    }

    /**
     * Loads a saved model to DJL's default device.
     *
     * @param folder the folder
     * @return the initialised model, which the caller closes
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if a file was changed, is not well-formed, or does not fit
     *     the others; names the file, and the layer where there is one
     */
    public static Model load(Path folder) throws IOException, MalformedModelException {
        return load(folder, new LoadOptions());
    }

    /**
     * Loads a saved model.
     *
     * @param folder the folder
     * @param device the device, or null for DJL's default
     * @param loaders class loaders to ask first for the class that builds the base of the model;
     *     those of the thread and of this library are asked in any case
     * @return the initialised model, which the caller closes. Its arrays ask for no gradients until
     *     a trainer is initialised; parameters that were frozen are frozen
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if a file was changed, is not well-formed, or does not fit
     *     the others; names the file, and the layer where there is one
     */
    public static Model load(Path folder, Device device, ClassLoader... loaders)
            throws IOException, MalformedModelException {
        return load(folder, new LoadOptions().optDevice(device).optClassLoaders(loaders));
    }

    /**
     * Loads a saved model.
     *
     * @param folder the folder
     * @param options the device, class loaders, and whether it is compiled for predictions
     * @return the initialised model, which the caller closes. Its arrays ask for no gradients until
     *     a trainer is initialised; parameters that were frozen are frozen
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if a file was changed, is not well-formed, or does not fit
     *     the others; names the file, and the layer where there is one
     * @throws IllegalArgumentException if it is to be compiled and cannot be
     */
    public static Model load(Path folder, LoadOptions options)
            throws IOException, MalformedModelException {
        try (ModelFolder.Opened opened = ModelFolder.open(folder)) {
            Model model =
                    Model.newInstance(opened.structure().name(), options.device(), PyTorch.ENGINE);
            try {
                model.setBlock(SavedModel.build(folder, opened, model, options.loaders()));
                if (options.compile()) {
                    Compiled.replace(model);
                }
                return model;
            } catch (IOException | MalformedModelException | RuntimeException e) {
                model.close();
                throw e;
            }
        }
    }

    /**
     * Makes a model normalise its input itself, or by other numbers than before: pixels from 0 to 1
     * become {@code (x - mean) / deviation}. Do so before training, and train on pixels from 0 to
     * 1.
     *
     * @param model a model with a block, initialised or not
     * @param mean the mean of each channel, or one number for all
     * @param deviation the standard deviation of each channel, above 0; as many as means
     * @throws IllegalArgumentException if the numbers are no such, or the normalisation stands
     *     within another block
     */
    public static void setNormalization(Model model, float[] mean, float[] deviation) {
        Block block = model.getBlock();
        if (block == null) {
            throw new IllegalArgumentException(
                    "The model "
                            + model.getName()
                            + " has no block yet; set it before its normalisation");
        }
        if (block instanceof NormalizedInput normalised) {
            block = normalised.getBlock();
        }
        if (Roots.normalised(block) != null) {
            throw new IllegalArgumentException(
                    "The model normalises its input within another block; put that block within a"
                            + " new NormalizedInput instead");
        }
        model.setBlock(new NormalizedInput(block, mean, deviation));
        String[] keys = {"mean", "std"};
        for (String key : keys) {
            if (model.getProperty(key) != null) {
                model.setProperty(key, text("mean".equals(key) ? mean : deviation));
            }
        }
    }

    private static String text(float[] numbers) {
        StringBuilder text = new StringBuilder();
        for (float number : numbers) {
            text.append(text.isEmpty() ? "" : ",").append(number);
        }
        return text.toString();
    }

    /**
     * Sets the names of the classes of a model, which {@link #save} writes down.
     *
     * @param model the model
     * @param labels the names in the order of the outputs; an empty list for numbers
     * @throws IllegalArgumentException if the model is initialised and has another number of
     *     outputs
     */
    public static void setLabels(Model model, List<String> labels) {
        long outputs = ModelInfo.outputs(model);
        if (!labels.isEmpty() && outputs >= 0 && outputs != labels.size()) {
            throw new IllegalArgumentException(
                    labels.size() + " labels for a model of " + outputs + " outputs");
        }
        ModelProperties.setLabels(model, List.copyOf(labels));
    }

    /**
     * Makes the translator of a model that classifies images, as DJL does for a saved folder: it
     * fits images to the size of the model, scales pixels to [0, 1] and names the classes. The
     * model does the rest.
     *
     * @param <I> the type of the input
     * @param <O> the type of the output
     * @param model an initialised model of images of 1 or 3 channels
     * @param input Image, Path, URL, InputStream or Input; or NDList, which is taken as it is
     * @param output Classifications, Output; or NDList
     * @return a translator for {@code model.newPredictor}
     * @throws IllegalArgumentException if the model is none of images, or there is no translator
     *     between these types
     */
    @SuppressWarnings("unchecked")
    public static <I, O> Translator<I, O> translator(Model model, Class<I> input, Class<O> output) {
        try {
            Map<String, Object> settings = new HashMap<>(ModelProperties.arguments(model));
            if (new ImageClassificationTranslatorFactory().isSupported(input, output)) {
                return images(model, settings).getExpansions().option(input, output);
            }
            if (input == NDList.class && output == NDList.class) {
                return (Translator<I, O>) new NoopTranslator();
            }
        } catch (TranslateException e) {
            throw new IllegalArgumentException("No translator for the model", e);
        }
        throw new IllegalArgumentException(
                "No translator from " + input.getName() + " to " + output.getName());
    }

    private static ImageClassificationTranslator images(Model model, Map<String, Object> settings) {
        ModelInfo info = ModelInfo.of(model);
        Shape image = info.input();
        if (image.dimension() != 4 || (image.get(1) != 1 && image.get(1) != 3)) {
            throw new IllegalArgumentException(
                    "Images have 1 or 3 channels, the input of this model is "
                            + image
                            + "; predict with NDList");
        }
        settings.putIfAbsent("height", image.get(2));
        settings.putIfAbsent("width", image.get(3));
        settings.putIfAbsent("resize", "true");
        settings.putIfAbsent("flag", image.get(1) == 1 ? "GRAYSCALE" : "COLOR");
        List<String> labels = info.labels();
        if (labels.isEmpty()) {
            int outputs = Math.toIntExact(ModelInfo.outputs(model));
            if (outputs < 0) {
                throw new IllegalArgumentException(
                        "A classifier has one output per class, (batch, classes); the output of"
                                + " this model is "
                                + info.output()
                                + "; predict with NDList");
            }
            labels = IntStream.range(0, outputs).mapToObj(Integer::toString).toList();
        }
        try {
            return ImageClassificationTranslator.builder(settings).optSynset(labels).build();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "A property of the model that sets its translator (topK, resize, ..) is no"
                            + " number: "
                            + e.getMessage()
                            + "; the properties are "
                            + settings,
                    e);
        }
    }
}
