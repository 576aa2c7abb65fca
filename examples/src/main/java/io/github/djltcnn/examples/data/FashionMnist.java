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

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST: grey pictures of clothes, 28 x 28 pixels, ten classes of equal size.
 *
 * <p>{@link #subset()} needs no other file. The whole dataset, 60,000 and 10,000 images, is read
 * from the four idx files by {@link #load}; Debian ships them in the package {@code
 * dataset-fashion-mnist}.
 *
 * @param train the images to train on
 * @param test the images to test on
 * @see <a href="https://arxiv.org/abs/1708.07747"><i>Fashion-MNIST: a Novel Image Dataset for
 *     Benchmarking Machine Learning Algorithms</i>, Xiao, Rasul, Vollgraf</a>
 * @since 0.1.0
 */
public record FashionMnist(LabelledImages train, LabelledImages test) {

    /** Names of the classes, in the order of their labels. */
    public static final List<String> CLASSES =
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot");

    /** Mean of the pixels of the 60,000 training images, as shares of white. */
    public static final float MEAN = 0.2860f;

    /** Standard deviation of the pixels of the 60,000 training images, as shares of white. */
    public static final float STD = 0.3530f;

    /** Folder of the subset, beside this class. */
    private static final String SUBSET = "fashion-mnist/";

    /**
     * Returns the subset that ships with this module: 8,000 images to train on and 2,000 to test
     * on, the same number of each class, drawn from the respective part of the whole.
     *
     * @return the subset
     */
    public static FashionMnist subset() {
        try {
            return read(
                    name -> {
                        InputStream in = FashionMnist.class.getResourceAsStream(SUBSET + name);
                        if (in == null) {
                            throw new FileNotFoundException("No resource " + SUBSET + name);
                        }
                        return in;
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("The subset shipped with this module is damaged", e);
        }
    }

    /**
     * Reads the dataset from a folder with the four files {@code train-images-idx3-ubyte.gz},
     * {@code train-labels-idx1-ubyte.gz}, {@code t10k-images-idx3-ubyte.gz} and {@code
     * t10k-labels-idx1-ubyte.gz}.
     *
     * @param folder the folder
     * @return the dataset
     * @throws IOException if a file is missing or is not what its name says
     */
    public static FashionMnist load(Path folder) throws IOException {
        return read(
                name -> {
                    Path file = folder.resolve(name);
                    if (!Files.isRegularFile(file)) {
                        throw new FileNotFoundException(
                                "No file "
                                        + name
                                        + " in "
                                        + folder
                                        + "; expected the four idx .gz files of Fashion-MNIST"
                                        + " there");
                    }
                    return Files.newInputStream(file);
                });
    }

    private static FashionMnist read(Source source) throws IOException {
        return new FashionMnist(read(source, Part.TRAIN), read(source, Part.TEST));
    }

    private static LabelledImages read(Source source, Part part) throws IOException {
        IdxFile images;
        IdxFile labels;
        try (InputStream in = new BufferedInputStream(source.open(part.imageFile()))) {
            images = IdxFile.read(in, part.imageFile(), LabelledImages.SIZE, LabelledImages.SIZE);
        }
        try (InputStream in = new BufferedInputStream(source.open(part.labelFile()))) {
            labels = IdxFile.read(in, part.labelFile());
        }
        try {
            return new LabelledImages(images, labels, CLASSES.size());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    part.imageFile() + " and " + part.labelFile() + ": " + e.getMessage(), e);
        }
    }

    /** Where files come from. */
    private interface Source {

        InputStream open(String name) throws IOException;
    }

    /** A part of the dataset and the names of its files. */
    enum Part {
        TRAIN("train"),
        TEST("t10k");

        private final String prefix;

        Part(String prefix) {
            this.prefix = prefix;
        }

        String imageFile() {
            return prefix + "-images-idx3-ubyte.gz";
        }

        String labelFile() {
            return prefix + "-labels-idx1-ubyte.gz";
        }
    }
}
