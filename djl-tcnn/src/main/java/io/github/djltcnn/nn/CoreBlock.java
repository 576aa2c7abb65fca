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
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.internal.CacheSizeGuard;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * A block whose parameters are the cores of a tensor network: how it gets them, initializes, saves
 * and loads them. {@link TensorialBlock} computes with them.
 */
abstract class CoreBlock extends AbstractBlock {

    static {
        CacheSizeGuard.apply();
    }

    private TensorFormat format;
    private PlannerOptions options;
    private final String name;
    private final CoreParameters weights;
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
    CoreBlock(TensorFormat format, String name, boolean includeBias, PlannerOptions options) {
        super(LayerFile.VERSION);
        this.format = format;
        this.options = options;
        this.name = name == null ? getClass().getSimpleName() : name;
        weights = new CoreParameters(includeBias);
        register();
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

    /** Binds an initializer to the network of this block, one of the result per core. */
    abstract List<Initializer> bind(TensorialInitializer initializer, Shape inputShape);

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
        return weights.hasBias();
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
        return weights.cores();
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
        LayerChecks.network(this, network, spec, inputShape);
        LayerChecks.arrays(this, network, coreArrays, biasArray);
        ContractionEngine engine = ContractionEngine.create(network, getGeometry(), options);
        forgetKept();
        weights.replace(network, coreArrays, biasArray);
        register();
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
        this.options = LayerChecks.given(options);
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

    /** The arrays of the cores that a pass on a device reads. */
    NDList cores(ParameterStore parameterStore, Device device, boolean training) {
        return weights.cores(parameterStore, device, training, () -> "Layer " + describe());
    }

    /** The bias that a pass on a device reads; null for none. */
    NDArray bias(ParameterStore parameterStore, Device device, boolean training) {
        return weights.bias(parameterStore, device, training, () -> "Layer " + describe());
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

    /** {@inheritDoc} */
    @Override
    public void initialize(NDManager manager, DataType dataType, Shape... inputShapes) {
        LayerChecks.type(this, dataType);
        LayerChecks.one(this, inputShapes);
        try {
            super.initialize(manager, dataType, inputShapes);
        } finally {
            // prepare() may have bound the initializers to this network; a later initialize() of
            // cleared parameters binds afresh.
            weights.unbind();
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        useNetwork(TensorFormats.network(format, kernelSpec(inputShapes[0])));
        weights.bind(tensorial -> bind(tensorial, inputShapes[0]));
        weights.setBiasShape(new Shape(outputChannels()));
    }

    /** Replaces the parameters by those of a network, unless they are of that network already. */
    private void useNetwork(TensorNetwork network) {
        if (contracted != null && contracted.network().equals(network)) {
            return;
        }
        ContractionEngine engine = ContractionEngine.create(network, getGeometry(), options);
        forgetKept();
        weights.replace(network, null, null);
        register();
        contracted = new Contracted(network, engine);
    }

    /** Makes the weights the parameters of this block. */
    private void register() {
        parameters.clear();
        weights.all().forEach(this::addParameter);
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
        weights.setBiasShape(new Shape(outputChannels()));
    }

    /** The name, the kind and the format, for messages. */
    final String describe() {
        String kind = getClass().getSimpleName();
        return (name.equals(kind) ? kind : "\"" + name + "\" (" + kind + ")") + " " + format;
    }
}
