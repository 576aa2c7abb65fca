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

import io.github.djltcnn.examples.data.FashionMnist.Part;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Draws a class-balanced subset of Fashion-MNIST and writes it as the same four files, so that
 * whatever reads the whole reads the subset.
 *
 * @since 0.1.0
 */
public final class FashionMnistSubset {

    private FashionMnistSubset() {}

    /**
     * Draws and writes a subset. The images keep the order that they have in the whole.
     *
     * @param source the folder of the four idx files
     * @param target the folder to write to; made if it is not there
     * @param trainPerClass the number of images of each class to train on
     * @param testPerClass the number of images of each class to test on
     * @param seed the seed of the draw; the same seed draws the same images on every machine
     * @throws IOException if a file cannot be read or written, or is not what its name says
     */
    public static void write(
            Path source, Path target, int trainPerClass, int testPerClass, long seed)
            throws IOException {
        Random random = new Random(seed);
        Files.createDirectories(target);
        write(source, target, Part.TRAIN, trainPerClass, random);
        write(source, target, Part.TEST, testPerClass, random);
    }

    private static void write(Path source, Path target, Part part, int perClass, Random random)
            throws IOException {
        IdxFile images =
                read(source.resolve(part.imageFile()), LabelledImages.SIZE, LabelledImages.SIZE);
        IdxFile labels = read(source.resolve(part.labelFile()));
        LabelledImages whole = new LabelledImages(images, labels, FashionMnist.CLASSES.size());
        int[] places = draw(whole, perClass, random);
        save(target.resolve(part.imageFile()), images.pick(places));
        save(target.resolve(part.labelFile()), labels.pick(places));
    }

    private static int[] draw(LabelledImages whole, int perClass, Random random) {
        List<Integer> drawn = new ArrayList<>();
        for (int c = 0; c < FashionMnist.CLASSES.size(); c++) {
            List<Integer> members = new ArrayList<>();
            for (int i = 0; i < whole.count(); i++) {
                if (whole.label(i) == c) {
                    members.add(i);
                }
            }
            if (perClass < 1 || perClass > members.size()) {
                throw new IllegalArgumentException(
                        "Expected between 1 and "
                                + members.size()
                                + " images of class "
                                + FashionMnist.CLASSES.get(c)
                                + ", the number there is, got "
                                + perClass);
            }
            Collections.shuffle(members, random);
            drawn.addAll(members.subList(0, perClass));
        }
        return drawn.stream().sorted().mapToInt(Integer::intValue).toArray();
    }

    private static IdxFile read(Path file, int... itemSizes) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return IdxFile.read(in, file.toString(), itemSizes);
        }
    }

    private static void save(Path file, IdxFile contents) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            contents.write(out);
        }
    }
}
