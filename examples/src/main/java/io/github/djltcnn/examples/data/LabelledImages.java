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
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.Arrays;

/**
 * Grey images of 28 x 28 pixels with one label each, held as bytes on the heap. Immutable.
 *
 * @since 0.1.0
 */
public final class LabelledImages {

    /** Height and width of an image in pixels. */
    public static final int SIZE = 28;

    private static final int PIXELS = SIZE * SIZE;

    private final byte[] pixels;
    private final byte[] labels;

    /**
     * Joins images and labels.
     *
     * @param images a file of images, (count, 28, 28)
     * @param labels a file of labels, (count)
     * @param classes the number of classes; a label is less than it
     */
    LabelledImages(IdxFile images, IdxFile labels, int classes) {
        if (images.count() != labels.count()) {
            throw new IllegalArgumentException(
                    "Each image needs one label: got "
                            + images.count()
                            + " images and "
                            + labels.count()
                            + " labels");
        }
        this.pixels = images.elements();
        this.labels = labels.elements();
        for (int i = 0; i < count(); i++) {
            if (label(i) >= classes) {
                throw new IllegalArgumentException(
                        "Label "
                                + label(i)
                                + " of image "
                                + i
                                + " is none of the classes 0 to "
                                + (classes - 1));
            }
        }
    }

    /**
     * Returns the number of images.
     *
     * @return the number of images
     */
    public int count() {
        return labels.length;
    }

    /**
     * Returns an image's label.
     *
     * @param index the image's index
     * @return the index of its class
     */
    public int label(int index) {
        return Byte.toUnsignedInt(labels[index]);
    }

    /**
     * Returns an image, white on black.
     *
     * @param index the image's index
     * @return the image, with three equal colour channels
     */
    public Image image(int index) {
        int[] argb = new int[PIXELS];
        for (int i = 0; i < PIXELS; i++) {
            int grey = Byte.toUnsignedInt(pixels[index * PIXELS + i]);
            argb[i] = 0xff000000 | grey << 16 | grey << 8 | grey;
        }
        return ImageFactory.getInstance().fromPixels(argb, SIZE, SIZE);
    }

    /**
     * Returns the images' pixels as numbers of mean about 0 and standard deviation about 1: {@code
     * (pixel / 255 - MEAN) / STD} of {@link FashionMnist}.
     *
     * @param manager the manager of the result
     * @return an array (count, 1, 28, 28), float32
     */
    public NDArray toArray(NDManager manager) {
        return array(manager, FashionMnist.MEAN, FashionMnist.STD);
    }

    /**
     * Returns the images' pixels as numbers from 0 to 1, for a model that normalises its input
     * itself.
     *
     * @param manager the manager of the result
     * @return an array (count, 1, 28, 28), float32
     */
    public NDArray toPixels(NDManager manager) {
        return array(manager, 0, 1);
    }

    private NDArray array(NDManager manager, float mean, float deviation) {
        float[] table = new float[256];
        for (int grey = 0; grey < table.length; grey++) {
            table[grey] = (grey / 255f - mean) / deviation;
        }
        float[] values = new float[pixels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = table[Byte.toUnsignedInt(pixels[i])];
        }
        return manager.create(values, new Shape(count(), 1, SIZE, SIZE));
    }

    /**
     * Returns the images as a dataset of DJL: data (batch, 1, 28, 28) in float32, normalised as by
     * {@link #toArray}; labels (batch) in float32.
     *
     * @param manager the manager that holds the dataset's two arrays; outlives the dataset
     * @param batchSize the number of images of a batch; the last batch may be smaller
     * @param shuffle whether each pass over the dataset draws a new order from the engine's random
     *     numbers
     * @return the dataset
     */
    public ArrayDataset toDataset(NDManager manager, int batchSize, boolean shuffle) {
        return dataset(toArray(manager), manager, batchSize, shuffle);
    }

    /**
     * Returns the images as a dataset of DJL: data (batch, 1, 28, 28) in float32, from 0 to 1 as by
     * {@link #toPixels}; labels (batch) in float32.
     *
     * @param manager the manager that holds the dataset's two arrays; outlives the dataset
     * @param batchSize the number of images of a batch; the last batch may be smaller
     * @param shuffle whether each pass over the dataset draws a new order from the engine's random
     *     numbers
     * @return the dataset
     */
    public ArrayDataset toPixelDataset(NDManager manager, int batchSize, boolean shuffle) {
        return dataset(toPixels(manager), manager, batchSize, shuffle);
    }

    private ArrayDataset dataset(NDArray data, NDManager manager, int batchSize, boolean shuffle) {
        float[] classes = new float[count()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = label(i);
        }
        return new ArrayDataset.Builder()
                .setData(data)
                .optLabels(manager.create(classes))
                .setSampling(batchSize, shuffle)
                .build();
    }

    /**
     * Returns the first images.
     *
     * @param count how many, at least 1; all if there are fewer
     * @return these images
     */
    public LabelledImages head(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("Expected at least 1 image, got " + count);
        }
        int kept = Math.min(count, count());
        return new LabelledImages(
                Arrays.copyOf(pixels, kept * PIXELS), Arrays.copyOf(labels, kept));
    }

    private LabelledImages(byte[] pixels, byte[] labels) {
        this.pixels = pixels;
        this.labels = labels;
    }
}
