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
package io.github.djltcnn.models;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file: a header that names the arrays, and their bytes. The header is checked
 * against the size of the file before anything is read or reserved for it.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
final class Safetensors implements AutoCloseable {

    private static final int LENGTH_BYTES = 8;

    /** Some forty thousand arrays; as JSON in memory it is some seventy times as large. */
    private static final long MAX_HEADER = 1 << 22;

    private static final int MAX_DIMENSIONS = 8;

    /** An array in the file. */
    private record Entry(String name, DataType dataType, Shape shape, long begin, long end) {}

    private final Path file;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, Entry> entries;

    private Safetensors(
            Path file, FileChannel channel, long dataStart, Map<String, Entry> entries) {
        this.file = file;
        this.channel = channel;
        this.dataStart = dataStart;
        this.entries = entries;
    }

    /**
     * Opens a file and checks its header.
     *
     * @param file the file
     * @return the open file
     * @throws IOException if it cannot be read
     * @throws MalformedModelException if it is not well-formed; says where
     */
    static Safetensors open(Path file) throws IOException, MalformedModelException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw malformed(file, "it has only " + size + " bytes", null);
            }
            long length = read(channel, 0, LENGTH_BYTES).getLong();
            if (length < 2 || length > MAX_HEADER || length > size - LENGTH_BYTES) {
                throw malformed(
                        file,
                        "a header of "
                                + length
                                + " bytes in a file of "
                                + size
                                + " bytes; at most "
                                + MAX_HEADER
                                + " are read",
                        null);
            }
            byte[] header = read(channel, LENGTH_BYTES, (int) length).array();
            long start = LENGTH_BYTES + length;
            return new Safetensors(file, channel, start, entries(file, header, size - start));
        } catch (IOException | MalformedModelException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static Map<String, Entry> entries(Path file, byte[] header, long dataSize)
            throws MalformedModelException {
        List<Entry> all = new ArrayList<>();
        try {
            String json = new String(header, StandardCharsets.UTF_8);
            JsonObject object = JsonUtils.GSON.fromJson(json, JsonObject.class);
            for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
                if (!"__metadata__".equals(entry.getKey())) {
                    all.add(entry(file, entry.getKey(), entry.getValue().getAsJsonObject()));
                }
            }
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | NullPointerException
                | NumberFormatException e) {
            throw malformed(file, "the header is not that of a safetensors file", e);
        }
        // The arrays fill the file without gaps or overlaps.
        long expected = 0;
        List<Entry> byBegin = new ArrayList<>(all);
        byBegin.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        for (Entry entry : byBegin) {
            if (entry.begin() != expected) {
                throw malformed(
                        file,
                        entry.name() + " begins at " + entry.begin() + ", expected " + expected,
                        null);
            }
            expected = entry.end();
        }
        if (expected != dataSize) {
            throw malformed(
                    file, "the arrays have " + expected + " bytes, the file " + dataSize, null);
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        all.forEach(entry -> entries.put(entry.name(), entry));
        return entries;
    }

    private static Entry entry(Path file, String name, JsonObject object)
            throws MalformedModelException {
        DataType dataType = dataType(object.get("dtype").getAsString());
        if (dataType == null) {
            throw malformed(file, name + " has data type " + object.get("dtype"), null);
        }
        JsonArray sizes = object.getAsJsonArray("shape");
        JsonArray offsets = object.getAsJsonArray("data_offsets");
        if (sizes.size() > MAX_DIMENSIONS || offsets.size() != 2) {
            throw malformed(file, name + " has a header that is not well-formed", null);
        }
        long[] shape = new long[sizes.size()];
        long bytes = dataType.getNumOfBytes();
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = sizes.get(axis).getAsLong();
            if (shape[axis] < 0 || (shape[axis] > 0 && bytes > Long.MAX_VALUE / shape[axis])) {
                throw malformed(file, name + " has shape " + sizes, null);
            }
            bytes *= shape[axis];
        }
        long begin = offsets.get(0).getAsLong();
        long end = offsets.get(1).getAsLong();
        if (begin < 0 || end < begin || end - begin != bytes) {
            throw malformed(
                    file,
                    name
                            + " of shape "
                            + sizes
                            + " lies at "
                            + offsets
                            + ", not "
                            + bytes
                            + " bytes",
                    null);
        }
        return new Entry(name, dataType, new Shape(shape), begin, end);
    }

    private static DataType dataType(String name) {
        return switch (name) {
            case "F64" -> DataType.FLOAT64;
            case "F32" -> DataType.FLOAT32;
            case "F16" -> DataType.FLOAT16;
            case "I64" -> DataType.INT64;
            case "I32" -> DataType.INT32;
            case "I8" -> DataType.INT8;
            case "U8" -> DataType.UINT8;
            case "BOOL" -> DataType.BOOLEAN;
            default -> null;
        };
    }

    /** The names of the arrays, in the order of the header. */
    Set<String> names() {
        return entries.keySet();
    }

    /** The shape of an array, or null if there is none of that name. */
    Shape shape(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.shape();
    }

    /**
     * Reads an array.
     *
     * @param name its name
     * @param manager takes the array
     * @return a new array
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if the file ends early or the array is too large
     */
    NDArray read(String name, NDManager manager) throws IOException, MalformedModelException {
        Entry entry = entries.get(name);
        long bytes = entry.end() - entry.begin();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw malformed(
                    file, name + " has " + bytes + " bytes, more than an array holds", null);
        }
        ByteBuffer buffer = read(channel, dataStart + entry.begin(), (int) bytes);
        return manager.create(buffer, entry.shape(), entry.dataType());
    }

    private static ByteBuffer read(FileChannel channel, long position, int length)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("The file ends at byte " + (position + buffer.position()));
            }
        }
        buffer.rewind();
        return buffer;
    }

    /**
     * Writes arrays to a file.
     *
     * @param file the file
     * @param arrays the arrays by name, float32 or float64
     * @throws IOException if it cannot be written
     */
    static void write(Path file, Map<String, NDArray> arrays) throws IOException {
        JsonObject header = new JsonObject();
        long offset = 0;
        for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
            NDArray array = entry.getValue();
            long bytes = array.getShape().size() * array.getDataType().getNumOfBytes();
            JsonObject object = new JsonObject();
            object.addProperty("dtype", array.getDataType().asSafetensors());
            object.add("shape", JsonUtils.GSON.toJsonTree(array.getShape().getShape()));
            object.add(
                    "data_offsets", JsonUtils.GSON.toJsonTree(new long[] {offset, offset + bytes}));
            header.add(entry.getKey(), object);
            offset += bytes;
        }
        StringBuilder text = new StringBuilder(header.toString());
        while (text.toString().getBytes(StandardCharsets.UTF_8).length % LENGTH_BYTES != 0) {
            text.append(' '); // the arrays begin at a multiple of eight
        }
        byte[] json = text.toString().getBytes(StandardCharsets.UTF_8);
        try (OutputStream os = Files.newOutputStream(file)) {
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            os.write(length.putLong(json.length).array());
            os.write(json);
            for (NDArray array : arrays.values()) {
                ByteBuffer values = array.toByteBuffer();
                byte[] bytes = new byte[values.remaining()];
                values.get(bytes);
                os.write(bytes);
            }
        }
    }

    private static MalformedModelException malformed(Path file, String what, Throwable cause) {
        String message = file.getFileName() + ": " + what;
        return cause == null
                ? new MalformedModelException(message)
                : new MalformedModelException(message, cause);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
