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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The header of a safetensors file: which arrays the file holds, and where. */
final class SafetensorsHeader {

    static final String BFLOAT16 = "BF16";

    private static final int MAX_DIMENSIONS = 8;

    /** The types of DJL by their names in the file. */
    static final Map<String, DataType> TYPES =
            Map.of(
                    "F64", DataType.FLOAT64,
                    "F32", DataType.FLOAT32,
                    "F16", DataType.FLOAT16,
                    "I64", DataType.INT64,
                    "I32", DataType.INT32,
                    "I8", DataType.INT8,
                    "U8", DataType.UINT8,
                    "BOOL", DataType.BOOLEAN);

    /** The bytes of a number of other types. */
    private static final Map<String, Integer> OTHERS =
            Map.of(BFLOAT16, 2, "I16", 2, "U16", 2, "U32", 4, "U64", 8, "F8_E4M3", 1, "F8_E5M2", 1);

    /** An array in the file. */
    record Entry(String name, String type, Shape shape, long begin, long end) {}

    private SafetensorsHeader() {}

    /**
     * Reads the header of a file and checks it against the size of the file.
     *
     * @param file the file, for messages
     * @param header the bytes of the header
     * @param dataSize the bytes that follow it
     * @return the arrays by name, in the order of the header
     * @throws MalformedModelException if it is not well-formed; says where
     */
    static Map<String, Entry> entries(Path file, byte[] header, long dataSize)
            throws IOException, MalformedModelException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        String json = new String(header, StandardCharsets.UTF_8);
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                JsonElement value = JsonParser.parseReader(reader);
                if ("__metadata__".equals(name)) {
                    continue;
                }
                if (entries.put(name, entry(file, name, value.getAsJsonObject())) != null) {
                    throw malformed(file, "it names two arrays \"" + name + "\"", null);
                }
            }
            reader.endObject();
            if (!json.substring(json.lastIndexOf('}') + 1).isBlank()) {
                throw malformed(file, "something follows the names of the arrays", null);
            }
        } catch (MalformedJsonException
                | java.io.EOFException
                | JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | ClassCastException
                | NullPointerException
                | NumberFormatException e) {
            throw malformed(file, "the header is not that of a safetensors file", e);
        }
        checkFilled(file, new ArrayList<>(entries.values()), dataSize);
        return entries;
    }

    /** The arrays fill the file without gaps or overlaps. */
    private static void checkFilled(Path file, List<Entry> entries, long dataSize)
            throws MalformedModelException {
        long expected = 0;
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        for (Entry entry : entries) {
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
    }

    private static Entry entry(Path file, String name, JsonObject object)
            throws MalformedModelException {
        String type = object.get("dtype").getAsString();
        JsonArray sizes = object.getAsJsonArray("shape");
        JsonArray offsets = object.getAsJsonArray("data_offsets");
        if (sizes.size() > MAX_DIMENSIONS || offsets.size() != 2) {
            throw malformed(file, name + " has a header that is not well-formed", null);
        }
        long begin = whole(offsets.get(0));
        long end = whole(offsets.get(1));
        long[] shape = new long[sizes.size()];
        long bytes =
                TYPES.containsKey(type)
                        ? TYPES.get(type).getNumOfBytes()
                        : OTHERS.getOrDefault(type, 0);
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = whole(sizes.get(axis));
            if (shape[axis] < 0 || (shape[axis] > 0 && bytes > Long.MAX_VALUE / shape[axis])) {
                throw malformed(file, name + " has shape " + sizes, null);
            }
            bytes *= shape[axis];
        }
        boolean known = TYPES.containsKey(type) || OTHERS.containsKey(type);
        if (begin < 0 || end < begin || (known && end - begin != bytes)) {
            throw malformed(
                    file,
                    name
                            + " of type "
                            + type
                            + " and shape "
                            + sizes
                            + " stands at "
                            + offsets
                            + ", not in "
                            + bytes
                            + " bytes",
                    null);
        }
        return new Entry(name, type, new Shape(shape), begin, end);
    }

    private static long whole(JsonElement element) {
        if (!element.getAsJsonPrimitive().isNumber()) {
            throw new NumberFormatException("no number: " + element);
        }
        return Long.parseLong(element.getAsString());
    }

    /** What is thrown for a file that is not well-formed. */
    static MalformedModelException malformed(Path file, String what, Throwable cause) {
        String message = file.getFileName() + ": " + what;
        return cause == null
                ? new MalformedModelException(message)
                : new MalformedModelException(message, cause);
    }
}
