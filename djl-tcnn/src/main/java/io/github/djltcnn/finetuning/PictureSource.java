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
import io.github.djltcnn.finetuning.internal.Randomness;
import io.github.djltcnn.models.ModelInfo;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Where the pictures of a run come from.
 *
 * @param folder the folder of all pictures; null for datasets of DJL
 * @param heldOut the folder of the pictures to measure on; null if they are a share of the others
 * @param classes the names of the classes
 */
record PictureSource(PictureFolder folder, PictureFolder heldOut, List<String> classes) {

    /**
     * Looks at the folders of a run.
     *
     * @throws IOException if a folder cannot be read
     * @throws IllegalArgumentException if a folder has no classes, or others
     */
    static PictureSource of(FineTuner.Builder settings, ModelInfo info) throws IOException {
        if (settings.folder == null) {
            return new PictureSource(null, null, settings.labels);
        }
        PictureFolder folder = PictureFolder.read(settings.folder, null);
        if (new HashSet<>(folder.classes()).equals(new HashSet<>(info.labels()))) {
            // The classes that the model knows, in its order: its head goes on.
            folder = PictureFolder.read(settings.folder, info.labels());
        }
        PictureFolder heldOut =
                settings.heldOutFolder == null
                        ? null
                        : PictureFolder.read(settings.heldOutFolder, folder.classes());
        return new PictureSource(folder, heldOut, folder.classes());
    }

    /** Reads the pictures as a model sees them; null if it was cancelled. */
    TrainingData data(FineTuner.Builder settings, Model model, BooleanSupplier cancelled)
            throws IOException {
        if (folder == null) {
            return new TrainingData(
                    settings.train,
                    settings.heldOut,
                    settings.labels,
                    List.of(),
                    settings.train.size() + " " + settings.heldOut.size());
        }
        return TrainingData.of(
                folder,
                heldOut,
                settings.share,
                new Randomness(settings.seed),
                model,
                ModelInfo.of(model).input().slice(1),
                cancelled);
    }
}
