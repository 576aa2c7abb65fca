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
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The files of a saved model. The file of the structure begins with a line that has the hash of the
 * rest, and the structure has the hash of the file of parameters: a bit that flips is found before
 * anything is built.
 */
final class ModelFolder {

    /** The file of the structure. */
    static final String STRUCTURE = "model.tcnn";

    private static final String MAGIC = "djl-tcnn sha256=";

    /** As JSON in memory is some seventy times as large, this keeps a hostile file harmless. */
    private static final int MAX_STRUCTURE = 1 << 20;

    private ModelFolder() {}

    /** The content of the file of a structure. */
    static byte[] encode(Structure structure) {
        String json = structure.toJson() + "\n";
        if (bytes(json).length + MAGIC.length() + 65 > MAX_STRUCTURE) {
            throw new IllegalArgumentException(
                    "The structure of the model comes to "
                            + bytes(json).length
                            + " bytes, "
                            + MAX_STRUCTURE
                            + " are read at most; save fewer layers or a shorter provenance");
        }
        String hash = HexFormat.of().formatHex(sha256().digest(bytes(json)));
        return bytes(MAGIC + hash + "\n" + json);
    }

    /**
     * Reads and checks the structure, and that the parameters are those it was saved with.
     *
     * @param folder the folder
     * @return the structure
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if a file is damaged; names the file
     */
    static Structure read(Path folder) throws IOException, MalformedModelException {
        Path file = folder.resolve(STRUCTURE);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "no saved model here: TensorialModels.save writes one");
        }
        if (Files.size(file) > MAX_STRUCTURE) {
            throw new MalformedModelException(
                    STRUCTURE
                            + ": has "
                            + Files.size(file)
                            + " bytes, a structure has at most "
                            + MAX_STRUCTURE);
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int lineEnd = text.indexOf('\n');
        if (!text.startsWith(MAGIC) || lineEnd < 0) {
            throw new MalformedModelException(
                    STRUCTURE + ": does not begin with \"" + MAGIC + "\"");
        }
        String json = text.substring(lineEnd + 1);
        String hash = HexFormat.of().formatHex(sha256().digest(bytes(json)));
        if (!text.substring(MAGIC.length(), lineEnd).equals(hash)) {
            throw new MalformedModelException(
                    STRUCTURE + ": the hash does not fit: the file was changed or cut off");
        }
        Structure structure;
        try {
            structure = Structure.parse(json);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(STRUCTURE + ": " + e.getMessage(), e);
        }
        checkParameters(folder, structure);
        return structure;
    }

    private static void checkParameters(Path folder, Structure structure)
            throws IOException, MalformedModelException {
        Path file = folder.resolve(structure.parameterFile());
        String name = structure.parameterFile();
        if (!Files.isRegularFile(file)) {
            throw new MalformedModelException(name + ": the file is missing");
        }
        if (Files.size(file) != structure.bytes()) {
            throw new MalformedModelException(
                    name
                            + ": has "
                            + Files.size(file)
                            + " bytes, was saved with "
                            + structure.bytes());
        }
        if (!hash(file).equals(structure.sha256())) {
            throw new MalformedModelException(
                    name + ": the hash does not fit: the file was changed");
        }
    }

    /** The hash of a file in hexadecimal. */
    static String hash(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream is = new DigestInputStream(Files.newInputStream(file), digest)) {
            byte[] buffer = new byte[1 << 16];
            int read = 0;
            while (read >= 0) {
                read = is.read(buffer);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
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
