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
import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.SequentialBlock;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.internal.ModelFolder;
import io.github.djltcnn.testing.files.Folders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Saved folders: what goes in comes out, and what was tampered with does not. */
public class TensorialModelsTest {

    private static final String STRUCTURE = ModelFolder.STRUCTURE;

    private Path root;

    @BeforeClass
    public void makeRoot() throws IOException {
        root = Files.createTempDirectory("tensorial-models");
    }

    @AfterClass
    public void deleteRoot() throws IOException {
        Folders.delete(root);
    }

    private static Model converted(TensorFormat format) {
        Model model = Model.newInstance("tiny");
        SequentialBlock net = TinyNet.initialized(model.getNDManager());
        model.setBlock(
                Tensorizer.builder()
                        .setFormat(format)
                        .optKeepFirst(true)
                        .build()
                        .convert(net, TinyNet.INPUT)
                        .block());
        return model;
    }

    private static SaveOptions options() {
        return new SaveOptions()
                .optBase(TinyNet.class, Map.of("classes", "4"))
                .optLabels(List.of("a", "b", "c", "d"))
                .optProvenance("seed", "7");
    }

    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {TensorFormats.tucker2(Rank.of(2))},
            {TensorFormats.tensorRing(Rank.of(2))},
            {TensorFormats.cp(Rank.of(3))},
            {TensorFormats.blockTerm(2, Rank.of(1))},
        };
    }

    @Test(dataProvider = "formats")
    public void aModelComesBackByBothWays(TensorFormat format) throws Exception {
        Path folder = root.resolve(format.name());
        try (Model model = converted(format)) {
            NDManager manager = model.getNDManager();
            NDArray x = manager.randomNormal(TinyNet.INPUT);
            NDArray expected = TinyNet.forward(model.getBlock(), manager, x);
            TensorialModels.save(model, folder, options());
            try (Stream<Path> files = Files.list(folder)) {
                Assert.assertEquals(files.count(), 4);
            }
            try (Model loaded = TensorialModels.load(folder)) {
                NDArray found = TinyNet.forward(loaded.getBlock(), loaded.getNDManager(), x);
                Assert.assertEquals(found.sub(expected).abs().max().getFloat(), 0f);
                Assert.assertEquals(loaded.getName(), "tiny");
                Assert.assertEquals(loaded.getProperty("provenance.seed"), "7");

                // It knows by itself what builds it, and replaces what was saved before.
                TensorialModels.save(loaded, folder);
            }
            Criteria<NDList, NDList> criteria =
                    Criteria.builder()
                            .setTypes(NDList.class, NDList.class)
                            .optModelPath(folder)
                            .optTranslator(new NoopTranslator())
                            .build();
            try (ZooModel<NDList, NDList> loaded = criteria.loadModel();
                    Predictor<NDList, NDList> predictor = loaded.newPredictor()) {
                NDArray found = predictor.predict(new NDList(x)).singletonOrThrow();
                Assert.assertEquals(found.sub(expected).abs().max().getFloat(), 0f);
                TensorialModels.save(loaded, root.resolve("again-" + format.name()));
            }
        }
    }

    @Test
    public void mergedModelsAndDenseOnesAreSavedToo() throws Exception {
        Path folder = root.resolve("merged");
        try (Model model = converted(TensorFormats.tucker2(Rank.of(2)))) {
            Tensorizer.merge(model.getBlock(), TinyNet.INPUT);
            NDArray x = model.getNDManager().randomNormal(TinyNet.INPUT);
            NDArray expected = TinyNet.forward(model.getBlock(), model.getNDManager(), x);
            TensorialModels.save(model, folder, options());
            try (Model loaded = TensorialModels.load(folder)) {
                NDArray found = TinyNet.forward(loaded.getBlock(), loaded.getNDManager(), x);
                Assert.assertEquals(found.sub(expected).abs().max().getFloat(), 0f);
            }
        }
    }

    @Test
    public void aFolderOfSomethingElseIsNotTouched() throws Exception {
        Path folder = Files.createDirectories(root.resolve("precious"));
        Files.writeString(folder.resolve("thesis.txt"), "years of work");
        try (Model model = converted(TensorFormats.tucker2(Rank.of(2)))) {
            Assert.assertThrows(
                    IOException.class, () -> TensorialModels.save(model, folder, options()));
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> TensorialModels.save(model, root.resolve("new")));
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            TensorialModels.save(
                                    model, root.resolve("new"), options().optName("../evil")));
        }
        Assert.assertEquals(Files.readString(folder.resolve("thesis.txt")), "years of work");
        Assert.assertFalse(Files.exists(root.resolve("new")));
        Assert.assertThrows(IOException.class, () -> TensorialModels.load(folder));
    }

    /** Writes a folder whose structure says something else, with a hash that fits. */
    private Path edited(String name, String from, String to) throws Exception {
        Path folder = root.resolve("edited-" + name);
        try (Model model = converted(TensorFormats.tucker2(Rank.of(2)))) {
            TensorialModels.save(model, folder, options());
        }
        String json = json(folder);
        Assert.assertTrue(json.contains(from), json);
        sign(folder, json.replace(from, to));
        return folder;
    }

    private static String json(Path folder) throws IOException {
        String text = Files.readString(folder.resolve(STRUCTURE));
        return text.substring(text.indexOf('\n') + 1);
    }

    private static String hash(Path file) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** The file of parameters. */
    private static Path tensors(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Writes other parameters, and everything that is said of them, as who tampers would. */
    private static void replaceTensors(Path folder, byte[] bytes) throws IOException {
        Path file = tensors(folder);
        String before = hash(file);
        long size = Files.size(file);
        Files.write(file, bytes);
        String hash = hash(file);
        Files.move(file, folder.resolve("tiny-" + hash.substring(0, 16) + ".safetensors"));
        sign(
                folder,
                json(folder)
                        .replace(before, hash)
                        .replace("\"bytes\": " + size, "\"bytes\": " + bytes.length));
    }

    /** Writes a structure with a hash that fits, as who tampers with it would. */
    private static void sign(Path folder, String json) throws IOException {
        Path file = folder.resolve(STRUCTURE);
        Files.writeString(file, json);
        String hash = hash(file);
        Files.writeString(file, "djl-tcnn sha256=" + hash + "\n" + json);
    }

    @DataProvider
    public Object[][] edits() {
        String path = TinyNet.PATHS.get(1);
        return new Object[][] {
            {"version", "\"version\": 2", "\"version\": 3", "version 3 of the form"},
            {
                "ranks",
                "i=8 r1=2, r1 r2=2 h=3 w=3, r2 o=12",
                "i=8 r1=3, r1 r2=2 h=3 w=3, r2 o=12",
                path
            },
            {
                "kernel",
                "i=8 r1=2, r1 r2=2 h=3 w=3, r2 o=12",
                "i=8 r1=2, r1 r2=2 h=5 w=3, r2 o=12",
                path
            },
            {"notation", "i=8 r1=2, r1 r2=2 h=3 w=3, r2 o=12", "i=8 r1=-2", path},
            {"dense", "i=8 r1=2, r1 r2=2 h=3 w=3, r2 o=12", "dense", path},
            {"order", "\"01Conv2d\"", "\"06Linear\"", "01Conv2d"},
            {"classes", "\"classes\": \"4\"", "\"classes\": \"5\"", "06Linear"},
            {"classesHuge", "\"classes\": \"4\"", "\"classes\": \"2000000000\"", "06Linear"},
            {"factory", "internal.TinyNet\"", "internal.TinyNot\"", "block factory"},
            {"class", TinyNet.class.getName() + "\"", "java.lang.Runtime\"", "no block"},
            {"self", "blocks.internal.TinyNet\"", "models.spi.StructureBlockFactory\"", "no block"},
            {"name", "\"name\": \"tiny\"", "\"name\": \"../../tiny\"", "name of a model"},
            {"input", "    8,\n    8\n", "    8,\n    800000000\n", "input"},
            {"inputSmall", "    3,\n    8,", "    4,\n    8,", "01Conv2d"},
            {"output", "\"output\": [\n    1,\n    4", "\"output\": [\n    1,\n    5", "4 labels"},
            {"mean", "\"mean\": []", "\"mean\": [1e39]", "One mean"},
            {"frozen", "\"frozen\": []", "\"frozen\": [\"x\"]", "layer x"},
            {"type", "FLOAT32", "FLOAT64", "float32"},
            {"long", "i=8 r1=2, r1 r2=2", "i=8 " + "r1=2, r1 ".repeat(300), path},
            {"negative", "\"bytes\": ", "\"bytes\": -", "size"},
            {"initialize", "\"classes\": \"4\"", "\"initialize\": \"true\"", "seed"},
            {"hostile", "{", "[", "JSON"},
        };
    }

    @Test(dataProvider = "edits")
    public void aStructureThatDoesNotFitIsRefused(
            String name, String from, String to, String message) throws Exception {
        Path folder = edited(name, from, to);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> TensorialModels.load(folder).close());
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
        Assert.assertTrue(
                e.getMessage().matches("(?s)(model\\.tcnn|tiny-|synset-).*"), e.getMessage());
        Criteria<NDList, NDList> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optModelPath(folder)
                        .optTranslator(new NoopTranslator())
                        .build();
        Assert.assertThrows(MalformedModelException.class, () -> criteria.loadModel().close());
    }

    /**
     * Two thousand damaged folders: each is refused by the exceptions that loading declares, or
     * loads a model whose outputs are finite.
     */
    @Test
    public void noDamageGetsThrough() throws Exception {
        long seed = 20261123;
        Random random = new Random(seed);
        Path good = root.resolve("good");
        try (Model model = converted(TensorFormats.tensorRing(Rank.of(2)))) {
            TensorialModels.save(model, good, options());
        }
        Path other = root.resolve("other");
        try (Model model = converted(TensorFormats.tucker2(Rank.of(3)))) {
            TensorialModels.save(model, other, options());
        }
        Path folder = root.resolve("damaged");
        Set<String> outside = files(root);
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int n = 0; n < 2000; n++) {
            copy(good, folder);
            String what = damage(folder, other, random);
            try (Model model = TensorialModels.load(folder);
                    NDManager own = NDManager.newBaseManager()) {
                NDArray x = own.ones(TinyNet.INPUT);
                NDArray y = TinyNet.forward(model.getBlock(), model.getNDManager(), x);
                Assert.assertTrue(
                        Float.isFinite(y.abs().max().getFloat()),
                        "seed " + seed + ", case " + n + ": " + what);
                outcomes.merge(what + ": loaded", 1, Integer::sum);
            } catch (MalformedModelException | IOException e) {
                outcomes.merge(what + ": refused", 1, Integer::sum);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", case " + n + ": " + what, e);
            }
        }
        Assert.assertTrue(outcomes.getOrDefault("bit flip: refused", 0) > 300, outcomes.toString());
        Set<String> now = files(root);
        now.removeIf(file -> file.startsWith("damaged"));
        Assert.assertEquals(now, outside);
    }

    /** Texts that are small in the file and would be large in memory. */
    @Test
    public void whatWouldExhaustMemoryIsNotRead() throws Exception {
        Path folder = root.resolve("large");
        try (Model model = converted(TensorFormats.tucker2(Rank.of(2)))) {
            TensorialModels.save(model, folder, options());
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    TensorialModels.save(
                                            model,
                                            root.resolve("larger"),
                                            options().optProvenance("data", "x".repeat(2 << 20))));
            Assert.assertTrue(e.getMessage().contains("1048576 are read"), e.getMessage());
        }
        String json = json(folder);
        String zeros = "0,".repeat(1 << 20);
        sign(folder, json.replace("\"input\": [", "\"input\": [" + zeros));
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> TensorialModels.load(folder).close());
        Assert.assertTrue(e.getMessage().contains("at most 1048576"), e.getMessage());

        // Within the bounds of the file, past those of a model.
        sign(folder, json.replace("\"input\": [", "\"input\": [" + "1,".repeat(1000)));
        Assert.expectThrows(
                MalformedModelException.class, () -> TensorialModels.load(folder).close());
        sign(folder, json.replace("\"layers\": [", "\"layers\": " + "[".repeat(100_000)));
        Assert.expectThrows(
                MalformedModelException.class, () -> TensorialModels.load(folder).close());

        // A header of eight million zeros in a file that is really as large.
        sign(folder, json);
        ByteBuffer header = ByteBuffer.allocate((16 << 20) + 8).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(16 << 20);
        header.put(("{\"a\":[" + "0,".repeat((8 << 20) - 8)).getBytes(StandardCharsets.UTF_8));
        replaceTensors(folder, header.array());
        e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> TensorialModels.load(folder).close());
        Assert.assertTrue(
                e.getMessage().contains("safetensors: a header of 16777216 bytes"), e.getMessage());
    }

    private static Set<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            Set<String> names = new TreeSet<>();
            files.forEach(file -> names.add(root.relativize(file).toString()));
            return names;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(to)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static String damage(Path folder, Path other, Random random) throws IOException {
        String[] names = {STRUCTURE, tensors(folder).getFileName().toString()};
        Path file = folder.resolve(names[random.nextInt(names.length)]);
        byte[] bytes = Files.readAllBytes(file);
        return switch (random.nextInt(6)) {
            case 0 -> {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bytes);
                yield "bit flip";
            }
            case 1 -> {
                Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                yield "truncated";
            }
            case 2 -> {
                Path from = file.endsWith(STRUCTURE) ? other.resolve(STRUCTURE) : tensors(other);
                Files.write(file, Files.readAllBytes(from));
                yield "swapped";
            }
            case 3 -> {
                tamper(folder, random);
                yield "hostile structure";
            }
            case 4 -> {
                hostileTensors(folder, random);
                yield "hostile parameters";
            }
            default -> {
                rename(folder, random);
                yield "path trick";
            }
        };
    }

    /** A structure with a hash that fits, one of whose texts or numbers is another. */
    private static void tamper(Path folder, Random random) throws IOException {
        String json = json(folder);
        String[] values = {
            "-1",
            "0",
            "1e99",
            "9999999999999999999",
            "null",
            "[]",
            "{}",
            "\"\"",
            "\"../../x\"",
            "[[[[[[[[[[[[[[[[",
            "\"\\u0000\"",
            "true",
            "NaN",
            "\"i=1 r=99999999, r o=1\""
        };
        String[] lines = json.split("\n", -1);
        int line = random.nextInt(lines.length);
        int colon = lines[line].indexOf(": ");
        String value = values[random.nextInt(values.length)];
        boolean comma = lines[line].endsWith(",");
        lines[line] =
                (colon < 0 ? "" : lines[line].substring(0, colon + 2)) + value + (comma ? "," : "");
        sign(folder, String.join("\n", lines));
    }

    /** Parameters that were changed together with their hash. */
    private static void hostileTensors(Path folder, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(tensors(folder));
        for (int n = random.nextInt(4); n >= 0; n--) {
            int most = random.nextBoolean() ? Math.min(400, bytes.length) : bytes.length;
            bytes[random.nextInt(most)] = (byte) random.nextInt(256);
        }
        replaceTensors(folder, bytes);
    }

    private static void rename(Path folder, Random random) throws IOException {
        String[] names = {
            "../good/tiny", "/etc/passwd", "..", ".", "tiny/../tiny", "a".repeat(500)
        };
        String name = names[random.nextInt(names.length)];
        String key = random.nextBoolean() ? "\"name\": \"tiny\"" : "\"path\": \"06Linear\"";
        String replaced = key.substring(0, key.indexOf(": ") + 2) + "\"" + name + "\"";
        sign(folder, json(folder).replace(key, replaced));
    }

    /** Whatever DJL says to damaged properties, it says by an exception that loading declares. */
    @Test
    public void damagedPropertiesAreNoModelEither() throws Exception {
        Path folder = root.resolve("properties");
        try (Model model = converted(TensorFormats.tensorRing(Rank.of(2)))) {
            TensorialModels.save(model, folder, options());
        }
        Files.writeString(
                folder.resolve("serving.properties"),
                "engine=PyTorch\noption.modelName=../other\noption.hasParameter=true\n");
        Exception e =
                Assert.expectThrows(
                        Exception.class,
                        () ->
                                Criteria.builder()
                                        .setTypes(NDList.class, NDList.class)
                                        .optModelPath(folder)
                                        .optTranslator(new NoopTranslator())
                                        .build()
                                        .loadModel()
                                        .close());
        Assert.assertTrue(e instanceof IOException || e instanceof ModelException, e.toString());
    }
}
