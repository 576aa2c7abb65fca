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
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.optimizer.Optimizer;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.finetuning.Augmentation;
import io.github.djltcnn.finetuning.FineTuner;
import io.github.djltcnn.finetuning.FineTuningProgress;
import io.github.djltcnn.finetuning.FineTuningResult;
import io.github.djltcnn.finetuning.FineTuningResult.Status;
import io.github.djltcnn.finetuning.TransferReport;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.training.FusedOptimizers;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** From a folder of pictures to a model. */
public class FineTunerTest {

    private static final int SIZE = 12;

    private Path pictures;
    private Model source;

    /** Stripes one way and the other, in colours of their own. */
    @BeforeClass
    public void makePictures() throws IOException {
        pictures = folder("pictures");
        draw(pictures.resolve("längs"), 14, "png", true);
        draw(pictures.resolve("quer 横"), 10, "jpg", false);
        source = TcnnZoo.create("resnet20", 5, new Shape(3, SIZE, SIZE));
    }

    /** Closes the model. */
    @AfterClass
    public void close() {
        source.close();
    }

    private static Path folder(String name) throws IOException {
        return Files.createTempDirectory(name);
    }

    private static void draw(Path folder, int count, String type, boolean upright)
            throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(upright ? 1 : 2);
        for (int n = 0; n < count; n++) {
            BufferedImage image =
                    new BufferedImage(
                            SIZE,
                            SIZE,
                            n % 3 == 0 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
            Graphics2D g = image.createGraphics();
            g.setColor(new Color(random.nextInt(0x1000000)).darker());
            g.fillRect(0, 0, SIZE, SIZE);
            g.setColor(Color.WHITE);
            for (int k = random.nextInt(3); k < SIZE; k += 4) {
                g.fillRect(
                        upright ? k : 0, upright ? 0 : k, upright ? 2 : SIZE, upright ? SIZE : 2);
            }
            g.dispose();
            ImageIO.write(image, type, folder.resolve(String.format("%03d.%s", n, type)).toFile());
        }
    }

    private FineTuner.Builder builder() {
        return FineTuner.builder()
                .setModel(source)
                .setImages(pictures)
                .optBatchSize(8)
                .optEpochs(3)
                .optSeed(3);
    }

    private static String values(Model model) {
        StringBuilder text = new StringBuilder();
        BlockTree.parameters(model.getBlock())
                .forEach(
                        (path, p) ->
                                text.append(path)
                                        .append(Arrays.hashCode(p.getArray().toFloatArray())));
        return text.toString();
    }

    /** Everything but the time. */
    private static String numbers(FineTuningResult result) {
        StringBuilder text = new StringBuilder();
        result.epochs()
                .forEach(
                        e ->
                                text.append(e.trainLoss())
                                        .append(' ')
                                        .append(e.heldOutLoss())
                                        .append('\n'));
        return text + values(result.model());
    }

