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
package io.github.djltcnn.compression;

import ai.djl.Model;

/**
 * A compressed model, and what became of it. The given model is as it was.
 *
 * @param model the compressed model, independent of the given one; {@link #close} closes it
 * @param report what was done and measured
 * @since 0.1.0
 */
public record CompressionResult(Model model, CompressionReport report) implements AutoCloseable {

    /** Closes the compressed model. */
    @Override
    public void close() {
        model.close();
    }
}
