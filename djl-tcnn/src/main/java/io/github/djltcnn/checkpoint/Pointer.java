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
package io.github.djltcnn.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonParseException;
import io.github.djltcnn.models.internal.Structure;
import io.github.djltcnn.models.internal.StructureFile;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code checkpoint.tcnn} says: the files of a checkpoint by their content, and the progress.
 * Its first line has the hash of the rest.
 *
 * @param weights the file of parameters
 * @param state the file of the optimizer's state
 * @param best the parameters of the best epoch; null if there is none yet
 * @param optimizer the kind of the optimizer
 * @param counts how many updates each parameter has had, by path
 * @param progress what the training says of itself
 */
record Pointer(
        Structure.Content weights,
        Structure.Content state,
        Structure.Content best,
        String optimizer,
        Map<String, Integer> counts,
        Map<String, String> progress) {

    /** The name of the file. */
    static final String FILE = "checkpoint.tcnn";

    private static final String MAGIC = "djl-tcnn checkpoint sha256=";
    private static final int VERSION = 1;

    /** The form of the JSON. */
    private static final class Form {
        int version;
        Structure.Content weights;
        Structure.Content state;
        Structure.Content best;
        String optimizer;
        Map<String, Integer> counts;
        Map<String, String> progress;
    }

    static String fileName(String kind, Structure.Content content) {
        return kind + "-" + content.sha256().substring(0, 16) + ".safetensors";
    }

    /** Whether a file of this name is one of this checkpoint. */
    boolean names(String file) {
        return file.equals(fileName("weights", weights))
                || file.equals(fileName("optimizer", state))
                || (best != null && file.equals(fileName("weights", best)));
    }

    byte[] encode() {
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("version", VERSION);
        form.put("weights", weights);
        form.put("state", state);
        if (best != null) {
            form.put("best", best);
        }
        form.put("optimizer", optimizer);
        form.put("counts", counts);
        form.put("progress", progress);
        String json = JsonUtils.builder(true).disableHtmlEscaping().create().toJson(form) + "\n";
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return (MAGIC + StructureFile.hash(bytes) + "\n" + json).getBytes(StandardCharsets.UTF_8);
    }

    static Pointer decode(byte[] file) throws MalformedModelException {
        String text = new String(file, StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        if (!text.startsWith(MAGIC) || end < 0) {
            throw new MalformedModelException(FILE + ": does not begin with \"" + MAGIC + "\"");
        }
        String json = text.substring(end + 1);
        String hash = StructureFile.hash(json.getBytes(StandardCharsets.UTF_8));
        if (!text.substring(MAGIC.length(), end).equals(hash)) {
            throw new MalformedModelException(
                    FILE + ": the hash does not fit: the file was changed or cut off");
        }
        try {
            Form form = JsonUtils.GSON.fromJson(json, Form.class);
            if (form.version != VERSION) {
                throw new MalformedModelException(
                        FILE
                                + ": version "
                                + form.version
                                + " of the form, this library reads "
                                + VERSION);
            }
            return new Pointer(
                    form.weights,
                    form.state,
                    form.best,
                    form.optimizer,
                    new TreeMap<>(form.counts),
                    new TreeMap<>(form.progress));
        } catch (JsonParseException | NullPointerException e) {
            throw new MalformedModelException(FILE + ": is no checkpoint", e);
        }
    }
}
