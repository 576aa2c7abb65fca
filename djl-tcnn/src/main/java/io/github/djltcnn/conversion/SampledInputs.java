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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The images that a conversion looks at.
 *
 * @param dataset gives them; labels are not looked at
 * @param images how many at most
 */
record SampledInputs(Dataset dataset, int images) {

    /** Reads the images, in batches of the dataset; nothing else is left at the manager. */
    List<NDList> read(NDManager manager) {
        List<NDList> batches = new ArrayList<>();
        long count = 0;
        try {
            for (Batch batch : dataset.getData(manager)) {
                try (batch) {
                    NDList data = new NDList();
                    long size = batch.getData().head().getShape().get(0);
                    long wanted = Math.min(size, images - count);
                    for (NDArray array : batch.getData()) {
                        try (NDArray part = array.get("0:" + wanted)) {
                            NDArray copy = part.duplicate();
                            copy.attach(manager);
                            data.add(copy);
                        }
                    }
                    batches.add(data);
                    count += wanted;
                }
                if (count >= images) {
                    break;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The images for the conversion could not be read; the model is as it was", e);
        } catch (TranslateException e) {
            throw new IllegalArgumentException(
                    "The images for the conversion could not be made into arrays: "
                            + e.getMessage(),
                    e);
        }
        if (count == 0) {
            throw new IllegalArgumentException(
                    "The dataset for the conversion has no images; give one that has, or convert"
                            + " without optImages");
        }
        return batches;
    }
}
