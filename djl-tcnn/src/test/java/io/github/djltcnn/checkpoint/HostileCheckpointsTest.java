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
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.testing.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Folders, models and texts that checkpoints are not made for. */
public class HostileCheckpointsTest {

    private Path root;
    private Model model;

    @BeforeClass
    public void make() throws IOException {
        root = Files.createTempDirectory("hostile-checkpoints");
        model = model(Linear.builder().setUnits(2).build());
    }

    @AfterClass
    public void delete() throws IOException {
        model.close();
        Folders.delete(root);
    }

    private static Model model(Block block) {
        Model model = Model.newInstance("made");
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3));
        model.setBlock(block);
        return model;
    }

    private static Optimizer sgd() {
        return Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).build();
    }

    /** What a file cannot hold, or would lose. */
    @DataProvider
    public Object[][] progresses() {
        Map<String, String> nothing = new HashMap<>();
        nothing.put("epoch", null);
        return new Object[][] {
            {nothing},
            {Collections.singletonMap(null, "1")},
            {Map.of("epoch", "\uD800")},
            {Map.of("\uDC00", "1")},
        };
    }

    @Test(dataProvider = "progresses")
    public void textsThatWouldBeLostAreRefused(Map<String, String> progress) throws Exception {
        Path folder = Files.createTempDirectory(root, "texts");
        Checkpoints checkpoints = new Checkpoints(folder);
        checkpoints.save(model, sgd(), Map.of("epoch", "1"), true);
        long files = count(folder);
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> checkpoints.save(model, sgd(), progress, true));
        Assert.assertEquals(checkpoints.progress(), Map.of("epoch", "1"));
        Assert.assertEquals(count(folder), files);
    }

    @Test
    public void oddTextsComeBack() throws Exception {
        Map<String, String> progress =
                Map.of("a=b\n", "1\u0000\uD83D\uDE00\"\\", "", " ", "<&>", "\u2028");
        Checkpoints checkpoints = new Checkpoints(Files.createTempDirectory(root, "odd"));
        checkpoints.save(model, sgd(), progress, false);
        Assert.assertEquals(checkpoints.restore(model, sgd()), progress);
    }

    @Test
    public void aFileInThePlaceOfTheFolderIsRefusedAndStays() throws IOException {
        Path file = Files.writeString(root.resolve("file"), "mine");
        Checkpoints checkpoints = new Checkpoints(file);
        Assert.assertFalse(checkpoints.exists());
        IOException refused =
                Assert.expectThrows(
                        IOException.class, () -> checkpoints.save(model, sgd(), Map.of(), false));
        Assert.assertTrue(refused.getMessage().contains("folder of their own"), "" + refused);
        Assert.assertEquals(Files.readString(file), "mine");
    }

    @Test
    public void modelsWithoutParametersAreRefused() throws IOException, MalformedModelException {
        Path folder = root.resolve("none");
        try (Model empty = Model.newInstance("empty");
                Model bare = model(Activation.reluBlock())) {
            for (Model none : new Model[] {empty, bare}) {
                IllegalArgumentException refused =
                        Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> new Checkpoints(folder).save(none, sgd(), Map.of(), true));
                Assert.assertTrue(refused.getMessage().contains("no parameters"), "" + refused);
            }
        }
        Assert.assertFalse(Files.exists(folder));
        Assert.assertNull(new Checkpoints(folder).restore(model, sgd()));
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
