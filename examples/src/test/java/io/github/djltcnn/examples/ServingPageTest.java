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
package io.github.djltcnn.examples;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.Test;

/** docs/serving.md: a saved folder by the road that DJL Serving takes. */
public class ServingPageTest {

    private static final Pattern PROPERTIES =
            Pattern.compile("```properties\\n(.*?)```", Pattern.DOTALL);
    private static final int REQUESTS = 8;

    /** One request at a time, and requests that the server puts into a batch. */
    @Test
    public void theSavedFolderServes() throws Exception {
        Path folder = Files.createTempDirectory("serving").resolve("clothes");
        Matcher settings =
                PROPERTIES.matcher(Files.readString(Path.of("..", "docs", "serving.md")));
        Assert.assertTrue(settings.find());
        try (Model model = TcnnZoo.load("resnet20_fashionmnist")) {
            TensorialModels.save(model, folder);
            Files.writeString(
                    folder.resolve("serving.properties"),
                    settings.group(1),
                    StandardOpenOption.APPEND);
            // Later saves keep what was added.
            TensorialModels.save(model, folder);
            String kept = Files.readString(folder.resolve("serving.properties"));
            settings.group(1).lines().forEach(line -> Assert.assertTrue(kept.contains(line), kept));
        }
        Criteria<Input, Output> criteria =
                Criteria.builder()
                        .setTypes(Input.class, Output.class)
                        .optModelUrls(folder.toUri().toString())
                        .build();
        LabelledImages images = FashionMnist.subset().test().head(REQUESTS);
        List<Input> requests = new ArrayList<>();
        for (int n = 0; n < REQUESTS; n++) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            images.image(n).save(file, "png");
            Input request = new Input();
            request.addProperty("Content-Type", "image/png");
            request.add("data", file.toByteArray());
            requests.add(request);
        }
        int right = 0;
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            List<Output> together = predictor.batchPredict(requests);
            for (int n = 0; n < REQUESTS; n++) {
                String alone = first(predictor.predict(requests.get(n)));
                Assert.assertEquals(first(together.get(n)), alone);
                right += alone.contains(FashionMnist.CLASSES.get(images.label(n))) ? 1 : 0;
            }
        }
        Assert.assertTrue(right >= REQUESTS - 1, right + " right");
    }

    /** The likeliest class of an answer in JSON. */
    private static String first(Output answer) {
        Matcher name =
                Pattern.compile("\"className\": *\"([^\"]+)\"")
                        .matcher(answer.getData().getAsString());
        Assert.assertTrue(name.find(), answer.getData().getAsString());
        return name.group(1);
    }
}
