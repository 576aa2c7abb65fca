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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Square colour images in a folder per class, in alphabetical order: {@code airplane/0000.jpg}.
 * Held as bytes.
 *
 * @since 0.2.0
 */
public final class ColourImages {

    private static final int CHANNELS = 3;

    private final byte[] pixels;
    private final int[] labels;
    private final int size;

    private ColourImages(byte[] pixels, int[] labels, int size) {
        this.pixels = pixels;
        this.labels = labels;
        this.size = size;
    }

    /**
     * Reads the first images of each class, one of each class in turn, so that every part of them
     * has all classes.
     *
     * @param folder the folder of the classes
     * @param count how many images at most, over all classes
     * @param size the height and width of the images
     * @return the images
     * @throws IOException if a file cannot be read, or an image has another size
     */
    public static ColourImages read(Path folder, int count, int size) throws IOException {
        List<Path> classes = sorted(folder);
        if (classes.isEmpty()) {
            throw new IOException("Folder " + folder + " has no folder of a class");
        }
        int perClass = Math.max(1, count / classes.size());
        int total = perClass * classes.size();
        byte[] pixels = new byte[total * CHANNELS * size * size];
        int[] labels = new int[total];
        for (int label = 0; label < classes.size(); label++) {
            List<Path> files = sorted(classes.get(label));
            if (files.size() < perClass) {
                throw new IOException(
                        classes.get(label)
                                + " has "
                                + files.size()
                                + " images, wanted "
                                + perClass);
            }
            for (int n = 0; n < perClass; n++) {
                int index = n * classes.size() + label;
                labels[index] = label;
                copy(files.get(n), size, pixels, index);
            }
        }
        return new ColourImages(pixels, labels, size);
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static void copy(Path file, int size, byte[] pixels, int index) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        if (image == null || image.getWidth() != size || image.getHeight() != size) {
            throw new IOException(file + " is no image of " + size + " x " + size + " pixels");
        }
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int rgb = image.getRGB(x, y);
                for (int channel = 0; channel < CHANNELS; channel++) {
                    pixels[((index * CHANNELS + channel) * size + y) * size + x] =
                            (byte) (rgb >> (16 - 8 * channel));
                }
            }
        }
    }

    /**
     * Returns the number of images.
     *
     * @return the number
     */
    public int count() {
        return labels.length;
    }

    /**
     * Returns the label of an image.
     *
     * @param index the number of the image
     * @return the number of its class
     */
    public int label(int index) {
        return labels[index];
    }

    /**
     * Returns pixels as a network was trained on them.
     *
     * @param manager the manager of the result
     * @param mean the mean of each channel of pixels from 0 to 1
     * @param deviation the deviation of each channel
     * @return float32, (count, 3, size, size)
     */
    public NDArray toArray(NDManager manager, float[] mean, float[] deviation) {
        float[] values = new float[pixels.length];
        for (int i = 0; i < values.length; i++) {
            int channel = i / (size * size) % CHANNELS;
            values[i] = (Byte.toUnsignedInt(pixels[i]) / 255f - mean[channel]) / deviation[channel];
        }
        return manager.create(values, new Shape(count(), CHANNELS, size, size));
    }
}
