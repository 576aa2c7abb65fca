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
package io.github.djltcnn.zoo;

import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.repository.Artifact;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import ai.djl.util.Utils;
import io.github.djltcnn.models.TensorialModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The models whose parameters ship with the jar. */
public class ShippedModelsTest {

    private static final long MAX_BYTES = 8_000_000;

    @DataProvider
    public Object[][] names() {
        return TcnnZoo.listTrained().stream()
                .map(name -> new Object[] {name})
                .toArray(Object[][]::new);
    }

    @Test
    public void allOfThemTakeLessThanEightMegabytes() throws Exception {
        long bytes = 0;
        for (TrainedModel model : TcnnZoo.trained()) {
            bytes += model.bytes();
        }
        Assert.assertTrue(bytes > 0 && bytes < MAX_BYTES, bytes + " bytes");
    }

    @Test
    public void eachSaysWhatItIs() throws Exception {
        List<TrainedModel> all = TcnnZoo.trained();
        Assert.assertEquals(all.stream().map(TrainedModel::name).toList(), TcnnZoo.listTrained());
        for (TrainedModel model : all) {
            String shown = model.toString();
            Assert.assertTrue(model.name().endsWith("_" + model.dataset()), shown);
            Assert.assertTrue(model.accuracy() > .5 && model.accuracy() < 1, shown);
            Assert.assertTrue(model.accuracyOn().contains("10,000"), shown);
            Assert.assertTrue(model.parameters() > 0 && model.multiplyAdds() > 0, shown);
            Assert.assertTrue(
                    List.of("fast", "medium", "slow").contains(model.latencyClass()), shown);
            Assert.assertFalse(model.data().startsWith("?"), shown);
            Assert.assertFalse(model.recipe().startsWith("?"), shown);
            Assert.assertTrue(model.seed().matches("\\d+"), shown);
            Assert.assertEquals(model.labels().size(), 10, shown);
        }
    }

    /** By name, by URL and by criteria: the same parameters. */
    @Test(dataProvider = "names")
    public void everyWayToItGivesTheSame(String name) throws Exception {
        Artifact artifact = TrainedModels.artifact(name);
        Criteria.Builder<NDList, NDList> filters =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optTranslator(new NoopTranslator())
                        .optGroupId(TcnnZoo.GROUP_ID)
                        .optArtifactId(artifact.getMetadata().getArtifactId());
        artifact.getProperties().forEach(filters::optFilter);
        Criteria<NDList, NDList> url =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optTranslator(new NoopTranslator())
                        .optModelUrls("tcnn://" + name)
                        .build();
        try (Model model = TcnnZoo.load(name);
                ZooModel<NDList, NDList> byFilter = filters.build().loadModel();
                ZooModel<NDList, NDList> byUrl = url.loadModel()) {
            Assert.assertEquals(byFilter.getName(), name);
            Assert.assertEquals(byUrl.getName(), name);
            assertSame(model, byFilter);
            assertSame(model, byUrl);
        }
    }

    private static void assertSame(Model a, Model b) {
        List<Parameter> left = a.getBlock().getParameters().values();
        List<Parameter> right = b.getBlock().getParameters().values();
        Assert.assertEquals(left.size(), right.size());
        for (int n = 0; n < left.size(); n++) {
            Assert.assertTrue(left.get(n).getArray().contentEquals(right.get(n).getArray()));
        }
    }

    /** The scores of a picture that needs no file are those of the model that was measured. */
    @Test(dataProvider = "names")
    public void itAnswersAsWhenItWasMeasured(String name) throws Exception {
        try (Model model = TcnnZoo.load(name);
                NDManager manager = model.getNDManager().newSubManager()) {
            String[] expected = model.getProperty("provenance.scores").split(" ", -1);
            TrainedModel described = TrainedModel.of(TrainedModels.artifact(name), model);
            int height = (int) described.input().get(2);
            int width = (int) described.input().get(3);
            float[] pixels = new float[(int) described.input().size()];
            for (int n = 0; n < pixels.length; n++) {
                int channel = n / (height * width);
                pixels[n] = (7 * channel + 3 * (n / width % height) + 5 * (n % width)) % 32 / 31f;
            }
            NDArray scores =
                    model.getBlock()
                            .forward(
                                    new ParameterStore(manager, false),
                                    new NDList(manager.create(pixels, described.input())),
                                    false)
                            .head();
            float[] found = scores.toFloatArray();
            Assert.assertEquals(found.length, expected.length);
            for (int n = 0; n < found.length; n++) {
                Assert.assertEquals(found[n], Float.parseFloat(expected[n]), 2e-3f);
            }
        }
    }

    /** DJL takes what it finds in its cache; a file that was changed there is copied anew. */
    @Test
    public void aDamagedCopyInTheCacheIsReplaced() throws Exception {
        String name = TcnnZoo.listTrained().get(0);
        TcnnZoo.load(name).close();
        for (Path folder : copies(name)) {
            Path file = parameters(folder);
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
        }
        TcnnZoo.load(name).close();
        Criteria.builder()
                .setTypes(Path.class, Classifications.class)
                .optModelUrls("tcnn://" + name)
                .build()
                .loadModel()
                .close();
    }

    /** What an older jar left there: whole, and another model. */
    @Test
    public void anOlderCopyInTheCacheIsReplaced() throws Exception {
        String name = TcnnZoo.listTrained().get(0);
        Path older = Files.createTempDirectory("older");
        try (Model model = TcnnZoo.load(name)) {
            Map<String, Parameter> parameters = new java.util.LinkedHashMap<>();
            model.getBlock().getParameters().forEach(p -> parameters.put(p.getKey(), p.getValue()));
            NDArray first = parameters.values().iterator().next().getArray();
            first.muli(2);
            TensorialModels.save(model, older.resolve("model"));
        }
        List<Path> folders = copies(name);
        for (Path folder : folders) {
            Utils.deleteQuietly(folder);
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(older.resolve("model"))) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            folder.resolve(file.getFileName()),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        Utils.deleteQuietly(older);
        itAnswersAsWhenItWasMeasured(name);
        Artifact artifact = TrainedModels.artifact(name);
        for (Path folder : folders) {
            try (Stream<Path> files = Files.list(folder)) {
                Assert.assertEquals(files.count(), artifact.getFiles().size());
            }
        }
    }

    /** The folders in DJL's cache that hold a model. */
    private static List<Path> copies(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Utils.getCacheDir())) {
            List<Path> folders =
                    new ArrayList<>(
                            files.filter(file -> file.getFileName().toString().startsWith(name))
                                    .filter(file -> file.toString().endsWith(".safetensors"))
                                    .filter(
                                            file ->
                                                    file.getParent()
                                                            .resolve("model.tcnn")
                                                            .toFile()
                                                            .exists())
                                    .map(Path::getParent)
                                    .distinct()
                                    .toList());
            Assert.assertFalse(folders.isEmpty());
            return folders;
        }
    }

    private static Path parameters(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
