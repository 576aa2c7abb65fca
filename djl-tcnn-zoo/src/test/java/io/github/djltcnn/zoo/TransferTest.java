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
package io.github.djltcnn.zoo;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.batchnorm.BatchNormFolding;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.finetuning.Transfer;
import io.github.djltcnn.finetuning.TransferReport.Start;
import io.github.djltcnn.finetuning.Transferred;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Models for other classes, channels and sizes. */
public class TransferTest {

    private static final List<String> ANIMALS = List.of("Katze", "犬", "horse");

    private Path folder() throws IOException {
        return Files.createTempDirectory("transfer").resolve("model");
    }

    private static float[] predict(Model model, float[] grey, long channels, int size) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray one = manager.create(grey, new Shape(1, 1, size, size));
            NDArray x = one.repeat(1, channels);
            return model.getBlock()
                    .forward(new ParameterStore(manager, false), new NDList(x), false)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    private static float[] grey(int size) {
        float[] grey = new float[size * size];
        for (int n = 0; n < grey.length; n++) {
            grey[n] = (n * 37 % 101) / 100f;
        }
        return grey;
    }

    @Test
    public void otherLabelsMakeAFreshHeadAndKeepTheRest() throws Exception {
        Path folder = folder();
        try (Model clothes = TcnnZoo.load("resnet20_fashionmnist");
                Transferred mine =
                        Transfer.builder()
                                .optLabels(ANIMALS)
                                .optSeed(5)
                                .optName("animals")
                                .build()
                                .apply(clothes)) {
            Assert.assertEquals(
                    mine.report().paths(Start.FRESH),
                    List.of("head.linear.weight", "head.linear.bias"));
            Assert.assertEquals(mine.report().count(Start.FRESH), 3 * 64 + 3);
            Assert.assertEquals(mine.report().count(Start.ADAPTED), 0);
            Assert.assertTrue(
                    mine.report().toString().contains("fresh: 195 parameters (head.linear.weight"),
                    mine.report().toString());
            ModelInfo info = ModelInfo.of(mine.model());
            Assert.assertEquals(info.labels(), ANIMALS);
            Assert.assertEquals(info.mean(), List.of(.286f));
            Assert.assertEquals(info.output(), new Shape(1, 3));
            Assert.assertEquals(info.provenance().get("source"), "resnet20_fashionmnist");
            Assert.assertFalse(info.provenance().containsKey("accuracy"), "of other classes");
            Assert.assertEquals(ModelInfo.of(clothes).output(), new Shape(1, 10), "untouched");
            TensorialModels.save(mine.model(), folder);
            try (Model again = TensorialModels.load(folder)) {
                Assert.assertEquals(ModelInfo.of(again).labels(), ANIMALS);
                Assert.assertEquals(
                        predict(again, grey(28), 1, 28), predict(mine.model(), grey(28), 1, 28));
            }
        }
    }

    @Test
    public void theSameLabelsKeepTheHead() throws Exception {
        try (Model clothes = TcnnZoo.load("resnet20_fashionmnist");
                Transferred same =
                        Transfer.builder()
                                .optLabels(ModelInfo.of(clothes).labels())
                                .build()
                                .apply(clothes);
                Transferred fresh = Transfer.builder().optFreshHead(true).build().apply(clothes)) {
            Assert.assertEquals(same.report().paths(Start.FRESH), List.of());
            Assert.assertEquals(
                    predict(same.model(), grey(28), 1, 28), predict(clothes, grey(28), 1, 28));
            Assert.assertEquals(fresh.report().paths(Start.FRESH).size(), 2);
        }
    }

    /** Names of models, tensorial stems and heads among them. */
    @DataProvider
    public Object[][] models() {
        return new Object[][] {
            {"resnet20"},
            {"tr_resnet20_r4"},
            {"tt_resnet20_r4"},
            {"cp_resnet20_r4"},
            {"tk2_resnet20_r4"},
            {"htk2_resnet20_r4"},
            {"bt_resnet20_r2"},
        };
    }

