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

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/**
 * An entry of a zip file whose name was looked at.
 *
 * @param entry the entry
 * @param parts its folders and its name
 */
record PictureEntry(ZipArchiveEntry entry, List<String> parts) {

    private static final int MOST_LETTERS = 100;

    /** What systems put beside pictures. */
    private static final Set<String> LEFT_OUT = Set.of("__MACOSX", "Thumbs.db", "desktop.ini");

    /** Refuses names that lead out of the folder, and what is no ordinary file. */
    static PictureEntry of(ZipArchiveEntry entry) {
        String name = Normalizer.normalize(entry.getName(), Normalizer.Form.NFC);
        List<String> parts = Arrays.asList(name.split("/", -1));
        if (name.startsWith("/") || name.contains("\\") || name.matches("[A-Za-z]:.*")) {
            throw Problem.bad(
                    "The zip file has an entry with an absolute path or a backslash",
                    name,
                    "names such as class/picture.png");
        }
        if (parts.contains("..") || parts.contains(".")) {
            throw Problem.bad(
                    "The zip file has an entry that leads out of its folder",
                    name,
                    "names such as class/picture.png");
        }
        if (entry.isUnixSymlink()) {
            throw Problem.bad("The zip file has a link", name, "files and folders");
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            throw Problem.bad("The zip file is encrypted", name, "a zip file without password");
        }
        if (name.codePoints().anyMatch(Character::isISOControl)
                || parts.stream().anyMatch(part -> part.length() > MOST_LETTERS)) {
            throw Problem.bad(
                    "The zip file has an entry with a name that is too long or has control"
                            + " characters",
                    name,
                    "at most " + MOST_LETTERS + " letters for a folder or file");
        }
        return new PictureEntry(entry, parts);
    }

    /** Whether it is a picture by its name, and not hidden. */
    boolean isPicture() {
        String file = parts.get(parts.size() - 1).toLowerCase(Locale.ROOT);
        return Pictures.ENDINGS.contains(file.substring(file.lastIndexOf('.') + 1))
                && parts.stream()
                        .noneMatch(part -> part.startsWith(".") || LEFT_OUT.contains(part));
    }

    /** The name of the folder it lies in, which is its class. */
    String label() {
        String label = parts.size() < 2 ? "" : parts.get(parts.size() - 2);
        if (label.isBlank() || !label.equals(label.strip())) {
            throw Problem.bad(
                    "A picture lies in no folder, or in one whose name begins or ends with a blank",
                    entry.getName(),
                    "class/picture.png: the name of the folder is that of the class");
        }
        return label;
    }
}
