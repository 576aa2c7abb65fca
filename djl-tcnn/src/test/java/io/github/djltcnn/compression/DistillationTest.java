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
package io.github.djltcnn.compression;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.ArrayDataset;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.ModelCopy;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Learning the answers of another model. */
public class DistillationTest {

    private static final Shape INPUT = new Shape(1, 3, 8, 8);

    private static Model disturbed(Model teacher) {
        Model student = ModelCopy.of(teacher);
        for (Parameter parameter : BlockTree.parameters(student.getBlock()).values()) {
            if (parameter.getType() == Parameter.Type.WEIGHT) {
                NDArray array = parameter.getArray();
                try (NDArray noise = array.getManager().randomNormal(array.getShape())) {
                    noise.muli(0.1f);
                    array.addi(noise);
                }
            }
        }
        return student;
    }

    @Test
    public void theLossFallsAndWhatIsFrozenStays() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Model teacher = SmallModels.model(DataType.FLOAT32, INPUT);
                Model student = disturbed(teacher)) {
            Map<String, Parameter> parameters = BlockTree.parameters(student.getBlock());
            Parameter kept = parameters.get("04Conv2d.weight");
            kept.freeze(true);
            float[] before = kept.getArray().toFloatArray();
            ArrayDataset images = SmallModels.images(manager, INPUT, 256, false);
            int arrays = student.getNDManager().getManagedArrays().size();
            double[] last = {0};
            Distillation.Outcome outcome =
                    Distillation.builder()
                            .setTeacher(teacher)
                            .optEpochs(4)
                            .optBatchSize(8)
                            .optSquares(1)
                            .optProgress(
                                    share -> {
                                        Assert.assertTrue(share >= last[0] && share <= 1);
                                        last[0] = share;
                                    })
                            .build()
                            .train(student, images);
            Assert.assertEquals(outcome.images(), 4 * 256);
            Assert.assertEquals(outcome.steps(), 4 * 256 / 8);
            Assert.assertEquals(last[0], 1.0);
            Assert.assertTrue(outcome.lastLoss() < 0.5 * outcome.firstLoss(), outcome.toString());
            Assert.assertEquals(kept.getArray().toFloatArray(), before);
            Assert.assertFalse(kept.requiresGradient());
            Assert.assertEquals(student.getNDManager().getManagedArrays().size(), arrays);
        }
    }

    @Test
    public void runningStatisticsStayIfTold() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Model teacher = SmallModels.model(DataType.FLOAT32, INPUT);
                Model student = disturbed(teacher)) {
            Parameter mean =
                    BlockTree.parameters(student.getBlock()).get("02BatchNorm.runningMean");
            float[] before = mean.getArray().toFloatArray();
            Distillation.builder()
                    .setTeacher(teacher)
                    .optKeepStatistics(true)
                    .optImagesPerEpoch(20)
                    .build()
                    .train(student, SmallModels.images(manager, INPUT, 64, false));
            Assert.assertEquals(mean.getArray().toFloatArray(), before);
        }
    }

    /** A rate that is far too large is lowered: the student is not worse than it was. */
    @Test
    public void aRateAtWhichTheLossRisesIsLowered() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Model teacher = SmallModels.model(DataType.FLOAT32, INPUT);
                Model student = disturbed(teacher)) {
            ArrayDataset images = SmallModels.images(manager, INPUT, 256, false);
            double[] last = {0};
            Distillation.Outcome outcome =
                    Distillation.builder()
                            .setTeacher(teacher)
                            .optBatchSize(8)
                            .optRate(30)
                            .optSquares(1)
                            .optKeepStatistics(true)
                            .optProgress(
                                    share -> {
                                        Assert.assertTrue(share >= last[0] && share <= 1);
                                        last[0] = share;
                                    })
                            .build()
                            .train(student, images);
            Assert.assertTrue(outcome.rate() < 30, outcome.toString());
            Assert.assertEquals(outcome.steps(), 256 / 8);
            Assert.assertEquals(outcome.images(), 256);
            Assert.assertTrue(Double.isFinite(outcome.lastLoss()), outcome.toString());
        }
    }

    @Test
    public void whatCannotBeLearntIsRefused() {
        try (NDManager manager = NDManager.newBaseManager();
                Model teacher = SmallModels.model(DataType.FLOAT32, INPUT);
                Model doubles = SmallModels.model(DataType.FLOAT64, INPUT)) {
            ArrayDataset images = SmallModels.images(manager, INPUT, 16, false);
            Distillation distillation = Distillation.builder().setTeacher(teacher).build();
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> distillation.train(teacher, images));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> distillation.train(doubles, images));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> Distillation.builder().build());
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> Distillation.builder().optRate(Float.NaN));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> Distillation.builder().optEpochs(0));
        }
    }
}
