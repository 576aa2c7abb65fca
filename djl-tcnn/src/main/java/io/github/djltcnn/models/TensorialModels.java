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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.util.JsonUtils;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.NormPair;
import io.github.djltcnn.nn.TensorialBlock;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Saves models to folders that say themselves what they are, and loads them.
 *
 * <pre>{@code
 * TensorialModels.save(model, folder);
 * Model again = TensorialModels.load(folder);
 * ZooModel<Image, Classifications> served =
 *         Criteria.builder().setTypes(Image.class, Classifications.class)
 *                 .optModelPath(folder).build().loadModel();
 * }</pre>
 *
 * <p>A folder holds {@code model.tcnn} (what builds the model, the network of every layer, the
 * provenance; it begins with its own hash), {@code NAME.safetensors} (the parameters by path, whose
 * hash the former holds), {@code serving.properties} for DJL, and {@code synset.txt} if there are
 * labels. Nothing is built from a file that was changed; sizes are compared before memory is
 * reserved.
 *
 * @since 0.1.0
 */
public final class TensorialModels {

    private static final String BASE = "tcnn.base";
    private static final String VERSION = "0.1.0";

    private TensorialModels() {}

    /** What builds a model before its conversion, as a property of the model. */
    private record Base(String blockFactory, Map<String, String> arguments) {}

    /**
     * Saves a model whose properties say what builds it, as those of the zoo's models do.
     *
     * @param model an initialised model
     * @param folder the folder; it is made, or replaced if it holds a saved model
     * @throws IOException if it cannot be written, or holds something else
     * @throws IllegalArgumentException if the model cannot be described
     */
    public static void save(Model model, Path folder) throws IOException {
        save(model, folder, new SaveOptions());
    }

