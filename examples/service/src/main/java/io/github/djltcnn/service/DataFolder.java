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
package io.github.djltcnn.service;

import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The folder of the service: {@code pictures/NAME}, {@code models/NAME}, {@code jobs/NUMBER}.
 *
 * <p>Whatever is made is made in {@code staging} and moved to its place in one step, so that a
 * service that is killed leaves nothing half-written in sight; the next start empties {@code
 * staging}. One service at a time has the folder.
 */
@Component
class DataFolder {

    private final Path root;
    private final long reserve;
    private final FreeSpace space;
    private final FileChannel channel;

    DataFolder(ServiceSettings settings, ObjectProvider<FreeSpace> space) throws IOException {
        root = settings.data().toAbsolutePath().normalize();
        reserve = settings.reserve().toBytes();
        this.space = space.getIfAvailable(() -> FreeSpace.DISK);
        for (Path folder : List.of(pictures(), models(), jobs(), staging())) {
            Files.createDirectories(folder);
        }
        channel =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!lock()) {
            channel.close();
            throw new IllegalStateException(
                    "Another service has the folder "
                            + root
                            + "; stop it, or give this one another by --service.data");
        }
        for (Path left : children(staging())) {
            delete(left);
        }
    }

    /** The lock lasts until its channel is closed. */
    private boolean lock() throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path pictures() {
        return root.resolve("pictures");
    }

    Path models() {
        return root.resolve("models");
    }

    Path jobs() {
        return root.resolve("jobs");
    }

    private Path staging() {
        return root.resolve("staging");
    }

    /** Makes an empty folder that the next start deletes if nobody else does. */
    Path stage() throws IOException {
        return Files.createDirectory(staging().resolve(UUID.randomUUID().toString()));
    }

    /** Says with status 507 if there is no space for so many bytes. */
    void require(long bytes) throws IOException {
        long free = space.bytes(root);
        if (free - reserve < bytes) {
            throw Problem.full(bytes, free, reserve);
        }
    }

    /** Puts a finished folder in its place; there must be none. */
    static void publish(Path staged, Path place) throws IOException {
        Files.move(staged, place, StandardCopyOption.ATOMIC_MOVE);
        force(place.getParent());
    }

    /** Takes something out of sight in one step, then deletes it. */
    void discard(Path place) throws IOException {
        Path aside = stage();
        Files.move(place, aside.resolve("discarded"), StandardCopyOption.ATOMIC_MOVE);
        delete(aside);
    }

    /** Writes a file in the place of the one before; it is the old or the new one at any time. */
    static void write(Path file, String text) throws IOException {
        Path aside = file.resolveSibling("." + file.getFileName() + ".new");
        try (FileChannel out =
                FileChannel.open(
                        aside,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(
                aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (java.nio.file.AccessDeniedException e) {
            // Windows opens no folders.
            return;
        }
    }

    /** What is in a folder, by name. */
    static List<Path> children(Path folder) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(children::add);
        }
        Collections.sort(children);
        return children;
    }

    /** Deletes a folder and all in it, or a file; links are not followed. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = new ArrayList<>(walk.toList());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Collections.reverse(all);
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }

    /** The bytes of the files in a folder. */
    static long size(Path folder) throws IOException {
        long bytes = 0;
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    @PreDestroy
    void close() throws IOException {
        channel.close();
    }
}
