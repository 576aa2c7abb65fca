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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.util.JsonUtils;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.common.internal.TextTable;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a model is made of: its layers in the order in which they run, with the shapes of their
 * outputs, parameters, and multiply-adds. Immutable.
 *
 * <pre>{@code
 * String table = ModelSummary.of(model.getBlock(), new Shape(1, 3, 32, 32)).toString();
 * }</pre>
 *
 * <p>Multiply-adds are those of convolutions and linear layers, dense or tensorial (as the layer
 * would evaluate them); other layers count none. The block need not be initialised.
 *
 * @since 0.1.0
 */
public final class ModelSummary {

    private final List<Layer> layers;
    private final Shape input;
    private final int bytesEach;

    private ModelSummary(List<Layer> layers, Shape input, int bytesEach) {
        this.layers = List.copyOf(layers);
        this.input = input;
        this.bytesEach = bytesEach;
    }

    /**
     * One layer.
     *
     * @param path its path from the root
     * @param kind the name of its class, or of its function
     * @param network the network in its notation; empty if it is not tensorial
     * @param ranks the sizes of the ranks in order of first appearance; empty if it is not
     *     tensorial
     * @param output the shape of its output
     * @param parameters the number of its parameters; 0 for a layer that stands in an earlier place
     *     too
     * @param trainable how many of them are neither frozen nor running statistics
     * @param macs the multiply-adds for the whole batch
     * @param sharedWith the path of the first place of a layer that stands in several; empty for a
     *     layer of one place, and for the first of several
     * @since 0.1.0
     */
    public record Layer(
            String path,
            String kind,
            String network,
            String ranks,
            String output,
            long parameters,
            long trainable,
            long macs,
            String sharedWith) {}

    /**
     * Summarises a model.
     *
     * @param block the model, a tree of blocks; a block that runs its children in a way of its own
     *     is one layer
     * @param input the shape of an input, with its batch
     * @return the summary
     * @throws IllegalArgumentException if a layer does not take its input, or a size of the input
     *     is below 1; names the layer
     */
    public static ModelSummary of(Block block, Shape input) {
        List<Layer> layers = new ArrayList<>();
        IdentityHashMap<Block, String> first = new IdentityHashMap<>();
        for (BlockTree.Leaf leaf : BlockTree.leaves(block, input)) {
            String path = BlockTree.shown(leaf.path());
            boolean shared = !leaf.block().getParameters().isEmpty();
            String before = shared ? first.putIfAbsent(leaf.block(), path) : null;
            layers.add(layer(leaf, path, before == null ? "" : before));
        }
        DataType dataType =
                block.getParameters().values().stream()
                        .filter(Parameter::isInitialized)
                        .map(p -> p.getArray().getDataType())
                        .findFirst()
                        .orElse(DataType.FLOAT32);
        return new ModelSummary(layers, input, dataType.getNumOfBytes());
    }

    private static Layer layer(BlockTree.Leaf leaf, String path, String sharedWith) {
        Block block = leaf.block();
        KernelLayer kernel = KernelLayer.of(block, leaf.input());
        String kind = block.getClass().getSimpleName();
        if (block instanceof LambdaBlock lambda
                && !LambdaBlock.DEFAULT_NAME.equals(lambda.getName())) {
            kind = lambda.getName();
        }
        TensorNetwork network =
                block instanceof TensorialBlock tensorial ? kernel.network(tensorial) : null;
        long parameters = 0;
        long trainable = 0;
        if (sharedWith.isEmpty()) {
            for (Map.Entry<Parameter, Long> entry : sizes(leaf, kernel).entrySet()) {
                parameters += entry.getValue();
                trainable += isTrainable(entry.getKey()) ? entry.getValue() : 0;
            }
        }
        return new Layer(
                path,
                kind,
                network == null ? "" : network.toString(),
                network == null ? "" : LayerChoice.ranks(network),
                leaf.out().stream().map(Shape::toString).collect(Collectors.joining(" ")),
                parameters,
                trainable,
                kernel == null ? 0 : kernel.macs(block),
                sharedWith);
    }

