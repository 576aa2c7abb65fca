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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one writer at a time into a folder: of the threads of this process by a lock of Java, of
 * other processes by a locked file that is there while somebody writes. A process that is killed
 * loses its lock; the file it leaves is taken over by the next.
 */
public final class FolderLock implements AutoCloseable {

    /** The locked file. */
    static final String FILE = ".tcnn.lock";

    private static final int STRIPES = 64;
    private static final ReentrantLock[] THREADS = new ReentrantLock[STRIPES];
    private static final int PAUSE_MILLIS = 10;

    static {
        for (int n = 0; n < STRIPES; n++) {
            THREADS[n] = new ReentrantLock();
        }
    }

    private final ReentrantLock threads;
    private final Path file;
    private FileChannel channel;

    private FolderLock(ReentrantLock threads, Path file) {
        this.threads = threads;
        this.file = file;
    }

    /**
     * Waits until nobody else writes.
     *
     * @param folder an existing folder
     * @return the lock
     * @throws IOException if the folder cannot be written to
     */
    public static FolderLock of(Path folder) throws IOException {
        Path real = folder.toRealPath();
        ReentrantLock threads = THREADS[Math.floorMod(real.hashCode(), STRIPES)];
        threads.lock();
        FolderLock lock = new FolderLock(threads, real.resolve(FILE));
        try {
            while (!lock.tryFile()) {
                Thread.sleep(PAUSE_MILLIS);
            }
            return lock;
        } catch (IOException | RuntimeException e) {
            threads.unlock();
            throw e;
        } catch (InterruptedException e) {
            threads.unlock();
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while waiting for another writer of " + folder, e);
        }
    }

    private boolean tryFile() throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            // Past the content, which others may not read otherwise on some systems.
            FileLock lock = channel.tryLock(1L << 40, 1, false);
            locked = lock != null && isStillThere();
        } catch (OverlappingFileLockException e) {
            locked = false; // another class loader of this process has it
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        return locked;
    }

    /** Whether the locked file is the one of that name, not one that its last owner deleted. */
    private boolean isStillThere() throws IOException {
        byte[] mark = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(mark), 0);
        try {
            return Arrays.equals(Files.readAllBytes(file), mark);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            channel.close();
            threads.unlock();
        }
    }
}
