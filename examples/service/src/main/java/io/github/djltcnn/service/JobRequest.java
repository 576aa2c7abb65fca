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

import io.github.djltcnn.compression.CompressionTarget;
import java.util.List;
import java.util.Objects;

/**
 * What a client asks a job for. Fields that are left out have defaults.
 *
 * @param kind what to do
 * @param model the model to begin with, saved or of the zoo
 * @param other the model to compare it with
 * @param pictures the name of the pictures
 * @param name the name of the new model
 * @param epochs passes over the pictures, 1 to 200, 10 by default
 * @param batchSize pictures of a step, 1 to 256, 32 by default
 * @param learningRate above 0 and up to 1, 0.02 by default
 * @param channels 1 or 3; those of the model by default
 * @param imageSize pixels of the square that the new model takes, 8 to 256; as the model by default
 * @param headOnly whether the last layer alone is trained
 * @param mirror whether pictures are mirrored and moved a little
 * @param seed of all that is random, 0 by default
 * @param format of the cores, such as {@code tucker2}; {@code auto} by default
 * @param target what falls: parameters, macs or time; parameters by default
 * @param share the share that is left, 0.02 to 0.98, 0.5 by default
 * @param distil passes over the pictures to learn the answers of the larger model, 0 to 50, 2 by
 *     default
 * @param byAnswers whether ranks and cores are chosen by what layers answer to the pictures, true
 *     by default; false, by the kernels alone, is sooner done
 */
record JobRequest(
        JobKind kind,
        String model,
        String other,
        String pictures,
        String name,
        Integer epochs,
        Integer batchSize,
        Double learningRate,
        Integer channels,
        Integer imageSize,
        Boolean headOnly,
        Boolean mirror,
        Long seed,
        String format,
        CompressionTarget target,
        Double share,
        Integer distil,
        Boolean byAnswers) {

    private static final List<String> FORMATS =
            List.of(
                    "auto",
                    "cp",
                    "cp-joint",
                    "tucker2",
                    "htk2",
                    "tt",
                    "ttm",
                    "tr",
                    "channels",
                    "axes");

    /** Gives back the request with its defaults, or says what is wrong with it. */
    JobRequest checked() {
        if (kind == null) {
            throw Problem.bad("A job needs a kind", null, "fine-tune, compress or compare");
        }
        Names.check("a model", model);
        Names.check("pictures", pictures);
        if (kind == JobKind.COMPARE) {
            Names.check("a model", other);
        } else {
            Names.check("the new model", name);
        }
        boolean tunes = kind == JobKind.FINE_TUNE;
        boolean compresses = kind == JobKind.COMPRESS;
        only(kind == JobKind.COMPARE, "other", other);
        only(kind != JobKind.COMPARE, "name", name);
        only(tunes, "epochs", epochs);
        only(tunes, "batchSize", batchSize);
        only(tunes, "learningRate", learningRate);
        only(tunes, "channels", channels);
        only(tunes, "imageSize", imageSize);
        only(tunes, "headOnly", headOnly);
        only(tunes, "mirror", mirror);
        only(tunes, "seed", seed);
        only(compresses, "format", format);
        only(compresses, "target", target);
        only(compresses, "share", share);
        only(compresses, "distil", distil);
        only(compresses, "byAnswers", byAnswers);
        if (channels != null && channels != 1 && channels != 3) {
            throw Problem.bad("The pictures of a model have other channels", channels, "1 or 3");
        }
        if (format != null && !FORMATS.contains(format)) {
            throw Problem.bad("There is no such format", format, FORMATS);
        }
        return new JobRequest(
                kind,
                model,
                other,
                pictures,
                name,
                tunes ? (Integer) (int) range("epochs", epochs, 10, 1, 200) : null,
                tunes ? (Integer) (int) range("batchSize", batchSize, 32, 1, 256) : null,
                tunes ? (Double) range("learningRate", learningRate, 0.02, 1e-6, 1) : null,
                channels,
                imageSize == null ? null : (Integer) (int) range("imageSize", imageSize, 0, 8, 256),
                tunes ? Objects.requireNonNullElse(headOnly, false) : null,
                tunes ? Objects.requireNonNullElse(mirror, false) : null,
                tunes ? Objects.requireNonNullElse(seed, 0L) : null,
                compresses ? Objects.requireNonNullElse(format, "auto") : null,
                compresses
                        ? Objects.requireNonNullElse(target, CompressionTarget.PARAMETERS)
                        : null,
                compresses ? (Double) range("share", share, 0.5, 0.02, 0.98) : null,
                compresses ? (Integer) (int) range("distil", distil, 2, 0, 50) : null,
                compresses ? Objects.requireNonNullElse(byAnswers, true) : null);
    }

    private void only(boolean belongs, String field, Object value) {
        if (!belongs && value != null) {
            throw Problem.bad("A job of this kind has no field " + field, value, "leave it out");
        }
    }

    private static double range(
            String field, Number value, double standard, double least, double most) {
        if (value == null) {
            return standard;
        }
        double number = value.doubleValue();
        if (!(number >= least && number <= most)) {
            throw Problem.bad(field + " is out of range", value, least + " to " + most);
        }
        return number;
    }
}
