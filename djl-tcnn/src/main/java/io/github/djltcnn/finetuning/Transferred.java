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

/**
 * A model that was made of another, and what became of its parameters.
 *
 * @param model the new model, initialised, which the caller closes; {@code TensorialModels.save}
 *     saves it
 * @param report what was taken over and what starts fresh
 * @since 0.1.0
 */
public record Transferred(Model model, TransferReport report) implements AutoCloseable {

    /** Closes the model. */
    @Override
    public void close() {
        model.close();
    }
}
