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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.conversion.Conversion;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.training.FusedOptimizer;
import io.github.djltcnn.training.FusedOptimizers;
import io.github.djltcnn.training.FusedTrainer;
import io.github.djltcnn.training.LearningRates;
import io.github.djltcnn.training.StepKind;
import io.github.djltcnn.zoo.TensorialResNet;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The code of the pages about training, learning rates and compression by answers. */
public class TrainingPagesTest {

    private static Model model(String name) {
        Model model = Model.newInstance(name);
        model.setBlock(
                TensorialResNet.cifar(8)
                        .setOutSize(10)
                        .optFormat(TensorFormats.tensorRing(Rank.of(2)))
                        .build());
        return model;
    }

    private static Dataset dataset(NDManager manager, Shape image) {
        return new ArrayDataset.Builder()
                .setData(manager.randomUniform(0, 1, new Shape(8).addAll(image)))
                .optLabels(manager.arange(8).toType(DataType.INT64, false))
                .setSampling(4, false)
                .build();
    }

    /** docs/training.md. */
    @Test
    public void aFusedTrainerTrains() throws Exception {
        int epochs = 1;
        try (NDManager manager = NDManager.newBaseManager();
                Model model = model("fused")) {
            Dataset train = dataset(manager, new Shape(3, 32, 32));
            Dataset test = dataset(manager, new Shape(3, 32, 32));
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    FusedOptimizers.sgd()
                                            .setLearningRateTracker(Tracker.fixed(0.1f))
                                            .optMomentum(0.9f)
                                            .optWeightDecays(5e-4f)
                                            .build());
            try (Trainer trainer = FusedTrainer.of(model, config)) {
                trainer.initialize(new Shape(1, 3, 32, 32));
                EasyTrain.fit(trainer, epochs, train, test);
            }
            FusedOptimizer optimizer = (FusedOptimizer) config.getOptimizer();
            Map<String, NDArray> state = optimizer.state(model.getBlock(), manager);
            // .. later, in another process, with the parameters loaded:
            optimizer.setState(model.getBlock(), state);
            Assert.assertTrue(state.keySet().stream().anyMatch(name -> name.endsWith("/momentum")));
            Assert.assertTrue(state.values().stream().noneMatch(NDArray::isReleased));
        }
    }

    /** docs/learning-rates.md. */
    @Test
    public void ratesAreTransferred() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Model model = model("rates")) {
            Shape image = new Shape(3, 16, 16);
            model.getBlock()
                    .initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1).addAll(image));
            Optimizer optimizer =
                    Optimizer.sgd()
                            .setLearningRateTracker(
                                    LearningRates.transfer(
                                            model.getBlock(),
                                            Tracker.fixed(0.05f),
                                            StepKind.GRADIENT))
                            .optMomentum(0.9f)
                            .build();
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(optimizer);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(1).addAll(image));
                EasyTrain.fit(trainer, 1, dataset(manager, image), null);
            }
            for (Parameter parameter : model.getBlock().getParameters().values()) {
                NDArray found = parameter.getArray();
                Assert.assertTrue(found.isInfinite().logicalOr(found.isNaN()).none().getBoolean());
            }
        }
    }

    /** docs/compression.md, compression by answers. */
    @Test
    public void layersAreFittedToAnswers() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("answers")) {
            model.setBlock(TensorialResNet.cifar(8).setOutSize(10).build());
            model.getBlock()
                    .initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1, 28, 28));
            Dataset images = dataset(manager, new Shape(1, 28, 28));
            Conversion conversion =
                    Tensorizer.builder()
                            .setFormat(TensorFormats::cp)
                            .optRank(Rank.targetParameters(0.25))
                            .optKeepFirst(true)
                            .optFilter(path -> !path.startsWith("head"))
                            .optImages(images, 1_000) // prepared as for the model
                            .build()
                            .convert(model.getBlock(), new Shape(1, 1, 28, 28));
            model.setBlock(conversion.block());
            Assert.assertTrue(conversion.report().converted() >= 4);
        }
    }
}
