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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Pictures with labels as a dataset of DJL. They are kept as bytes where they fit in memory; a
 * picture that is as large as the model wants loses nothing by it, another is rounded to 1 in 255.
 */
final class PictureSet extends RandomAccessDataset {

    private static final int WHITE = 255;

    private final PictureReader reader;
    private final Shape shape;
    private final List<Path> files;
    private final int[] labels;
    private final byte[][] kept;

    private PictureSet(Builder builder) {
        super(builder);
        reader = builder.reader;
        shape = builder.shape;
        files = builder.files;
        labels = builder.labels;
        kept = builder.kept;
    }

    /**
     * Creates a dataset.
     *
     * @param kept the bytes of the pictures; null to read each when it is wanted
     */
    static PictureSet of(
            PictureReader reader, Shape shape, List<Path> files, int[] labels, byte[]... kept) {
        Builder builder = new Builder();
        builder.reader = reader;
        builder.shape = shape;
        builder.files = files;
        builder.labels = labels;
        builder.kept = kept;
        builder.setSampling(1, false);
        return new PictureSet(builder);
    }

    /** The bytes of pixels. */
    static byte[] bytes(float... pixels) {
        byte[] bytes = new byte[pixels.length];
        for (int n = 0; n < bytes.length; n++) {
            bytes[n] = (byte) Math.round(Math.max(0, Math.min(1, pixels[n])) * WHITE);
        }
        return bytes;
    }

    @Override
    public Record get(NDManager manager, long index) throws IOException {
        int n = Math.toIntExact(index);
        NDArray pixels = manager.create(pixels(n), shape);
        return new Record(new NDList(pixels), new NDList(manager.create((float) labels[n])));
    }

    private float[] pixels(int n) throws IOException {
        if (kept == null) {
            // The same numbers as of a kept picture, whether memory was there or not.
            return floats(bytes(reader.read(files.get(n))));
        }
        return floats(kept[n]);
    }

    private static float[] floats(byte... bytes) {
        float[] pixels = new float[bytes.length];
        for (int n = 0; n < pixels.length; n++) {
            pixels[n] = Byte.toUnsignedInt(bytes[n]) / (float) WHITE;
        }
        return pixels;
    }

    @Override
    protected long availableSize() {
        return files.size();
    }

    @Override
    public void prepare(Progress progress) {
        // read already
    }

    private static final class Builder extends BaseBuilder<Builder> {

        private PictureReader reader;
        private Shape shape;
        private List<Path> files;
        private int[] labels;
        private byte[][] kept;

        @Override
        protected Builder self() {
            return this;
        }
    }
}
