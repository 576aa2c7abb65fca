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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.calibration.Calibration;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initialization.ModelInitialization;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.zoo.TensorialResNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * The Java code that the pages show is code that runs: in a test, or in a program of this module.
 */
public class PagesTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    public void everySnippetIsRunSomewhere() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        pages.addAll(files(ROOT.resolve("docs"), ".md"));
        List<String> sources = new ArrayList<>();
        for (String module : List.of("djl-tcnn", "djl-tcnn-zoo", "examples", "integration-tests")) {
            for (Path source : files(ROOT.resolve(module).resolve("src/test"), ".java")) {
                sources.add(plain(Files.readString(source)));
            }
        }
        for (String module : List.of("examples", "examples/service", "examples/spark")) {
            for (Path source : files(ROOT.resolve(module).resolve("src/main"), ".java")) {
                sources.add(plain(Files.readString(source)));
            }
        }
        List<String> missing = new ArrayList<>();
        int snippets = 0;
        for (Path page : pages) {
            for (var block : BLOCK.matcher(Files.readString(page)).results().toList()) {
                String code = plain(block.group(1));
                snippets++;
                if (sources.stream().noneMatch(source -> source.contains(code))) {
                    missing.add(page.getFileName() + ":\n" + block.group(1));
                }
            }
        }
        Assert.assertTrue(snippets >= 11, snippets + " snippets");
        Assert.assertEquals(missing, List.of(), "snippets that no test and no program runs");
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> path.toString().endsWith(ending)).sorted().toList();
        }
    }

    /** Code without comments to the end of a line and without blanks. */
    private static String plain(String code) {
        return code.replaceAll("//.*", "").replaceAll("\\s", "");
    }

    /** docs/initialization.md. */
    @Test
    public void initializationRuns() {
        TensorialResNet block =
                TensorialResNet.cifar(8)
                        .setOutSize(10)
                        .optFormat(TensorFormats.tensorRing(Rank.of(4)))
                        .build();
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("page")) {
            model.setBlock(block);
            NDList noise = new NDList(manager.randomNormal(new Shape(8, 3, 16, 16)));
            NDList batch = new NDList(manager.randomUniform(0, 1, new Shape(8, 3, 16, 16)));
            block.initialize(model.getNDManager(), DataType.FLOAT32, noise.getShapes());
            block.setInitializer(TensorialInitializer.fanIn(), Parameter.Type.WEIGHT);
            ModelInitialization.run(model, TensorialInitializer.fanIn().withSeed(42), noise);
            Calibration.run(model, batch);
            NDArray scores = block.forward(new ParameterStore(manager, false), batch, false).head();
            for (float score : scores.toFloatArray()) {
                Assert.assertTrue(Float.isFinite(score), "score " + score);
            }
        }
    }

    /** docs/decomposition.md. */
    @Test
    public void decompositionRuns() {
        Random random = new Random(1);
        double[] kernel = random.doubles(64 * 64 * 9).toArray();
        Decomposition d =
                Decomposer.builder()
                        .build()
                        .decompose(
                                kernel,
                                KernelSpec.of(64, 64, new Shape(3, 3)),
                                TensorFormats.tucker2(Rank.error(0.1)));
        d.network();
        d.core(0);
        d.relativeError();
        Assert.assertEquals(d.core(0).length, d.network().cores().get(0).size());
        Assert.assertTrue(d.relativeError() <= 0.1, "error " + d.relativeError());
    }
}
