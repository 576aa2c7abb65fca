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

import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory;
import ai.djl.translate.Translator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Images in, class probabilities out. DJL's image classification with what a model of the zoo says
 * of itself as defaults: the size of the image, grey or colour, softmax, classes named by their
 * numbers. Arguments of DJL's translator ({@code synset}, {@code topK}, ..) go before these.
 *
 * <p>The arguments {@code mean} and {@code std}, one number each, normalise pixels between 0 and 1
 * to {@code (x - mean) / std}; DJL's own {@code normalize} is for three channels.
 *
 * @since 0.1.0
 */
public final class ResNetTranslatorFactory extends ImageClassificationTranslatorFactory {

    private static final long serialVersionUID = 1L;

    @Override
    protected Translator<Image, Classifications> buildBaseTranslator(
            Model model, Map<String, ?> arguments) {
        ResNetSpec spec = ResNetSpec.of(arguments);
        Map<String, Object> all = new HashMap<>(spec.toArguments());
        all.putAll(arguments);
        if (!all.containsKey("synset") && !all.containsKey("synsetFileName")) {
            all.put(
                    "synset",
                    IntStream.range(0, spec.outSize())
                            .mapToObj(Integer::toString)
                            .collect(Collectors.joining(",")));
        }
        ImageClassificationTranslator.Builder builder = ImageClassificationTranslator.builder(all);
        float mean = number(all, "mean", 0);
        float std = number(all, "std", 1);
        if (mean != 0 || std != 1) {
            builder.addTransform(pixels -> pixels.sub(mean).div(std));
        }
        return builder.build();
    }

    private static float number(Map<String, Object> arguments, String key, float otherwise) {
        Object value = arguments.get(key);
        try {
            float number = value == null ? otherwise : Float.parseFloat(value.toString());
            if (Float.isFinite(number) && !("std".equals(key) && number <= 0)) {
                return number;
            }
        } catch (NumberFormatException ignore) {
            // told below
        }
        throw new IllegalArgumentException(
                "The argument " + key + " is a number, std above 0; got \"" + value + "\"");
    }
}
