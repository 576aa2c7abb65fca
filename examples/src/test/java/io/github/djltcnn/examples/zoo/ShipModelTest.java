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
package io.github.djltcnn.examples.zoo;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.FashionMnistSubset;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import picocli.CommandLine.ParameterException;

/** A trained folder becomes a part of the zoo by one command. */
public class ShipModelTest {

    private static final Path SUBSET =
            Path.of("src/main/resources/io/github/djltcnn/examples/data/fashion-mnist");
    private static final Path LISTS =
            Path.of("mlrepo/model/cv/image_classification/io/github/djltcnn/tr_resnet");

    private Path root;
    private Path resources;

    @BeforeClass
    public void makeFolders() throws IOException {
        root = Files.createTempDirectory("ship");
        resources = root.resolve("resources");
        Path lists = resources.resolve(LISTS);
        Files.createDirectories(lists);
        Files.copy(
                Path.of("../djl-tcnn-zoo/src/main/resources")
                        .resolve(LISTS)
                        .resolve("metadata.json"),
                lists.resolve("metadata.json"));
        FashionMnistSubset.write(SUBSET, root.resolve("data"), 1, 5, 1);
    }

    private Path model(long seed) throws IOException {
        Path folder = root.resolve("model" + seed);
        try (Model model =
                TcnnZoo.create(
                        io.github.djltcnn.zoo.ResNetSpec.parse("tr_resnet20_r2")
                                .withImage(new Shape(1, 28, 28))
                                .withSeed(seed))) {
            TensorialModels.setLabels(model, FashionMnist.CLASSES);
            TensorialModels.save(model, folder);
        }
        return folder;
    }

    private ShipModel.Shipped ship(Path model, String name) throws Exception {
        return ShipModel.runExample(
                "--model",
                model.toString(),
                "--fashion",
                root.resolve("data").toString(),
                "--name",
                name,
                "--resources",
                resources.toString());
    }

    @Test
    public void aModelIsShippedAndReplaced() throws Exception {
        String name = "tr_resnet20_r2_fashionmnist";
        ShipModel.Shipped first = ship(model(1), name);
        Assert.assertEquals(first.accuracy(), first.float32(), .001 + 1e-9);
        ModelInfo info = ModelInfo.read(first.folder());
        Assert.assertEquals(info.name(), name);
        Map<String, String> said = info.provenance();
        Assert.assertTrue(said.get("accuracy").endsWith(" on the 50 test images"), said + "");
        Assert.assertTrue(said.get("accuracy.athand").contains(" on the 500 "), said + "");
        Assert.assertEquals(said.get("data"), "Fashion-MNIST");
        Assert.assertTrue(Double.parseDouble(said.get("latency")) > 0, said + "");
        Assert.assertEquals(said.get("scores").split(" ", -1).length, 10, said + "");

        ShipModel.Shipped second = ship(model(2), name);
        Assert.assertEquals(second.folder(), first.folder());
        JsonObject listed = listed(name);
        Assert.assertEquals(
                listed.getAsJsonObject("properties").toString(),
                "{\"dataset\":\"fashionmnist\",\"layers\":\"20\",\"rank\":\"2\"}");
        try (Stream<Path> files = Files.list(second.folder())) {
            List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
            List<String> known =
                    listed.getAsJsonObject("files").entrySet().stream()
                            .map(e -> e.getValue().getAsJsonObject().get("name").getAsString())
                            .sorted()
                            .toList();
            Assert.assertEquals(known, names);
        }
    }

    private JsonObject listed(String name) throws IOException {
        String json = Files.readString(resources.resolve(LISTS).resolve("metadata.json"));
        JsonObject found = null;
        for (JsonElement element :
                JsonUtils.GSON.fromJson(json, JsonObject.class).getAsJsonArray("artifacts")) {
            if (element.getAsJsonObject().get("name").getAsString().equals(name)) {
                Assert.assertNull(found, "listed twice");
                found = element.getAsJsonObject();
            }
        }
        return found;
    }

    @Test
    public void otherNamesAreRefused() throws Exception {
        Path model = model(3);
        for (String name : List.of("mine", "tr_resnet20_r2_cifar10jpeg", "../tr_resnet20_x")) {
            ParameterException e =
                    Assert.expectThrows(ParameterException.class, () -> ship(model, name));
            Assert.assertTrue(e.getMessage().startsWith("--name: "), e.getMessage());
        }
    }

    /** The table of a page is written where it was. */
    @Test
    public void thePageIsWritten() throws Exception {
        Path page = root.resolve("page.md");
        Files.writeString(page, "a\n<!-- zoo -->\nold\n<!-- /zoo -->\nb\n");
        String written = WriteZooPage.runExample("--page", page.toString());
        Assert.assertTrue(written.startsWith("a\n<!-- zoo -->\n| model"), written);
        Assert.assertTrue(written.endsWith(" |\n<!-- /zoo -->\nb\n"), written);
        Assert.assertEquals(Files.readString(page), written);
        Files.writeString(page, "nothing");
        Assert.assertThrows(
                IOException.class, () -> WriteZooPage.runExample("--page", page.toString()));
    }
}
