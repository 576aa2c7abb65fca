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
import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import io.github.djltcnn.contraction.ContractedWeights;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.internal.CacheSizeGuard;
import io.github.djltcnn.runtime.internal.LibtorchQuirks;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A block whose weight is a tensor network: what the tensorial convolutions and the tensorial
 * linear layer share.
 *
 * <p>Its parameters are the cores, {@code core1 .. coreN} in the order of the notation, each with
 * its axes in the order the notation lists them, then {@code bias}. How many cores there are is
 * known with the number of input channels, that is when the block is initialized or loaded; until
 * then one parameter {@code core} stands for all of them, and they inherit its initializer and
 * whether it is frozen.
 *
 * <p>The default initializer is {@link TensorialInitializer#fanIn()}. A {@link
 * TensorialInitializer} is told the network of the block before it draws; any other initializer
 * that the user sets is used for each core as it stands.
 *
 * @since 0.1.0
 */
public abstract class TensorialBlock extends AbstractBlock {

    static {
        CacheSizeGuard.apply();
    }

    private TensorFormat format;
    private PlannerOptions options;
    private final String name;
    private Parameter bias;
    private List<Parameter> cores;
    // Written once the input is known, read by every thread that predicts.
    private volatile Contracted contracted;

    /** What is known once the input channels are. */
    private record Contracted(TensorNetwork network, ContractionEngine engine) {}

    /**
     * Creates a block without cores.
     *
     * @param format the rule that writes the network
     * @param name the name for messages and reports
     * @param includeBias whether there is a bias
     * @param options what the evaluation is planned by
     */
    @SuppressWarnings("this-escape")
    TensorialBlock(TensorFormat format, String name, boolean includeBias, PlannerOptions options) {
        super(LayerFile.VERSION);
        this.format = format;
        this.options = options;
        this.name = name == null ? getClass().getSimpleName() : name;
        Parameter placeholder =
                Parameter.builder()
                        .setName("core")
                        .setType(Parameter.Type.WEIGHT)
                        .optInitializer(TensorialInitializer.fanIn())
                        .build();
        cores = List.of(addParameter(placeholder));
        bias =
                includeBias
                        ? addParameter(
                                Parameter.builder()
                                        .setName("bias")
                                        .setType(Parameter.Type.BIAS)
                                        .build())
                        : null;
    }

    /**
     * Returns the dense kernel that the network replaces.
     *
     * @param inputShape the shape of the input
     * @return channels, window and groups
     */
    abstract KernelSpec kernelSpec(Shape inputShape);

    /**
     * Returns the number of output channels.
     *
     * @return the length of the bias
     */
    abstract long outputChannels();

    /**
     * Returns how the kernel slides over the input.
     *
     * @return window, stride, padding and dilation; of no dimension for a linear layer
     */
    public abstract ConvolutionGeometry getGeometry();

    /**
     * Applies the layer to an input of the shape that {@link #getGeometry()} asks for.
     *
     * @param input the input
     * @param contraction contracts an input of the shape that is planned for with the network and
     *     adds the bias; the result belongs to the manager of its input
     * @return the output, which belongs to the input's manager
     */
    abstract NDArray evaluate(NDArray input, UnaryOperator<NDArray> contraction);

    /**
     * Returns the format of the weight.
     *
     * @return the rule that writes the network
     */
    public TensorFormat getFormat() {
        return format;
    }

    /**
     * Returns the name of this layer in messages and reports.
     *
     * @return the name given to the builder, or the name of the class
     */
    public String getName() {
        return name;
    }

    /**
     * Returns whether the layer adds a bias.
     *
     * @return true with a bias
     */
    public boolean isIncludeBias() {
        return bias != null;
    }

    /**
     * Returns the network whose contraction is the weight.
     *
     * @return the network
     * @throws IllegalStateException before the block is initialized or loaded
     */
    public TensorNetwork getNetwork() {
        return contracted().network();
    }

    /**
     * Returns the arrays of the cores themselves, no copies.
     *
     * @return one array per core, in the order of the network
     * @throws IllegalStateException before the block is initialized or loaded
     */
    public NDList getCores() {
        contracted();
        NDList arrays = new NDList(cores.size());
        cores.forEach(core -> arrays.add(core.getArray()));
        return arrays;
    }