    /** More than there are pictures is one step; more steps than DJL counts are refused. */
    @Test
    public void numbersMayBeHuge() throws Exception {
        try (FineTuningResult result =
                builder().optBatchSize(Integer.MAX_VALUE).optEpochs(1).build().run()) {
            Assert.assertEquals(result.status(), Status.FINISHED);
            Assert.assertTrue(result.epochs().get(0).trainLoss() > 0, result.toCsv());
        }
        IllegalArgumentException refused =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> builder().optEpochs(Integer.MAX_VALUE).build().run());
        Assert.assertTrue(refused.getMessage().contains("fewer epochs"), "" + refused);
    }

    /** They would be a class of the next run. */
    @Test
    public void checkpointsDoNotLieAmongThePictures() throws IOException {
        Path elsewhere = folder("checkpoints");
        Path detour =
                elsewhere.resolve("..").resolve(pictures.getFileName()).resolve("checkpoints");
        for (Path among : List.of(pictures, pictures.resolve("checkpoints"), detour)) {
            IllegalArgumentException refused =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> builder().optCheckpoints(among).build());
            Assert.assertTrue(refused.getMessage().contains("give another folder"), "" + refused);
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            FineTuner.builder()
                                    .setModel(source)
                                    .setImages(elsewhere)
                                    .optHeldOutImages(pictures)
                                    .optCheckpoints(among)
                                    .build());
        }
        builder().optCheckpoints(elsewhere).build();
    }

    @Test
    public void aFolderOfPicturesBecomesAModel() throws Exception {
        String before = values(source);
        List<FineTuningProgress> told = new ArrayList<>();
        try (FineTuningResult result =
                builder()
                        .optEpochs(8)
                        .optAugmentation(new Augmentation(true, 1))
                        .optProgress(told::add)
                        .build()
                        .run()) {
            Assert.assertEquals(result.status(), Status.FINISHED);
            Assert.assertEquals(result.classes(), List.of("längs", "quer 横"));
            Assert.assertEquals(result.heldOut(), 3 + 2);
            Assert.assertEquals(result.trained(), 24 - 5);
            Assert.assertEquals(result.epochs().size(), 8);
            Assert.assertEquals(result.confusion().total(), 5);
            Assert.assertEquals(result.confusion().accuracy(), result.accuracy());
            Assert.assertTrue(result.accuracy() >= .8, result.toCsv());
            Assert.assertEquals(values(source), before);
            Assert.assertEquals(told.get(told.size() - 1).phase(), FineTuningProgress.Phase.DONE);
            Assert.assertEquals(told.get(told.size() - 1).curves(), result.epochs());
            Assert.assertTrue(
                    told.stream().anyMatch(p -> p.epoch() == 3 && p.curves().size() == 2));
            Assert.assertTrue(
                    told.stream()
                            .anyMatch(
                                    p ->
                                            p.remaining() != null
                                                    && p.share() > .4
                                                    && p.share() < .6));
            Path folder = folder("tuned").resolve("model");
            TensorialModels.save(result.model(), folder);
            int right = 0;
            try (Model again = TensorialModels.load(folder);
                    Stream<Path> all = Files.walk(pictures);
                    Predictor<Image, Classifications> predictor =
                            again.newPredictor(
                                    TensorialModels.translator(
                                            again, Image.class, Classifications.class))) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    Image image = ImageFactory.getInstance().fromFile(file);
                    String best = predictor.predict(image).best().getClassName();
                    right += best.equals(file.getParent().getFileName().toString()) ? 1 : 0;
                }
            }
            Assert.assertTrue(right >= 20, right + " of 24");
            result.write(folder.resolveSibling("report"));
            for (String name : List.of("curves.png", "confusion.png")) {
                Assert.assertNotNull(
                        ImageIO.read(folder.resolveSibling("report").resolve(name).toFile()));
            }
            Assert.assertTrue(
                    Files.readString(folder.resolveSibling("report/confusion.csv"))
                            .contains("\"quer 横\""));
            Assert.assertTrue(
                    ai.djl.util.JsonUtils.GSON
                            .fromJson(result.toJson(), Map.class)
                            .containsKey("epochs"));
        }
    }

    @Test
    public void equalSettingsGiveEqualNumbers() throws Exception {
        try (FineTuningResult one = builder().optEpochs(1).build().run();
                FineTuningResult two = builder().optEpochs(1).build().run();
                FineTuningResult other = builder().optEpochs(1).optSeed(4).build().run()) {
            Assert.assertEquals(numbers(two), numbers(one));
            Assert.assertNotEquals(numbers(other), numbers(one));
        }
    }

    /** Stops at a step, then goes on: for each optimizer. */
    @Test
    public void aStoppedRunGoesOnToTheSameNumbers() throws Exception {
        Map<String, java.util.function.Function<ai.djl.nn.Block, Optimizer>> optimizers =
                new TreeMap<>();
        optimizers.put("default", null);
        optimizers.put("fused", block -> FusedOptimizers.adamW().build());
        optimizers.put("adam", block -> Optimizer.adam().build());
        for (String name : optimizers.keySet()) {
            Path folder = folder("checkpoints").resolve("c");
            FineTuner.Builder builder =
                    builder().optEpochs(2).optAugmentation(new Augmentation(true, 1));
            if (optimizers.get(name) != null) {
                builder.optOptimizer(optimizers.get(name));
            }
            String expected;
            try (FineTuningResult whole = builder.build().run()) {
                expected = numbers(whole);
            }
            builder.optCheckpoints(folder).optCheckpointSteps(2);
            AtomicInteger steps = new AtomicInteger();
            AtomicReference<FineTuner> tuner = new AtomicReference<>();
            builder.optProgress(
                    p -> {
                        if (p.phase() == FineTuningProgress.Phase.TRAINING
                                && steps.incrementAndGet() % 4 == 0) {
                            tuner.get().cancel();
                        }
                    });
            int starts = 0;
            while (true) {
                tuner.set(builder.build());
                try (FineTuningResult result = tuner.get().run()) {
                    starts++;
                    Assert.assertTrue(starts < 10);
                    if (result.status() == Status.FINISHED) {
                        Assert.assertEquals(numbers(result), expected, name);
                        break;
                    }
                    Assert.assertEquals(result.status(), Status.CANCELLED);
                    Assert.assertTrue(result.message().contains("Stopped in epoch"));
                }
            }
            Assert.assertEquals(starts, 2, "four steps each, six in all");
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> builder.optEpochs(5).build().run());
            Assert.assertTrue(e.getMessage().contains("epochs was 2 and is 5"), e.getMessage());
        }
    }

    /** An interrupt stops as cancel does, and the thread stays interrupted. */
    @Test
    public void anInterruptedRunGoesOnLater() throws Exception {
        FineTuner.Builder builder = builder().optEpochs(2);
        String expected;
        try (FineTuningResult whole = builder.build().run()) {
            expected = numbers(whole);
            Assert.assertEquals(
                    whole.model().getNDManager().getManagedArrays().size(),
                    BlockTree.parameters(whole.model().getBlock()).size(),
                    "arrays left behind");
        }
        builder.optCheckpoints(folder("interrupted").resolve("c"));
        FineTuner tuner =
                builder.optProgress(
                                p -> {
                                    if (p.step() == 2 && p.epoch() == 1) {
                                        Thread.currentThread().interrupt();
                                    }
                                })
                        .build();
        try (FineTuningResult result = tuner.run()) {
            Assert.assertEquals(result.status(), Status.CANCELLED);
            Assert.assertTrue(Thread.interrupted());
        }
        try (FineTuningResult result = tuner.run()) {
            Assert.assertEquals(result.status(), Status.FINISHED);
            Assert.assertEquals(numbers(result), expected);
        }
    }

    /** Another training for the same folders, in whatever order the model has them. */
    @Test
    public void aModelThatKnowsTheClassesKeepsItsHead() throws Exception {
        try (Model known = TcnnZoo.create("resnet20", 2, new Shape(3, SIZE, SIZE))) {
            TensorialModels.setLabels(known, List.of("quer 横", "längs"));
            try (FineTuningResult result = builder().setModel(known).optEpochs(1).build().run()) {
                Assert.assertEquals(result.classes(), List.of("quer 横", "längs"));
                Assert.assertEquals(result.transfer().paths(TransferReport.Start.FRESH), List.of());
            }
        }
    }

    @Test
    public void frozenLayersStayAsTheyAre() throws Exception {
        AtomicInteger batches = new AtomicInteger();
        try (FineTuningResult result =
                builder()
                        .optEpochs(1)
                        .optTrains(path -> path.startsWith("head."))
                        .optFreezeStatistics(true)
                        .addListeners(
                                new TrainingListenerAdapter() {
                                    @Override
                                    public void onTrainingBatch(Trainer trainer, BatchData data) {
                                        batches.incrementAndGet();
                                    }
                                })
                        .addEvaluators(new ai.djl.training.evaluator.Accuracy())
                        .build()
                        .run()) {
            Assert.assertEquals(batches.get(), 3);
            Map<String, ai.djl.nn.Parameter> old = BlockTree.parameters(source.getBlock());
            BlockTree.parameters(result.model().getBlock())
                    .forEach(
                            (path, parameter) -> {
                                if (!path.startsWith("head.")) {
                                    Assert.assertEquals(
                                            parameter.getArray().toFloatArray(),
                                            old.get(path).getArray().toFloatArray(),
                                            path);
                                }
                            });
            Assert.assertTrue(result.toJson().contains("\"FINISHED\""));
        }
    }

    @Test
    public void aRateThatDivergesIsNoticed() throws Exception {
        String start;
        try (FineTuningResult none = builder().optEpochs(1).optLearningRate(1e-30f).build().run()) {
            start = none.epochs().toString();
        }
        try (FineTuningResult result =
                builder().optEpochs(20).optLearningRate(1e6f).build().run()) {
            Assert.assertEquals(result.status(), Status.DIVERGED, start);
            Assert.assertTrue(
                    result.message().contains("optLearningRate(250000.0f)"), result.message());
            TensorialModels.save(result.model(), folder("diverged").resolve("finite"));
        }
    }

    @Test
    public void damagedPicturesAreLeftOutAndSaid() throws Exception {
        Path folder = folder("damaged");
        draw(folder.resolve("a"), 4, "png", true);
        draw(folder.resolve("b"), 4, "png", false);
        Files.write(folder.resolve("a/empty.png"), new byte[0]);
        Files.writeString(folder.resolve("a/text.jpg"), "no picture");
        byte[] whole = Files.readAllBytes(folder.resolve("b/000.png"));
        Files.write(folder.resolve("b/half.png"), Arrays.copyOf(whole, whole.length / 2));
        Files.write(folder.resolve("b/huge.png"), huge(whole));
        Files.writeString(folder.resolve("b/notes.txt"), "not looked at");
        Files.writeString(folder.resolve("b/.hidden.png"), "nor this");
        try (FineTuningResult result =
                FineTuner.builder().setModel(source).setImages(folder).optEpochs(1).build().run()) {
            Assert.assertEquals(
                    result.skipped().stream().map(s -> s.file().getFileName().toString()).toList(),
                    List.of("empty.png", "text.jpg", "half.png", "huge.png"));
            Assert.assertTrue(result.skipped().get(0).reason().contains("empty"));
            Assert.assertTrue(
                    result.skipped().get(3).reason().contains("at most 100000000"),
                    result.skipped().get(3).reason());
            Assert.assertEquals(result.trained() + result.heldOut(), 8);
        }
    }

    /** The header of a picture of ten gigapixels. */
    private static byte[] huge(byte[] png) {
        byte[] copy = png.clone();
        java.nio.ByteBuffer.wrap(copy).putInt(16, 100_000).putInt(20, 100_000);
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(copy, 12, 17);
        java.nio.ByteBuffer.wrap(copy).putInt(29, (int) crc.getValue());
        return copy;
    }

    @Test
    public void foldersThatCannotBeTrainedOnAreRefused() throws Exception {
        Path folder = folder("wrong");
        refused(folder, "two classes or more");
        draw(folder.resolve("a"), 3, "png", true);
        refused(folder, "there is [a]");
        Files.createDirectories(folder.resolve("empty"));
        refused(folder, "[empty]");
        draw(folder.resolve("empty"), 1, "png", true);
        refused(folder, "empty (1)");
        Assert.assertThrows(
                IOException.class,
                () ->
                        FineTuner.builder()
                                .setModel(source)
                                .setImages(folder.resolve("none"))
                                .build()
                                .run());
    }

    private void refused(Path folder, String part) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                FineTuner.builder()
                                        .setModel(source)
                                        .setImages(folder)
                                        .build()
                                        .run()
                                        .close());
        Assert.assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
