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
import ai.djl.ndarray.NDManager;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Some images, kept so that several models see the same ones in the same order: a dataset may draw
 * a new order for each pass.
 */
public final class Sample implements AutoCloseable {

    /** More is not kept. */
    private static final long MOST_BYTES = 512L << 20;

    /**
     * A batch.
     *
     * @param images the images
     * @param labels their labels, null if there are none
     */
    public record Part(NDArray images, NDArray labels) {}

    private final NDManager manager;
    private final List<Part> parts = new ArrayList<>();
    private int count;

    private Sample(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Keeps images; as many as a pass gives, or as memory is set aside for.
     *
     * @param images the images
     * @param parent the manager whose device they are kept on
     * @return the images, to be closed
     * @throws IOException if the images cannot be read
     * @throws TranslateException if they cannot be made into arrays
     */
    public static Sample of(Images images, NDManager parent)
            throws IOException, TranslateException {
        Sample sample = new Sample(parent.newSubManager());
        long[] bytes = {0};
        try {
            images.forEach(
                    sample.manager,
                    (x, labels) -> {
                        bytes[0] += x.size() * x.getDataType().getNumOfBytes();
                        if (bytes[0] <= MOST_BYTES || sample.parts.isEmpty()) {
                            sample.add(x, labels);
                        }
                    });
            return sample;
        } catch (IOException | TranslateException | RuntimeException e) {
            sample.close();
            throw e;
        }
    }

    private void add(NDArray x, NDArray labels) {
        parts.add(new Part(kept(x), labels == null ? null : kept(labels)));
        count += (int) x.getShape().get(0);
    }

    private NDArray kept(NDArray array) {
        NDArray copy = array.duplicate();
        copy.attach(manager);
        return copy;
    }

    /**
     * Returns the batches.
     *
     * @return the batches, in order
     */
    public List<Part> parts() {
        return parts;
    }

    /**
     * Returns how many images there are.
     *
     * @return the number
     */
    public int count() {
        return count;
    }

    /** Frees the images. */
    @Override
    public void close() {
        manager.close();
    }
}