    @Test(dataProvider = "models")
    public void aGreyPictureGivesTheSameAnswerInColour(String name) throws Exception {
        try (Model source = TcnnZoo.create(name, 4, new Shape(1, 16, 16))) {
            TensorialModels.setNormalization(source, new float[] {.3f}, new float[] {.4f});
            try (Transferred colour = Transfer.builder().optChannels(3).build().apply(source);
                    Transferred back =
                            Transfer.builder().optChannels(1).build().apply(colour.model())) {
                Assert.assertEquals(colour.report().paths(Start.FRESH), List.of());
                Assert.assertEquals(colour.report().paths(Start.ADAPTED).size(), 1);
                float[] grey = grey(16);
                float[] expected = predict(source, grey, 1, 16);
                assertClose(predict(colour.model(), grey, 3, 16), expected, 1e-4);
                assertClose(predict(back.model(), grey, 1, 16), expected, 1e-4);
                Path folder = folder();
                TensorialModels.save(colour.model(), folder);
                try (Model again = TensorialModels.load(folder)) {
                    Assert.assertEquals(
                            predict(again, grey, 3, 16), predict(colour.model(), grey, 3, 16));
                }
            }
        }
    }

    /** Different means go to the running mean; only padded pixels differ. */
    @Test
    public void meansOfChannelsBecomeOne() throws Exception {
        try (Model source = TcnnZoo.create("resnet20", 4, new Shape(3, 16, 16))) {
            TensorialModels.setNormalization(
                    source, new float[] {.5f, .48f, .44f}, new float[] {.24f, .25f, .26f});
            try (Transferred grey = Transfer.builder().optChannels(1).build().apply(source)) {
                Assert.assertEquals(
                        grey.report().paths(Start.ADAPTED),
                        List.of("stem.conv.weight", "stem.norm.runningMean"));
                ModelInfo info = ModelInfo.of(grey.model());
                Assert.assertEquals(info.mean().size(), 1);
                float[] picture = grey(16);
                float[] expected = predict(source, picture, 3, 16);
                assertClose(predict(grey.model(), picture, 1, 16), expected, .05 * norm(expected));
            }
        }
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        double scale = Math.max(1, norm(expected));
        for (int n = 0; n < expected.length; n++) {
            Assert.assertEquals(actual[n], expected[n], tolerance * scale);
        }
    }

    @Test
    public void convertedAndFoldedModelsAreTransferred() throws Exception {
        try (Model source = TcnnZoo.create("resnet20", 5, new Shape(1, 28, 28))) {
            Tensorizer.builder()
                    .setFormat(TensorFormats::tucker2)
                    .optRank(Rank.ratio(.3))
                    .optKeepFirst(false)
                    .build()
                    .convert(source.getBlock(), new Shape(1, 1, 28, 28));
            try (Model folded = BatchNormFolding.fold(source);
                    Transferred mine =
                            Transfer.builder()
                                    .optLabels(ANIMALS)
                                    .optChannels(3)
                                    .optImageSize(32, 24)
                                    .build()
                                    .apply(folded)) {
                Assert.assertEquals(ModelInfo.of(mine.model()).input(), new Shape(1, 3, 32, 24));
                Path folder = folder();
                TensorialModels.save(mine.model(), folder);
                Assert.assertEquals(ModelInfo.read(folder).output(), new Shape(1, 3));
                TensorialModels.load(folder).close();
                Assert.assertTrue(
                        mine.report().paths(Start.FRESH).stream()
                                .allMatch(path -> path.startsWith("head.")),
                        mine.report().toString());
            }
        }
    }

