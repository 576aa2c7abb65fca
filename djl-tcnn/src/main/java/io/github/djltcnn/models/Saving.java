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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.models.internal.FolderWriter;
import io.github.djltcnn.models.internal.ModelLayout;
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.models.internal.Roots;
import io.github.djltcnn.models.internal.Safetensors;
import io.github.djltcnn.models.internal.SavedArrays;
import io.github.djltcnn.models.internal.Structure;
import io.github.djltcnn.models.internal.StructureBuilder;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Describes a model and writes it to a folder. Nothing is written before all of it was checked. */
final class Saving {

    private final Model model;
    private final SaveOptions options;
    private final String name;
    private final String factory;
    private final Map<String, String> arguments;
    private final ClassLoader[] loaders;
    private final Shape input;
    private final List<String> labels;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private Roots.Root root;

    private Saving(Model model, SaveOptions options) {
        this.model = model;
        this.options = options;
        Block block = model.getBlock();
        if (block == null || !block.isInitialized()) {
            throw new IllegalArgumentException(
                    "The model "
                            + model.getName()
                            + (block == null ? " has no block" : " is not initialised")
                            + ": there is nothing to save");
        }
        if (Roots.inner(block) instanceof Compiled) {
            throw new IllegalArgumentException(
                    "The model "
                            + model.getName()
                            + " was compiled for predictions and has no parameters any more; load"
                            + " it without compile=true to save it");
        }
        name = options.name() != null ? options.name() : model.getName();
        Structure.checkName(name);
        if (options.blockFactory() != null) {
            factory = options.blockFactory().getName();
            arguments = new TreeMap<>(options.arguments());
        } else {
            factory = ModelProperties.factory(model);
            arguments = ModelProperties.arguments(model);
        }
        if (factory == null) {
            throw new IllegalArgumentException(
                    "The model does not say what builds it: no property blockFactory; give it by"
                            + " new SaveOptions().optBase(factory, arguments)");
        }
        loaders =
                new ClassLoader[] {
                    options.blockFactory() == null ? null : options.blockFactory().getClassLoader(),
                    Roots.inner(block).getClass().getClassLoader()
                };
        input = sample(block);
        labels = options.labels() != null ? options.labels() : ModelProperties.labels(model);
    }

    static void save(Model model, Path folder, SaveOptions options) throws IOException {
        new Saving(model, options).write(folder);
    }

    /**
     * The shape of one input: a batch of a training may be large, and says nothing of the model.
     */
    private static Shape sample(Block block) {
        Shape[] inputs = block.getInputShapes();
        if (inputs == null || inputs.length != 1) {
            throw new IllegalArgumentException(
                    "A saved model has one input, this one was initialised with "
                            + (inputs == null ? "none" : inputs.length + ""));
        }
        long[] sizes = inputs[0].getShape().clone();
        if (sizes.length > 1) {
            sizes[0] = 1;
        }
        return new Shape(sizes);
    }

    private void write(Path folder) throws IOException {
        ModelLayout layout = ModelLayout.of(model.getBlock(), input, factory, arguments, loaders);
        root = layout.root();
        Block network = root.block();
        BlockTree.parameters(network).forEach((path, p) -> arrays.put(path, p.getArray()));
        DataType dataType = checkArrays();
        try (NDManager halves = model.getNDManager().newSubManager()) {
            if (options.float16() && dataType != DataType.FLOAT16) {
                arrays.replaceAll((path, array) -> half(path, array, halves));
            }
            writeFiles(folder, layout, dataType);
        }
    }

    /** Rounds an array; a number that is too large for it is not made infinite in silence. */
    private NDArray half(String path, NDArray array, NDManager manager) {
        NDArray half = array.toType(DataType.FLOAT16, true);
        half.attach(manager);
        if (SavedArrays.isFinite(array) && !SavedArrays.isFinite(half)) {
            throw new IllegalArgumentException(
                    "The parameter "
                            + path
                            + " has numbers above 65504, the largest of float16; save the model"
                            + " without SaveOptions.optFloat16");
        }
        return half;
    }

