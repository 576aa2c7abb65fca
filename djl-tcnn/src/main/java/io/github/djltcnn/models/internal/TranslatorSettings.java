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

import ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What DJL's image translators have to know of a model: size, grey or colour, labels. Pixels they
 * scale to [0, 1], and the model does the rest.
 */
public final class TranslatorSettings {

    private static final Set<String> FITTING =
            Set.of("resize", "resizeShort", "centerCrop", "centerFit");

    /** What one prediction may do otherwise than the model was saved. */
    private static final Set<String> FREE =
            Set.of(
                    "width",
                    "height",
                    "resize",
                    "resizeShort",
                    "centerCrop",
                    "centerFit",
                    "pad",
                    "interpolation",
                    "topK",
                    "applySoftmax",
                    "batchifier",
                    "translatorFactory",
                    "translator");

    private TranslatorSettings() {}

    /**
     * The settings of a saved model.
     *
     * @param structure the model
     * @param labels its labels; numbers stand for them if there are none
     * @return settings by DJL's names
     */
    public static Map<String, String> of(Structure structure, List<String> labels) {
        Map<String, String> settings = new TreeMap<>(structure.arguments());
        if (structure.isImage() && structure.isClassifier()) {
            settings.putIfAbsent("height", Long.toString(structure.input().get(2)));
            settings.putIfAbsent("width", Long.toString(structure.input().get(3)));
            if (FITTING.stream().noneMatch(settings::containsKey)) {
                settings.put("resize", "true");
            }
            settings.put("flag", structure.input().get(1) == 1 ? "GRAYSCALE" : "COLOR");
            settings.putIfAbsent(
                    "translatorFactory", ImageClassificationTranslatorFactory.class.getName());
        }
        if (structure.isClassifier()) {
            if (labels.isEmpty()) {
                settings.put("synset", numbers(structure.output().get(1)));
            } else {
                settings.put("synsetFileName", structure.labelFile());
            }
        }
        return settings;
    }

    /** Labels of a model that has none. */
    public static String numbers(long classes) {
        return IntStream.range(0, Math.toIntExact(classes))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(","));
    }

    /**
     * Checks what somebody who loads a model asks for.
     *
     * @param asked arguments that DJL was given, those of the folder's properties among them
     * @param structure the model
     * @throws IllegalArgumentException if one says that the model is another
     */
    static void check(Map<String, ?> asked, Structure structure) {
        asked.forEach(
                (key, value) -> {
                    String own = structure.arguments().get(key);
                    if (own != null && !FREE.contains(key) && !same(own, value)) {
                        throw new IllegalArgumentException(
                                "The argument "
                                        + key
                                        + "="
                                        + value
                                        + " is another than that of the saved model, "
                                        + own
                                        + "; leave it out, or make another model");
                    }
                });
        Object synset = asked.get("synset");
        if (synset != null && structure.isClassifier()) {
            int labels = synset.toString().split(",").length;
            if (labels != structure.output().get(1)) {
                throw new IllegalArgumentException(
                        "The argument synset has "
                                + labels
                                + " labels, the model "
                                + structure.output().get(1)
                                + " outputs");
            }
        }
    }

    /** JSON makes a double of every number. */
    private static boolean same(String own, Object asked) {
        if (own.equals(String.valueOf(asked))) {
            return true;
        }
        try {
            return Double.parseDouble(own) == Double.parseDouble(String.valueOf(asked));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
