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
package io.github.djltcnn.finetuning;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A folder with one folder of pictures per class, as DJL's {@code ImageFolder} reads it: the names
 * of the folders are the classes. Everything is sorted by name, so that the order does not depend
 * on the file system.
 *
 * @param classes the names of the classes
 * @param files the pictures
 * @param labels their classes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PictureFolder(List<String> classes, List<Path> files, int[] labels) {

    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "png", "bmp", "wbmp", "gif");

    private static final int SHOWN = 5;

    /**
     * Reads the names, no picture.
     *
     * @param folder the folder
     * @param expected the classes that there have to be; null for those that there are
     * @return the pictures
     * @throws IOException if the folder cannot be read
     * @throws IllegalArgumentException if there are fewer than two classes, one has no picture, or
     *     a name cannot be a label
     */
    static PictureFolder read(Path folder, List<String> expected) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(
                    folder + ": expected a folder with one folder of pictures per class");
        }
        Map<String, Path> folders = new HashMap<>();
        for (Path child : children(folder)) {
            if (Files.isDirectory(child)) {
                String name = label(child);
                if (folders.put(name, child) != null) {
                    throw new IllegalArgumentException(
                            "Two folders in " + folder + " are called " + name);
                }
            }
        }
        List<String> classes = new ArrayList<>(folders.keySet());
        Collections.sort(classes);
        if (expected != null && !expected.containsAll(classes)) {
            classes.removeAll(expected);
            throw new IllegalArgumentException(
                    "The folders "
                            + classes
                            + " in "
                            + folder
                            + " are none of the classes to train, "
                            + expected);
        }
        if (expected == null && classes.size() < 2) {
            throw new IllegalArgumentException(
                    "A classifier needs two classes or more, each a folder of pictures; in "
                            + folder
                            + (classes.isEmpty() ? " there is no folder" : " there is " + classes));
        }
        List<String> all = expected == null ? classes : expected;
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<String> empty = new ArrayList<>();
        for (int c = 0; c < all.size(); c++) {
            Path inner = folders.get(all.get(c));
            int before = files.size();
            if (inner != null) {
                for (Path file : children(inner)) {
                    if (Files.isRegularFile(file) && isPicture(file)) {
                        files.add(file);
                        labels.add(c);
                    }
                }
            }
            if (files.size() == before && expected == null) {
                empty.add(all.get(c));
            }
        }
        if (!empty.isEmpty()) {
            throw new IllegalArgumentException(
                    "The classes "
                            + shown(empty)
                            + " in "
                            + folder
                            + " have no picture (.jpg, .jpeg, .png, .bmp, .wbmp, .gif); add some or"
                            + " remove their folders");
        }
        return new PictureFolder(
                List.copyOf(all), files, labels.stream().mapToInt(Integer::intValue).toArray());
    }

    static String shown(List<String> names) {
        return names.size() <= SHOWN
                ? names.toString()
                : names.subList(0, SHOWN) + " and " + (names.size() - SHOWN) + " more";
    }

    private static String label(Path folder) {
        // Some file systems take letters apart that others keep together.
        String name = Normalizer.normalize(folder.getFileName().toString(), Normalizer.Form.NFC);
        if (name.isBlank() || !name.equals(name.strip()) || name.lines().count() != 1) {
            throw new IllegalArgumentException(
                    "The name of a folder is the name of its class: one line of text without blanks"
                            + " around it; got \""
                            + name
                            + "\"");
        }
        return name;
    }

    private static boolean isPicture(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    /** What is in a folder and not hidden, by name. */
    private static List<Path> children(Path folder) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            for (Path child : stream) {
                if (!child.getFileName().toString().startsWith(".")) {
                    children.add(child);
                }
            }
        }
        Path[] sorted = children.toArray(new Path[0]);
        Arrays.sort(
                sorted, (a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()));
        return List.of(sorted);
    }
}