    private static boolean isTrainable(Parameter parameter) {
        return parameter.requiresGradient()
                && parameter.getType() != Parameter.Type.RUNNING_MEAN
                && parameter.getType() != Parameter.Type.RUNNING_VAR;
    }

    /** Sizes of parameters, which before initialisation are read off the settings of the layer. */
    private static Map<Parameter, Long> sizes(BlockTree.Leaf leaf, KernelLayer kernel) {
        Map<Parameter, Long> sizes = new LinkedHashMap<>();
        for (Parameter parameter : leaf.block().getParameters().values()) {
            long size;
            if (parameter.isInitialized()) {
                size = parameter.getArray().getShape().size();
            } else if (kernel != null && parameter.getType() == Parameter.Type.BIAS) {
                size = kernel.spec().outputChannels();
            } else if (leaf.block() instanceof TensorialBlock tensorial) {
                size = kernel.network(tensorial).parameterCount();
            } else if (kernel != null) {
                size = kernel.denseParameters();
            } else if (leaf.block() instanceof BatchNorm) {
                size = leaf.input().get(1);
            } else if (parameter.getShape() != null) {
                size = parameter.getShape().size();
            } else {
                throw new IllegalArgumentException(
                        "Layer "
                                + BlockTree.shown(leaf.path())
                                + " says the shape of its parameter "
                                + parameter.getName()
                                + " only once it is initialised");
            }
            sizes.put(parameter, size);
        }
        return sizes;
    }

    /**
     * Returns the layers.
     *
     * @return the layers in the order in which they run; one that stands in several places is
     *     listed in each, with its parameters in the first
     */
    public List<Layer> layers() {
        return layers;
    }

    /**
     * Returns the number of parameters.
     *
     * @return running statistics included
     */
    public long parameters() {
        return layers.stream().mapToLong(Layer::parameters).sum();
    }

    /**
     * Returns the number of trainable parameters.
     *
     * @return neither frozen parameters nor running statistics
     */
    public long trainable() {
        return layers.stream().mapToLong(Layer::trainable).sum();
    }

    /**
     * Returns the multiply-adds.
     *
     * @return the count for the whole batch
     */
    public long macs() {
        return layers.stream().mapToLong(Layer::macs).sum();
    }

    /**
     * Returns the size of the parameters.
     *
     * @return bytes
     */
    public long bytes() {
        return parameters() * bytesEach;
    }

    /**
     * Returns the summary as a Markdown table with a line of totals.
     *
     * @return several lines
     */
    public String toMarkdown() {
        return table().toMarkdown() + "\n" + totals() + "\n";
    }

    /**
     * Returns the summary as JSON: {@code input}, {@code layers}, and the totals {@code
     * parameters}, {@code trainable}, {@code macs}, {@code bytes}.
     *
     * @return a JSON object
     */
    public String toJson() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("input", input.getShape());
        object.put("parameters", parameters());
        object.put("trainable", trainable());
        object.put("macs", macs());
        object.put("bytes", bytes());
        object.put("layers", layers);
        return JsonUtils.builder(true).disableHtmlEscaping().create().toJson(object);
    }

    private TextTable table() {
        TextTable table = new TextTable("layer", "kind", "ranks", "output", ">parameters", ">MACs");
        for (Layer layer : layers) {
            table.add(
                    layer.path(),
                    layer.sharedWith().isEmpty()
                            ? layer.kind()
                            : layer.kind() + ", the same as " + layer.sharedWith(),
                    layer.ranks(),
                    layer.output(),
                    TextTable.count(layer.parameters()),
                    TextTable.count(layer.macs()));
        }
        return table;
    }

    private String totals() {
        return "input "
                + input
                + ": "
                + TextTable.count(parameters())
                + " parameters ("
                + TextTable.count(trainable())
                + " trainable), "
                + TextTable.count(macs())
                + " multiply-adds, "
                + TextTable.mebibytes(bytes())
                + " MiB";
    }

    /** Returns a table, and the totals on the last line. */
    @Override
    public String toString() {
        return table() + totals();
    }
}
