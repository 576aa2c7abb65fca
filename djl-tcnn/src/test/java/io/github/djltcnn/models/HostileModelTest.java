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
package io.github.djltcnn.models;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.models.internal.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Models, labels and weights that are wrong in ways that only showed later, or never. */
public class HostileModelTest {

    private static final Shape INPUT = new Shape(1, 3, 8, 8);

    /** Builds the network of these tests. */
    public static final class Net implements BlockFactory {

        private static final long serialVersionUID = 1L;

        @Override
        public Block newBlock(Model model, Path path, Map<String, ?> arguments) {
            return new SequentialBlock()
                    .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(2).build())
                    .add(Blocks.batchFlattenBlock())
                    .add(Linear.builder().setUnits(2).build());
        }
    }

    private static Model model() {
        Model model = Model.newInstance("hostile");
        Block block = new Net().newBlock(model, null, Map.of());
        block.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
        model.setBlock(block);
        return model;
    }

    private static String refused(org.testng.Assert.ThrowingRunnable attempt) {
        return Assert.expectThrows(IllegalArgumentException.class, attempt).getMessage();
    }

    /** Such a model was saved, and could not predict. */
    @Test
    void testNormalisationOfOtherChannels() {
        try (Model model = model()) {
            Block before = model.getBlock();
            float[] four = {1, 1, 1, 1};
            String message =
                    refused(() -> TensorialModels.setNormalization(model, new float[4], four));
            Assert.assertTrue(message.contains("4"), message);
            Assert.assertTrue(message.contains(INPUT.toString()), message);
            Assert.assertSame(model.getBlock(), before);
        }
    }

    @Test
    void testModelsWithoutBlock() {
        try (Model model = Model.newInstance("empty")) {
            float[] one = {1};
            Assert.assertTrue(
                    refused(() -> TensorialModels.setNormalization(model, one, one))
                            .contains("empty"));
            Assert.assertTrue(
                    refused(() -> BatchNorms.recalibrate(model, (ArrayDataset) null, 1))
                            .contains("empty"));
        }
    }

    /** The classes were an empty list. */
    @Test
    void testTranslatorOfAModelWithoutClasses() {
        try (Model model = Model.newInstance("pictures")) {
            Block block = Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(2).build();
            block.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            model.setBlock(block);
            String message =
                    refused(
                            () ->
                                    TensorialModels.translator(
                                            model, Image.class, Classifications.class));
            Assert.assertTrue(message.contains("(1, 2, 6, 6)"), message);
        }
    }

    @Test
    void testTranslatorSettingThatIsNoNumber() {
        try (Model model = model()) {
            model.setProperty("topK", "many");
            String message =
                    refused(
                            () ->
                                    TensorialModels.translator(
                                            model, Image.class, Classifications.class));
            Assert.assertTrue(message.contains("topK") && message.contains("many"), message);
        }
    }

    /** Half a surrogate pair came back as a question mark. */
    @Test
    void testTextThatIsNoText() throws IOException {
        try (Model model = model()) {
            Path folder = Files.createTempDirectory("hostile").resolve("model");
            SaveOptions base = new SaveOptions().optBase(Net.class, Map.of());
            TensorialModels.setLabels(model, List.of("cat", "\ud800"));
            refused(() -> TensorialModels.save(model, folder, base));
            Assert.assertFalse(Files.exists(folder.resolve("model.tcnn")));
            TensorialModels.setLabels(model, List.of("cat", "\u732b \ud83d\udc31"));
            refused(
                    () ->
                            TensorialModels.save(
                                    model,
                                    folder,
                                    new SaveOptions()
                                            .optBase(Net.class, Map.of())
                                            .optProvenance("note", "\udc00")));
            Assert.assertFalse(Files.exists(folder.resolve("model.tcnn")));
        }
    }

    /** What DJL's scanner takes for the end of a line is none in a label. */
    @Test
    void testOddLabelsComeBack() throws Exception {
        List<String> odd = List.of("a\u0085b\u2028c\f\u0007", "\u732b \ud83d\udc31");
        try (Model model = model()) {
            Path folder = Files.createTempDirectory("hostile").resolve("m\u00f6del \u6a21 %20");
            TensorialModels.setLabels(model, odd);
            TensorialModels.save(model, folder, new SaveOptions().optBase(Net.class, Map.of()));
            Assert.assertEquals(ModelInfo.read(folder).labels(), odd);
        }
    }

    /** Finite numbers of the file became infinite ones of the model. */
    @Test
    void testWeightsTooLargeForTheModel() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block net = Linear.builder().setUnits(1).build();
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
            float before = net.getParameters().get("weight").getArray().toFloatArray()[0];
            Map<String, NDArray> weights = new LinkedHashMap<>();
            BlockTree.parameters(net)
                    .forEach(
                            (path, p) ->
                                    weights.put(
                                            path,
                                            manager.full(
                                                    p.getArray().getShape(),
                                                    1f,
                                                    DataType.FLOAT64)));
            weights.get("weight").muli(1e300);
            Path file = Files.createTempFile("large", ".safetensors");
            Safetensors.write(file, weights);
            String message =
                    Assert.expectThrows(
                                    MalformedModelException.class,
                                    () -> WeightImport.fromSafetensors(net, file, NameMap.PATHS))
                            .getMessage();
            Assert.assertTrue(message.contains("weight") && message.contains("float32"), message);
            Assert.assertEquals(
                    net.getParameters().get("weight").getArray().toFloatArray()[0], before);
            Files.delete(file);
        }
    }
}
