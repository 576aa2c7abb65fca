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
package io.github.djltcnn.common.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Predicate;

/** Writes files that appear whole or not at all. */
public final class AtomicFiles {

    private AtomicFiles() {}

    /** Writes the content of a file. */
    public interface Content {

        /**
         * Writes the content.
         *
         * @param out where to
         * @throws IOException if that fails
         */
        void write(OutputStream out) throws IOException;
    }

    /**
     * Writes a file; one that is there already is replaced at the end.
     *
     * @param file the file; missing folders are made
     * @param content writes what it holds
     * @throws IOException if the file cannot be written; nothing of it is left then
     */
    public static void write(Path file, Content content) throws IOException {
        Path whole = file.toAbsolutePath();
        if (Files.isDirectory(whole)) {
            throw new FileSystemException(
                    file.toString(), null, "is a folder; name a file that is to be written in it");
        }
        Files.createDirectories(whole.getParent());
        Path part = Files.createTempFile(whole.getParent(), whole.getFileName() + ".", ".part");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                content.write(out);
            }
            move(part, whole);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /**
     * Writes a new file and waits until the disk has it.
     *
     * @param file the file, which is not there yet
     * @param bytes what it holds
     * @throws IOException if the file cannot be written
     */
    public static void force(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /**
     * Gives a file another name in one move.
     *
     * @param file the file
     * @param target its name from now on; a file of that name is replaced
     * @throws IOException if the file system cannot do that in one move
     */
    public static void replace(Path file, Path target) throws IOException {
        Files.move(
                file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Deletes the files of a folder that have certain names.
     *
     * @param folder the folder
     * @param which says of a name whether its file goes
     * @throws IOException if the folder cannot be read or a file not be deleted
     */
    public static void delete(Path folder, Predicate<String> which) throws IOException {
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(
                        folder, file -> which.test(file.getFileName().toString()))) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void move(Path part, Path whole) throws IOException {
        try {
            replace(part, whole);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