    /**
     * Gives the layer its network and its numbers. It is initialized then, and its format is {@link
     * TensorFormats#of} the network unless its format writes this network anyway.
     *
     * <p>The arrays become the parameters as they are: they stay with their managers, and are asked
     * for gradients when the layer is initialized for training. What the layer had before is
     * closed. Initializers and frozen flags stay; nothing changes if something does not fit.
     *
     * @param network the network; of this layer's channels, window and groups
     * @param coreArrays one array per core in the order of the network, all of one floating point
     *     data type
     * @param biasArray one number per output channel, of that data type; null for a layer without
     *     bias
     * @param inputShape the shape of an input
     * @throws IllegalArgumentException if network, shapes or data types do not fit the layer
     */
    public void setCores(
            TensorNetwork network, NDList coreArrays, NDArray biasArray, Shape inputShape) {
        KernelSpec spec = kernelSpec(inputShape);
        if (!spec.fits(network)) {
            throw new IllegalArgumentException(
                    "Layer "
                            + describe()
                            + " is a kernel of "
                            + spec
                            + " for input "
                            + inputShape
                            + ", which network \""
                            + network
                            + "\" is not");
        }
        LayerArrays.check(this, network, coreArrays, biasArray);
        ContractionEngine engine = ContractionEngine.create(network, getGeometry(), options);
        List<NDArray> kept = new ArrayList<>(coreArrays);
        kept.add(biasArray);
        closeAllBut(kept);
        forgetKept();
        setParameters(network, coreArrays, biasArray);
        if (!writes(spec, network)) {
            format = TensorFormats.of(network);
        }
        contracted = new Contracted(network, engine);
        beforeInitialize(inputShape);
    }

    private boolean writes(KernelSpec spec, TensorNetwork network) {
        try {
            return format.network(spec).equals(network);
        } catch (IllegalArgumentException e) {
            return false; // a format that needs trained weights, for one
        }
    }

    /** Closes the arrays of the parameters, but those that are to be parameters again. */
    private void closeAllBut(List<NDArray> kept) {
        for (Parameter parameter : getDirectParameters().values()) {
            if (parameter.isInitialized()) {
                NDArray array = parameter.getArray();
                if (kept.stream().noneMatch(other -> other == array)) {
                    parameter.close();
                }
            }
        }
    }

    /**
     * Returns what evaluations of this layer are planned by.
     *
     * @return the options
     */
    public PlannerOptions getPlannerOptions() {
        return options;
    }

    /**
     * Sets what evaluations of this layer are planned by from now on. Not while other threads use
     * the layer.
     *
     * @param options the options
     */
    public void setPlannerOptions(PlannerOptions options) {
        this.options = required(options);
        Contracted known = contracted;
        if (known != null && !known.engine().planner().options().equals(options)) {
            forgetKept();
            contracted =
                    new Contracted(
                            known.network(),
                            ContractionEngine.create(known.network(), getGeometry(), options));
        }
    }

    /**
     * Explains how a channels-first input would be evaluated for prediction on the layer's device:
     * each step, its operation and its cost.
     *
     * @param inputShape the shape of the input
     * @return a table to print
     * @throws IllegalStateException before the block is initialized or loaded
     * @throws IllegalArgumentException if the shape does not fit the block
     */
    public String explain(Shape inputShape) {
        return explain(inputShape, false, Layout.CHANNELS_FIRST, device());
    }

    /**
     * Explains how an input would be evaluated: each step, its operation and its cost. What runs
     * later does not change by it.
     *
     * @param inputShape the shape of the input
     * @param training whether for training: gradients are counted too then
     * @param layout the layout of the input in memory
     * @param device the device of the input; it need not be there
     * @return a table to print
     * @throws IllegalStateException before the block is initialized or loaded
     * @throws IllegalArgumentException if the shape does not fit the block
     */
    public String explain(Shape inputShape, boolean training, Layout layout, Device device) {
        checkSizes(inputShape);
        checkInput(inputShape);
        return engine().planner().explain(planShape(inputShape), training, layout, device);
    }

    /**
     * Times the best few orders for inputs of one shape on random numbers, in either memory layout,
     * and evaluates such inputs by the fastest from now on. Not while gradients are being
     * collected.
     *
     * @param inputShape the shape of the input
     * @param training whether for training: gradients are timed too then
     * @throws IllegalStateException if the block is not initialized
     * @throws IllegalArgumentException if the shape does not fit the block
     */
    public void autotune(Shape inputShape, boolean training) {
        checkSizes(inputShape);
        checkInput(inputShape);
        for (Layout layout : Layout.values()) {
            engine().planner().autotune(planShape(inputShape), training, layout, device());
        }
    }

    /**
     * Binds an initializer to the network of this layer, as the layer itself does when it is
     * initialized.
     *
     * @param initializer the initializer
     * @param inputShape the shape of an input
     * @return one initializer per core, in the order of the network
     * @throws IllegalStateException before the block is initialized or loaded
     */
    public List<Initializer> bind(TensorialInitializer initializer, Shape inputShape) {
        return initializer.bind(
                getNetwork(),
                getGeometry(),
                planShape(inputShape),
                () -> contractionPath(inputShape));
    }

