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
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The files of a saved model, read.
 *
 * <p>{@code model.tcnn} names the other files, whose names have the hash of their content: a file
 * is never changed, only replaced by one of another name, and the model becomes another when {@code
 * model.tcnn} does, in one move. So a reader beside a writer finds the old model or the new one; if
 * the files it was told of are gone, there is a new {@code model.tcnn} to read.
 */
public final class ModelFolder {

    /** The file of the structure. */
    public static final String STRUCTURE = "model.tcnn";

    private static final int MOST_ATTEMPTS = 1000;

    private ModelFolder() {}

    /**
     * A saved model whose files were found undamaged.
     *
     * @param structure what it is
     * @param labels the names of its classes; empty if there are none
     * @param tensors its parameters
     */
    public record Opened(Structure structure, List<String> labels, Safetensors tensors)
            implements AutoCloseable {

        @Override
        public void close() throws IOException {
            tensors.close();
        }
    }

    /**
     * Opens a folder and checks its files.
     *
     * @param folder the folder
     * @return the saved model, which the caller closes
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if a file is damaged; names the file
     */
    public static Opened open(Path folder) throws IOException, MalformedModelException {
        byte[] pointer = pointer(folder);
        for (int attempt = 1; ; attempt++) {
            try {
                return open(folder, pointer);
            } catch (IOException | MalformedModelException e) {
                byte[] now = pointer(folder);
                if (attempt == MOST_ATTEMPTS || Arrays.equals(pointer, now)) {
                    throw e;
                }
                pointer = now; // saved anew in the meantime
            }
        }
    }

    private static Opened open(Path folder, byte[] pointer)
            throws IOException, MalformedModelException {
        Structure structure = StructureFile.decode(pointer);
        List<String> labels = List.of();
        if (structure.labels() != null) {
            labels = labels(folder.resolve(structure.labelFile()), structure.labels());
        }
        String name = structure.parameterFile();
        try {
            Safetensors tensors = Safetensors.open(folder.resolve(name), structure.parameters());
            return new Opened(structure, labels, tensors);
        } catch (NoSuchFileException e) {
            throw new MalformedModelException(name + ": the file is missing", e);
        }
    }

    private static List<String> labels(Path file, Structure.Content content)
            throws IOException, MalformedModelException {
        String name = file.getFileName().toString();
        byte[] bytes;
        try {
            bytes = bytes(file, StructureFile.MAX_LABELS);
        } catch (NoSuchFileException e) {
            throw new MalformedModelException(name + ": the file is missing", e);
        }
        if (!StructureFile.content(bytes).equals(content)) {
            throw new MalformedModelException(
                    name
                            + ": the hash does not fit: the file was changed; to change labels,"
                            + " load the model and save it with SaveOptions.optLabels");
        }
        return StructureFile.decodeLabels(name, bytes);
    }

    private static byte[] pointer(Path folder) throws IOException {
        Path file = folder.resolve(STRUCTURE);
        try {
            return bytes(file, StructureFile.MAX_STRUCTURE);
        } catch (NoSuchFileException e) {
            NoSuchFileException shown =
                    new NoSuchFileException(
                            file.toString(),
                            null,
                            "no saved model here: TensorialModels.save writes one");
            shown.initCause(e);
            throw shown;
        }
    }

    /** The bytes of a file, one more than the most if there are more. */
    static byte[] bytes(Path file, int most) throws IOException {
        try (InputStream is = Files.newInputStream(file)) {
            return is.readNBytes(most + 1);
        }
    }
}
