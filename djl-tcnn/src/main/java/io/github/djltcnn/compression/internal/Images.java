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
package io.github.djltcnn.compression.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;

/**
 * The images of a dataset as a model takes them: every batch is checked, and its numbers are of the
 * model's type. It is a dataset too, of no more images than were asked for.
 */
public final class Images implements Dataset {

    private final Dataset dataset;
    private final Shape shape;
    private final DataType type;
    private final Runnable between;
    private final int most;

    /**
     * Looks at a dataset.
     *
     * @param dataset the dataset
     * @param input the shape of an input of the model, a batch of any size
     * @param type the type of its numbers
     * @param most the most images that a pass gives
     * @param between called before each batch; what it throws ends the pass
     */
    public Images(Dataset dataset, Shape input, DataType type, int most, Runnable between) {
        this.dataset = dataset;
        this.shape = new Shape(input.slice(1).getShape());
        this.type = type;
        this.most = most;
        this.between = between;
    }

    /** What is done with a batch. */
    public interface Taker {

        /**
         * Takes a batch; its arrays are closed afterwards.
         *
         * @param images the images
         * @param labels their labels, null if there are none
         */
        void take(NDArray images, NDArray labels);
    }

    /**
     * Passes over the images once.
     *
     * @param manager holds a batch at a time
     * @param taker takes the batches
     * @return how many images there were
     * @throws IOException if they cannot be read
     * @throws TranslateException if they cannot be made into arrays
     * @throws IllegalArgumentException if a batch does not fit the model
     */
    public int forEach(NDManager manager, Taker taker) throws IOException, TranslateException {
        int count = 0;
        try (NDManager scope = manager.newSubManager()) {
            for (Batch batch : getData(scope)) {
                try (batch) {
                    NDArray images = batch.getData().head();
                    NDList labels = batch.getLabels();
                    count += (int) images.getShape().get(0);
                    taker.take(images, labels == null || labels.isEmpty() ? null : labels.head());
                }
            }
        }
        return count;
    }

    @Override
    public Iterable<Batch> getData(NDManager manager) throws IOException, TranslateException {
        Iterator<Batch> batches = dataset.getData(manager).iterator();
        return () ->
                new Iterator<>() {
                    private int number;
                    private int given;

                    @Override
                    public boolean hasNext() {
                        between.run();
                        return given < most && batches.hasNext();
                    }

                    @Override
                    public Batch next() {
                        Batch batch = fitting(read(batches), ++number, most - given);
                        given += (int) batch.getData().head().getShape().get(0);
                        return batch;
                    }
                };
    }

    /** DJL hides that a file could not be read. */
    private static Batch read(Iterator<Batch> batches) {
        try {
            return batches.next();
        } catch (IllegalStateException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException unread) {
                    throw new UncheckedIOException(unread);
                }
            }
            throw e;
        }
    }

    /** Checks a batch, and cuts it to the images that are wanted. */
    private Batch fitting(Batch batch, int number, int wanted) {
        if (batch.getData() == null || batch.getData().isEmpty()) {
            throw new IllegalArgumentException("Batch " + number + " of the images has no data");
        }
        NDArray images = batch.getData().head();
        Shape found = images.getShape();
        if (found.dimension() != shape.dimension() + 1 || !found.slice(1).equals(shape)) {
            throw new IllegalArgumentException(
                    "Batch "
                            + number
                            + " of the images has the shape "
                            + found
                            + ", the model takes "
                            + shape
                            + " for each image"
                            + advice(found));
        }
        boolean bytes = images.getDataType() == DataType.UINT8;
        if (!bytes && !images.getDataType().isFloating()) {
            throw new IllegalArgumentException(
                    "Batch "
                            + number
                            + " of the images is of "
                            + images.getDataType()
                            + "; use floating point numbers, as ToTensor makes them, or UINT8");
        }
        boolean cut = found.get(0) > wanted;
        boolean other = !bytes && images.getDataType() != type;
        if (!cut && !other) {
            return batch;
        }
        NDArray part = cut ? images.get(":" + wanted) : images;
        NDList data = new NDList(other ? part.toType(type, true) : part);
        NDList labels = new NDList();
        if (batch.getLabels() != null) {
            batch.getLabels().forEach(l -> labels.add(cut ? l.get(":" + wanted) : l));
        }
        return new Batch(
                batch.getManager(),
                data,
                labels,
                (int) Math.min(found.get(0), wanted),
                Batchifier.STACK,
                Batchifier.STACK,
                batch.getProgress(),
                batch.getProgressTotal());
    }

    private String advice(Shape found) {
        if (found.dimension() != shape.dimension() + 1 || shape.dimension() != 3) {
            return "; a batch is (images, channels, height, width)";
        }
        if (found.get(3) == shape.get(0) && found.get(1) != shape.get(0)) {
            return "; the channels are last: apply the transform ToTensor";
        }
        if (found.get(1) != shape.get(0)) {
            return "; the images have "
                    + found.get(1)
                    + " channels instead of "
                    + shape.get(0)
                    + ": read them by the flag "
                    + (shape.get(0) == 1 ? "GRAYSCALE" : "COLOR")
                    + ", or give the folder of the images, which are fitted to the model then";
        }
        return "; apply the transform Resize("
                + shape.get(2)
                + ", "
                + shape.get(1)
                + "), or give the folder of the images, which are fitted to the model then";
    }

    @Override
    public void prepare(Progress progress) throws IOException, TranslateException {
        dataset.prepare(progress);
    }
}
