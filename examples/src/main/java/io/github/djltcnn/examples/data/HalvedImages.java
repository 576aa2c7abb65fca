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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;

/**
 * Images at half their size, 14 x 14, by averaging squares of four pixels: for comparisons of many
 * short trainings. Immutable.
 *
 * @since 0.1.0
 */
public final class HalvedImages {

    /** Height and width of an image in pixels. */
    public static final int SIZE = LabelledImages.SIZE / 2;

    private final float[] images;
    private final float[] labels;

    /**
     * Halves images.
     *
     * @param source the images
     */
    public HalvedImages(LabelledImages source) {
        labels = new float[source.count()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = source.label(i);
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray full = source.toArray(manager);
            images =
                    full.reshape(source.count(), SIZE, 2, SIZE, 2)
                            .sum(new int[] {2, 4})
                            .mul(0.25f)
                            .toFloatArray();
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
     * Returns some images and their labels.
     *
     * @param manager takes the arrays
     * @param indices which images
     * @return images (count, 1, 14, 14) of mean about 0 and deviation about 1, and labels (count)
     */
    public NDList batch(NDManager manager, int... indices) {
        int pixels = SIZE * SIZE;
        float[] x = new float[indices.length * pixels];
        float[] y = new float[indices.length];
        for (int n = 0; n < indices.length; n++) {
            System.arraycopy(images, indices[n] * pixels, x, n * pixels, pixels);
            y[n] = labels[indices[n]];
        }
        return new NDList(
                manager.create(x, new Shape(indices.length, 1, SIZE, SIZE)), manager.create(y));
    }

    /**
     * Trains one step on some images.
     *
     * @param trainer an initialised trainer
     * @param indices which images
     * @return the loss before the step
     */
    public float step(Trainer trainer, int... indices) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            NDList batch = batch(manager, indices);
            float value;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList out = trainer.forward(new NDList(batch.get(0)));
                NDArray loss = trainer.getLoss().evaluate(new NDList(batch.get(1)), out);
                collector.backward(loss);
                value = loss.getFloat();
                out.close();
                loss.close();
            }
            trainer.step();
            return value;
        }
    }
}
