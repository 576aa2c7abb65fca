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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.conversion.LayerReport;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Compression in one call: what comes out, and that nothing else changes whatever happens. */
public class CompressorTest {

    private static final Shape COLOUR = new Shape(1, 3, 8, 8);
    private static final Shape GREY = new Shape(1, 1, 8, 8);

    private NDManager manager;

    @BeforeMethod
    public void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterMethod
    public void close() {
        manager.close();
    }

    private static Compressor.Builder compressor(Model model) {
        return Compressor.builder().setModel(model).optFormat("tucker2").optMeasureSeconds(0);
    }

    private float[] answers(Block block, Shape input) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray x =
                    scope.arange(0f, (float) (2 * input.slice(1).size()))
                            .div(2f * (float) input.slice(1).size())
                            .reshape(new Shape(2).addAll(new Shape(input.slice(1).getShape())))
                            .toType(type(block), false);
            return block.forward(new ParameterStore(scope, false), new NDList(x), false)
                    .head()
                    .toType(DataType.FLOAT32, false)
                    .toFloatArray();
        }
    }

    private static DataType type(Block block) {
        return block.getParameters().valueAt(0).getArray().getDataType();
    }

    @DataProvider
    public Object[][] models() {
        return new Object[][] {
            {DataType.FLOAT32, COLOUR, 1},
            {DataType.FLOAT32, GREY, 0},
            {DataType.FLOAT64, GREY, 0},
            {DataType.FLOAT16, GREY, 0},
        };
    }

    @Test(dataProvider = "models")
    public void theResultIsSmallerAndTheGivenModelStays(DataType type, Shape input, int epochs)
            throws Exception {
        try (Model model = SmallModels.model(type, input)) {
            TensorialModels.setNormalization(model, new float[] {.4f}, new float[] {.3f});
            TensorialModels.setLabels(model, List.of("a", "b", "c", "d"));
            float[] before = answers(model.getBlock(), input);
            Compressor compressor =
                    compressor(model)
                            .optTarget(CompressionTarget.PARAMETERS, 0.5)
                            .optImages(SmallModels.images(manager, input, 48, true))
                            .optDistil(epochs)
                            .optDistillation(Distillation.builder().optRate(0.1f))
                            .build();
            CompressionPlan plan = compressor.plan();
            Assert.assertTrue(plan.estimatedSeconds() > 0, plan.toString());
            List<CompressionProgress> progress = new ArrayList<>();
            try (CompressionResult result = compressor.run(progress::add)) {
                Assert.assertEquals(answers(model.getBlock(), input), before);
                Assert.assertEquals(
                        ModelInfo.of(result.model()).labels(), List.of("a", "b", "c", "d"));
                Assert.assertEquals(ModelInfo.of(result.model()).mean(), List.of(.4f));
                CompressionReport report = result.report();
                long parameters = parameters(result.model().getBlock());
                Assert.assertEquals(parameters, report.layers().parametersAfter());
                Assert.assertTrue(2 * parameters <= parameters(model.getBlock()) + 20);
                Assert.assertEquals(report.stages().size(), epochs > 0 ? 4 : 3);
                Assert.assertEquals(report.stage("dense").agreement(), 1.0);
                if (epochs > 0) {
                    // A training that made it worse would have been undone.
                    Assert.assertTrue(
                            report.stage("distilled").agreement()
                                    >= report.stage("recalibrated").agreement(),
                            report.toString());
                }
                double accuracy = report.stage("recalibrated").accuracy();
                Assert.assertTrue(accuracy >= 0 && accuracy <= 1, report.toString());
                Assert.assertEquals(type(result.model().getBlock()), type);
                // The shared layer is one layer in both of its places.
                Map<String, LayerReport> layers = new java.util.HashMap<>();
                report.layers().layers().forEach(layer -> layers.put(layer.path(), layer));
                Assert.assertEquals(layers.get("07Conv2d").sharedWith(), "04Conv2d");
                Assert.assertSame(
                        child(result.model().getBlock(), 3), child(result.model().getBlock(), 6));
                for (CompressionReport.Latency time : report.latency()) {
                    Assert.assertTrue(time.before() > 0 && time.after() > 0, time.toString());
                }
            }
            double last = 0;
            for (CompressionProgress each : progress) {
                Assert.assertTrue(each.share() >= last && each.share() <= 1, progress.toString());
                Assert.assertTrue(each.secondsLeft() >= 0, progress.toString());
                last = each.share();
            }
            Assert.assertEquals(last, 1.0);
        }
    }

    private static Block child(Block normalised, int n) {
        return normalised.getChildren().valueAt(0).getChildren().valueAt(n);
    }

    private static long parameters(Block block) {
        return io.github.djltcnn.blocks.internal.BlockTree.parameters(block).values().stream()
                .mapToLong(p -> p.getArray().size())
                .sum();
    }

    @Test
    public void aSavedResultPredictsAsItDidBefore() throws Exception {
        Path folder = Files.createTempDirectory("compressed");
        try (Model model = Model.newInstance("tiny")) {
            model.setBlock(TinyNet.initialized(model.getNDManager()));
            try (CompressionResult result =
                    compressor(model)
                            .optFormat(TensorFormats::cp)
                            .optTarget(CompressionTarget.MACS, 0.6)
                            .optImages(SmallModels.images(manager, TinyNet.INPUT, 32, false))
                            .build()
                            .run()) {
                TensorialModels.save(
                        result.model(),
                        folder,
                        new SaveOptions().optBase(TinyNet.class, Map.of("classes", "4")));
                result.report().write(folder);
                try (Model again = TensorialModels.load(folder)) {
                    Assert.assertEquals(
                            answers(again.getBlock(), TinyNet.INPUT),
                            answers(result.model().getBlock(), TinyNet.INPUT));
                }
            }
            Assert.assertTrue(Files.size(folder.resolve("report.html")) > 1000);
        }
    }

    @DataProvider
    public Object[][] stages() {
        List<Object[]> rows = new ArrayList<>();
        for (CompressionStage stage : CompressionStage.values()) {
            rows.add(new Object[] {stage, rows.size() % 2 == 0});
        }
        return rows.toArray(new Object[0][]);
    }

    @Test(dataProvider = "stages")
    public void cancelledAtAnyStageTheModelIsAsBefore(CompressionStage stage, boolean interrupt)
            throws Exception {
        try (Model model = SmallModels.model(DataType.FLOAT32, GREY)) {
            float[] before = answers(model.getBlock(), GREY);
            AtomicBoolean cancelled = new AtomicBoolean();
            Compressor compressor =
                    compressor(model)
                            .optImages(SmallModels.images(manager, GREY, 32, true))
                            .optDistil(1)
                            .optCancelled(cancelled::get)
                            .build();
            CompressionListener listener =
                    progress -> {
                        if (progress.stage() == stage) {
                            if (interrupt) {
                                Thread.currentThread().interrupt();
                            } else {
                                cancelled.set(true);
                            }
                        }
                    };
            try {
                CancellationException e =
                        Assert.expectThrows(
                                CancellationException.class, () -> compressor.run(listener));
                Assert.assertTrue(e.getMessage().contains("as it was"), e.getMessage());
                Assert.assertEquals(Thread.currentThread().isInterrupted(), interrupt);
            } finally {
                Thread.interrupted();
            }
            Assert.assertEquals(answers(model.getBlock(), GREY), before);
        }
    }

    /** A dataset whose passes end, or fail, after some batches. */
    private static final class Failing implements Dataset {

        private final Dataset all;
        private final int passes;
        private final boolean fails;
        private int pass;

        Failing(Dataset all, int passes, boolean fails) {
            this.all = all;
            this.passes = passes;
            this.fails = fails;
        }

        @Override
        public Iterable<Batch> getData(NDManager parent)
                throws IOException, ai.djl.translate.TranslateException {
            if (++pass <= passes) {
                return all.getData(parent);
            }
            if (fails) {
                throw new IOException("the disk is gone");
            }
            return List.of();
        }

        @Override
        public void prepare(Progress progress) {
            // It is there.
        }
    }

    /** The passes are: a look, the sample, recalibration, a count, training, recalibration. */
    @DataProvider
    public Object[][] passes() {
        return new Object[][] {{0}, {1}, {2}, {3}, {4}, {5}};
    }

    @Test(dataProvider = "passes")
    public void imagesThatFailOrEndAtAnyPassLeaveTheModel(int passes) throws Exception {
        try (Model model = SmallModels.model(DataType.FLOAT32, GREY)) {
            float[] before = answers(model.getBlock(), GREY);
            Dataset images = SmallModels.images(manager, GREY, 32, false);
            IOException gone =
                    Assert.expectThrows(
                            IOException.class,
                            () ->
                                    compressor(model)
                                            .optImages(new Failing(images, passes, true))
                                            .optDistil(1)
                                            .build()
                                            .run());
            Assert.assertEquals(gone.getMessage(), "the disk is gone");
            IllegalArgumentException none =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    compressor(model)
                                            .optImages(new Failing(images, passes, false))
                                            .optDistil(1)
                                            .build()
                                            .run());
            Assert.assertTrue(
                    none.getMessage().matches("(?s).*(none|no images|empty).*"), none.getMessage());
            Assert.assertEquals(answers(model.getBlock(), GREY), before);
        }
    }

    @DataProvider
    public Object[][] wrongImages() {
        return new Object[][] {
            {new Shape(1, 3, 8, 8), "3 channels instead of 1"},
            {new Shape(1, 1, 9, 8), "Resize(8, 8)"},
            {new Shape(1, 8, 8, 1), "ToTensor"},
            {new Shape(1, 8, 8), "(images, channels, height, width)"},
        };
    }

    @Test(dataProvider = "wrongImages")
    public void imagesOfAnotherShapeAreRefusedWithAdvice(Shape shape, String advice) {
        try (Model model = SmallModels.model(DataType.FLOAT32, GREY)) {
            Compressor compressor =
                    compressor(model)
                            .optImages(SmallModels.images(manager, shape, 20, false))
                            .build();
            IllegalArgumentException e =
                    Assert.expectThrows(IllegalArgumentException.class, compressor::plan);
            Assert.assertTrue(e.getMessage().contains(advice), e.getMessage());
        }
    }

    @Test
    public void aLaterBatchOfAnotherSizeIsNamed() {
        try (Model model = SmallModels.model(DataType.FLOAT32, GREY)) {
            Dataset good = SmallModels.images(manager, GREY, 16, false);
            Dataset bad = SmallModels.images(manager, new Shape(1, 1, 10, 10), 16, false);
            Dataset both =
                    new Dataset() {
                        @Override
                        public Iterable<Batch> getData(NDManager parent)
                                throws IOException, ai.djl.translate.TranslateException {
                            Iterator<Batch> first = good.getData(parent).iterator();
                            Iterator<Batch> second = bad.getData(parent).iterator();
                            return () ->
                                    new Iterator<>() {
                                        @Override
                                        public boolean hasNext() {
                                            return first.hasNext() || second.hasNext();
                                        }

                                        @Override
                                        public Batch next() {
                                            return (first.hasNext() ? first : second).next();
                                        }
                                    };
                        }

                        @Override
                        public void prepare(Progress progress) {
                            // It is there.
                        }
                    };
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> compressor(model).optImages(both).build().run());
            Assert.assertTrue(e.getMessage().startsWith("Batch 2 of the images"), e.getMessage());
        }
    }

    @Test
    public void aFolderIsFittedToTheModelAndItsFoldersAreClasses() throws Exception {
        Path folder = Files.createTempDirectory("images");
        for (int n = 0; n < 12; n++) {
            Path file = folder.resolve("class" + n % SmallModels.CLASSES).resolve(n + ".png");
            Files.createDirectories(file.getParent());
            BufferedImage image = new BufferedImage(11, 9, BufferedImage.TYPE_INT_RGB);
            image.setRGB(n % 11, 4, 0xffffff);
            ImageIO.write(image, "png", file.toFile());
        }
        try (Model model = SmallModels.model(DataType.FLOAT32, COLOUR)) {
            try (CompressionResult result = compressor(model).optImages(folder).build().run()) {
                double accuracy = result.report().stage("dense").accuracy();
                Assert.assertTrue(accuracy >= 0 && accuracy <= 1, result.report().toString());
                Assert.assertTrue(
                        result.report().warnings().toString().contains("does not normalise"),
                        result.report().toString());
            }
            Files.writeString(folder.resolve("class0").resolve("broken.png"), "no image");
            IOException e =
                    Assert.expectThrows(
                            IOException.class,
                            () -> compressor(model).optImages(folder).build().run());
            Assert.assertTrue(e.getMessage().contains("broken.png"), e.getMessage());
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            compressor(model)
                                    .optImages(Files.createTempDirectory("empty"))
                                    .build()
                                    .plan());
        }
    }

    @Test
    public void aTargetOfTimeIsMeasured() throws Exception {
        try (Model model = SmallModels.model(DataType.FLOAT32, new Shape(1, 3, 24, 24))) {
            CompressionPlan plan =
                    Compressor.builder()
                            .setModel(model)
                            .optMeasureSeconds(0)
                            .optTarget(CompressionTarget.TIME, 0.8)
                            .optPrediction(PredictionMode.EAGER, 4)
                            .build()
                            .plan();
            Assert.assertEquals(plan.latency().get(0).mode(), PredictionMode.EAGER);
            Assert.assertTrue(plan.latency().get(0).ratio() > 0, plan.toString());
        }
    }

    @Test
    public void whatDoesNotFitIsRefusedBeforeAnythingBegins() {
        try (Model model = SmallModels.model(DataType.FLOAT16, GREY);
                Model empty = Model.newInstance("empty")) {
            Compressor.Builder builder = compressor(model);
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> builder.optTarget(CompressionTarget.MACS, 1));
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> builder.optTarget(CompressionTarget.MACS, Double.NaN));
            Assert.assertThrows(IllegalArgumentException.class, () -> builder.optFormat("tucker3"));
            Assert.assertThrows(IllegalArgumentException.class, () -> builder.optDistil(-1));
            Assert.assertThrows(IllegalArgumentException.class, () -> builder.optDistil(1).build());
            Compressor half =
                    builder.optImages(SmallModels.images(manager, GREY, 8, false)).build();
            Assert.assertTrue(
                    Assert.expectThrows(IllegalArgumentException.class, half::plan)
                            .getMessage()
                            .contains("float16"));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> compressor(empty).build().plan());
            Assert.assertThrows(IllegalArgumentException.class, () -> Compressor.builder().build());
        }
    }
}
