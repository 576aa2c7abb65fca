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
package io.github.djltcnn.finetuning;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.finetuning.TransferReport.Part;
import io.github.djltcnn.finetuning.TransferReport.Start;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.internal.ModelLayout;
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.models.internal.Structure;
import io.github.djltcnn.models.internal.StructureBuilder;
import io.github.djltcnn.models.spi.OtherHeadBlockFactory;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialLinear;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One transfer: describes the new model as a saved folder would, builds it, and fills it with the
 * numbers of the old one where they fit.
 */
final class TransferRun {

    private static final String CLASSES = "classes";

    private final Transfer transfer;
    private final Model source;
    private final ModelInfo info;
    private final ModelLayout layout;
    private final Shape input;
    private final ClassLoader[] loaders;
    private final List<BlockTree.Leaf> leaves;
    private final List<BlockTree.Leaf> kernels;
    private final BlockTree.Leaf head;
    private final BlockTree.Leaf stem;
    private final long outputs;
    private final boolean freshHead;
    private final List<String> notes = new ArrayList<>();
    private String factory;
    private Map<String, String> arguments;

    TransferRun(Transfer transfer, Model source) throws IOException {
        this.transfer = transfer;
        this.source = source;
        info = ModelInfo.of(source);
        factory = ModelProperties.factory(source);
        arguments = new TreeMap<>(ModelProperties.arguments(source));
        if (factory == null) {
            throw new IllegalArgumentException(
                    "The model "
                            + source.getName()
                            + " does not say what builds it: no property blockFactory. Models of"
                            + " the zoo and models loaded by TensorialModels do; set the property"
                            + " to the name of a BlockFactory that builds it");
        }
        loaders = new ClassLoader[] {source.getBlock().getClass().getClassLoader()};
        layout = ModelLayout.of(source.getBlock(), info.input(), factory, arguments, loaders);
        leaves = BlockTree.leaves(layout.root().block(), info.input());
        kernels = StructureBuilder.kernels(leaves);
        input = transfer.input(info.input());
        head = head();
        stem = kernels.get(0);
        outputs = transfer.classes == 0 ? info.output().get(1) : transfer.classes;
        freshHead =
                transfer.freshHead
                        || outputs != info.output().get(1)
                        || (transfer.labels != null && !transfer.labels.equals(info.labels()));
        checkChannels();
    }

    /** The last layer, which makes one number per class. */
    private BlockTree.Leaf head() {
        BlockTree.Leaf last = kernels.isEmpty() ? null : kernels.get(kernels.size() - 1);
        boolean changes = transfer.classes != 0 || transfer.freshHead;
        if (last == null
                || info.output().dimension() != 2
                || !(last.block() instanceof Linear || last.block() instanceof TensorialLinear)
                || !last.out().get(0).equals(leaves.get(leaves.size() - 1).out().get(0))) {
            if (changes || last == null) {
                throw new IllegalArgumentException(
                        "The model "
                                + source.getName()
                                + " has no linear layer at its end that makes one number per class;"
                                + " its output is "
                                + info.output()
                                + (last == null ? "" : ", its last layer " + last.path()));
            }
        }
        return last;
    }

    private void checkChannels() {
        if (input.dimension() == 4 && input.get(1) != info.input().get(1)) {
            if (stem.input().get(1) != info.input().get(1)
                    || stem.input().dimension() != 4
                    || KernelLayer.of(stem.block(), stem.input()).spec().groups() != 1) {
                throw new IllegalArgumentException(
                        "The first layer "
                                + stem.path()
                                + " takes "
                                + stem.input()
                                + " of an input "
                                + info.input()
                                + ": it is no convolution of all channels, so there is no telling"
                                + " what other channels would mean to it");
            }
        }
    }

    Transferred run() throws IOException {
        String name = transfer.name == null ? info.name() : transfer.name;
        Structure.checkName(name);
        try (NDManager scratch = source.getNDManager().newSubManager()) {
            StemChange change =
                    input.dimension() == 4 && input.get(1) != info.input().get(1)
                            ? StemChange.of(
                                    leaves,
                                    stem,
                                    input.get(1),
                                    Structure.array(info.mean()),
                                    Structure.array(info.deviation()),
                                    scratch)
                            : null;
            Model model =
                    Model.newInstance(
                            name,
                            transfer.device == null
                                    ? source.getNDManager().getDevice()
                                    : transfer.device);
            try {
                return new Transferred(model, build(model, change));
            } catch (IOException | RuntimeException e) {
                model.close();
                throw e;
            }
        }
    }

