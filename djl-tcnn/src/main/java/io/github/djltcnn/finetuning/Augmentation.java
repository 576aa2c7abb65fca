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
package io.github.djltcnn.finetuning;

import java.util.SplittableRandom;

/**
 * Pictures changed at random in training, so that the network does not learn them by heart. What a
 * picture looks like in an epoch depends on the seed, the epoch and the number of the picture
 * alone.
 *
 * @param flip whether left and right are swapped in every second picture
 * @param shift by how many pixels a picture is moved at most, up or down and left or right; its
 *     edge is repeated where nothing is left
 * @since 0.1.0
 */
public record Augmentation(boolean flip, int shift) {

    /**
     * Checks the shift.
     *
     * @param flip whether left and right are swapped in every second picture
     * @param shift by how many pixels a picture is moved at most, up or down and left or right; its
     *     edge is repeated where nothing is left
     */
    public Augmentation {
        if (shift < 0 || shift > 1024) {
            throw new IllegalArgumentException(
                    "Pictures are moved by 0 to 1024 pixels, got " + shift);
        }
    }

    /**
     * Returns no augmentation.
     *
     * @return pictures as they are
     */
    public static Augmentation none() {
        return new Augmentation(false, 0);
    }

    /**
     * Returns what is usual for photographs of things: flipped, and moved by an eighth of their
     * size.
     *
     * @param size height or width of the pictures in pixels
     * @return the augmentation
     */
    public static Augmentation standard(int size) {
        return new Augmentation(true, size / 8);
    }

    /** Whether pictures stay as they are. */
    boolean isNone() {
        return !flip && shift == 0;
    }

    /**
     * Changes one picture.
     *
     * @param from a batch of pictures, (batch, channels, height, width)
     * @param to where the changed picture goes, at the same place
     * @param picture its place in the batch
     * @param channels the number of channels
     * @param height its height
     * @param width its width
     * @param random random numbers of this picture in this epoch
     */
    void apply(
            float[] from,
            float[] to,
            int picture,
            int channels,
            int height,
            int width,
            SplittableRandom random) {
        boolean mirrored = flip && random.nextBoolean();
        int down = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
        int right = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
        for (int c = 0; c < channels; c++) {
            int start = (picture * channels + c) * height * width;
            for (int y = 0; y < height; y++) {
                int row = start + clip(y - down, height) * width;
                for (int x = 0; x < width; x++) {
                    int column = clip(x - right, width);
                    to[start + y * width + x] =
                            from[row + (mirrored ? width - 1 - column : column)];
                }
            }
        }
    }

    private static int clip(int position, int size) {
        return Math.max(0, Math.min(size - 1, position));
    }
}
