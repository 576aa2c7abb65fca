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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.finetuning.internal.Randomness;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Which pictures make up a batch, in which order, and how they are changed for training. */
final class Batches {

    private static final int MEASURED_AT_ONCE = 64;

    private final TrainingData data;
    private final int size;
    private final Augmentation augmentation;
    private final Randomness random;

    Batches(TrainingData data, int size, Augmentation augmentation, Randomness random) {
        this.data = data;
        this.size = size;
        this.augmentation = augmentation;
        this.random = random;
    }

    /** The number of steps of an epoch. */
    int steps() {
        return Math.toIntExact((data.train().size() + size - 1) / size);
    }

    /** The pictures of each step of an epoch. */
    List<List<Long>> of(int epoch) {
        return slices(random.order(epoch, Math.toIntExact(data.train().size())), size);
    }

    /** The batches of some steps. */
    Iterable<Batch> training(NDManager manager, List<List<Long>> indices)
            throws IOException, TranslateException {
        return data.train().getData(manager, new Order(indices));
    }

    /** All pictures that are held out. */
    Iterable<Batch> heldOut(NDManager manager) throws IOException, TranslateException {
        int[] order = new int[Math.toIntExact(data.heldOut().size())];
        for (int n = 0; n < order.length; n++) {
            order[n] = n;
        }
        return data.heldOut().getData(manager, new Order(slices(order, MEASURED_AT_ONCE)));
    }

    private static List<List<Long>> slices(int[] order, int most) {
        List<List<Long>> slices = new ArrayList<>();
        for (int from = 0; from < order.length; from += most) {
            List<Long> slice = new ArrayList<>();
            for (int n = from; n < Math.min(from + most, order.length); n++) {
                slice.add((long) order[n]);
            }
            slices.add(slice);
        }
        return slices;
    }

    /** Changes the pictures of a batch as the seed, the epoch and each picture say. */
    Batch augment(Batch batch, int epoch, List<Long> indices) {
        if (augmentation.isNone()) {
            return batch;
        }
        NDArray pixels = batch.getData().head();
        Shape shape = pixels.getShape();
        float[] from;
        try (NDArray real = pixels.toType(DataType.FLOAT32, true)) {
            from = real.toFloatArray();
        }
        float[] to = new float[from.length];
        for (int n = 0; n < indices.size(); n++) {
            augmentation.apply(
                    from,
                    to,
                    n,
                    (int) shape.get(1),
                    (int) shape.get(2),
                    (int) shape.get(3),
                    random.picture(epoch, indices.get(n)));
        }
        return new Batch(
                batch.getManager(),
                new NDList(batch.getManager().create(to, shape)),
                batch.getLabels(),
                batch.getSize(),
                Batchifier.STACK,
                Batchifier.STACK,
                batch.getProgress(),
                batch.getProgressTotal());
    }

    /** Batches in a given order. */
    private record Order(List<List<Long>> batches) implements Sampler {

        @Override
        public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
            return batches.iterator();
        }

        @Override
        public int getBatchSize() {
            return batches.isEmpty() ? 1 : batches.get(0).size();
        }
    }
}
