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
package io.github.djltcnn.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What was written.
 *
 * @param file the file
 * @param fileBytes its size
 * @param parameterBytes the bytes of the model's parameters, for comparison
 * @param weightBytes the bytes of the numbers in the file
 * @param numOperations the operations in the file
 * @param inputs the shape of each input, N being the batch size
 * @param outputs the shape of each output
 * @since 0.1.0
 */
public record ExportReport(
        Path file,
        long fileBytes,
        long parameterBytes,
        long weightBytes,
        int numOperations,
        List<String> inputs,
        List<String> outputs) {

    private static final double KILO = 1000;

    /**
     * Creates a report.
     *
     * @param file the file
     * @param fileBytes its size
     * @param parameterBytes the bytes of the model's parameters, for comparison
     * @param weightBytes the bytes of the numbers in the file
     * @param numOperations the operations in the file
     * @param inputs the shape of each input, N being the batch size
     * @param outputs the shape of each output
     */
    public ExportReport {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %,.1f kB, %d operations, %s -> %s; weights %,.1f kB, of parameters %,.1f kB",
                file.getFileName(),
                fileBytes / KILO,
                numOperations,
                String.join(", ", inputs),
                String.join(", ", outputs),
                weightBytes / KILO,
                parameterBytes / KILO);
    }
}