    /**
     * Changes numbers of the cores in place. Gradients are not recorded meanwhile, and what the
     * layer has kept of the cores for prediction is forgotten, also if the change fails.
     *
     * @param change changes the arrays, one per core, in the order of the network
     * @throws IllegalStateException before the block is initialized or loaded
     */
    public void changeCores(Consumer<NDList> change) {
        NDList arrays = getCores();
        List<NDArray> trained = arrays.stream().filter(NDArray::hasGradient).toList();
        // A leaf that gradients are kept for must not be changed in place.
        trained.forEach(array -> array.setRequiresGradient(false));
        try {
            change.accept(arrays);
        } finally {
            trained.forEach(array -> array.setRequiresGradient(true));
            coresChanged();
        }
    }

    /**
     * Tells the layer that numbers of its cores were changed in place, so that it forgets what it
     * has kept of them for prediction. Needed on a GPU, whose memory is not looked at; training and
     * {@link #changeCores} do it by themselves.
     *
     * @throws IllegalStateException before the block is initialized or loaded
     */
    public void coresChanged() {
        engine().invalidate();
    }

    /**
     * Returns the bytes of the weights that this layer keeps between predictions now; {@link
     * PlannerOptions#withKeptBytes} bounds them.
     *
     * @return the bytes, of all input shapes and all devices; 0 before the first prediction
     */
    public long keptBytes() {
        Contracted known = contracted;
        return known == null ? 0 : known.engine().keptBytes();
    }

    private Device device() {
        return cores.get(0).getArray().getDevice();
    }

    /** The shape that the planner sees for an input of the block. */
    Shape planShape(Shape inputShape) {
        return inputShape;
    }

    /**
     * The shape that the planner sees in a pass of a network: that of the input which the layer was
     * initialized with, with the batch of the network's input.
     */
    Shape expectedShape(Shape networkInput) {
        Shape recorded = getInputShapes()[0];
        boolean batched = recorded.dimension() > 1 && networkInput.dimension() > 0;
        return planShape(
                batched ? new Shape(networkInput.get(0)).addAll(recorded.slice(1)) : recorded);
    }

