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
package io.github.djltcnn.nn;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the planner does with whole models: options for all tensorial layers, an explanation of
 * every layer, autotuning of every layer for given inputs.
 *
 * <pre>{@code
 * Planning.setOptions(block, PlannerOptions.standard().withMemoryLimit(64 << 20));
 * Planning.autotune(block, false, new Shape(32, 3, 32, 32));
 * String table = Planning.explain(block, new Shape(32, 3, 32, 32));
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Planning {

    private Planning() {}

    /**
     * A tensorial layer and an input that reaches it.
     *
     * @param path the keys of the blocks from the outermost one to the layer, joined by dots
     * @param layer the layer
     * @param input the shape of its input
     * @since 0.1.0
     */
    public record LayerInput(String path, TensorialBlock layer, Shape input) {}

    /**
     * Sets what the evaluation of all tensorial layers within a block is planned by. Not while
     * other threads use the block.
     *
     * @param block the block, initialized or not
     * @param options the options
     * @throws IllegalArgumentException if there is no tensorial layer
     */
    public static void setOptions(Block block, PlannerOptions options) {
        Map<TensorialBlock, String> layers = new LinkedHashMap<>();
        collect("", block, layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "The block has no tensorial layer (TensorialConv1d, 2d, 3d, TensorialLinear);"
                            + " dense layers are not planned");
        }
        layers.keySet().forEach(layer -> layer.setPlannerOptions(options));
    }

    /**
     * Returns the inputs that reach the tensorial layers of a block. A pass of zeros through the
     * block finds them; the tensorial layers themselves do not compute, plan or keep anything.
     *
     * @param block an initialized block
     * @param inputs the shapes of the inputs of the block
     * @return the layers in the order in which the pass reaches them, one as often as it does so
     *     with different shapes
     * @throws IllegalArgumentException if the block is not initialized, has no tensorial layer, or
     *     the inputs do not fit
     */
    public static List<LayerInput> inputs(Block block, Shape... inputs) {
        LayerPass.check(block);
        for (Shape shape : inputs) {
            for (long size : shape.getShape()) {
                if (size < 0) {
                    throw new IllegalArgumentException(
                            "The sizes of an input are all known, its batch included; got "
                                    + shape);
                }
            }
        }
        Map<TensorialBlock, String> paths = new LinkedHashMap<>();
        collect("", block, paths);
        Recorder recorder = new Recorder(paths);
        NDArray like = paths.keySet().iterator().next().getCores().head();
        DataType dataType = like.getDataType();
        try (NDManager manager = NDManager.newBaseManager(like.getDevice(), PyTorch.ENGINE)) {
            NDList zeros = new NDList();
            for (Shape shape : inputs) {
                zeros.add(zeros(manager, shape, dataType));
            }
            ParameterStore store = new ParameterStore(manager, false);
            ParameterStore pass =
                    LayerPass.evaluating(LayerPass.observing(store, recorder), recorder);
            block.forward(pass, zeros, false);
        }
        return List.copyOf(recorder.found);
    }

    private static NDArray zeros(NDManager manager, Shape shape, DataType dataType) {
        try {
            return manager.zeros(shape, dataType);
        } catch (EngineException e) {
            throw new IllegalArgumentException(
                    "No memory for an input of shape "
                            + shape
                            + ", which passes through the layers here; ask the layers themselves, by"
                            + " TensorialBlock.explain(shape), what they would do",
                    e);
        }
    }

    /**
     * Explains how a channels-first input would be evaluated for prediction on the device of the
     * block.
     *
     * @param block an initialized block
     * @param input the shape of the input
     * @return a table per layer to print
     * @throws IllegalArgumentException as {@link #inputs} does
     */
    public static String explain(Block block, Shape input) {
        Device device = firstParameter(block).getArray().getDevice();
        return explain(block, input, false, Layout.CHANNELS_FIRST, device);
    }

    /**
     * Explains how the tensorial layers of a block would evaluate an input. What runs later does
     * not change by it. Layers whose tables are equal are listed together.
     *
     * @param block an initialized block
     * @param input the shape of the input of the block
     * @param training whether for training
     * @param layout the layout in memory of the inputs of the layers
     * @param device the device; it need not be there
     * @return a table per layer to print
     * @throws IllegalArgumentException as {@link #inputs} does
     */
    public static String explain(
            Block block, Shape input, boolean training, Layout layout, Device device) {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        for (LayerInput found : inputs(block, input)) {
            String table = found.layer().explain(found.input(), training, layout, device);
            tables.computeIfAbsent(table, t -> new ArrayList<>()).add(found.path());
        }
        return tables.entrySet().stream()
                .map(entry -> String.join(", ", entry.getValue()) + "\n" + entry.getKey())
                .collect(Collectors.joining("\n"));
    }

    /**
     * Times the best few orders of every tensorial layer of a block on random numbers, for the
     * inputs that reach it, on its own device and in either memory layout; such inputs are
     * evaluated by the fastest from now on. Not while gradients are being collected.
     *
     * @param block an initialized block
     * @param training whether for training: gradients are timed too then
     * @param inputs shapes of inputs of the block, one after another, such as the batches that will
     *     come
     * @return the layers and inputs that were timed
     * @throws IllegalArgumentException as {@link #inputs} does
     */
    public static List<LayerInput> autotune(Block block, boolean training, Shape... inputs) {
        Set<LayerInput> all = new LinkedHashSet<>();
        for (Shape input : inputs) {
            all.addAll(inputs(block, input));
        }
        all.forEach(found -> found.layer().autotune(found.input(), training));
        return List.copyOf(all);
    }

    private static Parameter firstParameter(Block block) {
        LayerPass.check(block);
        return block.getParameters().valueAt(0);
    }

    private static void collect(String path, Block block, Map<TensorialBlock, String> layers) {
        if (block instanceof TensorialBlock layer) {
            layers.putIfAbsent(layer, path.isEmpty() ? layer.getName() : path);
            return;
        }
        for (Pair<String, Block> child : block.getChildren()) {
            String name = path.isEmpty() ? child.getKey() : path + "." + child.getKey();
            collect(name, child.getValue(), layers);
        }
    }

    /** Notes shapes, and answers with zeros. */
    private static final class Recorder implements LayerObserver, LayerEvaluator {

        private final Map<TensorialBlock, String> paths;
        private final Set<LayerInput> found = new LinkedHashSet<>();
        private TensorialBlock current;

        Recorder(Map<TensorialBlock, String> paths) {
            this.paths = paths;
        }

        @Override
        public NDArray onInput(TensorialBlock layer, NDArray input) {
            current = layer;
            String path = paths.getOrDefault(layer, layer.getName());
            found.add(new LayerInput(path, layer, input.getShape()));
            return input;
        }

        @Override
        public NDArray evaluate(
                ContractionPlanner planner, NDArray input, NDList cores, NDArray bias) {
            Shape shape = input.getShape();
            Shape output =
                    new Shape(shape.get(0), current.getNetwork().outputChannels())
                            .addAll(current.getGeometry().outputShape(shape.slice(2)));
            return input.getManager().zeros(output, input.getDataType());
        }
    }
}
