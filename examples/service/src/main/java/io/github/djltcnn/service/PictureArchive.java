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

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Unpacks a zip file of pictures that is not trusted. Every name is looked at before anything is
 * written; every size is counted while it is unpacked, whatever the file says of it; every picture
 * is decoded. Files get names of our own.
 */
final class PictureArchive {

    /** Of the directory of a zip file for an entry: its head and a name. */
    private static final long DIRECTORY_BYTES = 600;

    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END_DIRECTORY = 16;
    private static final int MOST_COMMENT = 65_535;
    private static final int BUFFER = 1 << 16;

    private final ServiceSettings.Upload limits;
    private final Pictures pictures;
    private final DataFolder data;
    private final Map<String, Integer> classes = new TreeMap<>();
    private final List<String> leftOut = new ArrayList<>();
    private long unpacked;
    private boolean grey = true;
    private int width;
    private int height;

    PictureArchive(ServiceSettings.Upload limits, Pictures pictures, DataFolder data) {
        this.limits = limits;
        this.pictures = pictures;
        this.data = data;
    }

    /** Unpacks into a folder, which is for the caller to delete if this fails. */
    PictureSet unpack(Path file, Path folder, String name) throws IOException {
        checkDirectory(file);
        try (ZipFile zip = open(file)) {
            List<PictureEntry> entries = look(zip);
            for (PictureEntry entry : entries) {
                write(zip, entry, folder);
            }
        } catch (Problem e) {
            throw e;
        } catch (RuntimeException e) {
            throw noZip(e);
        }
        return new PictureSet(
                name,
                Collections.unmodifiableMap(classes),
                classes.values().stream().mapToInt(Integer::intValue).sum(),
                unpacked,
                grey,
                width,
                height,
                List.copyOf(leftOut));
    }

    private static ZipFile open(Path file) {
        try {
            return ZipFile.builder().setPath(file).get();
        } catch (IOException e) {
            throw noZip(e);
        }
    }

    private static Problem noZip(Exception e) {
        return Problem.bad(
                "The upload is no zip file, or is damaged", e.getMessage(), "a zip file");
    }

