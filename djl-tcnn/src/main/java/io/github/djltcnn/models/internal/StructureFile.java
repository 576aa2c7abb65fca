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
import io.github.djltcnn.common.internal.Texts;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The bytes of the small files: the structure, whose first line has the hash of the rest, and the
 * labels, one a line.
 */
public final class StructureFile {

    private static final String MAGIC = "djl-tcnn sha256=";

    /** As JSON in memory is some seventy times as large, this keeps a hostile file harmless. */
    static final int MAX_STRUCTURE = 1 << 20;

    /** A hundred thousand labels of a hundred and sixty bytes. */
    static final int MAX_LABELS = 1 << 24;

    private StructureFile() {}

    /** The content of the file of a structure. */
    static byte[] encode(Structure structure) {
        String json = structure.toJson() + "\n";
        Texts.checkText(json);
        if (bytes(json).length + MAGIC.length() + 65 > MAX_STRUCTURE) {
            throw new IllegalArgumentException(
                    "The structure of the model comes to "
                            + bytes(json).length
                            + " bytes, "
                            + MAX_STRUCTURE
                            + " are read at most; save fewer layers or a shorter provenance");
        }
        return bytes(MAGIC + hash(bytes(json)) + "\n" + json);
    }

    /** Reads what {@link #encode} wrote. */
    static Structure decode(byte[] file) throws MalformedModelException {
        if (file.length > MAX_STRUCTURE) {
            throw new MalformedModelException(
                    ModelFolder.STRUCTURE
                            + ": is larger than a structure, which has at most "
                            + MAX_STRUCTURE
                            + " bytes");
        }
        String text = new String(file, StandardCharsets.UTF_8);
        int lineEnd = text.indexOf('\n');
        if (!text.startsWith(MAGIC) || lineEnd < 0) {
            throw new MalformedModelException(
                    ModelFolder.STRUCTURE + ": does not begin with \"" + MAGIC + "\"");
        }
        String json = text.substring(lineEnd + 1);
        if (!text.substring(MAGIC.length(), lineEnd).equals(hash(bytes(json)))) {
            throw new MalformedModelException(
                    ModelFolder.STRUCTURE
                            + ": the hash does not fit: the file was changed or cut off");
        }
        try {
            return Structure.parse(json);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(ModelFolder.STRUCTURE + ": " + e.getMessage(), e);
        }
    }

    /** The content of the file of labels, as DJL reads it. */
    static byte[] encodeLabels(List<String> labels) {
        for (String label : labels) {
            Texts.checkLabel(label);
        }
        byte[] bytes = bytes(String.join("\n", labels) + "\n");
        if (bytes.length > MAX_LABELS) {
            throw new IllegalArgumentException(
                    "The labels come to "
                            + bytes.length
                            + " bytes, "
                            + MAX_LABELS
                            + " are read at most");
        }
        return bytes;
    }

    /** Reads labels. */
    static List<String> decodeLabels(String name, byte[] file) throws MalformedModelException {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
            return Arrays.asList(text.split("\n"));
        } catch (CharacterCodingException e) {
            throw new MalformedModelException(name + ": is no text in UTF-8", e);
        }
    }

    /** A file's hash and size. */
    static Structure.Content content(byte[] file) {
        return new Structure.Content(hash(file), file.length);
    }

    /** The SHA-256 of bytes, in hexadecimal. */
    public static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java has SHA-256", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
