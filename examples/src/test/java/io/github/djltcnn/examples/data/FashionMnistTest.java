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
package io.github.djltcnn.examples.data;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.testing.files.Folders;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tests {@link FashionMnist}, {@link FashionMnistSubset} and {@link LabelledImages}. */
public class FashionMnistTest {

    private static final int PIXELS = LabelledImages.SIZE * LabelledImages.SIZE;

    private Path folder;

    @BeforeClass
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("fashion-mnist");
    }

    @AfterClass
    public void removeFolder() throws IOException {
        Folders.delete(folder);
    }

    @Test
    public void testSubsetIsBalanced() {
        FashionMnist subset = FashionMnist.subset();
        Assert.assertEquals(count(subset.train()), same(800));
        Assert.assertEquals(count(subset.test()), same(200));
    }

    /**
     * The files of the subset.
     *
     * @return name and SHA-256 of the uncompressed contents
     */
    @DataProvider
    public Object[][] hashes() {
        return new Object[][] {
            {
                "train-images-idx3-ubyte.gz",
                "cb88e77f30d390c2b0d47beddd24fe82e705e7c1c5125952f88f5a6734343886"
            },
            {
                "train-labels-idx1-ubyte.gz",
                "28872f9d5bafc033e91a113e4251855951f7e92a6735f4718251b8fbd2aa3d3a"
            },
            {
                "t10k-images-idx3-ubyte.gz",
                "8032fd5c087eb4900aca2a264048850361e025b78d3ff21e1bb5d7703dec5eee"
            },
            {
                "t10k-labels-idx1-ubyte.gz",
                "07a9c0d164cd7f9e50aa9ce7ce49f232c4766ee1561cdc3dbeed21792997b9fd"
            },
        };
    }

    @Test(dataProvider = "hashes")
    public void testSubsetIsTheOneThatTheCommandMakes(String name, String hash)
            throws IOException, NoSuchAlgorithmException {
        try (InputStream in =
                new GZIPInputStream(
                        FashionMnist.class.getResourceAsStream("fashion-mnist/" + name))) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
            Assert.assertEquals(HexFormat.of().formatHex(digest), hash);
        }
    }

    @Test
    public void testDatasetIsNormalised() throws IOException, TranslateException {
        LabelledImages train = FashionMnist.subset().train();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = train.toArray(manager);
            Assert.assertEquals(array.getShape(), new Shape(8000, 1, 28, 28));
            Assert.assertEquals(array.mean().getFloat(), 0f, 0.02f);
            Assert.assertEquals(array.square().mean().getFloat(), 1f, 0.02f);

            ArrayDataset dataset = train.toDataset(manager, 3000, false);
            int seen = 0;
            for (Batch batch : dataset.getData(manager)) {
                try (batch) {
                    int size = batch.getSize();
                    NDArray data = batch.getData().singletonOrThrow();
                    NDArray labels = batch.getLabels().singletonOrThrow();
                    Assert.assertEquals(data.getShape(), new Shape(size, 1, 28, 28));
                    Assert.assertEquals(data.getDataType(), DataType.FLOAT32);
                    Assert.assertEquals(data.get(0), array.get(seen));
                    Assert.assertEquals(labels.getFloat(size - 1), train.label(seen + size - 1));
                    seen += size;
                }
            }
            Assert.assertEquals(seen, 8000);
        }
    }

    @Test
    public void testImageShowsThePixels() {
        LabelledImages test = FashionMnist.subset().test();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray normalised = test.head(3).toArray(manager).get(2, 0);
            NDArray shown = test.image(2).toNDArray(manager, Image.Flag.GRAYSCALE).squeeze(2);
            NDArray expected =
                    shown.toType(DataType.FLOAT32, false)
                            .div(255)
                            .sub(FashionMnist.MEAN)
                            .div(FashionMnist.STD);
            Assert.assertEquals(
                    normalised.sub(expected).abs().max().getFloat(), 0f, 1e-5f, "image differs");
        }
    }

    @Test
    public void testDrawKeepsImagesWithTheirLabels() throws IOException {
        long seed = new Random().nextLong();
        System.out.println("testDrawKeepsImagesWithTheirLabels: seed " + seed);
        Path whole = Files.createDirectory(folder.resolve("whole"));
        writeSynthetic(whole, 90, 40, new Random(seed));
        Path subset = folder.resolve("subset");
        FashionMnistSubset.write(whole, subset, 5, 2, seed);

        FashionMnist drawn = FashionMnist.load(subset);
        Assert.assertEquals(count(drawn.train()), same(5));
        Assert.assertEquals(count(drawn.test()), same(2));
        // An image of the synthetic whole says in its first pixel which label it came with.
        for (LabelledImages part : new LabelledImages[] {drawn.train(), drawn.test()}) {
            try (NDManager manager = NDManager.newBaseManager()) {
                for (int i = 0; i < part.count(); i++) {
                    NDArray pixels = part.image(i).toNDArray(manager, Image.Flag.COLOR);
                    Assert.assertEquals(pixels.getUint8(0, 0, 0), part.label(i));
                }
            }
        }

        Path again = folder.resolve("again");
        FashionMnistSubset.write(whole, again, 5, 2, seed);
        try (var files = Files.list(subset)) {
            for (Path file : files.toList()) {
                Assert.assertEquals(
                        Files.mismatch(file, again.resolve(file.getFileName())), -1, "" + file);
            }
        }
    }

    @Test
    public void testErrorsSayWhatToDo() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        FileNotFoundException missing =
                Assert.expectThrows(FileNotFoundException.class, () -> FashionMnist.load(empty));
        Assert.assertTrue(
                missing.getMessage().contains("expected the four idx .gz files"),
                missing.getMessage());

        Path mixed = Files.createDirectory(folder.resolve("mixed"));
        writeSynthetic(mixed, 20, 20, new Random(1));
        try (OutputStream out =
                Files.newOutputStream(mixed.resolve(FashionMnist.Part.TEST.labelFile()))) {
            new IdxFile(new int[] {19}, new byte[19]).write(out);
        }
        IOException counts = Assert.expectThrows(IOException.class, () -> FashionMnist.load(mixed));
        Assert.assertTrue(
                counts.getMessage().endsWith("got 20 images and 19 labels"), counts.getMessage());

        byte[] labels = new byte[20];
        labels[7] = 10;
        try (OutputStream out =
                Files.newOutputStream(mixed.resolve(FashionMnist.Part.TEST.labelFile()))) {
            new IdxFile(new int[] {20}, labels).write(out);
        }
        IOException label = Assert.expectThrows(IOException.class, () -> FashionMnist.load(mixed));
        Assert.assertTrue(label.getMessage().contains("Label 10 of image 7"), label.getMessage());

        IllegalArgumentException tooMany =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> FashionMnistSubset.write(mixed, empty, 3, 1, 0));
        Assert.assertTrue(
                tooMany.getMessage().startsWith("Expected between 1 and 2 images of class"),
                tooMany.getMessage());
        Assert.assertThrows(
                IllegalArgumentException.class, () -> FashionMnist.subset().test().head(0));
    }

    /** Writes a whole dataset whose images carry their label in the first pixel. */
    private static void writeSynthetic(Path target, int train, int test, Random random)
            throws IOException {
        for (FashionMnist.Part part : FashionMnist.Part.values()) {
            int count = part == FashionMnist.Part.TRAIN ? train : test;
            byte[] pixels = new byte[count * PIXELS];
            random.nextBytes(pixels);
            byte[] labels = new byte[count];
            for (int i = 0; i < count; i++) {
                labels[i] = (byte) (i % 10);
                pixels[i * PIXELS] = labels[i];
            }
            try (OutputStream out = Files.newOutputStream(target.resolve(part.imageFile()))) {
                new IdxFile(new int[] {count, 28, 28}, pixels).write(out);
            }
            try (OutputStream out = Files.newOutputStream(target.resolve(part.labelFile()))) {
                new IdxFile(new int[] {count}, labels).write(out);
            }
        }
    }

    private static int[] count(LabelledImages images) {
        int[] counts = new int[FashionMnist.CLASSES.size()];
        for (int i = 0; i < images.count(); i++) {
            counts[images.label(i)]++;
        }
        return counts;
    }

    private static int[] same(int count) {
        int[] counts = new int[FashionMnist.CLASSES.size()];
        Arrays.fill(counts, count);
        return counts;
    }
}