    private void writeFiles(Path folder, ModelLayout layout, DataType dataType) throws IOException {
        Block network = root.block();
        boolean finite = checkFinite();
        Shape output = network.getOutputShapes(new Shape[] {input})[0];
        output = new Shape(output.getShape());
        checkLabels(output);
        NormalizedInput normalised = normalised();
        Map<String, String> provenance = ModelProperties.provenance(model);
        provenance.putAll(options.provenance());
        Shape out = output;
        List<String> frozen = frozen(network);
        arguments.remove("mean");
        arguments.remove("std");
        FolderWriter.write(
                folder,
                arrays,
                labels,
                contents ->
                        new Structure(
                                name,
                                LibraryVersion.get(),
                                input,
                                out,
                                dataType,
                                factory,
                                arguments,
                                layout.layers(),
                                layout.folded(),
                                frozen,
                                normalised == null ? List.of() : list(normalised.getMean()),
                                normalised == null ? List.of() : list(normalised.getDeviation()),
                                finite,
                                contents[0],
                                contents[1],
                                provenance),
                options.compile(),
                this::tryToLoad);
    }

    private void tryToLoad(Structure structure, Path parameters)
            throws IOException, MalformedModelException {
        try (Model trial = Model.newInstance(structure.name(), Device.cpu(), PyTorch.ENGINE);
                Safetensors tensors = Safetensors.open(parameters)) {
            StructureBuilder.build(Path.of(""), structure, tensors, trial, loaders);
        }
    }

    private static List<Float> list(float[] numbers) {
        List<Float> list = new ArrayList<>();
        for (float number : numbers) {
            list.add(number);
        }
        return list;
    }

    private DataType checkArrays() {
        Set<DataType> types = new LinkedHashSet<>();
        arrays.values().forEach(array -> types.add(array.getDataType()));
        if (types.size() != 1) {
            throw new IllegalArgumentException(
                    types.isEmpty()
                            ? "The model has no parameters: there is nothing to save"
                            : "The parameters of a saved model are of one data type, those of this"
                                    + " one of "
                                    + types);
        }
        return types.iterator().next();
    }

    private boolean checkFinite() {
        for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
            if (!SavedArrays.isFinite(entry.getValue())) {
                if (options.nonFinite()) {
                    return false;
                }
                throw new IllegalArgumentException(
                        "The parameter "
                                + entry.getKey()
                                + " has values that are not finite, as after a training that"
                                + " diverged; it is not saved unless"
                                + " SaveOptions.optNonFinite(true) asks for it");
            }
        }
        return true;
    }

    private void checkLabels(Shape output) {
        if (labels.isEmpty()) {
            return;
        }
        if (output.dimension() != 2 || output.get(1) != labels.size()) {
            throw new IllegalArgumentException(
                    labels.size()
                            + " labels for a model whose output is of shape "
                            + output
                            + "; give as many labels as classes by SaveOptions.optLabels or"
                            + " TensorialModels.setLabels, or an empty list");
        }
    }

    /**
     * The normalisation of the saved model: the model's, or one that was outside it in training.
     */
    private NormalizedInput normalised() {
        NormalizedInput own = root.normalised();
        NormalizedInput result = own;
        if (options.mean() != null) {
            if (own != null) {
                throw new IllegalArgumentException(
                        "SaveOptions.optNormalization is for a model whose data were normalised"
                                + " outside it; this one normalises its input itself");
            }
            result = new NormalizedInput(root.block(), options.mean(), options.deviation());
            result.getOutputShapes(new Shape[] {input});
        }
        ModelProperties.checkPixels(model.getProperties(), result, false);
        ModelProperties.checkPixels(arguments, result, false);
        return result;
    }

    private static List<String> frozen(Block network) {
        List<String> frozen = new ArrayList<>();
        BlockTree.parameters(network)
                .forEach(
                        (path, parameter) -> {
                            if (!parameter.requiresGradient() && trains(parameter.getType())) {
                                frozen.add(path);
                            }
                        });
        return frozen;
    }

    private static boolean trains(Parameter.Type type) {
        return type != Parameter.Type.RUNNING_MEAN && type != Parameter.Type.RUNNING_VAR;
    }
}
