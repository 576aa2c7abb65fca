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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.nn.Block;
import io.github.djltcnn.nn.NormalizedInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Builds the model of a folder, with all its properties. */
public final class SavedModel {

    private SavedModel() {}

    /**
     * Builds the model of an open folder.
     *
     * @param folder the folder
     * @param opened its files
     * @param model takes parameters, properties and data type
     * @param loaders where to look for the class that builds the base first
     * @return the block of the model
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder does not make a model
     */
    public static Block build(
            Path folder, ModelFolder.Opened opened, Model model, ClassLoader... loaders)
            throws IOException, MalformedModelException {
        Structure structure = opened.structure();
        int labels = opened.labels().size();
        if (labels > 0 && (!structure.isClassifier() || labels != structure.output().get(1))) {
            throw new MalformedModelException(
                    structure.labelFile()
                            + ": has "
                            + labels
                            + " labels for an output of shape "
                            + structure.output());
        }
        Block block = StructureBuilder.build(folder, structure, opened.tensors(), model, loaders);
        model.setDataType(structure.dataType());
        ModelProperties.write(model, structure, opened.labels());
        return block;
    }

    /**
     * Builds the model of a folder for DJL's loader, and tells its translators about it.
     *
     * @param folder the folder
     * @param model takes parameters, properties and data type
     * @param arguments what DJL was told; DJL gives them to the translator next
     * @return the block of the model
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder does not make a model, or its properties say
     *     that it is another
     */
    public static Block build(Path folder, Model model, Map<String, Object> arguments)
            throws IOException, MalformedModelException {
        try (ModelFolder.Opened opened = ModelFolder.open(folder)) {
            Structure structure = opened.structure();
            Block block = build(folder, opened, model);
            check(folder, structure, block, arguments);
            Map<String, String> settings =
                    new TreeMap<>(TranslatorSettings.of(structure, opened.labels()));
            if (arguments.containsKey("synset")
                    || arguments.containsKey("synsetUrl")
                    || arguments.containsKey("synsetFileName")) {
                settings.keySet().removeAll(Set.of("synset", "synsetFileName"));
            }
            if (arguments.containsKey("resizeShort")
                    || arguments.containsKey("centerCrop")
                    || arguments.containsKey("centerFit")) {
                settings.remove("resize");
            }
            Set<String> derived = new TreeSet<>(arguments.keySet());
            derived.addAll(settings.keySet());
            derived.removeAll(structure.arguments().keySet());
            ModelProperties.setDerived(model, derived);
            settings.forEach(arguments::putIfAbsent);
            return block;
        }
    }

    private static void check(
            Path folder, Structure structure, Block block, Map<String, Object> arguments)
            throws IOException, MalformedModelException {
        try {
            NormalizedInput normalised = block instanceof NormalizedInput n ? n : null;
            ModelProperties.checkPixels(arguments, normalised, true);
            TranslatorSettings.check(arguments, structure);
        } catch (IllegalArgumentException e) {
            Map<String, String> settings = ServingProperties.settings(folder);
            boolean ofFile =
                    settings.entrySet().stream()
                            .anyMatch(
                                    s ->
                                            s.getValue().equals(arguments.get(s.getKey()))
                                                    && e.getMessage().contains(s.getKey()));
            if (ofFile) {
                throw new MalformedModelException(
                        ServingProperties.FILE + ": " + e.getMessage(), e);
            }
            throw e;
        }
    }
}
