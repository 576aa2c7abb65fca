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

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import io.github.djltcnn.models.ModelInfo;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A folder of pictures as a dataset of DJL, read as a model will see them in predictions: for
 * trainers, {@code BatchNorms.recalibrate}, or a compression.
 *
 * @since 0.1.0
 */
public final class PictureDataset {

    private PictureDataset() {}

    /**
     * Names the pictures of a folder with one folder per class. Each is read when it is wanted.
     *
     * @param model a model of images; where it has labels, folders are called like them
     * @param folder the folder
     * @param batchSize the pictures of a batch, in an order of the engine's random numbers
     * @return pixels from 0 to 1, and numbers of classes
     * @throws IOException if the folder cannot be read
     * @throws IllegalArgumentException if there are no pictures or classes to train on
     */
    public static RandomAccessDataset of(Model model, Path folder, int batchSize)
            throws IOException {
        ModelInfo info = ModelInfo.of(model);
        PictureFolder pictures =
                PictureFolder.read(folder, info.labels().isEmpty() ? null : info.labels());
        Shape image = info.input().slice(1);
        return PictureSet.of(
                new PictureReader(model, image),
                image,
                pictures.files(),
                pictures.labels(),
                batchSize,
                (byte[][]) null);
    }
}