    private TransferReport build(Model model, StemChange change) throws IOException {
        chooseBase();
        Structure structure = structure(model.getName(), change);
        Block block = StructureBuilder.tree(structure, model, loaders);
        block.setInitializer(transfer.initializer, Parameter.Type.WEIGHT);
        DataType dataType = structure.dataType();
        try {
            block.initialize(model.getNDManager(), dataType, input);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "The model does not take an input of " + input + ": " + e.getMessage(), e);
        }
        List<Part> parts = fill(block, change);
        model.setBlock(
                structure.mean().isEmpty()
                        ? block
                        : new NormalizedInput(
                                block,
                                Structure.array(structure.mean()),
                                Structure.array(structure.deviation())));
        model.setDataType(dataType);
        ModelProperties.write(
                model,
                structure,
                transfer.labels != null
                        ? transfer.labels
                        : transfer.classes == 0 ? info.labels() : List.of());
        if (change != null) {
            notes.add(change.note());
        }
        return new TransferReport(parts, notes);
    }

    /** Finds out how the block factory is told the new classes, channels and size. */
    private void chooseBase() throws IOException {
        boolean image = input.dimension() == 4;
        if (image) {
            putIfThere("channels", input.get(1));
            putIfThere("height", input.get(2));
            putIfThere("width", input.get(3));
            if (arguments.containsKey("flag")) {
                arguments.put("flag", input.get(1) == 1 ? "GRAYSCALE" : "COLOR");
            }
        }
        if (outputs == info.output().get(1)) {
            return;
        }
        if (arguments.containsKey(CLASSES)) {
            Map<String, String> told = new TreeMap<>(arguments);
            told.put(CLASSES, Long.toString(outputs));
            try (Model probe = Model.newInstance("probe", source.getNDManager().getDevice())) {
                Block base = StructureBuilder.base(factory, told, probe, Path.of(""), loaders);
                if (base.getOutputShapes(new Shape[] {input})[0].get(1) == outputs) {
                    arguments = told;
                    return;
                }
            }
        }
        if (!factory.equals(OtherHeadBlockFactory.class.getName())) {
            arguments.put(OtherHeadBlockFactory.FACTORY, factory);
            arguments.put(OtherHeadBlockFactory.PATH, head.path());
            factory = OtherHeadBlockFactory.class.getName();
        }
        arguments.put(OtherHeadBlockFactory.UNITS, Long.toString(outputs));
    }

    private void putIfThere(String key, long value) {
        if (arguments.containsKey(key)) {
            arguments.put(key, Long.toString(value));
        }
    }

    private Structure structure(String name, StemChange change) throws IOException {
        List<Structure.Layer> layers = new ArrayList<>();
        for (Structure.Layer layer : layout.layers()) {
            String network = layer.network();
            if (change != null && layer.path().equals(stem.path())) {
                network = change.network();
            }
            if (layer.path().equals(head.path()) && outputs != info.output().get(1)) {
                network = headNetwork(layer);
            }
            layers.add(
                    new Structure.Layer(
                            layer.path(),
                            network,
                            Structure.DENSE.equals(network) ? null : layer.planner()));
        }
        Map<String, String> provenance = new TreeMap<>();
        info.provenance().forEach((key, value) -> provenance.put("source." + key, value));
        provenance.put("source", info.name());
        Structure.Content none = new Structure.Content("0".repeat(64), 0);
        return new Structure(
                name,
                "",
                input,
                new Shape(info.output().get(0), outputs),
                source.getBlock().getParameters().valueAt(0).getArray().getDataType(),
                factory,
                arguments,
                layers,
                layout.folded(),
                List.of(),
                change == null ? info.mean() : change.mean(),
                change == null ? info.deviation() : change.deviation(),
                true,
                none,
                null,
                provenance);
    }

    /** The network of the new head: as the model's format writes it for the new outputs. */
    private String headNetwork(Structure.Layer layer) throws IOException {
        if (Structure.DENSE.equals(layer.network())) {
            return Structure.DENSE;
        }
        try (Model probe = Model.newInstance("probe", source.getNDManager().getDevice())) {
            Block base = StructureBuilder.base(factory, arguments, probe, Path.of(""), loaders);
            List<BlockTree.Leaf> layers = StructureBuilder.kernels(BlockTree.leaves(base, input));
            BlockTree.Leaf leaf = layers.get(layers.size() - 1);
            if (leaf.block() instanceof TensorialBlock block) {
                return KernelLayer.of(block, leaf.input()).network(block).toString();
            }
        }
        TensorNetwork old = ((TensorialBlock) head.block()).getNetwork();
        TensorNetwork other = StemChange.withSize(old, Role.OUTPUT, outputs);
        if (other == null) {
            notes.add("The head " + head.path() + " was tensorial and is dense now.");
            return Structure.DENSE;
        }
        return other.toString();
    }

    private List<Part> fill(Block block, StemChange change) {
        Map<String, Parameter> old = BlockTree.parameters(layout.root().block());
        List<Part> parts = new ArrayList<>();
        for (Map.Entry<String, Parameter> entry :
                new LinkedHashMap<>(BlockTree.parameters(block)).entrySet()) {
            String path = entry.getKey();
            NDArray array = entry.getValue().getArray();
            array.setRequiresGradient(false);
            NDArray adapted = change == null ? null : change.array(path);
            Parameter same = old.get(path);
            boolean isHead = freshHead && path.startsWith(head.path() + ".");
            Start start = Start.FRESH;
            if (adapted != null && adapted.getShape().equals(array.getShape())) {
                copy(adapted, array);
                start = Start.ADAPTED;
            } else if (!isHead
                    && same != null
                    && same.getArray().getShape().equals(array.getShape())) {
                copy(same.getArray(), array);
                start = Start.TAKEN;
            }
            parts.add(new Part(path, start, array.getShape()));
        }
        return parts;
    }

    /** By way of the heap: another device, and no part of a graph of gradients. */
    private static void copy(NDArray from, NDArray to) {
        to.set(from.toByteBuffer());
    }
}
