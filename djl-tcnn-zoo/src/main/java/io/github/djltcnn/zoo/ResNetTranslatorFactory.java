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
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.models.internal.Roots;
import io.github.djltcnn.models.internal.TranslatorSettings;
import java.util.HashMap;
import java.util.Map;

/**
 * Images in, class probabilities out. DJL's image classification with what a model of the zoo says
 * of itself as defaults: the size of the image, grey or colour, softmax, classes named by their
 * numbers. Arguments of DJL's translator ({@code synset}, {@code topK}, ..) go before these.
 *
 * <p>Pixels are scaled to [0, 1] and no further: what is subtracted and divided by belongs to the
 * model ({@link io.github.djltcnn.nn.NormalizedInput}, the arguments {@code mean} and {@code std}
 * of {@link ResNetBlockFactory}), so that it is the same by every way.
 *
 * @since 0.1.0
 */
public final class ResNetTranslatorFactory extends ImageClassificationTranslatorFactory {

    private static final long serialVersionUID = 1L;

    @Override
    protected Translator<Image, Classifications> buildBaseTranslator(
            Model model, Map<String, ?> arguments) {
        ResNetSpec spec = ResNetSpec.of(arguments);
        long channels = spec.image().get(0);
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException(
                    "Images have 1 or 3 channels, the model takes "
                            + channels
                            + "; predict with NDList, (batch, channels, height, width)");
        }
        Map<String, Object> all = new HashMap<>(spec.toArguments());
        all.putAll(arguments);
        if (!all.containsKey("synset") && !all.containsKey("synsetFileName")) {
            all.put("synset", TranslatorSettings.numbers(spec.outSize()));
        }
        ModelProperties.checkPixels(all, Roots.normalised(model.getBlock()), true);
        try {
            return ImageClassificationTranslator.builder(all).build();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "An argument of the translator (topK, resize, ..) is no number: "
                            + e.getMessage()
                            + "; the arguments are "
                            + all,
                    e);
        }
    }
}