    /** The directory at the end is read as a whole, so it is bounded before. */
    private void checkDirectory(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            int tail = (int) Math.min(size, END_BYTES + MOST_COMMENT);
            ByteBuffer bytes = ByteBuffer.allocate(tail).order(ByteOrder.LITTLE_ENDIAN);
            long start = size - tail;
            while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) >= 0) {
                // until all is read
            }
            for (int at = tail - END_BYTES; at >= 0; at--) {
                if (bytes.getInt(at) == END_SIGNATURE) {
                    long directory = Integer.toUnsignedLong(bytes.getInt(at + END_DIRECTORY));
                    long length = start + at - directory;
                    if (length > limits.entries() * DIRECTORY_BYTES) {
                        throw tooMany("a directory of " + length + " bytes");
                    }
                    if (length < 0) {
                        break;
                    }
                    return;
                }
            }
        }
        throw Problem.bad(
                "The upload is no zip file, or is cut off",
                "a file of " + Files.size(file) + " bytes",
                "a zip file below 4 GB");
    }

    private Problem tooMany(String given) {
        return Problem.tooLarge(
                "The zip file has too many entries", given, limits.entries() + " entries");
    }

    private List<PictureEntry> look(ZipFile zip) throws IOException {
        List<PictureEntry> entries = new ArrayList<>();
        Map<String, Integer> counts = new TreeMap<>();
        long declared = 0;
        int seen = 0;
        for (ZipArchiveEntry each : Collections.list(zip.getEntries())) {
            if (++seen > limits.entries()) {
                throw tooMany("more than " + limits.entries());
            }
            PictureEntry entry = PictureEntry.of(each);
            if (each.isDirectory()) {
                continue;
            }
            if (!entry.isPicture()) {
                leftOut.add(Problem.shown(each.getName()));
                continue;
            }
            if (!zip.canReadEntryData(each)) {
                throw Problem.bad(
                        "An entry is packed in a way that is not read",
                        each.getName() + ", method " + each.getMethod(),
                        "stored or deflated entries");
            }
            declared += Math.max(0, each.getSize());
            counts.merge(entry.label(), 1, Integer::sum);
            entries.add(entry);
        }
        checkDepth(entries);
        checkClasses(counts);
        if (declared > limits.unpackedBytes().toBytes()) {
            throw tooLarge(declared);
        }
        data.require(declared);
        return entries;
    }

    /** All are class/picture, or all are in one folder more. */
    private static void checkDepth(List<PictureEntry> entries) {
        for (PictureEntry entry : entries) {
            int depth = entry.parts().size();
            PictureEntry first = entries.get(0);
            boolean fits =
                    depth == first.parts().size()
                            && (depth == 2
                                    || (depth == 3
                                            && entry.parts().get(0).equals(first.parts().get(0))));
            if (!fits) {
                throw Problem.bad(
                        "Pictures lie in folders within folders",
                        entry.entry().getName(),
                        "class/picture.png for all, or all of that in one folder");
            }
        }
    }

    private void checkClasses(Map<String, Integer> counts) {
        if (counts.size() < 2) {
            throw Problem.bad(
                    "A classifier needs pictures of two classes or more",
                    counts.isEmpty() ? "no picture" : "one class, " + counts.keySet(),
                    "2 to " + limits.classes() + " folders of pictures (.png, .jpg, .bmp, .gif)");
        }
        if (counts.size() > limits.classes()) {
            throw Problem.bad(
                    "There are too many classes",
                    counts.size() + " folders",
                    "2 to " + limits.classes() + " folders of pictures");
        }
        List<String> single =
                counts.entrySet().stream()
                        .filter(e -> e.getValue() < 2)
                        .map(Map.Entry::getKey)
                        .toList();
        if (!single.isEmpty()) {
            throw Problem.bad(
                    "Some classes have one picture only, and none is left to measure on",
                    single,
                    "2 pictures of each class or more; 20 are a good start");
        }
    }

    private Problem tooLarge(long bytes) {
        return Problem.tooLarge(
                "Unpacked, the pictures are too large",
                bytes + " bytes or more",
                limits.unpackedBytes().toBytes() + " bytes");
    }

    private void write(ZipFile zip, PictureEntry entry, Path folder) throws IOException {
        byte[] bytes;
        try {
            bytes = read(zip, entry.entry());
        } catch (IOException e) {
            throw noZip(e);
        }
        Pictures.Decoded picture = pictures.decode(entry.entry().getName(), bytes);
        grey &= picture.isGrey();
        width = Math.max(width, picture.pixels().getWidth());
        height = Math.max(height, picture.pixels().getHeight());
        data.require(bytes.length);
        int number = classes.merge(entry.label(), 1, Integer::sum);
        try {
            Path inner = Files.createDirectories(folder.resolve(entry.label()));
            Files.write(inner.resolve("%06d.%s".formatted(number, picture.format())), bytes);
        } catch (InvalidPathException e) {
            throw Problem.bad(
                    "The file system of the service cannot write this name",
                    entry.label(),
                    "names of folders in its character set");
        }
    }

    private byte[] read(ZipFile zip, ZipArchiveEntry entry) throws IOException {
        long most = pictures.mostBytes();
        // Small files of one colour are packed very well, and harm nobody.
        long byRatio = Math.max(BUFFER, limits.ratio() * Math.max(1, entry.getCompressedSize()));
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) Math.min(most, byRatio) + 1);
            unpacked += bytes.length;
            if (unpacked > limits.unpackedBytes().toBytes()) {
                throw tooLarge(unpacked);
            }
            if (bytes.length > most) {
                throw Problem.tooLarge(
                        "A picture is too large: " + Problem.shown(entry.getName()),
                        "more than " + most + " bytes",
                        most + " bytes");
            }
            if (bytes.length > byRatio) {
                throw Problem.bad(
                        "An entry grows suspiciously when it is unpacked: "
                                + Problem.shown(entry.getName()),
                        "more than " + byRatio + " bytes out of " + entry.getCompressedSize(),
                        limits.ratio() + " times as many bytes");
            }
            return bytes;
        }
    }
}
