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
package io.github.djltcnn.models.internal;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file: a header that names the arrays, and their bytes. The header is checked
 * against the size of the file before anything is read or reserved for it. Arrays of a type that
 * DJL has not may stand in the file as long as nobody reads them; bfloat16 is read as float32,
 * which holds all its numbers.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class Safetensors implements AutoCloseable {

    private static final int LENGTH_BYTES = 8;

    /** Some forty thousand arrays; as JSON in memory it is some seventy times as large. */
    private static final long MAX_HEADER = 1 << 22;

    private final Path file;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, SafetensorsHeader.Entry> entries;

    private Safetensors(
            Path file,
            FileChannel channel,
            long dataStart,
            Map<String, SafetensorsHeader.Entry> entries) {
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
    public static Safetensors open(Path file) throws IOException, MalformedModelException {
        return open(file, null);
    }

    /**
     * Opens a file, checks that it has the content it was saved with, and its header.
     *
     * @param file the file
     * @param content its content, or null if it may be any
     * @return the open file
     * @throws IOException if it cannot be read
     * @throws MalformedModelException if it is not well-formed or has another content; says where
     */
    public static Safetensors open(Path file, Structure.Content content)
            throws IOException, MalformedModelException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            long size = channel.size();
            if (content != null) {
                check(file, channel, content);
            }
            if (size < LENGTH_BYTES) {
                throw SafetensorsHeader.malformed(file, "it has only " + size + " bytes", null);
            }
            long length = read(channel, 0, LENGTH_BYTES).getLong();
            if (length < 2 || length > MAX_HEADER || length > size - LENGTH_BYTES) {
                throw SafetensorsHeader.malformed(
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
            Map<String, SafetensorsHeader.Entry> entries =
                    SafetensorsHeader.entries(file, header, size - start);
            return new Safetensors(file, channel, start, entries);
        } catch (IOException | MalformedModelException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void check(Path file, FileChannel channel, Structure.Content content)
            throws IOException, MalformedModelException {
        if (channel.size() != content.bytes()) {
            throw SafetensorsHeader.malformed(
                    file,
                    "has " + channel.size() + " bytes, was saved with " + content.bytes(),
                    null);
        }
        if (!hash(channel).equals(content.sha256())) {
            throw SafetensorsHeader.malformed(
                    file, "the hash does not fit: the file was changed", null);
        }
    }

    /** The hash of a file in hexadecimal. */
    static String hash(FileChannel channel) throws IOException {
        MessageDigest digest = StructureFile.sha256();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        long position = 0;
        for (int read = 0; read >= 0; read = channel.read(buffer, position)) {
            position += read;
            digest.update(buffer.flip());
            buffer.clear();
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The names of the arrays, in the order of the header. */
    public Set<String> names() {
        return entries.keySet();
    }

    /** The shape of an array, or null if there is none of that name. */
    public Shape shape(String name) {
        SafetensorsHeader.Entry entry = entries.get(name);
        return entry == null ? null : entry.shape();
    }

    /** The type of an array as the file names it; null if it can be read. */
    public String unreadable(String name) {
        String type = entries.get(name).type();
        boolean known =
                SafetensorsHeader.TYPES.containsKey(type)
                        || SafetensorsHeader.BFLOAT16.equals(type);
        return known ? null : type;
    }

    /**
     * Reads an array.
     *
     * @param name its name
     * @param manager takes the array
     * @return a new array
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if the file ends early, or the array is too large or of a
     *     type that DJL has not
     */
    public NDArray read(String name, NDManager manager)
            throws IOException, MalformedModelException {
        SafetensorsHeader.Entry entry = entries.get(name);
        long bytes = entry.end() - entry.begin();
        if (unreadable(name) != null) {
            throw SafetensorsHeader.malformed(file, name + " has data type " + entry.type(), null);
        }
        boolean brain = SafetensorsHeader.BFLOAT16.equals(entry.type());
        if (bytes > (Integer.MAX_VALUE - 8) / (brain ? 2 : 1)) {
            throw SafetensorsHeader.malformed(
                    file, name + " has " + bytes + " bytes, more than an array holds", null);
        }
        ByteBuffer buffer = read(channel, dataStart + entry.begin(), (int) bytes);
        if (!brain) {
            return manager.create(buffer, entry.shape(), SafetensorsHeader.TYPES.get(entry.type()));
        }
        float[] values = new float[(int) bytes / 2];
        for (int n = 0; n < values.length; n++) {
            // A bfloat16 is the upper half of a float32.
            values[n] = Float.intBitsToFloat(buffer.getShort(2 * n) << 16);
        }
        return manager.create(values, entry.shape());
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
     * Writes arrays to a file, and on to the disk.
     *
     * @param file the file
     * @param arrays the arrays by name
     * @return the content of the file
     * @throws IOException if it cannot be written
     */
    public static Structure.Content write(Path file, Map<String, NDArray> arrays)
            throws IOException {
        JsonObject header = new JsonObject();
        long offset = 0;
        for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
            NDArray array = entry.getValue();
            long bytes = array.getShape().size() * array.getDataType().getNumOfBytes();
            JsonObject object = new JsonObject();
            object.addProperty("dtype", array.getDataType().asSafetensors());
            JsonArray shape = new JsonArray();
            for (long size : array.getShape().getShape()) {
                shape.add(size);
            }
            object.add("shape", shape);
            JsonArray offsets = new JsonArray();
            offsets.add(offset);
            offsets.add(offset + bytes);
            object.add("data_offsets", offsets);
            header.add(entry.getKey(), object);
            offset += bytes;
        }
        StringBuilder text = new StringBuilder(header.toString());
        int length = text.toString().getBytes(StandardCharsets.UTF_8).length;
        // The arrays begin at a multiple of eight.
        text.append(" ".repeat((LENGTH_BYTES - length % LENGTH_BYTES) % LENGTH_BYTES));
        byte[] json = text.toString().getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = StructureFile.sha256();
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer start =
                    ByteBuffer.allocate(LENGTH_BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(json.length)
                            .flip();
            write(channel, start, digest);
            write(channel, ByteBuffer.wrap(json), digest);
            for (NDArray array : arrays.values()) {
                write(channel, array.toByteBuffer(), digest);
            }
            channel.force(true);
            return new Structure.Content(HexFormat.of().formatHex(digest.digest()), channel.size());
        }
    }

    private static void write(FileChannel channel, ByteBuffer buffer, MessageDigest digest)
            throws IOException {
        digest.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