    /**
     * Saves a model. All files are written aside and moved to their place at the end.
     *
     * @param model an initialised model
     * @param folder the folder; it is made, or replaced if it holds a saved model
     * @param options labels, provenance, and what builds the model before its conversion
     * @throws IOException if it cannot be written, or holds something else
     * @throws IllegalArgumentException if the model cannot be described
     */
    public static void save(Model model, Path folder, SaveOptions options) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        checkTarget(target);
        Files.createDirectories(target.getParent());
        // No temporary directory of Java's, which only its owner may read.
        Path aside = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        Files.createDirectory(aside);
        try {
            write(model, aside, options);
            if (Files.exists(target)) {
                Path old = aside.resolveSibling(aside.getFileName() + ".old");
                Files.move(target, old);
                Files.move(aside, target);
                delete(old);
            } else {
                Files.move(aside, target);
            }
        } finally {
            delete(aside);
        }
    }

    private static void checkTarget(Path target) throws IOException {
        if (!Files.exists(target) || Files.exists(target.resolve(ModelFolder.STRUCTURE))) {
            return;
        }
        boolean empty = false;
        if (Files.isDirectory(target)) {
            try (Stream<Path> files = Files.list(target)) {
                empty = files.findAny().isEmpty();
            }
        }
        if (!empty) {
            throw new IOException(
                    target + " holds something else than a saved model; give another folder");
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void write(Model model, Path folder, SaveOptions options) throws IOException {
        Block block = model.getBlock();
        String name = options.name() != null ? options.name() : model.getName();
        Structure.checkName(name);
        Base base = base(model, options);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(block).entrySet()) {
            arrays.put(entry.getKey(), entry.getValue().getArray());
        }
        Path parameters = folder.resolve(name + ".safetensors");
        Safetensors.write(parameters, arrays);
        Shape input = new Shape(block.getInputShapes()[0].getShape());
        Layout layout = layout(model, base, input);
        Structure structure =
                new Structure(
                        name,
                        VERSION,
                        input,
                        arrays.values().iterator().next().getDataType(),
                        base.blockFactory(),
                        base.arguments(),
                        layout.layers(),
                        layout.folded(),
                        ModelFolder.hash(parameters),
                        Files.size(parameters),
                        provenance(model, options));
        Files.write(folder.resolve(ModelFolder.STRUCTURE), ModelFolder.encode(structure));
        writeProperties(folder, structure, options.labels());
    }

    /** What became of the layers of the base model, and which of its normalisations were folded. */
    private record Layout(List<Structure.Layer> layers, List<String> folded) {}

    /** Compares a model with its base, which must have its layers in the same places. */
    private static Layout layout(Model model, Base base, Shape input) throws IOException {
        List<Structure.Layer> layers = new ArrayList<>();
        Set<String> norms = new HashSet<>();
        for (BlockTree.Leaf leaf : BlockTree.leaves(model.getBlock(), input)) {
            if (KernelLayer.of(leaf.block(), leaf.input()) != null) {
                layers.add(
                        new Structure.Layer(
                                leaf.path(),
                                leaf.block() instanceof TensorialBlock tensorial
                                        ? tensorial.getNetwork().toString()
                                        : Structure.DENSE));
            } else if (leaf.block() instanceof BatchNorm) {
                norms.add(leaf.path());
            }
        }
        try (Model probe = Model.newInstance("base")) {
            Block fresh =
                    StructureBuilder.base(
                            base.blockFactory(), base.arguments(), probe, Path.of(""));
            List<BlockTree.Leaf> leaves = BlockTree.leaves(fresh, input);
            List<String> expected =
                    StructureBuilder.kernels(leaves).stream().map(BlockTree.Leaf::path).toList();
            List<String> found = layers.stream().map(Structure.Layer::path).toList();
            if (!expected.equals(found)) {
                throw new IllegalArgumentException(
                        "The block factory "
                                + base.blockFactory()
                                + " builds another model: its layers are "
                                + expected
                                + ", those of the model "
                                + found);
            }
            List<String> folded =
                    NormPair.of(leaves).stream()
                            .map(pair -> pair.norm().path())
                            .filter(path -> !norms.contains(path))
                            .toList();
            return new Layout(layers, folded);
        }
    }

    private static Base base(Model model, SaveOptions options) {
        if (options.blockFactory() != null) {
            return new Base(options.blockFactory(), options.arguments());
        }
        String saved = model.getProperty(BASE);
        if (saved != null) {
            return JsonUtils.GSON.fromJson(saved, Base.class);
        }
        Map<String, String> arguments = new TreeMap<>(model.getProperties());
        String factory = arguments.remove("blockFactory");
        arguments.remove("initialize");
        if (factory == null) {
            throw new IllegalArgumentException(
                    "The model does not say what builds it: no property blockFactory; give it by"
                            + " new SaveOptions().optBase(factory, arguments)");
        }
        return new Base(factory, arguments);
    }

    private static Map<String, String> provenance(Model model, SaveOptions options) {
        Map<String, String> provenance = new TreeMap<>();
        for (String key : new String[] {"Epoch", "Accuracy", "seed"}) {
            if (model.getProperty(key) != null) {
                provenance.put(key.toLowerCase(Locale.ROOT), model.getProperty(key));
            }
        }
        provenance.putAll(options.provenance());
        return provenance;
    }

    private static void writeProperties(Path folder, Structure structure, List<String> labels)
            throws IOException {
        Properties properties = new Properties();
        structure
                .arguments()
                .forEach(
                        (key, value) -> {
                            if (!key.startsWith("option.")) {
                                properties.setProperty(key, value);
                            }
                        });
        // Without the engine DJL Serving guesses one by the names of the files.
        properties.setProperty("engine", "PyTorch");
        properties.setProperty("blockFactory", StructureBlockFactory.class.getName());
        properties.setProperty("option.modelName", structure.name());
        properties.setProperty("option.hasParameter", "false");
        if (!labels.isEmpty()) {
            Files.write(folder.resolve("synset.txt"), labels);
            properties.setProperty("synsetFileName", "synset.txt");
        }
        try (BufferedWriter writer =
                Files.newBufferedWriter(folder.resolve("serving.properties"))) {
            for (String line : lines(properties)) {
                writer.write(line);
                writer.write('\n');
            }
        }
    }

    /** As Properties writes them, but sorted and without the time. */
    private static List<String> lines(Properties properties) throws IOException {
        StringWriter text = new StringWriter();
        properties.store(text, null);
        return text.toString().lines().filter(line -> !line.startsWith("#")).sorted().toList();
    }

    /**
     * Loads a saved model.
     *
     * @param folder the folder
     * @return the initialised model, which the caller closes
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if a file was changed, is not well-formed, or does not fit
     *     the others; names the file, and the layer where there is one
     */
    public static Model load(Path folder) throws IOException, MalformedModelException {
        Structure structure = ModelFolder.read(folder);
        Model model = Model.newInstance(structure.name());
        try {
            model.setBlock(build(folder, structure, model));
            return model;
        } catch (IOException | MalformedModelException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Builds the model of a folder for DJL's loader. */
    static Block build(Path folder, Model model) throws IOException, MalformedModelException {
        return build(folder, ModelFolder.read(folder), model);
    }

    private static Block build(Path folder, Structure structure, Model model)
            throws IOException, MalformedModelException {
        Block block = StructureBuilder.build(folder, structure, model);
        model.setDataType(structure.dataType());
        structure.arguments().forEach(model::setProperty);
        structure.provenance().forEach(model::setProperty);
        model.setProperty(
                BASE,
                JsonUtils.GSON.toJson(new Base(structure.blockFactory(), structure.arguments())));
        return block;
    }
}
