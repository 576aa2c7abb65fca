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
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.VGG;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.testing.files.Folders;
import io.github.djltcnn.zoo.TensorialResNet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Whole networks at full rank compute what they did, also after a save and a load. */
public class WholeModelConversionTest {

    private static final Shape INPUT = new Shape(1, 3, 32, 32);

    /** DJL's own ResNet-50, bottlenecks and all. */
    public static final class DjlResNet50 implements BlockFactory {

        private static final long serialVersionUID = 1L;

        @Override
        public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
            return ResNetV1.builder()
                    .setNumLayers(50)
                    .setOutSize(10)
                    .setImageShape(new Shape(3, 32, 32))
                    .build();
        }
    }

    /** This project's ResNet-18. */
    public static final class OwnResNet18 implements BlockFactory {

        private static final long serialVersionUID = 1L;

        @Override
        public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
            return TensorialResNet.imageNet(18).setOutSize(10).build();
        }
    }

    @DataProvider
    public Object[][] networks() {
        return new Object[][] {{new OwnResNet18(), 21}, {new DjlResNet50(), 54}};
    }

    @Test(dataProvider = "networks")
    public void atFullRankANetworkComputesTheSame(BlockFactory factory, int layers)
            throws Exception {
        Path folder = Files.createTempDirectory("whole-model").resolve("saved");
        try (Model model = Model.newInstance("whole");
                NDManager own = NDManager.newBaseManager()) {
            Block block = factory.newBlock(model, folder, Map.of());
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            NDArray x = own.randomNormal(INPUT);
            NDArray expected = forward(model, x);
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.graph("i r, r o h w", Rank.max()))
                            .optFilter(path -> !path.contains("inear"))
                            .optEvenIfLarger(true)
                            .build()
                            .convert(block, INPUT)
                            .report();
            Assert.assertEquals(report.layers().size(), layers);
            Assert.assertEquals(report.converted(), layers - 1, report.toString());
            close(forward(model, x), expected, 1e-4);

            TensorialModels.save(
                    model, folder, new SaveOptions().optBase(factory.getClass(), Map.of()));
            try (Model loaded = TensorialModels.load(folder)) {
                close(forward(loaded, x), expected, 1e-4);
            }
            Tensorizer.merge(block, INPUT);
            close(forward(model, x), expected, 1e-4);
        } finally {
            Folders.delete(folder.getParent());
        }
    }

    /** Networks of DJL's model zoo, and how many of their layers have a kernel. */
    @DataProvider
    public Object[][] foreignNetworks() {
        int[][] arch = {{1, 16}, {1, 32}, {2, 48}};
        return new Object[][] {
            {MobileNetV1.builder().optWidthMultiplier(0.25f).setOutSize(10).build(), 28},
            {MobileNetV2.builder().setOutSize(10).build(), 54},
            {VGG.builder().setNumLayers(7).setConvArch(arch).setOutSize(10).build(), 7},
        };
    }

    /**
     * Every layer is seen, those of groups too, and what is built runs and has as much as is said.
     */
    @Test(dataProvider = "foreignNetworks")
    public void networksOfDjlAreWalked(Block block, int layers) {
        try (Model model = Model.newInstance("foreign");
                NDManager own = NDManager.newBaseManager()) {
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.upTo(4)))
                            .optFilter(path -> !path.contains("inear"))
                            .optKeepFirst(true)
                            .build();
            ConversionReport plan = tensorizer.plan(block, INPUT);
            Assert.assertEquals(plan.layers().size(), layers, plan.toString());
            ConversionReport report = tensorizer.convert(block, INPUT).report();
            Assert.assertEquals(report.parametersAfter(), plan.parametersAfter());
            Assert.assertTrue(report.converted() > layers / 4, report.toString());
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            NDArray y = forward(model, own.randomNormal(INPUT));
            Assert.assertEquals(y.size(), 10);
            Assert.assertTrue(Float.isFinite(y.abs().max().getFloat()));
            Assert.assertEquals(
                    ModelSummary.of(block, INPUT).layers().stream()
                            .filter(
                                    layer ->
                                            report.layers().stream()
                                                    .anyMatch(l -> l.path().equals(layer.path())))
                            .mapToLong(ModelSummary.Layer::parameters)
                            .sum(),
                    report.parametersAfter());
        }
    }

    private static NDArray forward(Model model, NDArray x) {
        ParameterStore store = new ParameterStore(model.getNDManager(), false);
        return model.getBlock().forward(store, new NDList(x), false).singletonOrThrow();
    }

    private static void close(NDArray found, NDArray expected, double tolerance) {
        float scale = expected.abs().max().getFloat();
        float difference = found.sub(expected).abs().max().getFloat();
        Assert.assertTrue(
                difference <= tolerance * scale, difference + " off, values go to " + scale);
    }
}
