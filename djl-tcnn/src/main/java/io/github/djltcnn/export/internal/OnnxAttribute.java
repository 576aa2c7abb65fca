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
package io.github.djltcnn.export.internal;

/**
 * A setting of an operator of ONNX.
 *
 * @param name its name
 * @param value a Float, a Long or a long[]
 */
record OnnxAttribute(String name, Object value) {

    static OnnxAttribute of(String name, float value) {
        return new OnnxAttribute(name, value);
    }

    static OnnxAttribute of(String name, long value) {
        return new OnnxAttribute(name, value);
    }

    static OnnxAttribute of(String name, long[] values) {
        return new OnnxAttribute(name, values);
    }

    /** The message of the format. */
    Protobuf message() {
        Protobuf message = new Protobuf().text(1, name);
        if (value instanceof Float number) {
            return message.decimal(2, number).integer(20, 1);
        }
        if (value instanceof Long number) {
            return message.integer(3, number).integer(20, 2);
        }
        for (long number : (long[]) value) {
            message.integer(8, number);
        }
        return message.integer(20, 7);
    }
}