    /** docs/fine-tuning.md and the Javadoc of Transfer. */
    @Test
    public void colourPicturesOfAnotherSize() throws Exception {
        try (Model clothes = TcnnZoo.load("resnet20_fashionmnist");
                Transferred mine =
                        Transfer.builder()
                                .optLabels(List.of("cat", "dog", "horse"))
                                .optChannels(3)
                                .optImageSize(48, 48)
                                .build()
                                .apply(clothes)) {
            Assert.assertEquals(ModelInfo.of(mine.model()).input(), new Shape(1, 3, 48, 48));
            Assert.assertEquals(
                    mine.report().toString().lines().limit(3).toList(),
                    List.of(
                            "taken over: 270,016 parameters",
                            "adapted to the channels: 432 parameters (stem.conv.weight)",
                            "fresh: 195 parameters (head.linear.weight, head.linear.bias)"));
        }
    }

    /** A model that knows nothing of the argument "classes". */
    public static final class TwoLayers implements BlockFactory {

        private static final long serialVersionUID = 1L;

        @Override
        public Block newBlock(Model model, Path path, Map<String, ?> arguments) {
            return new SequentialBlock()
                    .add(Conv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3)).build())
                    .add(Activation.reluBlock())
                    .add(Pool.globalAvgPool2dBlock())
                    .add(Blocks.batchFlattenBlock())
                    .add(Linear.builder().setUnits(6).build());
        }
    }

    @Test
    public void aFactoryThatKnowsNoClassesGetsAnotherHead() throws Exception {
        try (Model source = Model.newInstance("two")) {
            source.setBlock(new TwoLayers().newBlock(source, null, Map.of()));
            source.getBlock()
                    .initialize(source.getNDManager(), DataType.FLOAT32, new Shape(2, 3, 8, 8));
            source.setProperty("blockFactory", TwoLayers.class.getName());
            try (Transferred three = Transfer.builder().optLabels(ANIMALS).build().apply(source);
                    Transferred two =
                            Transfer.builder().optClasses(2).build().apply(three.model())) {
                Path folder = folder();
                TensorialModels.save(three.model(), folder, new SaveOptions());
                try (Model again = TensorialModels.load(folder)) {
                    Assert.assertEquals(ModelInfo.of(again).labels(), ANIMALS);
                    Assert.assertEquals(
                            predict(again, grey(8), 3, 8), predict(three.model(), grey(8), 3, 8));
                }
                TensorialModels.save(two.model(), folder);
                Assert.assertEquals(ModelInfo.read(folder).output(), new Shape(1, 2));
            }
        }
    }

    @Test
    public void theSeedDrawsTheHead() throws Exception {
        try (Model clothes = TcnnZoo.load("resnet20_fashionmnist")) {
            float[] first = head(clothes, 1);
            Assert.assertEquals(head(clothes, 1), first);
            Assert.assertNotEquals(head(clothes, 2), first);
        }
    }

    private static float[] head(Model source, long seed) throws IOException {
        try (Transferred made =
                Transfer.builder().optClasses(3).optSeed(seed).build().apply(source)) {
            return made.model()
                    .getBlock()
                    .getParameters()
                    .valueAt(made.model().getBlock().getParameters().size() - 2)
                    .getArray()
                    .toFloatArray();
        }
    }

    /** Before a training, not when its result is saved. */
    @Test
    public void labelsThatCannotBeSavedAreRefusedAtOnce() {
        for (String label : List.of("", " ", "a\nb", " a", "a\n", "\uD800")) {
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> Transfer.builder().optLabels(List.of("b", label)));
        }
    }

    @Test
    public void whatCannotBeIsRefused() throws Exception {
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> Transfer.builder().optLabels(List.of("a", "a")));
        Assert.assertThrows(
                IllegalArgumentException.class, () -> Transfer.builder().optChannels(0));
        try (Model source = Model.newInstance("plain")) {
            source.setBlock(new TwoLayers().newBlock(source, null, Map.of()));
            source.getBlock()
                    .initialize(source.getNDManager(), DataType.FLOAT32, new Shape(2, 3, 8, 8));
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> Transfer.builder().optClasses(2).build().apply(source));
            Assert.assertTrue(e.getMessage().contains("blockFactory"), e.getMessage());
        }
    }
}
