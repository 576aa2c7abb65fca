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
package io.github.djltcnn.spark;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The models of this process: each is loaded once, whatever the number of tasks and jobs that use
 * it, and stays until the process ends.
 */
final class ExecutorModels {

    private static final Map<String, Model> MODELS = new ConcurrentHashMap<>();

    private ExecutorModels() {}

    /**
     * A model, loaded by the first task that asks.
     *
     * @param source where it comes from
     * @param loaded is told when this call has loaded it
     * @return the model, for any number of threads
     * @throws IOException if it cannot be loaded
     */
    static Model get(ModelSource source, Runnable loaded) throws IOException {
        // Not computeIfAbsent: a failure is told as it is, and tried again by the next task.
        synchronized (MODELS) {
            Model model = MODELS.get(source.key());
            if (model == null) {
                model = load(source);
                loaded.run();
                MODELS.put(source.key(), model);
            }
            return model;
        }
    }

    private static Model load(ModelSource source) throws IOException {
        try {
            if (source.files().isEmpty()) {
                return TcnnZoo.load(source.name());
            }
            Path folder = Files.createTempDirectory("tcnn-model");
            try {
                for (Map.Entry<String, byte[]> file : source.files().entrySet()) {
                    Files.write(folder.resolve(file.getKey()), file.getValue());
                }
                return TensorialModels.load(folder);
            } finally {
                Trees.delete(folder);
            }
        } catch (MalformedModelException e) {
            throw new IOException(source.name() + " cannot be loaded: " + e.getMessage(), e);
        }
    }
}
