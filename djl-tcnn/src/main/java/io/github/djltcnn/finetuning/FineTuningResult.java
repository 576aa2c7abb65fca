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

import ai.djl.Model;
import io.github.djltcnn.common.internal.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came out of a fine-tuning.
 *
 * @param status how it ended
 * @param message what to know about that; empty if it finished
 * @param model the new model, with the parameters of the best epoch
 * @param classes the names of its classes
 * @param epochs the curves
 * @param bestEpoch the epoch whose parameters the model has, from 1; 0 if no epoch was finished
 * @param confusion which pictures held out the model takes for which; null if it was not measured,
 *     because somebody stopped the run
 * @param trained how many pictures were trained on
 * @param heldOut how many were held out
 * @param skipped the pictures that could not be used
 * @param transfer what the new model took over from the old one
 * @since 0.1.0
 */
public record FineTuningResult(
        Status status,
        String message,
        Model model,
        List<String> classes,
        List<EpochResult> epochs,
        int bestEpoch,
        ConfusionMatrix confusion,
        int trained,
        int heldOut,
        List<SkippedImage> skipped,
        TransferReport transfer)
        implements AutoCloseable {

    /**
     * How a fine-tuning ended.
     *
     * @since 0.1.0
     */
    public enum Status {
        /** All epochs were trained. */
        FINISHED,
        /** Somebody stopped it; it goes on from its checkpoint, if it writes them. */
        CANCELLED,
        /** The loss went up instead of down; the message says what to do. */
        DIVERGED
    }

    /**
     * Makes the lists unmodifiable.
     *
     * @param status how it ended
     * @param message what to know about that; empty if it finished
     * @param model the new model, with the parameters of the best epoch
     * @param classes the names of its classes
     * @param epochs the curves
     * @param bestEpoch the epoch whose parameters the model has, from 1; 0 if no epoch was finished
     * @param confusion which pictures held out the model takes for which; null if it was not
     *     measured, because somebody stopped the run
     * @param trained how many pictures were trained on
     * @param heldOut how many were held out
     * @param skipped the pictures that could not be used
     * @param transfer what the new model took over from the old one
     */
    public FineTuningResult {
        classes = List.copyOf(classes);
        epochs = List.copyOf(epochs);
        skipped = List.copyOf(skipped);
    }

    static FineTuningResult cancelled(Transferred made) {
        return new FineTuningResult(
                Status.CANCELLED,
                "Stopped while the pictures were read.",
                made.model(),
                List.of(),
                List.of(),
                0,
                null,
                0,
                0,
                List.of(),
                made.report());
    }

    /**
     * Returns the accuracy of the model on the pictures held out.
     *
     * @return from 0 to 1; NaN if no epoch was finished
     */
    public double accuracy() {
        return bestEpoch == 0 ? Double.NaN : epochs.get(bestEpoch - 1).heldOutAccuracy();
    }

    /**
     * Returns the curves as comma separated values.
     *
     * @return a line of names and a line per epoch
     */
    public String toCsv() {
        StringBuilder text = new StringBuilder(EpochResult.HEADER).append('\n');
        epochs.forEach(epoch -> text.append(epoch.toCsv()).append('\n'));
        return text.toString();
    }

    /**
     * Returns all but the model as JSON.
     *
     * @return an object; what is no number is null
     */
    public String toJson() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("status", status.name());
        object.put("message", message);
        object.put("accuracy", Json.finite(accuracy()));
        object.put("bestEpoch", bestEpoch);
        object.put("trained", trained);
        object.put("heldOut", heldOut);
        object.put("classes", classes);
        object.put(
                "epochs",
                epochs.stream()
                        .map(
                                epoch -> {
                                    Map<String, Object> row = new LinkedHashMap<>();
                                    row.put("epoch", epoch.epoch());
                                    row.put("trainLoss", Json.finite(epoch.trainLoss()));
                                    row.put("trainAccuracy", Json.finite(epoch.trainAccuracy()));
                                    row.put("heldOutLoss", Json.finite(epoch.heldOutLoss()));
                                    row.put(
                                            "heldOutAccuracy",
                                            Json.finite(epoch.heldOutAccuracy()));
                                    row.put("learningRate", Json.finite(epoch.learningRate()));
                                    row.put("seconds", Json.finite(epoch.seconds()));
                                    return row;
                                })
                        .toList());
        object.put("confusion", confusion == null ? null : confusion.counts());
        object.put(
                "skipped",
                skipped.stream()
                        .map(s -> Map.of("file", s.file().toString(), "reason", s.reason()))
                        .toList());
        object.put("transfer", transfer.toString());
        return Json.write(object);
    }

    /**
     * Writes all but the model to files: {@code result.json}, {@code curves.csv} and {@code
     * curves.png}, {@code confusion.csv} and {@code confusion.png}.
     *
     * @param folder the folder; it is made, and files of these names are replaced
     * @throws IOException if a file cannot be written
     */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("result.json"), toJson(), StandardCharsets.UTF_8);
        Files.writeString(folder.resolve("curves.csv"), toCsv(), StandardCharsets.UTF_8);
        ResultPictures.curves(epochs, folder.resolve("curves.png"));
        if (confusion != null) {
            Files.writeString(
                    folder.resolve("confusion.csv"), confusion.toCsv(), StandardCharsets.UTF_8);
            ResultPictures.confusion(confusion, folder.resolve("confusion.png"));
        }
    }

    /** Closes the model. */
    @Override
    public void close() {
        model.close();
    }
}
