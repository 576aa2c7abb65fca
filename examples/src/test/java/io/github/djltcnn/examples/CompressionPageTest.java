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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Dataset;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.compression.CompressionPlan;
import io.github.djltcnn.compression.CompressionResult;
import io.github.djltcnn.compression.CompressionTarget;
import io.github.djltcnn.compression.Compressor;
import io.github.djltcnn.compression.MeasuredTimes;
import io.github.djltcnn.compression.PredictionMode;
import io.github.djltcnn.conversion.Conversion;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The code of the page about compression, as it stands there. */
public class CompressionPageTest {

    @Test
    public void theKernelsOfANetworkAreConverted() throws Exception {
        Path folder = Files.createTempDirectory("page").resolve("kernels");
        try (NDManager manager = NDManager.newBaseManager()) {
            Dataset images =
                    FashionMnist.subset().train().head(200).toPixelDataset(manager, 20, true);
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
            BatchNorms.recalibrate(model, images, 10); // on some training images
            TensorialModels.save(model, folder);
            System.out.println(conversion.report()); // layer by layer, and in sum
            Assert.assertEquals(conversion.report().converted(), 18);
            model.close();
        }
    }

    @Test
    @SuppressWarnings("ClosingStandardOutputStreams") // it is not closed, only printed to
    public void aNetworkIsCompressedInOneCall() throws Exception {
        Path folder = Files.createTempDirectory("page").resolve("small");
        try (NDManager manager = NDManager.newBaseManager();
                Model model = TcnnZoo.load("resnet20_fashionmnist")) {
            Dataset images =
                    FashionMnist.subset().train().head(64).toPixelDataset(manager, 32, true);
            Compressor compressor =
                    Compressor.builder()
                            .setModel(model)
                            .optFormat("tucker2") // or auto, cp, tt, tr, ..
                            .optTarget(CompressionTarget.PARAMETERS, 0.25) // or MACS, or TIME
                            .optImages(images)
                            .optDistil(1) // passes over the images
                            .build();
            CompressionPlan plan = compressor.plan(); // nothing is changed yet
            System.out.println(plan + " " + plan.estimatedSeconds());
            try (CompressionResult result = compressor.run(System.out::println)) {
                TensorialModels.save(result.model(), folder);
                result.report().write(folder); // text, Markdown, JSON, HTML
            }
            String json = Files.readString(folder.resolve("report.json"));
            Assert.assertTrue(json.contains("\"distilled\""), json);
            try (Model again = TensorialModels.load(folder)) {
                Assert.assertTrue(again.getBlock().isInitialized());
            }
        }
    }

    @Test
    public void ranksAreChosenByMeasuredTimes() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Model model = TcnnZoo.create("resnet20", 10, new Shape(1, 16, 16))) {
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(
                                    (Rank rank) ->
                                            TensorFormats.any(
                                                    TensorFormats.tucker2(rank),
                                                    TensorFormats.cp(rank)))
                            .optRank(Rank.targetTime(0.5))
                            .optLayerTimes(new MeasuredTimes(manager, PredictionMode.COMPILED))
                            .optRank(Rank.targetTime(0.97))
                            .optFilter(path -> path.startsWith("stage3.unit3"))
                            .build();
            ConversionReport report = tensorizer.plan(model.getBlock(), new Shape(1, 1, 16, 16));
            Assert.assertEquals(report.layers().size(), 20);
        }
    }
}
