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
package io.github.djltcnn.models;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.pooling.Pool;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.NoopTranslator;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialSequential;
import io.github.djltcnn.testing.files.Folders;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Saving: what is carried, what is refused, and that a folder always holds a whole model. */
public class SavingTest {

    private static final List<String> LABELS = List.of("a", "b, or so", "c", "d");

    private Path root;

    @BeforeClass
    public void makeRoot() throws IOException {
        root = Files.createTempDirectory("saving");
    }

    @AfterClass(alwaysRun = true)
    public void deleteRoot() throws IOException {
        Folders.delete(root);
    }

    private static Model tiny() {
        Model model = Model.newInstance("tiny");
        model.setBlock(TinyNet.initialized(model.getNDManager()));
        return model;
    }

    /** A model all of whose parameters are one number. */
    static Model constant(float value) {
        Model model = tiny();
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            try (NDArray ones = parameter.getArray().onesLike();
                    NDArray values = ones.mul(value)) {
                values.copyTo(parameter.getArray());
            }
        }
        return model;
    }

    static SaveOptions options() {
        return new SaveOptions().optBase(TinyNet.class, Map.of("classes", "4"));
    }

    private static Set<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> names = new TreeSet<>();
            files.forEach(file -> names.add(file.getFileName().toString()));
            return names;
        }
    }

    private static IllegalArgumentException refused(Model model, Path folder, SaveOptions options) {
        return Assert.expectThrows(
                IllegalArgumentException.class, () -> TensorialModels.save(model, folder, options));
    }

    private static void assertMessage(Exception e, String... parts) {
        for (String part : parts) {
            Assert.assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    public void aDivergedModelReplacesNoGoodOne() throws Exception {
        Path folder = root.resolve("diverged");
        try (Model model = tiny()) {
            TensorialModels.save(model, folder, options());
            Set<String> before = files(folder);
            NDArray weight = model.getBlock().getParameters().get("06Linear_weight").getArray();
            weight.set(new NDIndex("0, 0"), Float.NaN);
            assertMessage(refused(model, folder, options()), "06Linear.weight", "not finite");
            Assert.assertEquals(files(folder), before);
            TensorialModels.load(folder).close();

            TensorialModels.save(model, folder, options().optNonFinite(true));
            try (Model loaded = TensorialModels.load(folder)) {
                Assert.assertTrue(
                        Float.isNaN(
                                loaded.getBlock()
                                        .getParameters()
                                        .get("06Linear_weight")
                                        .getArray()
                                        .getFloat(0, 0)));
            }
        }
    }

    @Test
    public void filesOfOthersStay() throws Exception {
        Path folder = root.resolve("shared");
        Path fresh = root.resolve("fresh");
        try (Model model = constant(1);
                Model other = constant(2)) {
            TensorialModels.save(model, folder, options());
            Files.writeString(folder.resolve("README"), "mine");
            Files.writeString(folder.resolve("w-0123456789abcdef.safetensors"), "mine");
            Files.createDirectory(folder.resolve("logs"));
            Files.writeString(
                    folder.resolve("serving.properties"),
                    Files.readString(folder.resolve("serving.properties")) + "batch_size=8\n");
            // What killed saves leave.
            Files.writeString(folder.resolve(".tcnn-1.part"), "left over");
            Files.writeString(folder.resolve(".tcnn.lock"), "left over");
            TensorialModels.save(other, folder, options());
            Set<String> names = files(folder);
            Assert.assertTrue(
                    names.removeAll(List.of("README", "w-0123456789abcdef.safetensors", "logs")));
            TensorialModels.save(other, fresh, options());
            Assert.assertEquals(names, files(fresh));
            Assert.assertTrue(
                    Files.readString(folder.resolve("serving.properties"))
                            .contains("batch_size=8\n"));
        }
    }

    @Test
    public void aFailedSaveLeavesNothing() throws Exception {
        Path folder = root.resolve("never");
        try (Model model = tiny()) {
            refused(model, folder, options().optLabels(List.of("one", "two")));
            refused(model, folder, options().optLabels(List.of("a", "b", "c", "d\ne")));
            refused(model, folder, options().optProvenance("x", "x".repeat(2 << 20)));
            Assert.assertFalse(Files.exists(folder));
        }
        try (Model model = Model.newInstance("none")) {
            assertMessage(refused(model, folder, options()), "none", "no block");
            model.setBlock(TinyNet.block(4));
            assertMessage(refused(model, folder, options()), "not initialised");
        }
    }

    @Test
    public void aLongNameOfAFolderIsNoTrouble() throws Exception {
        Path folder = root.resolve("n".repeat(255));
        try (Model model = tiny()) {
            TensorialModels.save(model, folder, options());
            TensorialModels.load(folder).close();
        }
    }

    @Test
    public void severalWritersAndAReaderShareAFolder() throws Exception {
        Path folder = root.resolve("busy");
        List<Callable<Void>> tasks = new ArrayList<>();
        try (Model one = constant(1);
                Model two = constant(2)) {
            TensorialModels.save(one, folder, options());
            for (int t = 0; t < 4; t++) {
                Model mine = t % 2 == 0 ? one : two;
                tasks.add(
                        () -> {
                            for (int n = 0; n < 15; n++) {
                                TensorialModels.save(mine, folder, options().optLabels(LABELS));
                            }
                            return null;
                        });
            }
            for (int t = 0; t < 2; t++) {
                tasks.add(
                        () -> {
                            for (int n = 0; n < 40; n++) {
                                assertWhole(folder);
                            }
                            return null;
                        });
            }
            ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
            try {
                for (Future<Void> future : pool.invokeAll(tasks)) {
                    future.get();
                }
            } finally {
                pool.shutdownNow();
            }
        }
        Assert.assertEquals(files(folder).size(), 4, files(folder).toString());
    }

    private static void assertWhole(Path folder) throws Exception {
        try (Model loaded = TensorialModels.load(folder)) {
            Set<Float> values = new TreeSet<>();
            for (Parameter parameter : loaded.getBlock().getParameters().values()) {
                try (NDArray least = parameter.getArray().min();
                        NDArray most = parameter.getArray().max()) {
                    values.add(least.getFloat());
                    values.add(most.getFloat());
                }
            }
            Assert.assertEquals(values.size(), 1, values.toString());
        }
    }

    /** Saves two models to one folder in turn, until it is killed. */
    public static final class Saver {

        private Saver() {}

        /** Prints a line after each save. */
        public static void main(String[] args) throws IOException {
            try (Model one = constant(1);
                    Model two = constant(2)) {
                for (int n = 0; n < 100_000; n++) {
                    TensorialModels.save(n % 2 == 0 ? one : two, Path.of(args[0]), options());
                    System.out.println("saved");
                }
            }
        }
    }

    /** Whenever it happens, there is a whole model after, and the next save cleans up. */
    @Test
    public void aSaveThatIsKilledLeavesAWholeModel() throws Exception {
        Path folder = root.resolve("killed");
        for (int trial = 1; trial <= 3; trial++) {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    "-DDJL_OFFLINE=true",
                                    "-Dai.djl.pytorch.num_threads=1",
                                    Saver.class.getName(),
                                    folder.toString())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try (BufferedReader reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                for (int n = 0; n < 3 * trial; n++) {
                    Assert.assertEquals(reader.readLine(), "saved");
                }
            } finally {
                process.destroyForcibly().waitFor();
            }
            assertWhole(folder);
        }
        try (Model model = constant(1)) {
            TensorialModels.save(model, folder, options());
        }
        assertWhole(folder);
        Assert.assertEquals(files(folder).size(), 3, files(folder).toString());
    }

    /** A class that builds the networks of these tests. */
    public static final class Nets implements BlockFactory {

        private static final long serialVersionUID = 1L;

        @Override
        public Block newBlock(Model model, Path path, Map<String, ?> arguments) {
            return net(arguments.get("net").toString());
        }

        static SequentialBlock net(String name) {
            if ("sound".equals(name)) {
                return new SequentialBlock()
                        .add(
                                Conv1d.builder()
                                        .setKernelShape(new Shape(9))
                                        .setFilters(4)
                                        .optStride(new Shape(5))
                                        .build());
            }
            if ("images".equals(name)) {
                return new SequentialBlock().add(convolution());
            }
            Conv2d twice = convolution();
            return new SequentialBlock()
                    .add(convolution())
                    .add(twice)
                    .add(Activation.reluBlock())
                    .add(twice)
                    .add(Pool.globalAvgPool2dBlock());
        }

        private static Conv2d convolution() {
            return Conv2d.builder()
                    .setKernelShape(new Shape(3, 3))
                    .setFilters(6)
                    .optPadding(new Shape(1, 1))
                    .build();
        }
    }

    private static void assertSame(Model model, Path folder, Shape input) throws Exception {
        try (Model loaded = TensorialModels.load(folder);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.randomUniform(0, 1, input).toType(model.getDataType(), false);
            NDArray y = TinyNet.forward(model.getBlock(), model.getNDManager(), x);
            NDArray z = TinyNet.forward(loaded.getBlock(), loaded.getNDManager(), x);
            Assert.assertEquals(z.sub(y).abs().max().toType(DataType.FLOAT32, true).getFloat(), 0f);
        }
    }

    @DataProvider
    public Object[][] inputs() {
        return new Object[][] {
            {"sound", new Shape(1, 1, 160_000), new Shape(1, 1, 160_000)},
            {"images", new Shape(512, 3, 224, 224), new Shape(1, 3, 8, 8)},
        };
    }

    /** The batch of a training says nothing of the model, and a second of sound is a long axis. */
    @Test(dataProvider = "inputs")
    public void whatCanBeTrainedCanBeSaved(String name, Shape training, Shape seen)
            throws Exception {
        Path folder = root.resolve(name);
        try (Model model = Model.newInstance(name)) {
            model.setBlock(Nets.net(name));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, training);
            TensorialModels.save(
                    model, folder, new SaveOptions().optBase(Nets.class, Map.of("net", name)));
            Assert.assertEquals(ModelInfo.read(folder).input().get(0), 1L);
            assertSame(model, folder, seen);
        }
    }

    @Test
    public void aLayerThatStandsInTwoPlacesComesBackAsOne() throws Exception {
        Path folder = root.resolve("twice");
        Shape input = new Shape(1, 3, 8, 8);
        try (Model model = Model.newInstance("twice")) {
            SequentialBlock net = Nets.net("twice");
            net.initialize(model.getNDManager(), DataType.FLOAT32, input);
            model.setBlock(
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .optKeepFirst(true)
                            .build()
                            .convert(net, input)
                            .block());
            TensorialModels.save(
                    model, folder, new SaveOptions().optBase(Nets.class, Map.of("net", "twice")));
            assertSame(model, folder, input);
            try (Model loaded = TensorialModels.load(folder)) {
                List<Block> children = loaded.getBlock().getChildren().values();
                Assert.assertSame(children.get(1), children.get(3));
            }
        }
    }

    @Test
    public void whatThePlannerWasToldIsSaved() throws Exception {
        Path folder = root.resolve("planner");
        PlannerOptions told =
                PlannerOptions.standard().withMemoryLimit(1 << 20).withAutotuning(true);
        try (Model model = tiny()) {
            model.setBlock(
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .optKeepFirst(true)
                            .optPlannerOptions(told)
                            .build()
                            .convert(model.getBlock(), TinyNet.INPUT)
                            .block());
            TensorialModels.save(model, folder, options());
        }
        try (Model model = TensorialModels.load(folder)) {
            int layers = 0;
            for (BlockTree.Leaf leaf : BlockTree.leaves(model.getBlock(), TinyNet.INPUT)) {
                if (leaf.block() instanceof TensorialBlock tensorial) {
                    Assert.assertEquals(tensorial.getPlannerOptions(), told);
                    layers++;
                }
            }
            Assert.assertEquals(layers, 3);
        }
    }

    @Test
    public void aModelIsSavedThroughItsWrapper() throws Exception {
        Path folder = root.resolve("wrapped");
        try (Model model = tiny()) {
            Block inner = model.getBlock();
            model.setBlock(new TensorialSequential().add(inner));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, TinyNet.INPUT);
            TensorialModels.save(model, folder, options());
            assertSame(model, folder, TinyNet.INPUT);
            model.setBlock(
                    new TensorialSequential()
                            .add(new NormalizedInput(inner, new float[] {.5f}, new float[] {2})));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, TinyNet.INPUT);
            TensorialModels.save(model, folder, options());
            assertSame(model, folder, TinyNet.INPUT);
            Assert.assertEquals(ModelInfo.read(folder).mean(), List.of(.5f));

            model.setBlock(new SequentialBlock().add(inner).add(Activation.reluBlock()));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, TinyNet.INPUT);
            assertMessage(
                    refused(model, folder, options()), "builds another model", "optBase(factory");
        }
    }

    /** Half the bytes; the numbers come back rounded, in the type that the model has. */
    @Test
    public void float16IsAWayToWriteFloat32() throws Exception {
        Path folder = root.resolve("halved");
        try (Model model = constant(1 / 3f)) {
            TensorialModels.save(model, root.resolve("whole"), options());
            TensorialModels.save(model, folder, options().optFloat16(true));
            int arrays = model.getNDManager().getManagedArrays().size();
            TensorialModels.save(model, folder, options().optFloat16(true));
            Assert.assertEquals(model.getNDManager().getManagedArrays().size(), arrays);
            try (Model loaded = TensorialModels.load(folder)) {
                for (Parameter parameter : loaded.getBlock().getParameters().values()) {
                    NDArray array = parameter.getArray();
                    Assert.assertEquals(array.getDataType(), DataType.FLOAT32);
                    for (float value : array.toFloatArray()) {
                        Assert.assertEquals(value, .33325195f);
                    }
                }
                // Saved without the option, it is a model of float32 like any other.
                TensorialModels.save(loaded, root.resolve("again"), options());
            }
            Assert.assertEquals(parameterBytes("again"), parameterBytes("whole"));
            Assert.assertTrue(parameterBytes("halved") < .7 * parameterBytes("whole"));
        }
        try (Model model = constant(1e5f)) {
            assertMessage(
                    refused(model, folder, options().optFloat16(true)),
                    "above 65504, the largest of float16");
        }
        TensorialModels.load(folder).close();
    }

    private long parameterBytes(String folder) throws IOException {
        for (String file : files(root.resolve(folder))) {
            if (file.endsWith(".safetensors")) {
                return Files.size(root.resolve(folder).resolve(file));
            }
        }
        throw new AssertionError("no parameters in " + folder);
    }

    @Test
    public void float16ComesBack() throws Exception {
        Path folder = root.resolve("half");
        try (Model model = Model.newInstance("half")) {
            model.setDataType(DataType.FLOAT16);
            model.setBlock(Nets.net("twice"));
            Shape input = new Shape(1, 3, 8, 8);
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT16, input);
            TensorialModels.save(
                    model, folder, new SaveOptions().optBase(Nets.class, Map.of("net", "twice")));
            try (Model loaded = TensorialModels.load(folder)) {
                Assert.assertEquals(loaded.getDataType(), DataType.FLOAT16);
                for (Map.Entry<String, Parameter> entry :
                        BlockTree.parameters(loaded.getBlock()).entrySet()) {
                    Assert.assertEquals(
                            entry.getValue().getArray().toByteBuffer(),
                            BlockTree.parameters(model.getBlock())
                                    .get(entry.getKey())
                                    .getArray()
                                    .toByteBuffer());
                }
            }
            Block mixed = Nets.net("twice");
            mixed.getChildren()
                    .valueAt(0)
                    .initialize(model.getNDManager(), DataType.FLOAT32, input);
            mixed.initialize(model.getNDManager(), DataType.FLOAT16, input);
            model.setBlock(mixed);
            assertMessage(
                    refused(
                            model,
                            folder,
                            new SaveOptions().optBase(Nets.class, Map.of("net", "twice"))),
                    "one data type",
                    "float32");
        }
    }

    @Test
    public void whatTheModelSaysIsCarriedChangedOrRefused() throws Exception {
        Path folder = root.resolve("says");
        Path again = root.resolve("says-again");
        try (Model model = tiny()) {
            TensorialModels.save(
                    model,
                    folder,
                    options()
                            .optLabels(LABELS)
                            .optNormalization(
                                    new float[] {.1f, .2f, .3f}, new float[] {.4f, .5f, .6f})
                            .optProvenance("data", "none"));
        }
        try (Model model = TensorialModels.load(folder)) {
            ModelInfo info = ModelInfo.of(model);
            Assert.assertEquals(info, ModelInfo.read(folder));
            Assert.assertEquals(info.labels(), LABELS);
            Assert.assertEquals(info.mean(), List.of(.1f, .2f, .3f));
            Assert.assertEquals(info.deviation(), List.of(.4f, .5f, .6f));
            Assert.assertEquals(info.output(), new Shape(1, 4));
            Assert.assertEquals(info.provenance(), Map.of("data", "none"));
            Assert.assertEquals(model.getProperty("provenance.data"), "none");

            model.setProperty("provenance.data", "some");
            model.setProperty("foo", "bar");
            TensorialModels.setLabels(model, List.of("e", "f", "g", "h"));
            TensorialModels.setNormalization(model, new float[] {.7f}, new float[] {.8f});
            TensorialModels.save(model, again, new SaveOptions().optProvenance("by", "me"));
            model.setProperty("mean", "0.9");
            assertMessage(refused(model, again, new SaveOptions()), "mean 0.9", "setNormalization");
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> TensorialModels.setLabels(model, List.of("one")));
        }
        try (Model model = TensorialModels.load(again)) {
            ModelInfo info = ModelInfo.of(model);
            Assert.assertEquals(info.labels(), List.of("e", "f", "g", "h"));
            Assert.assertEquals(info.mean(), List.of(.7f));
            Assert.assertEquals(info.provenance(), Map.of("data", "some", "by", "me"));
            Assert.assertEquals(model.getProperty("foo"), "bar");
            Assert.assertEquals(model.getProperty("classes"), "4");
            // Another head: the labels that were carried do not fit any more.
            model.setProperty("classes", "5");
            model.setBlock(TinyNet.block(5));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, TinyNet.INPUT);
            assertMessage(refused(model, again, new SaveOptions()), "4 labels", "(1, 5)");
            TensorialModels.save(model, again, new SaveOptions().optLabels(List.of()));
            Assert.assertEquals(ModelInfo.read(again).output(), new Shape(1, 5));
        }
    }

    /**
     * A builder that neither the thread nor the library knows, as of a plug-in or a web
     * application.
     */
    @Test
    public void theBuilderIsLookedForWhereItIs() throws Exception {
        Path sources = Files.createDirectory(root.resolve("plugin"));
        Path source = sources.resolve("Plugin.java");
        Files.writeString(
                source,
                """
                import ai.djl.Model;
                import ai.djl.nn.*;
                import ai.djl.nn.core.Linear;
                public class Plugin implements BlockFactory {
                    public Block newBlock(Model m, java.nio.file.Path p, java.util.Map<String, ?> a) {
                        return new SequentialBlock().add(Linear.builder().setUnits(3).build());
                    }
                }
                """);
        int compiled =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                source.toString());
        Assert.assertEquals(compiled, 0);
        Path folder = root.resolve("plugged");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                        new URLClassLoader(
                                new URL[] {sources.toUri().toURL()},
                                SavingTest.class.getClassLoader());
                Model model = Model.newInstance("plugged")) {
            Class<? extends BlockFactory> factory =
                    loader.loadClass("Plugin").asSubclass(BlockFactory.class);
            model.setBlock(
                    factory.getDeclaredConstructor().newInstance().newBlock(null, null, null));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
            for (ClassLoader context :
                    new ClassLoader[] {null, ClassLoader.getPlatformClassLoader(), before}) {
                thread.setContextClassLoader(context);
                TensorialModels.save(model, folder, new SaveOptions().optBase(factory, Map.of()));
                TensorialModels.load(folder, null, loader).close();
                assertMessage(
                        Assert.expectThrows(
                                MalformedModelException.class, () -> TensorialModels.load(folder)),
                        "Plugin is not on the class path");
            }
            thread.setContextClassLoader(loader);
            TensorialModels.load(folder).close();
            Criteria.builder()
                    .setTypes(NDList.class, NDList.class)
                    .optModelPath(folder)
                    .build()
                    .loadModel()
                    .close();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @DataProvider
    public Object[][] edits() {
        return new Object[][] {
            {"mean=0.1", "mean 0.1"},
            {"classes=5", "classes=5"},
            {"normalize=true", "normalize=true"},
            {"toTensor=false", "toTensor=false"},
            {"synset=a,b", "2 labels"},
        };
    }

    /** What says that the model is another one is refused, of the file and of the arguments. */
    @Test(dataProvider = "edits")
    public void editsThatContradictTheModelAreRefused(String line, String message)
            throws Exception {
        Path folder = root.resolve("edits-" + line.hashCode());
        try (Model model = tiny()) {
            TensorialModels.save(
                    model,
                    folder,
                    options().optNormalization(new float[] {.5f}, new float[] {.5f}));
        }
        Criteria.Builder<NDList, NDList> criteria =
                Criteria.builder().setTypes(NDList.class, NDList.class).optModelPath(folder);
        String[] parts = line.split("=", 2);
        assertMessage(
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> criteria.optArgument(parts[0], parts[1]).build().loadModel()),
                message);
        Path file = folder.resolve("serving.properties");
        Files.writeString(file, Files.readString(file) + line + "\n");
        assertMessage(
                Assert.expectThrows(
                        MalformedModelException.class,
                        () ->
                                Criteria.builder()
                                        .setTypes(NDList.class, NDList.class)
                                        .optModelPath(folder)
                                        .build()
                                        .loadModel()),
                "serving.properties",
                message);
    }

    @Test(singleThreaded = true)
    public void frozenParametersAreFrozenAgainAndTheOthersTrain() throws Exception {
        Path folder = root.resolve("frozen");
        try (Model model = tiny()) {
            BlockTree.parameters(model.getBlock())
                    .forEach((path, p) -> p.freeze(!path.startsWith("06")));
            TensorialModels.save(model, folder, options());
        }
        try (Model model = TensorialModels.load(folder)) {
            Map<String, Parameter> parameters = BlockTree.parameters(model.getBlock());
            Assert.assertFalse(parameters.get("01Conv2d.weight").requiresGradient());
            Assert.assertTrue(parameters.get("06Linear.weight").requiresGradient());
            float[] frozen = parameters.get("01Conv2d.weight").getArray().toFloatArray();
            float[] free = parameters.get("06Linear.weight").getArray().toFloatArray();
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    Optimizer.sgd()
                                            .setLearningRateTracker(Tracker.fixed(0.1f))
                                            .build());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(TinyNet.INPUT);
                try (GradientCollector collector = trainer.newGradientCollector();
                        NDManager manager = trainer.getManager().newSubManager()) {
                    NDList out = trainer.forward(new NDList(manager.randomNormal(TinyNet.INPUT)));
                    collector.backward(
                            trainer.getLoss()
                                    .evaluate(new NDList(manager.create(new float[] {0, 1})), out));
                }
                trainer.step();
            }
            Assert.assertEquals(
                    parameters.get("01Conv2d.weight").getArray().toFloatArray(), frozen);
            Assert.assertNotEquals(
                    parameters.get("06Linear.weight").getArray().toFloatArray(), free);
        }
    }

    /** In a thread of its own torch records what it computes from arrays that ask for gradients. */
    @Test
    public void loadedModelsAskForNoGradients() throws Exception {
        Path folder = root.resolve("gradients");
        try (Model model = tiny()) {
            TensorialModels.save(model, folder, options());
        }
        try (Model one = TensorialModels.load(folder);
                ZooModel<NDList, NDList> two =
                        Criteria.builder()
                                .setTypes(NDList.class, NDList.class)
                                .optModelPath(folder)
                                .optTranslator(new NoopTranslator())
                                .build()
                                .loadModel()) {
            for (Model model : List.of(one, two)) {
                for (Parameter parameter : model.getBlock().getParameters().values()) {
                    Assert.assertFalse(parameter.getArray().hasGradient(), parameter.getName());
                }
            }
            try (Predictor<NDList, NDList> predictor = two.newPredictor();
                    NDManager manager = NDManager.newBaseManager()) {
                NDArray x = manager.ones(TinyNet.INPUT);
                Assert.assertEquals(
                        predictor.predict(new NDList(x)).singletonOrThrow().getShape(),
                        new Shape(2, 4));
            }
        }
    }
}
