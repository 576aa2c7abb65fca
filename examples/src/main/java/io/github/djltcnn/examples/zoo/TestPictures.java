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
package io.github.djltcnn.examples.zoo;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.finetuning.ConfusionMatrix;
import io.github.djltcnn.finetuning.Evaluation;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** The test pictures of a data set: as arrays, and as files of PNG and JPEG. */
interface TestPictures {

    /** The largest number of pictures of Fashion-MNIST in one batch. */
    int BATCH = 100;

    /** The name of the data set in {@code Criteria}. */
    String dataset();

    /** What it is. */
    String title();

    /** How many pictures there are. */
    int count();

    /** The label of a picture. */
    String label(int index);

    /**
     * A picture as the bytes of a file.
     *
     * @param index its number
     * @param type png or jpg
     * @return the bytes
     */
    byte[] file(int index, String type) throws IOException;

    /** What a model makes of all of them, read as predictions read them. */
    ConfusionMatrix measure(Model model) throws IOException, TranslateException;

    /** Fashion-MNIST, or a part of it. */
    static TestPictures fashion(LabelledImages images) {
        return new Fashion(images);
    }

    /**
     * CIFAR-10 as JPEG files.
     *
     * @param folder holds {@code test/CLASS/..}
     * @param count how many pictures, of all classes in turn
     */
    static TestPictures cifar(Path folder, int count) throws IOException {
        List<List<Path>> classes = new ArrayList<>();
        for (Path label : sorted(folder.resolve("test"))) {
            classes.add(sorted(label));
        }
        List<Path> files = new ArrayList<>();
        for (int n = 0; files.size() < count; n++) {
            int before = files.size();
            for (List<Path> label : classes) {
                if (n < label.size() && files.size() < count) {
                    files.add(label.get(n));
                }
            }
            if (files.size() == before) {
                break;
            }
        }
        return new Cifar(folder.resolve("test"), files);
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.sorted().toList();
        }
    }

    /** Grey pictures in memory. */
    record Fashion(LabelledImages images) implements TestPictures {

        @Override
        public String dataset() {
            return "fashionmnist";
        }

        @Override
        public String title() {
            return "Fashion-MNIST";
        }

        @Override
        public int count() {
            return images.count();
        }

        @Override
        public String label(int index) {
            return FashionMnist.CLASSES.get(images.label(index));
        }

        @Override
        public byte[] file(int index, String type) throws IOException {
            return encode((BufferedImage) images.image(index).getWrappedImage(), type);
        }

        @Override
        public ConfusionMatrix measure(Model model) throws IOException, TranslateException {
            try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
                return Evaluation.of(model, images.toPixelDataset(manager, BATCH, false));
            }
        }
    }

    /** JPEG files; as PNG files they have the same pixels. */
    record Cifar(Path folder, List<Path> files) implements TestPictures {

        @Override
        public String dataset() {
            return "cifar10jpeg";
        }

        @Override
        public String title() {
            return "CIFAR-10 as JPEG files of quality 75";
        }

        @Override
        public int count() {
            return files.size();
        }

        @Override
        public String label(int index) {
            return files.get(index).getParent().getFileName().toString();
        }

        @Override
        public byte[] file(int index, String type) throws IOException {
            Path file = files.get(index);
            return "jpg".equals(type)
                    ? Files.readAllBytes(file)
                    : encode(ImageIO.read(file.toFile()), type);
        }

        /** Of the whole folder, whatever the number of files. */
        @Override
        public ConfusionMatrix measure(Model model) throws IOException {
            return Evaluation.of(model, folder);
        }
    }

    /** As a file; JPEG at its best quality, since it is the reading that is tested. */
    private static byte[] encode(BufferedImage picture, String type) {
        BufferedImage rgb =
                new BufferedImage(
                        picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        rgb.createGraphics().drawImage(picture, 0, 0, null);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName(type).next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(file)) {
            ImageWriteParam options = writer.getDefaultWriteParam();
            if ("jpg".equals(type)) {
                options.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                options.setCompressionQuality(1);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(rgb, null, null), options);
        } catch (IOException e) {
            throw new UncheckedIOException("A stream in memory does not fail", e);
        } finally {
            writer.dispose();
        }
        return file.toByteArray();
    }
}
