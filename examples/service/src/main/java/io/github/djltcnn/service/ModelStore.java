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
import ai.djl.Model;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import io.github.djltcnn.zoo.TrainedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The models of the service: those of the zoo, and those that jobs made, each a folder with {@code
 * card.json} and {@code model}, which DJL's {@code Criteria} loads.
 */
@Component
class ModelStore {

    private static final Logger LOGGER = LoggerFactory.getLogger(ModelStore.class);

    private static final String CARD = "card.json";
    private static final String MODEL = "model";

    private final DataFolder data;
    private final JsonMapper json;
    private List<ModelCard> zoo;

    ModelStore(DataFolder data, JsonMapper json) {
        this.data = data;
        this.json = json;
    }

    /** The trained models of the zoo. */
    synchronized List<ModelCard> zoo() throws IOException {
        if (zoo == null) {
            try {
                List<TrainedModel> trained = TcnnZoo.trained();
                zoo = trained.stream().map(ModelCard::of).toList();
            } catch (MalformedModelException e) {
                throw new IOException("A model of the zoo cannot be read", e);
            }
        }
        return zoo;
    }

    /** The models that jobs made. */
    List<ModelCard> saved() throws IOException {
        List<ModelCard> cards = new ArrayList<>();
        for (Path folder : DataFolder.children(data.models())) {
            try {
                cards.add(read(folder));
            } catch (IOException | JacksonException e) {
                LOGGER.warn("{} is no model", folder, e);
            }
        }
        return cards;
    }

    private ModelCard read(Path folder) throws IOException {
        return json.readValue(Files.readString(folder.resolve(CARD)), ModelCard.class);
    }

    private boolean isSaved(String name) {
        return Files.isDirectory(data.models().resolve(Names.check("a model", name)));
    }

    private static boolean isTrained(String name) {
        return TcnnZoo.listTrained().contains(name);
    }

    /** Refuses a name for a new model that another has. */
    void checkNew(String name) {
        if (isSaved(name) || isTrained(name) || TcnnZoo.list("*").contains(name)) {
            throw Problem.conflict(
                    "There is a model of this name",
                    name,
                    "another name, or delete the model first");
        }
    }

    /** Refuses a name that is neither saved nor a trained one of the zoo. */
    void checkThere(String name) {
        if (!isSaved(name) && !isTrained(name)) {
            throw Problem.missing(
                    "There is no model of this name", name, "GET /api/models, GET /api/zoo");
        }
    }

    ModelCard get(String name) throws IOException {
        checkThere(name);
        if (isSaved(name)) {
            return read(data.models().resolve(name));
        }
        return zoo().stream().filter(card -> card.name().equals(name)).findFirst().orElseThrow();
    }

    /** The folder that DJL loads. */
    Path folder(String name) {
        if (!isSaved(name)) {
            throw Problem.missing("There is no saved model of this name", name, "GET /api/models");
        }
        return data.models().resolve(name).resolve(MODEL);
    }

    /** Loads a model, which the caller closes. */
    Model load(String name) throws IOException, MalformedModelException {
        checkThere(name);
        return isSaved(name) ? TensorialModels.load(folder(name)) : TcnnZoo.load(name);
    }

    void delete(String name) throws IOException {
        folder(name);
        data.discard(data.models().resolve(name));
    }

    /**
     * Saves what a job made. Called again after a kill, it leaves what that job had saved.
     *
     * @param card what is known of the model beside its sizes
     */
    ModelCard save(Model model, ModelCard card) throws IOException {
        Path place = data.models().resolve(Names.check("a model", card.name()));
        if (Files.isDirectory(place)) {
            ModelCard there = read(place);
            if (card.job().equals(there.job())) {
                return there;
            }
            throw new IOException("There is another model of the name " + card.name());
        }
        Path stage = data.stage();
        try {
            Path folder = Files.createDirectory(stage.resolve(card.name()));
            TensorialModels.save(model, folder.resolve(MODEL));
            ModelInfo info = ModelInfo.of(model);
            ModelSummary summary = ModelSummary.of(model.getBlock(), info.input());
            ModelCard whole =
                    new ModelCard(
                            card.name(),
                            card.origin(),
                            card.job(),
                            card.from(),
                            card.data(),
                            info.input().get(1),
                            info.input().get(2),
                            info.input().get(3),
                            info.labels(),
                            card.accuracy(),
                            card.accuracyOn(),
                            summary.parameters(),
                            summary.macs(),
                            DataFolder.size(folder),
                            card.recipe());
            DataFolder.write(folder.resolve(CARD), json.writeValueAsString(whole));
            DataFolder.publish(folder, place);
            return whole;
        } finally {
            DataFolder.delete(stage);
        }
    }
}
