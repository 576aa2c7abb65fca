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

import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.internal.StructureFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What has to be the same for a run to go on from a checkpoint. */
final class RunSettings {

    private static final String SETTING = "setting.";

    private RunSettings() {}

    static Map<String, String> of(FineTuner.Builder settings, TrainingData data, Transferred made) {
        ModelInfo info = ModelInfo.of(made.model());
        Map<String, String> texts = new TreeMap<>();
        put(texts, "model", info.name());
        put(texts, "input", info.input());
        put(texts, "classes", String.join("\n", data.classes()));
        put(texts, "pictures", hash(data.identity()));
        put(texts, "epochs", settings.epochs);
        put(texts, "batchSize", settings.batchSize);
        put(
                texts,
                "learningRate",
                settings.optimizer == null ? settings.learningRate : "of the optimizer");
        put(texts, "augmentation", settings.augmentation);
        put(texts, "freezeStatistics", settings.freezeStatistics);
        put(texts, "seed", settings.seed);
        return texts;
    }

    private static void put(Map<String, String> texts, String key, Object value) {
        texts.put(SETTING + key, String.valueOf(value));
    }

    private static String hash(String text) {
        return StructureFile.hash(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Compares the settings of a run with those of a checkpoint.
     *
     * @throws IllegalArgumentException if one differs
     */
    static void check(Path folder, Map<String, String> now, Map<String, String> saved) {
        List<String> differences = new ArrayList<>();
        now.forEach(
                (key, value) -> {
                    if (!value.equals(saved.get(key))) {
                        differences.add(
                                key.substring(SETTING.length())
                                        + " was "
                                        + saved.get(key)
                                        + " and is "
                                        + value);
                    }
                });
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException(
                    "The checkpoint in "
                            + folder
                            + " is of another fine-tuning: "
                            + String.join("; ", differences)
                            + ". Go on with the same settings, or give another folder");
        }
    }
}
