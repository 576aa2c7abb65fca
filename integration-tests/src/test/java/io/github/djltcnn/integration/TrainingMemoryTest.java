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
package io.github.djltcnn.integration;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import io.github.djltcnn.zoo.TcnnZoo;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Training holds as many arrays after many steps as after few, for every kind of network. */
public class TrainingMemoryTest {

    /** One model of every family. */
    @DataProvider
    public Object[][] models() {
        return TcnnZoo.list("*resnet20*").stream()
                .map(name -> new Object[] {name})
                .toArray(Object[][]::new);
    }

    @Test(dataProvider = "models")
    public void stepsLeaveNothingBehind(String name) {
        Shape image = new Shape(1, 12, 12);
        try (Model model = TcnnZoo.create(name, 10, image);
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()))) {
            trainer.initialize(new Shape(1).addAll(image));
            step(trainer, image);
            step(trainer, image);
            int held = model.getNDManager().getManagedArrays().size();
            for (int n = 0; n < 5; n++) {
                step(trainer, image);
            }
            Assert.assertEquals(model.getNDManager().getManagedArrays().size(), held, name);
        }
    }

    private static void step(Trainer trainer, Shape image) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            NDArray x = manager.randomNormal(new Shape(4).addAll(image));
            NDArray labels = manager.create(new int[] {0, 1, 2, 3}).toType(DataType.INT64, false);
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList output = trainer.forward(new NDList(x));
                collector.backward(trainer.getLoss().evaluate(new NDList(labels), output));
            }
            trainer.step();
        }
    }
}
