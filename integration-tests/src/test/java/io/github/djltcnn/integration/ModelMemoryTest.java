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
package io.github.djltcnn.integration;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A model that was loaded, predicted with and closed leaves nothing behind. */
public class ModelMemoryTest {

    private static final Shape INPUT = new Shape(1, 1, 28, 28);
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int WARM = 10;
    private static final int MODELS = 200;
    private static final long MOST_GROWTH = 50L << 20;

    private Path folder;

    @BeforeClass(alwaysRun = true)
    public void save() throws IOException {
        folder = Files.createTempDirectory("model").resolve("saved");
        try (Model model = TcnnZoo.create("tr_resnet20_r10", 10, INPUT.slice(1))) {
            TensorialModels.save(model, folder);
        }
    }

    private static void predict(Model model) {
        try (NDManager manager = NDManager.newBaseManager();
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
            NDList output = predictor.predict(new NDList(manager.ones(INPUT)));
            Assert.assertEquals(output.singletonOrThrow().getShape(), new Shape(1, 10));
            output.close();
        } catch (TranslateException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<TensorialBlock> layers(Block block) {
        return block instanceof TensorialBlock layer
                ? Stream.of(layer)
                : block.getChildren().values().stream().flatMap(ModelMemoryTest::layers);
    }

    /** Arrays and kept weights are counted. */
    @Test
    public void closedModelsHoldNoArrays() throws IOException, MalformedModelException {
        for (int n = 0; n < 20; n++) {
            List<NDArray> arrays = new ArrayList<>();
            List<TensorialBlock> layers;
            NDManager owner;
            try (Model model = TensorialModels.load(folder)) {
                owner = model.getNDManager();
                layers = layers(model.getBlock()).toList();
                model.getBlock().getParameters().values().forEach(p -> arrays.add(p.getArray()));
                int held = owner.getManagedArrays().size();
                predict(model);
                Assert.assertTrue(layers.stream().allMatch(layer -> layer.keptBytes() > 0));
                long kept = layers.stream().mapToLong(TensorialBlock::keptBytes).sum();
                predict(model);
                Assert.assertEquals(
                        layers.stream().mapToLong(TensorialBlock::keptBytes).sum(), kept);
                Assert.assertEquals(owner.getManagedArrays().size(), held);
            }
            Assert.assertFalse(owner.isOpen());
            Assert.assertTrue(arrays.size() > layers.size());
            Assert.assertTrue(arrays.stream().allMatch(NDArray::isReleased));
            for (TensorialBlock layer : layers) {
                Assert.assertEquals(layer.keptBytes(), 0, layer.getName());
            }
        }
    }

    /**
     * The memory of a process with a small heap that is there from the start: what grows is not
     * Java's.
     */
    @Test(groups = "timing")
    public void residentMemoryStays() throws IOException, InterruptedException {
        if (!Files.isReadable(STATUS)) {
            throw new SkipException("Resident memory is read from " + STATUS + " on Linux alone");
        }
        Path counts = Files.createTempFile("memory", ".txt");
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms256m",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:+AlwaysPreTouch",
                        "-Dai.djl.pytorch.num_threads=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        ModelMemoryTest.class.getName(),
                        folder.toString(),
                        counts.toString());
        Path output = Files.createTempFile("memory", ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        int status = process.waitFor();
        List<String> said = Files.readAllLines(output);
        Assert.assertEquals(
                status,
                0,
                String.join("\n", said.subList(Math.max(0, said.size() - 20), said.size())));
        List<Long> resident = Files.readAllLines(counts).stream().map(Long::valueOf).toList();
        Assert.assertEquals(resident.size(), MODELS / WARM);
        long growth = resident.get(resident.size() - 1) - resident.get(0);
        Assert.assertTrue(growth <= MOST_GROWTH, "bytes after every tenth model: " + resident);
    }

    /**
     * Loads, uses and closes models; writes down the resident bytes after every tenth.
     *
     * @param args the folder of a saved model, and the file to write
     * @throws IOException if it cannot be read
     * @throws MalformedModelException if it is not a saved model
     */
    public static void main(String[] args) throws IOException, MalformedModelException {
        List<String> resident = new ArrayList<>();
        for (int n = 1; n <= MODELS; n++) {
            try (Model model = TensorialModels.load(Path.of(args[0]))) {
                predict(model);
            }
            if (n % WARM == 0) {
                resident.add(Long.toString(resident()));
            }
        }
        Files.write(Path.of(args[1]), resident);
    }

    private static long resident() throws IOException {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
