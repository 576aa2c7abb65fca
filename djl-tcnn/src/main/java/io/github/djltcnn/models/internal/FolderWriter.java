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
import io.github.djltcnn.common.internal.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Writes a model to a folder. New files are written aside and get names of their own; the last move
 * replaces {@code model.tcnn}, and with it the model. Whatever happens before leaves the old one in
 * force. Of the folder's other files only those that a save wrote are ever deleted.
 */
public final class FolderWriter {

    private static final String ASIDE = ".tcnn-";
    private static final Pattern OWN =
            Pattern.compile("(synset-[0-9a-f]{16}\\.txt)|(.+-[0-9a-f]{16}\\.safetensors)");

    private final Path folder;
    private final Set<Path> written = new HashSet<>();

    private FolderWriter(Path folder) {
        this.folder = folder;
    }

    /** Checks a structure whose parameters were written to a file. */
    @FunctionalInterface
    public interface Trial {

        /**
         * Builds the model of it.
         *
         * @param structure the structure
         * @param parameters the file of its parameters
         * @throws IOException if a file cannot be read
         * @throws MalformedModelException if no model comes of it
         */
        void build(Structure structure, Path parameters)
                throws IOException, MalformedModelException;
    }

    /**
     * Saves a model.
     *
     * @param target the folder; it is made if it is not there
     * @param arrays the parameters
     * @param labels the names of the classes; empty if there are none
     * @param structure makes the structure, given the content of the files of parameters and labels
     * @param compile whether DJL is to compile the model when it loads the folder; null to leave
     *     what the folder says
     * @param trial sees whether the model can be loaded again, before it replaces another
     * @throws IOException if a file cannot be written, or the folder holds something else
     * @throws IllegalArgumentException if the model cannot be loaded again
     */
    public static void write(
            Path target,
            Map<String, NDArray> arrays,
            List<String> labels,
            Function<Structure.Content[], Structure> structure,
            Boolean compile,
            Trial trial)
            throws IOException {
        Path folder = target.toAbsolutePath().normalize();
        checkTarget(folder);
        boolean fresh = !Files.exists(folder);
        Files.createDirectories(folder);
        FolderWriter writer = new FolderWriter(folder);
        FolderLock lock = FolderLock.of(folder);
        try (lock) {
            writer.sweep();
            writer.save(arrays, labels, structure, compile, trial);
        } finally {
            if (fresh && !Files.exists(folder.resolve(ModelFolder.STRUCTURE))) {
                deleteIfEmpty(folder);
            }
        }
    }

    private static void checkTarget(Path folder) throws IOException {
        if (!Files.exists(folder) || Files.exists(folder.resolve(ModelFolder.STRUCTURE))) {
            return;
        }
        boolean own = Files.isDirectory(folder);
        if (own) {
            // A save that was killed may have left its files without a model.
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    own &= isOwn(file) || ServingProperties.isOwn(file);
                }
            }
        }
        if (!own) {
            throw new IOException(
                    folder + " holds something else than a saved model; give another folder");
        }
    }

    private static boolean isOwn(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(ASIDE)
                || name.equals(FolderLock.FILE)
                || OWN.matcher(name).matches();
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            if (files.iterator().hasNext()) {
                return;
            }
        }
        Files.deleteIfExists(folder);
    }

    private void save(
            Map<String, NDArray> arrays,
            List<String> labels,
            Function<Structure.Content[], Structure> structure,
            Boolean compile,
            Trial trial)
            throws IOException {
        try {
            Path parameters = aside();
            Structure.Content content = Safetensors.write(parameters, arrays);
            Structure.Content synset = null;
            Path texts = aside();
            if (!labels.isEmpty()) {
                byte[] text = StructureFile.encodeLabels(labels);
                synset = StructureFile.content(text);
                AtomicFiles.force(texts, text);
            }
            Structure made = structure.apply(new Structure.Content[] {content, synset});
            byte[] pointer = StructureFile.encode(made);
            try {
                trial.build(made, parameters);
            } catch (MalformedModelException e) {
                throw new IllegalArgumentException(
                        "The model could not be loaded again: " + e.getMessage(), e);
            }
            publish(parameters, made.parameterFile());
            if (synset != null) {
                publish(texts, made.labelFile());
            }
            Path properties = aside();
            AtomicFiles.force(properties, ServingProperties.of(folder, made, compile));
            move(properties, ServingProperties.FILE);
            Path last = aside();
            AtomicFiles.force(last, pointer);
            move(last, ModelFolder.STRUCTURE);
            written.clear();
            clean(made);
        } finally {
            for (Path file : written) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** A file that nobody reads; it is deleted unless the save succeeds. */
    private Path aside() {
        Path file = folder.resolve(ASIDE + UUID.randomUUID() + ".part");
        written.add(file);
        return file;
    }

    /** Moves a file to the name of its content; one of that name is the same, or damaged. */
    private void publish(Path file, String name) throws IOException {
        boolean fresh = !Files.exists(folder.resolve(name));
        move(file, name);
        if (fresh) {
            written.add(folder.resolve(name));
        }
    }

    private void move(Path file, String name) throws IOException {
        AtomicFiles.replace(file, folder.resolve(name));
        written.remove(file);
    }

    /** Deletes what killed saves left. No other is under way: this one has the lock. */
    private void sweep() throws IOException {
        AtomicFiles.delete(folder, name -> name.startsWith(ASIDE) && name.endsWith(".part"));
    }

    /** Deletes the parameters and labels of earlier saves. */
    private void clean(Structure current) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (OWN.matcher(name).matches()
                        && !name.equals(current.parameterFile())
                        && !name.equals(current.labelFile())
                        && isNamedByContent(file, name)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Whether a save gave the file its name; a user's file has another hash. */
    private static boolean isNamedByContent(Path file, String name) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return name.contains("-" + Safetensors.hash(channel).substring(0, 16) + ".");
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
