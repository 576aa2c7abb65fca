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
package io.github.djltcnn.examples;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import java.util.ArrayList;
import java.util.List;

/** What predictors make of labelled images. */
final class Predictions {

    /** Images of one call of the predictor, so that memory does not grow with the test set. */
    private static final int PREDICTED_AT_ONCE = 100;

    private Predictions() {}

    /** The share of images whose likeliest class is their label. */
    static double accuracy(Predictor<Image, Classifications> predictor, LabelledImages test)
            throws TranslateException {
        int right = 0;
        for (int start = 0; start < test.count(); start += PREDICTED_AT_ONCE) {
            int end = Math.min(start + PREDICTED_AT_ONCE, test.count());
            List<Image> slice = new ArrayList<>();
            for (int i = start; i < end; i++) {
                slice.add(test.image(i));
            }
            List<Classifications> answers = predictor.batchPredict(slice);
            for (int i = start; i < end; i++) {
                String label = FashionMnist.CLASSES.get(test.label(i));
                if (answers.get(i - start).best().getClassName().equals(label)) {
                    right++;
                }
            }
        }
        return (double) right / test.count();
    }
}
