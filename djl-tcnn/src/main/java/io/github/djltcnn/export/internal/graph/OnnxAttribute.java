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
package io.github.djltcnn.export.internal.graph;

/**
 * A setting of an operator of ONNX.
 *
 * @param name its name
 * @param value a Float, a Long or a long[]
 */
public record OnnxAttribute(String name, Object value) {

    /** A setting that is a number. */
    public static OnnxAttribute of(String name, float value) {
        return new OnnxAttribute(name, value);
    }

    /** A setting that is an integer. */
    public static OnnxAttribute of(String name, long value) {
        return new OnnxAttribute(name, value);
    }

    /** A setting that is a list of integers. */
    public static OnnxAttribute of(String name, long[] values) {
        return new OnnxAttribute(name, values);
    }
}
