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
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;

/** The least of a service: loads a saved folder as any model of DJL, and says what it sees. */
final class FolderService {

    private FolderService() {}

    /**
     * Runs the service.
     *
     * @param args the folder of the model and the file of an image
     */
    public static void main(String[] args) throws Exception {
        System.out.println(answer(Path.of(args[0]), Path.of(args[1])));
    }

    /** The likeliest class of an image and its probability. */
    static String answer(Path folder, Path image) throws Exception {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(folder)
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            Classifications.Classification best =
                    predictor.predict(ImageFactory.getInstance().fromFile(image)).best();
            return String.format("answer: %s %.4f", best.getClassName(), best.getProbability());
        }
    }
}
