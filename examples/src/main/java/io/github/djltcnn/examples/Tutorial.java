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

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.github.djltcnn.compression.CompressionResult;
import io.github.djltcnn.compression.CompressionTarget;
import io.github.djltcnn.compression.Compressor;
import io.github.djltcnn.finetuning.Evaluation;
import io.github.djltcnn.finetuning.FineTuner;
import io.github.djltcnn.finetuning.FineTuningResult;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The newcomer's path, from a folder of pictures to a service. docs/tutorial.md goes along it.
 *
 * @since 0.1.0
 */
public final class Tutorial {

    private Tutorial() {}

    /**
     * What came out.
     *
     * @param tuned accuracy of the fine-tuned model on the pictures held out
     * @param small accuracy of the compressed one on all pictures
     * @param served the answer to the first picture
     */
    public record Outcome(double tuned, double small, Classifications served) {}

    /**
     * Runs the program.
     *
     * @param args a folder with one folder of pictures per class, and a folder for the results
     * @throws Exception if a file cannot be read or written
     */
    public static void main(String[] args) throws Exception {
        runExample(Path.of(args[0]), Path.of(args[1]));
    }

    /**
     * Runs the program.
     *
     * @param pictures a folder with one folder of pictures per class
     * @param out a folder for the results
     * @return what came out
     * @throws Exception if a file cannot be read or written
     */
    public static Outcome runExample(Path pictures, Path out) throws Exception {
        Model zoo = TcnnZoo.load("resnet20_fashionmnist");
        System.out.println(TcnnZoo.describe());

        FineTuningResult tuned =
                FineTuner.builder()
                        .setModel(zoo)
                        .setImages(pictures)
                        .optEpochs(6)
                        .optProgress(System.out::println)
                        .build()
                        .run();
        System.out.println(tuned.transfer());
        tuned.write(out.resolve("report")); // curves and confusion matrix, as CSV and PNG

        CompressionResult small =
                Compressor.builder()
                        .setModel(tuned.model())
                        .optFormat("tucker2")
                        .optTarget(CompressionTarget.PARAMETERS, 0.5)
                        .optImages(pictures)
                        .optDistil(2)
                        .build()
                        .run();
        System.out.println(small.report());
        double accuracy = Evaluation.of(small.model(), pictures).accuracy();

        TensorialModels.save(small.model(), out.resolve("model"));

        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(out.resolve("model"))
                        .build();
        try (ZooModel<Image, Classifications> served = criteria.loadModel();
                Predictor<Image, Classifications> predictor = served.newPredictor()) {
            Image picture = ImageFactory.getInstance().fromFile(first(pictures));
            System.out.println(predictor.predict(picture));
            return new Outcome(tuned.accuracy(), accuracy, predictor.predict(picture));
        } finally {
            small.close();
            tuned.close();
            zoo.close();
        }
    }

    private static Path first(Path pictures) throws Exception {
        try (Stream<Path> files = Files.walk(pictures)) {
            List<Path> sorted = files.filter(Files::isRegularFile).sorted().toList();
            return sorted.get(0);
        }
    }
}
