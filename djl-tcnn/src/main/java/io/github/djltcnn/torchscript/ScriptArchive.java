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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module as text and tensors: what a {@code .pt} file holds. It can be written to a
 * stream, in the format that {@code torch.jit.load} and DJL read, or be loaded into this process by
 * {@link ScriptModule#load(ScriptArchive, ai.djl.Device)}. Immutable; the numbers are copied when a
 * tensor is added.
 *
 * <p>The code of a method is TorchScript, the typed subset of Python, in the form in which archives
 * hold it: operators are called as {@code torch.relu(x)}, tensors of the module are read as {@code
 * self.name}.
 *
 * @since 0.1.0
 */
public final class ScriptArchive {

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*");
    private static final String VERSION = "3\n";

    private final String name;
    private final Map<String, Held> tensors;
    private final List<String> lists;
    private final List<String> methods;

    private ScriptArchive(Builder builder) {
        name = builder.name;
        lists = List.copyOf(builder.lists);
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(builder.tensors));
        methods = List.copyOf(builder.methods);
    }

    /** The numbers of a tensor, in the byte order of the machine. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Held(DataType type, Shape shape, boolean channelsLast, byte[] bytes) {

        /** How far apart numbers lie along each axis. */
        long[] strides() {
            int dimension = shape.dimension();
            long[] strides = new long[dimension];
            long size = 1;
            if (channelsLast) {
                strides[1] = size;
                size *= shape.get(1);
            }
            for (int axis = dimension - 1; axis >= 0; axis--) {
                if (!channelsLast || axis != 1) {
                    strides[axis] = size;
                    size *= shape.get(axis);
                }
            }
            return strides;
        }
    }

    /**
     * Starts a module.
     *
     * @param name the name of the class, an identifier
     * @return a builder
     * @throws IllegalArgumentException if the name is not an identifier
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * Returns the bytes of all tensors.
     *
     * @return their number
     */
    public long tensorBytes() {
        return tensors.values().stream().mapToLong(held -> held.bytes().length).sum();
    }

    /**
     * Returns the code of the module.
     *
     * @return the text of its class
     */
    public String code() {
        StringBuilder code = new StringBuilder("class " + name + "(Module):\n");
        code.append("  __parameters__ = [");
        tensors.keySet().forEach(tensor -> code.append('"').append(tensor).append("\", "));
        code.append("]\n  __buffers__ = []\n");
        tensors.keySet().forEach(tensor -> code.append("  ").append(tensor).append(" : Tensor\n"));
        lists.forEach(list -> code.append("  ").append(list).append(" : List[Tensor]\n"));
        code.append("  training : bool\n");
        for (String method : methods) {
            method.lines().forEach(line -> code.append("  ").append(line).append('\n'));
        }
        return code.toString();
    }

    /**
     * Writes the archive.
     *
     * @param out where to; it is left open
     * @throws IOException if writing fails
     */
    public void write(OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        int key = 0;
        for (Held held : tensors.values()) {
            entry(zip, "data/" + key++, held.bytes());
        }
        entry(zip, "data.pkl", state());
        entry(zip, "code/__torch__.py", code().getBytes(StandardCharsets.UTF_8));
        entry(zip, "constants.pkl", new Pickler().emptyTuple().toBytes());
        entry(zip, "version", VERSION.getBytes(StandardCharsets.UTF_8));
        entry(zip, "byteorder", byteOrder().getBytes(StandardCharsets.UTF_8));
        zip.finish();
    }

    private static String byteOrder() {
        return java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN
                ? "little"
                : "big";
    }

    private byte[] state() {
        Pickler pickler = new Pickler();
        pickler.global("__torch__", name).emptyTuple().newObject().emptyDict().mark();
        int key = 0;
        for (Map.Entry<String, Held> tensor : tensors.entrySet()) {
            Held held = tensor.getValue();
            pickler.string(tensor.getKey())
                    .tensor(
                            held.type(),
                            String.valueOf(key++),
                            held.shape().getShape(),
                            held.strides());
        }
        lists.forEach(list -> pickler.string(list).emptyTensorList());
        return pickler.string("training").bool(false).setItems().build().toBytes();
    }

    /** Entries are stored as they are: libtorch reads no others. */
    private void entry(ZipOutputStream zip, String path, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name + "/" + path);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCompressedSize(bytes.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /**
     * Builds a {@link ScriptArchive}.
     *
     * @since 0.1.0
     */
    public static final class Builder {

        private final String name;
        private final Map<String, Held> tensors = new LinkedHashMap<>();
        private final List<String> lists = new ArrayList<>();
        private final List<String> methods = new ArrayList<>();

        Builder(String name) {
            this.name = identifier(name);
        }

        private static String identifier(String name) {
            if (name == null || !IDENTIFIER.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "A name in TorchScript is letters, digits and _, and starts with no digit;"
                                + " got \""
                                + name
                                + '"');
            }
            return name;
        }

        private void checkFree(String attribute) {
            if (tensors.containsKey(identifier(attribute)) || lists.contains(attribute)) {
                throw new IllegalArgumentException("The module has \"" + attribute + "\" already");
            }
        }

        /**
         * Adds a tensor that methods read as {@code self.name}.
         *
         * @param name its name
         * @param array its numbers, copied now
         * @return this builder
         * @throws IllegalArgumentException if the name is taken or not an identifier
         */
        public Builder addTensor(String name, NDArray array) {
            return addTensor(name, array, false);
        }

        /**
         * Adds a tensor that methods read as {@code self.name}, in one of two layouts.
         *
         * @param name its name
         * @param array its numbers, copied now
         * @param channelsLast whether its second axis is to lie last in memory, as libtorch wants
         *     it of the weight of a convolution whose input lies so; at least three axes then
         * @return this builder
         * @throws IllegalArgumentException if the name is taken or not an identifier, or there are
         *     too few axes
         */
        public Builder addTensor(String name, NDArray array, boolean channelsLast) {
            checkFree(name);
            Shape shape = array.getShape();
            if (channelsLast && shape.dimension() < 3) {
                throw new IllegalArgumentException(
                        "Channels lie last in tensors of three axes or more, got " + shape);
            }
            byte[] bytes;
            if (channelsLast) {
                try (NDArray last = array.transpose(secondToLast(shape.dimension()))) {
                    bytes = bytes(last);
                }
            } else {
                bytes = bytes(array);
            }
            tensors.put(name, new Held(array.getDataType(), shape, channelsLast, bytes));
            return this;
        }

        private static int[] secondToLast(int dimension) {
            int[] axes = new int[dimension];
            for (int axis = 1; axis < dimension - 1; axis++) {
                axes[axis] = axis + 1;
            }
            axes[dimension - 1] = 1;
            return axes;
        }

        private static byte[] bytes(NDArray array) {
            ByteBuffer buffer = array.toByteBuffer();
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        }

        /**
         * Adds a list of tensors, empty at first, that methods fill and read as {@code self.name}.
         * What is appended is the tensor of the caller, not a copy.
         *
         * @param name its name
         * @return this builder
         * @throws IllegalArgumentException if the name is taken or not an identifier
         */
        public Builder addList(String name) {
            checkFree(name);
            lists.add(name);
            return this;
        }

        /**
         * Adds a method.
         *
         * @param code its text, from {@code def} on, with the body indented by two blanks
         * @return this builder
         */
        public Builder addMethod(String code) {
            methods.add(code);
            return this;
        }

        /**
         * Builds the archive.
         *
         * @return the archive
         * @throws IllegalArgumentException if there is no method
         */
        public ScriptArchive build() {
            if (methods.isEmpty()) {
                throw new IllegalArgumentException(
                        "Module " + name + " has no method; add one by addMethod");
            }
            return new ScriptArchive(this);
        }
    }
}
