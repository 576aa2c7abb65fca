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

/**
 * What a compression is at.
 *
 * @since 0.1.0
 */
public enum CompressionStage {
    /** Model and images are looked at. */
    CHECK("check"),
    /** The dense model, and single layers if need be, are timed. */
    TIME("time"),
    /** Formats and ranks are chosen. */
    PLAN("plan"),
    /** Kernels are decomposed. */
    DECOMPOSE("decompose"),
    /** Batch normalisation is measured anew. */
    RECALIBRATE("recalibrate"),
    /** The compressed model learns the answers of the dense one. */
    DISTIL("distil"),
    /** The compressed model is timed, and its answers are compared. */
    MEASURE("measure");

    private final String word;

    CompressionStage(String word) {
        this.word = word;
    }

    /** Returns the stage as a verb. */
    @Override
    public String toString() {
        return word;
    }
}
