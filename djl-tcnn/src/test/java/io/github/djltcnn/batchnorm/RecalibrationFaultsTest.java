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
package io.github.djltcnn.batchnorm;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.training.Trainable;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A recalibration that fails leaves all statistics as they were. */
@Test(singleThreaded = true)
public class RecalibrationFaultsTest {

    private static Map<String, float[]> values(Model model) {
        Map<String, float[]> values = new LinkedHashMap<>();
        BlockTree.parameters(model.getBlock())
                .forEach((path, p) -> values.put(path, p.getArray().toFloatArray()));
        return values;
    }

    private static Dataset data(NDArray images) {
        return new ArrayDataset.Builder().setData(images).setSampling(2, false).build();
    }

    /** Ends in an exception after one batch. */
    private record Breaking(Dataset data) implements Dataset {

        @Override
        public Iterable<Batch> getData(NDManager manager) {
            Iterator<Batch> batches;
            try {
                batches = data.getData(manager).iterator();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return () ->
                    new Iterator<>() {

                        private int left = 1;

                        @Override
                        public boolean hasNext() {
                            return true;
                        }

                        @Override
                        public Batch next() {
                            if (left-- == 0) {
                                throw new IllegalStateException("the disk is gone");
                            }
                            return batches.next();
                        }
                    };
        }

        @Override
        public void prepare(Progress progress) {}
    }

    @DataProvider
    public Object[][] faults() {
        return new Object[][] {
            {"channels", "Batch 1 has inputs of shape (2, 1, 8, 8)"},
            {"size", "Batch 1 has inputs of shape (2, 3, 16, 16)"},
            {"nan", "Batch 2 gives a statistic of NaN for 02BatchNorm.running"},
            {"breaks", "the disk is gone"},
        };
    }

    @Test(dataProvider = "faults")
    public void statisticsAreAsTheyWere(String fault, String part) {
        try (Model model = Model.newInstance("tiny");
                NDManager own = NDManager.newBaseManager()) {
            model.setBlock(TinyNet.initialized(model.getNDManager()));
            NDArray images = own.randomNormal(new Shape(6, 3, 8, 8));
            Dataset dataset =
                    switch (fault) {
                        case "channels" -> data(own.ones(new Shape(6, 1, 8, 8)));
                        case "size" -> data(own.ones(new Shape(6, 3, 16, 16)));
                        case "nan" -> {
                            images.set(new NDIndex("2, 1, 3, 3"), Float.NaN);
                            yield data(images);
                        }
                        default -> new Breaking(data(images));
                    };
            Map<String, float[]> before = values(model);
            int arrays = model.getNDManager().getManagedArrays().size();
            RuntimeException e =
                    Assert.expectThrows(
                            RuntimeException.class,
                            () -> BatchNorms.recalibrate(model, dataset, 3));
            Assert.assertTrue(e.getMessage().contains(part), e.getMessage());
            Map<String, float[]> after = values(model);
            before.forEach((path, v) -> Assert.assertEquals(after.get(path), v, path));
            Assert.assertEquals(model.getNDManager().getManagedArrays().size(), arrays);
        }
    }

    @Test
    public void statisticsThatAreKeptAreNotMeasured() {
        try (Model model = Model.newInstance("tiny")) {
            model.setBlock(TinyNet.initialized(model.getNDManager()));
            Dataset dataset = data(model.getNDManager().randomNormal(new Shape(4, 3, 8, 8)));
            Trainable.freezeStatistics(model.getBlock());
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> BatchNorms.recalibrate(model, dataset, 1));
            Assert.assertTrue(e.getMessage().contains("thawStatistics"), e.getMessage());
        }
    }

    /** The mean over the places, the later ones weighing more: constant data make it exact. */
    @Test
    public void aNormalisationInTwoPlacesIsMeasuredInBoth() throws Exception {
        try (Model model = Model.newInstance("shared")) {
            BatchNorm norm = BatchNorm.builder().optMomentum(0.5f).build();
            SequentialBlock net =
                    new SequentialBlock()
                            .add(norm)
                            .addSingleton(x -> x.zerosLike().add(6))
                            .add(norm);
            NDManager manager = model.getNDManager();
            net.initialize(manager, DataType.FLOAT32, new Shape(2, 1, 3));
            model.setBlock(net);
            NDArray threes = manager.ones(new Shape(2, 1, 3)).mul(3);
            BatchNorms.recalibrate(model, data(threes), 1);
            NDList mean = new NDList(norm.getDirectParameters().get("runningMean").getArray());
            // half of 6, and half of half of 3, over three quarters
            Assert.assertEquals(mean.head().getFloat(0), (3 + 0.75f) / 0.75f, 1e-5f);
        }
    }
}
