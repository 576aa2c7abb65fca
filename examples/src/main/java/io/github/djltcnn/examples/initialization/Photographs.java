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
package io.github.djltcnn.examples.initialization;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.examples.data.ColourImages;
import java.io.IOException;
import java.nio.file.Path;

/** Photographs of 32 x 32 pixels at half their size: each pixel is the mean of four. */
final class Photographs {

    /** Height and width. */
    static final int SIZE = 16;

    private static final int PIXELS = 3 * SIZE * SIZE;
    private static final float[] MEAN = {.4914f, .4822f, .4465f};
    private static final float[] DEVIATION = {.2470f, .2435f, .2616f};

    private final float[] pixels;
    private final float[] labels;

    private Photographs(float[] pixels, float[] labels) {
        this.pixels = pixels;
        this.labels = labels;
    }

    /**
     * Reads the first photographs of each class.
     *
     * @param folder has a folder for each class
     * @param count how many over all classes
     */
    static Photographs read(Path folder, int count) throws IOException {
        ColourImages images = ColourImages.read(folder, count, 2 * SIZE);
        float[] labels = new float[images.count()];
        for (int n = 0; n < labels.length; n++) {
            labels[n] = images.label(n);
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] pixels =
                    images.toArray(manager, MEAN, DEVIATION)
                            .reshape(labels.length, 3, SIZE, 2, SIZE, 2)
                            .sum(new int[] {3, 5})
                            .mul(0.25f)
                            .toFloatArray();
            return new Photographs(pixels, labels);
        }
    }

    int count() {
        return labels.length;
    }

    float label(int index) {
        return labels[index];
    }

    /** Returns photographs (count, 3, 16, 16) and labels (count). */
    NDList batch(NDManager manager, int... indices) {
        float[] x = new float[indices.length * PIXELS];
        float[] y = new float[indices.length];
        for (int n = 0; n < indices.length; n++) {
            System.arraycopy(pixels, indices[n] * PIXELS, x, n * PIXELS, PIXELS);
            y[n] = labels[indices[n]];
        }
        return new NDList(
                manager.create(x, new Shape(indices.length, 3, SIZE, SIZE)), manager.create(y));
    }
}