    private Contracted contracted() {
        Contracted known = contracted;
        if (known == null) {
            throw new IllegalStateException(
                    describe()
                            + " has no network yet: the number of input channels is known once the"
                            + " block is initialized or loaded");
        }
        return known;
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(
                    "Layer " + describe() + " takes one input, got " + inputs.size());
        }
        NDArray input = inputs.head();
        // Before anything looks at the numbers: DJL ends the process on some types.
        Checks.dataType(input.getDataType());
        checkInput(input.getShape());
        LayerObserver observer = LayerPass.observer(parameterStore);
        Device device = input.getDevice();
        NDList coreArrays = cores(parameterStore, device, training);
        NDArray biasArray = bias == null ? null : value(parameterStore, bias, device, training);
        ContractionEngine engine = engine();
        ContractedWeights ahead = LayerPass.weights(parameterStore);
        UnaryOperator<NDArray> contraction =
                x ->
                        training
                                ? engine.train(x, coreArrays, biasArray, ahead)
                                : engine.predict(x, coreArrays, biasArray);
        LayerEvaluator evaluator = LayerPass.evaluator(parameterStore);
        if (evaluator != null) {
            contraction = x -> evaluator.evaluate(engine.planner(), x, coreArrays, biasArray);
        }
        NDArray output = evaluate(observer.onInput(this, input), contraction);
        return new NDList(observer.onOutput(this, output));
    }

    /** The arrays of the cores. */
    NDList cores(ParameterStore parameterStore, Device device, boolean training) {
        NDList arrays = new NDList(cores.size());
        for (Parameter core : cores) {
            arrays.add(value(parameterStore, core, device, training));
        }
        return arrays;
    }

    private NDArray value(
            ParameterStore parameterStore, Parameter parameter, Device device, boolean training) {
        return LayerPass.value(parameterStore, parameter, device, training, "Layer " + describe());
    }

    private void forgetKept() {
        Contracted known = contracted;
        if (known != null) {
            known.engine().invalidate();
        }
    }

    /** What evaluates this layer. */
    ContractionEngine engine() {
        return contracted().engine();
    }

    /**
     * Checks the shape of an input against the layer.
     *
     * @param inputShape the shape
     * @throws IllegalArgumentException if it does not fit
     */
    abstract void checkInput(Shape inputShape);

    /** {@inheritDoc} */
    @Override
    public void initialize(NDManager manager, DataType dataType, Shape... inputShapes) {
        if (LibtorchQuirks.abortsOn(dataType)) {
            throw new IllegalArgumentException(
                    "Layer "
                            + describe()
                            + " cannot be of "
                            + dataType
                            + ": DJL has no arrays of it, and its native code would end the"
                            + " process; use FLOAT32, FLOAT16 or FLOAT64");
        }
        checkOne(inputShapes);
        try {
            super.initialize(manager, dataType, inputShapes);
        } finally {
            // prepare() may have bound the initializers to this network; a later initialize() of
            // cleared parameters binds afresh.
            BoundInitializer.unbind(cores);
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        useNetwork(TensorFormats.network(format, kernelSpec(inputShapes[0])));
        BoundInitializer.bind(cores, tensorial -> bind(tensorial, inputShapes[0]));
        if (bias != null) {
            bias.setShape(new Shape(outputChannels()));
        }
    }

    /** Replaces the parameters by those of a network, unless they are of that network already. */
    private void useNetwork(TensorNetwork network) {
        if (contracted != null && contracted.network().equals(network)) {
            return;
        }
        ContractionEngine engine = ContractionEngine.create(network, getGeometry(), options);
        forgetKept();
        closeAllBut(bias != null && bias.isInitialized() ? List.of(bias.getArray()) : List.of());
        setParameters(network, null, null);
        contracted = new Contracted(network, engine);
    }

    /**
     * Makes the parameters of a network, which take over initializers and frozen flags.
     *
     * @param network the network
     * @param coreArrays the arrays of the cores; null for none yet
     * @param biasArray the bias; null to leave it as it is
     */
    private void setParameters(TensorNetwork network, NDList coreArrays, NDArray biasArray) {
        List<Parameter> fresh = new ArrayList<>();
        for (Core core : network.cores()) {
            int n = fresh.size();
            NDArray array = coreArrays == null ? null : coreArrays.get(n);
            Parameter old = cores.get(Math.min(n, cores.size() - 1));
            fresh.add(successor(old, "core" + (n + 1), core.shape(), array));
        }
        if (biasArray != null) {
            bias = successor(bias, "bias", biasArray.getShape(), biasArray);
        }
        parameters.clear();
        fresh.forEach(this::addParameter);
        if (bias != null) {
            addParameter(bias);
        }
        cores = List.copyOf(fresh);
    }

    private static Parameter successor(Parameter old, String name, Shape shape, NDArray array) {
        if (array != null) {
            array.setName(name);
        }
        return Parameter.builder()
                .setName(name)
                .setType(old.getType())
                .optInitializer(old.getInitializer())
                .optRequiresGrad(old.requiresGradient())
                .optShape(shape)
                .optArray(array)
                .build();
    }

    /** The cores in the order in which an input meets them in training. */
    private List<Integer> contractionPath(Shape inputShape) {
        List<Integer> order = new ArrayList<>();
        engine().planner()
                .plan(planShape(inputShape), true)
                .contractionPath()
                .forEach(order::addAll);
        return order;
    }

    /** {@inheritDoc} */
    @Override
    public void clear() {
        super.clear();
        forgetKept();
    }

    /** {@inheritDoc} */
    @Override
    protected void saveMetadata(DataOutputStream os) throws IOException {
        LayerFile.writeHeader(os, getInputShapes()[0], getNetwork());
    }

    /** {@inheritDoc} */
    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        LayerFile file = new LayerFile(is, describe());
        try {
            file.version();
            loadMetadata(LayerFile.VERSION, is);
            file.parameters(getDirectParameters().values(), manager);
        } catch (EOFException e) {
            throw file.malformed("the file ends within its parameters; it is truncated", e);
        } finally {
            forgetKept();
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void loadMetadata(byte loadVersion, DataInputStream is)
            throws IOException, MalformedModelException {
        LayerFile.Header header =
                new LayerFile(is, describe()).header(loadVersion, format, this::kernelSpec);
        useNetwork(header.network());
        inputShapes = new Shape[] {header.input()};
        if (bias != null && !bias.isInitialized()) {
            bias.setShape(new Shape(outputChannels()));
        }
    }

    /** Refuses anything but the shape of one input. */
    final void checkOne(Shape... inputShapes) {
        if (inputShapes.length != 1) {
            throw new IllegalArgumentException(
                    "Layer "
                            + describe()
                            + " takes one input, got the shapes "
                            + Arrays.toString(inputShapes));
        }
    }

    private void checkSizes(Shape inputShape) {
        for (long size : inputShape.getShape()) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "Layer "
                                + describe()
                                + " plans for an input whose sizes are all known, its batch"
                                + " included; got "
                                + inputShape);
            }
        }
    }

    /** Options that a builder is given. */
    static PlannerOptions required(PlannerOptions options) {
        if (options == null) {
            throw new IllegalArgumentException(
                    "The planner options are null; PlannerOptions.standard() is the default");
        }
        return options;
    }

    /** The name, the kind and the format, for messages. */
    final String describe() {
        String kind = getClass().getSimpleName();
        return (name.equals(kind) ? kind : "\"" + name + "\" (" + kind + ")") + " " + format;
    }
}
