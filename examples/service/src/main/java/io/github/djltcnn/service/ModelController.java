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

import ai.djl.MalformedModelException;
import ai.djl.modality.Classifications;
import ai.djl.translate.TranslateException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Models: those of the zoo, those that jobs made, and what they say of a picture. */
@RestController
class ModelController {

    private static final int MOST_LABELS = 1000;

    private final ModelStore models;
    private final Predictors predictors;
    private final Pictures pictures;
    private final JobQueue queue;

    ModelController(ModelStore models, Predictors predictors, Pictures pictures, JobQueue queue) {
        this.models = models;
        this.predictors = predictors;
        this.pictures = pictures;
        this.queue = queue;
    }

    @GetMapping("/api/zoo")
    List<ModelCard> zoo() throws IOException {
        return models.zoo();
    }

    @GetMapping("/api/models")
    List<ModelCard> saved() throws IOException {
        return models.saved();
    }

    @GetMapping("/api/models/{name}")
    ModelCard get(@PathVariable String name) throws IOException {
        return models.get(Names.check("a model", name));
    }

    @DeleteMapping("/api/models/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String name) throws IOException {
        models.folder(name);
        queue.checkUnused(name, null);
        models.delete(name);
        predictors.forget(name);
    }

    /** The folder that DJL's {@code Criteria} loads, as a zip file. */
    @GetMapping("/api/models/{name}/archive")
    void archive(@PathVariable String name, HttpServletResponse response) throws IOException {
        List<Path> files = DataFolder.children(models.folder(name));
        response.setContentType("application/zip");
        response.setHeader("Content-Disposition", "attachment; filename=\"" + name + ".zip\"");
        try (ZipOutputStream zip = new ZipOutputStream(response.getOutputStream())) {
            for (Path file : files) {
                if (Files.isRegularFile(file)) {
                    zip.putNextEntry(new ZipEntry(name + "/" + file.getFileName()));
                    Files.copy(file, zip);
                    zip.closeEntry();
                }
            }
        }
    }

    /**
     * An answer.
     *
     * @param label the class
     * @param probability from 0 to 1
     */
    record Guess(String label, double probability) {}

    /**
     * What a model makes of a picture.
     *
     * @param model the model
     * @param compiled whether it is compiled
     * @param millis how long it took, the decoding of the picture included
     * @param guesses the likeliest classes
     */
    record Prediction(String model, boolean compiled, double millis, List<Guess> guesses) {}

    /** The body is a picture, as it is. */
    @PostMapping("/api/models/{name}/predictions")
    Prediction predict(
            @PathVariable String name,
            @RequestParam(defaultValue = "false") boolean compile,
            @RequestParam(defaultValue = "5") int top,
            HttpServletRequest request)
            throws IOException, MalformedModelException, TranslateException {
        if (top < 1 || top > MOST_LABELS) {
            throw Problem.bad("top is out of range", top, "1 to " + MOST_LABELS);
        }
        models.checkThere(name);
        long most = pictures.mostBytes();
        if (request.getContentLengthLong() > most) {
            throw tooLarge(request.getContentLengthLong() + " bytes", most);
        }
        byte[] body = request.getInputStream().readNBytes((int) most + 1);
        if (body.length > most) {
            throw tooLarge("more than " + most + " bytes", most);
        }
        long begin = System.nanoTime();
        Classifications answer =
                predictors.predict(name, compile, pictures.decode("The body", body).pixels());
        return new Prediction(
                name,
                compile,
                (System.nanoTime() - begin) / 1e6,
                answer.topK(top).stream()
                        .map(each -> new Guess(each.getClassName(), each.getProbability()))
                        .toList());
    }

    private static Problem tooLarge(String given, long most) {
        return Problem.tooLarge("The picture is too large", given, most + " bytes");
    }
}
