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
package io.github.djltcnn.export;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.djltcnn.export.internal.graph.Graph;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.write.TorchWriter;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.torchscript.ScriptModule;
import java.io.DataOutputStream;
import java.util.Arrays;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A block that predicts what another one predicts, faster: the forward pass is written down once,
 * tensorial layers with contracted weights and batch normalization in them, and runs as TorchScript
 * within libtorch, without a call from Java for each operation.
 *
 * <p>Made from the numbers that the block has now; later changes of its parameters are not seen.
 * Safe for any number of threads, for any batch size; all other sizes are fixed. {@link #close()}
 * frees its memory.
 *
 * <pre>
 *   try (Compiled compiled = Compiled.of(model, new Shape(1, 3, 32, 32))) {
 *       model.setBlock(compiled);   // predictors made from now on use it
 *   }
 * </pre>
 *
 * <p>{@link #replace} does so for as long as the model lives. A saved folder, a model of the zoo
 * and DJL's {@code Criteria} do it when they are told {@code compile=true}.
 *
 * <p>libtorch looks at the first calls before it optimizes the rest. These calls are made here, so
 * that making the block takes as long as several predictions of the original one, and the first
 * prediction is as fast as the next.
 *
 * @since 0.1.0
 */
public final class Compiled extends AbstractBlock implements AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(Compiled.class);

    private static final byte VERSION = 1;
    private static final String FORWARD = "forward";

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** libtorch profiles one call and compiles in the next. */
    private static final int WARM_UP_CALLS = 3;

    private final ScriptModule module;
    private final Shape[] inputs;
    private final Shape[] outputs;
    private final DataType type;
    private final long weightBytes;

    private Compiled(ScriptModule module, Graph graph, DataType type) {
        super(VERSION);
        this.module = module;
        this.type = type;
        inputs = graph.inputs().stream().map(Node::shapeOfOne).toArray(Shape[]::new);
        weightBytes = graph.constantBytes();
        outputs = graph.outputs().stream().map(Node::shapeOfOne).toArray(Shape[]::new);
        beforeInitialize(inputs);
    }

    /**
     * Puts a compiled block in the place of the block of a model, for predictions only. The model
     * owns it: {@code Model.close()} frees it. The parameters of the block that was there are freed
     * now, so that the model can neither be trained nor saved any more. A normalisation of the
     * input stays in front of it. What this took is written to the log.
     *
     * @param model a model of one input, loaded or initialized
     * @return the compiled block; that of before if the model was compiled already
     * @throws IllegalArgumentException if the model has no numbers yet, or cannot be written down;
     *     it is as it was then
     */
    public static Compiled replace(Model model) {
        Block block = model.getBlock();
        if (block == null || !block.isInitialized() || block.getInputShapes() == null) {
            throw new IllegalArgumentException(
                    "The model "
                            + model.getName()
                            + " has no numbers yet: load or initialize it before it is compiled");
        }
        NormalizedInput normalised = block instanceof NormalizedInput n ? n : null;
        Block network = normalised == null ? block : normalised.getBlock();
        if (network instanceof Compiled compiled) {
            return compiled;
        }
        long start = System.nanoTime();
        Compiled compiled =
                of(
                        network,
                        oneInput(block.getInputShapes()),
                        ExportOptions.builder().optDataType(type(network)).build());
        model.getNDManager().attachInternal(UUID.randomUUID().toString(), compiled);
        model.setBlock(
                normalised == null
                        ? compiled
                        : new NormalizedInput(
                                compiled, normalised.getMean(), normalised.getDeviation()));
        network.clear();
        LOGGER.info(
                "Compiled {} for predictions in {} ms, {} bytes of weights",
                model.getName(),
                (System.nanoTime() - start) / NANOS_PER_MILLI,
                compiled.weightBytes);
        return compiled;
    }

    /** The batch that a model was initialized with says nothing of it. */
    private static Shape oneInput(Shape... inputs) {
        if (inputs.length != 1 || inputs[0].dimension() == 0) {
            throw new IllegalArgumentException(
                    "A model of one input can be compiled, this one has the inputs "
                            + Arrays.toString(inputs));
        }
        return new Shape(1).addAll(inputs[0].slice(1));
    }

    private static DataType type(Block block) {
        return block.getParameters().values().stream()
                .map(Parameter::getArray)
                .map(NDArray::getDataType)
                .findFirst()
                .orElse(DataType.FLOAT32);
    }

    /**
     * Compiles the block of a model.
     *
     * @param model the model, loaded or initialized
     * @param inputShape the shape of its input, the batch axis included
     * @return the compiled block, to be closed
     * @throws IllegalArgumentException if the model cannot be written down
     */
    public static Compiled of(Model model, Shape inputShape) {
        return of(model.getBlock(), inputShape);
    }

    /**
     * Compiles a block.
     *
     * @param block the block, initialized
     * @param inputShape the shape of its input, the batch axis included
     * @return the compiled block, to be closed
     * @throws IllegalArgumentException if the block cannot be written down
     */
    public static Compiled of(Block block, Shape inputShape) {
        return of(block, inputShape, ExportOptions.standard());
    }

    /**
     * Compiles a block.
     *
     * @param block the block, initialized
     * @param inputShape the shape of its input, the batch axis included
     * @param options what to compile, as for a file
     * @return the compiled block, to be closed
     * @throws IllegalArgumentException if the block cannot be written down
     */
    public static Compiled of(Block block, Shape inputShape, ExportOptions options) {
        try (NDManager manager = Exports.manager(block);
                Graph graph = Exports.graph(block, manager, inputShape, options, false)) {
            ScriptModule module = ScriptModule.load(TorchWriter.write(graph), manager.getDevice());
            Compiled compiled = new Compiled(module, graph, options.type());
            for (int call = 0; call < WARM_UP_CALLS; call++) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray zeros = scope.zeros(inputShape, options.type());
                    compiled.module.call(FORWARD, zeros);
                }
            }
            return compiled;
        }
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        if (training) {
            throw new IllegalStateException(
                    "A compiled block predicts only; train the block that it was made from, or load"
                            + " the model without compile=true, and compile it again");
        }
        check(inputs);
        return module.call(FORWARD, inputs.toArray(new NDArray[0]));
    }

    private void check(NDList given) {
        boolean fits = given.size() == inputs.length;
        for (int n = 0; fits && n < inputs.length; n++) {
            NDArray x = given.get(n);
            fits =
                    x.getDataType() == type
                            && x.getShape().dimension() == inputs[n].dimension()
                            && x.getShape().slice(1).equals(inputs[n].slice(1));
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "This block was compiled for inputs of "
                            + type
                            + " and of the shapes "
                            + Arrays.toString(inputs)
                            + ", with any batch; got "
                            + given.stream().map(x -> x.getDataType() + " " + x.getShape()).toList()
                            + "; convert the input, or compile the block for such ones");
        }
    }

    /**
     * Returns the bytes of the weights that this holds.
     *
     * @return their number
     */
    public long getWeightBytes() {
        return weightBytes;
    }

    /**
     * Returns where this computes.
     *
     * @return the device
     */
    public Device getDevice() {
        return module.getDevice();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        if (inputShapes.length == 0 || inputShapes[0].dimension() == 0) {
            throw new IllegalArgumentException(
                    "This block was compiled for inputs of the shapes "
                            + Arrays.toString(inputs)
                            + ", got "
                            + Arrays.toString(inputShapes));
        }
        Shape[] shapes = outputs.clone();
        for (int n = 0; n < shapes.length; n++) {
            shapes[n] = new Shape(inputShapes[0].get(0)).addAll(shapes[n].slice(1));
        }
        return shapes;
    }

    @Override
    public void initialize(NDManager manager, DataType dataType, Shape... inputShapes) {
        // It has its numbers and no parameters.
        boolean fits = inputShapes.length == inputs.length;
        for (int n = 0; fits && n < inputs.length; n++) {
            fits =
                    inputShapes[n].dimension() == inputs[n].dimension()
                            && inputShapes[n].slice(1).equals(inputs[n].slice(1));
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "This block was compiled for inputs of the shapes "
                            + Arrays.toString(inputs)
                            + ", with any batch, not for "
                            + Arrays.toString(inputShapes));
        }
    }

    @Override
    public void saveParameters(DataOutputStream os) {
        throw new UnsupportedOperationException(
                "A compiled block is not saved: save the block that it was made from, or load the"
                        + " model without compile=true and save that; a file for other programs is"
                        + " written by Exports.torchScript");
    }

    /** Frees the memory. Not while other threads predict. */
    @Override
    public void close() {
        module.close();
    }
}
