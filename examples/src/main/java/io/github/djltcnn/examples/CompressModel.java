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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.conversion.Conversion;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The README's second example: a trained dense network made four times smaller and saved.
 *
 * @since 0.1.0
 */
public final class CompressModel {

    private CompressModel() {}

    /**
     * Runs the program.
     *
     * @param args the folder to save to
     * @throws Exception if the model cannot be read or saved
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args.length > 0 ? args[0] : "target/compressed");
        try (NDManager manager = NDManager.newBaseManager()) {
            runExample(FashionMnist.subset().train().toPixelDataset(manager, 200, true), folder);
        }
    }

    /**
     * Runs the program. Its body stands in the README, word for word.
     *
     * @param images images to measure batch normalisation on, with pixels from 0 to 1; no labels
     *     are needed
     * @param folder where the small model goes
     * @return what became of each layer
     */
    public static ConversionReport runExample(Dataset images, Path folder)
            throws IOException,
                    ModelNotFoundException,
                    MalformedModelException,
                    TranslateException {
        Model model = TcnnZoo.load("resnet20_fashionmnist"); // or any network of DJL's blocks
        Conversion conversion =
                Tensorizer.builder()
                        .setFormat(TensorFormats::tucker2)
                        .optRank(Rank.bestRatio(0.25))
                        .optKeepFirst(true)
                        .optFilter(path -> !path.startsWith("head"))
                        .build()
                        .convert(model.getBlock(), new Shape(1, 1, 28, 28));
        model.setBlock(conversion.block());
        BatchNorms.recalibrate(model, images, 10);
        TensorialModels.save(model, folder);
        System.out.println(conversion.report());
        return conversion.report();
    }
}
