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
package io.github.djltcnn.torchscript;

import ai.djl.ndarray.types.DataType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the few opcodes of Python's pickle protocol 2 that an archive of TorchScript needs. */
final class Pickler {

    private static final int PROTOCOL = 2;
    private static final int LONGEST_SMALL_INT = 0xFF;
    private static final int LONGEST_MEDIUM_INT = 0xFFFF;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Pickler() {
        op(0x80);
        bytes.write(PROTOCOL);
    }

    private void op(int code) {
        bytes.write(code);
    }

    private void raw(byte[] data) {
        bytes.write(data, 0, data.length);
    }

    private void little(int value) {
        raw(
                ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(value)
                        .array());
    }

    /** A class or function by module and name. */
    Pickler global(String module, String name) {
        op('c');
        raw((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Pickler string(String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        op('X');
        little(data.length);
        raw(data);
        return this;
    }

    Pickler bool(boolean value) {
        op(value ? 0x88 : 0x89);
        return this;
    }

    Pickler integer(long value) {
        if (value >= 0 && value <= LONGEST_SMALL_INT) {
            op('K');
            bytes.write((int) value);
        } else if (value >= 0 && value <= LONGEST_MEDIUM_INT) {
            op('M');
            bytes.write((int) value & 0xFF);
            bytes.write((int) value >> 8);
        } else if (value == (int) value) {
            op('J');
            little((int) value);
        } else {
            op(0x8a);
            bytes.write(Long.BYTES);
            raw(
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(value)
                            .array());
        }
        return this;
    }

    Pickler mark() {
        op('(');
        return this;
    }

    /** Makes a tuple of everything since the last mark. */
    Pickler tuple() {
        op('t');
        return this;
    }

    Pickler emptyTuple() {
        op(')');
        return this;
    }

    /** An empty list of tensors; a plain one would be a list of anything. */
    Pickler emptyTensorList() {
        global("torch.jit._pickle", "build_tensorlist").mark();
        op(']');
        return tuple().reduce();
    }

    Pickler emptyDict() {
        op('}');
        return this;
    }

    Pickler newObject() {
        op(0x81);
        return this;
    }

    Pickler setItems() {
        op('u');
        return this;
    }

    Pickler reduce() {
        op('R');
        return this;
    }

    Pickler persistentId() {
        op('Q');
        return this;
    }

    Pickler build() {
        op('b');
        return this;
    }

    Pickler integers(long... values) {
        mark();
        for (long value : values) {
            integer(value);
        }
        return tuple();
    }

    /** A dense tensor whose numbers are the entry {@code data/key} of the archive. */
    Pickler tensor(DataType type, String key, long[] shape, long[] strides) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        global("torch._utils", "_rebuild_tensor_v2").mark();
        mark().string("storage").global("torch", storage(type)).string(key).string("cpu");
        integer(size).tuple().persistentId();
        integer(0).integers(shape).integers(strides).bool(false);
        global("collections", "OrderedDict").emptyTuple().reduce();
        return tuple().reduce();
    }

    private static String storage(DataType type) {
        return switch (type) {
            case FLOAT32 -> "FloatStorage";
            case FLOAT64 -> "DoubleStorage";
            case FLOAT16 -> "HalfStorage";
            case INT64 -> "LongStorage";
            case INT32 -> "IntStorage";
            case INT8 -> "CharStorage";
            case UINT8 -> "ByteStorage";
            case BOOLEAN -> "BoolStorage";
            default ->
                    throw new IllegalArgumentException(
                            "A TorchScript archive can hold tensors of "
                                    + storageTypes()
                                    + " here, got "
                                    + type);
        };
    }

    private static List<DataType> storageTypes() {
        return List.of(
                DataType.FLOAT32,
                DataType.FLOAT64,
                DataType.FLOAT16,
                DataType.INT64,
                DataType.INT32,
                DataType.INT8,
                DataType.UINT8,
                DataType.BOOLEAN);
    }

    /** The bytes, ended. */
    byte[] toBytes() {
        op('.');
        return bytes.toByteArray();
    }
}
