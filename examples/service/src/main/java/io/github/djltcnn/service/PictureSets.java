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
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The pictures of the service: sets with a name, each a folder with one folder per class. */
@Component
class PictureSets {

    private static final Logger LOGGER = LoggerFactory.getLogger(PictureSets.class);

    private static final String FILE = "set.json";
    private static final int BUFFER = 1 << 16;
    private static final int LOOK = 1 << 20;
    private static final int MOST_SETS = 1000;

    private final DataFolder data;
    private final ServiceSettings.Upload limits;
    private final Pictures pictures;
    private final JsonMapper json;
    private final Set<String> uploading = new HashSet<>();

    PictureSets(DataFolder data, ServiceSettings settings, Pictures pictures, JsonMapper json) {
        this.data = data;
        limits = settings.upload();
        this.pictures = pictures;
        this.json = json;
    }

    List<PictureSet> list() throws IOException {
        List<PictureSet> sets = new ArrayList<>();
        for (Path folder : DataFolder.children(data.pictures())) {
            try {
                sets.add(read(folder));
            } catch (IOException | JacksonException e) {
                LOGGER.warn("{} is no set of pictures", folder, e);
            }
        }
        return sets;
    }

    private PictureSet read(Path folder) throws IOException {
        return json.readValue(Files.readString(folder.resolve(FILE)), PictureSet.class);
    }

    /** The folder of a set, which has one folder per class. */
    Path folder(String name) {
        Path folder = data.pictures().resolve(Names.check("pictures", name));
        if (!Files.isDirectory(folder)) {
            throw Problem.missing("There are no pictures of this name", name, "GET /api/pictures");
        }
        return folder;
    }

    PictureSet get(String name) throws IOException {
        return read(folder(name));
    }

    void delete(String name) throws IOException {
        data.discard(folder(name));
    }

    /** Takes an upload: the whole of it, or nothing. */
    PictureSet upload(String name, InputStream body, long length) throws IOException {
        Path place = data.pictures().resolve(Names.check("pictures", name));
        if (length > limits.bytes().toBytes()) {
            throw tooLarge(length + " bytes");
        }
        begin(name);
        Path stage = null;
        try {
            checkNew(place, name);
            data.require(Math.max(0, length));
            stage = data.stage();
            Path zip = stage.resolve("upload.zip");
            spool(body, zip);
            Path folder = Files.createDirectory(stage.resolve("pictures"));
            PictureSet set = new PictureArchive(limits, pictures, data).unpack(zip, folder, name);
            DataFolder.write(folder.resolve(FILE), json.writeValueAsString(set));
            DataFolder.publish(folder, place);
            return set;
        } finally {
            synchronized (uploading) {
                uploading.remove(name);
            }
            if (stage != null) {
                DataFolder.delete(stage);
            }
        }
    }

    private void begin(String name) throws IOException {
        synchronized (uploading) {
            if (uploading.size() >= limits.atOnce()) {
                throw Problem.busy(
                        "Too many uploads at once; try again in a while",
                        uploading.size() + 1,
                        limits.atOnce());
            }
            if (list().size() + uploading.size() >= MOST_SETS) {
                throw Problem.conflict("There are too many sets of pictures", name, MOST_SETS);
            }
            if (!uploading.add(name)) {
                throw taken(name);
            }
        }
    }

    private static void checkNew(Path place, String name) {
        if (Files.exists(place)) {
            throw taken(name);
        }
    }

    private static Problem taken(String name) {
        return Problem.conflict(
                "There are pictures of this name, or they are on their way",
                name,
                "another name, or delete these first");
    }

    private Problem tooLarge(String given) {
        return Problem.tooLarge(
                "The zip file is too large", given, limits.bytes().toBytes() + " bytes");
    }

    private void spool(InputStream body, Path file) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        long looked = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                bytes += n;
                if (bytes > limits.bytes().toBytes()) {
                    throw tooLarge("more than " + limits.bytes().toBytes() + " bytes");
                }
                if (bytes - looked >= LOOK) {
                    data.require(LOOK);
                    looked = bytes;
                }
                out.write(buffer, 0, n);
            }
        }
    }
}
