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
package io.github.djltcnn.blocks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import io.github.djltcnn.contraction.KernelContraction;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialConv1d;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialConv3d;
import io.github.djltcnn.nn.TensorialConvolution;
import io.github.djltcnn.nn.TensorialLinear;

/** Makes single layers: tensorial ones of dense ones, and dense ones of tensorial ones. */
public final class Layers {

    private Layers() {}

    /** Makes a tensorial layer without parameters that plans by the standard options. */
    public static TensorialBlock tensorial(KernelLayer layer, TensorNetwork network, String name) {
        return tensorial(layer, network, name, PlannerOptions.standard());
    }

    /**
     * Makes a tensorial layer without parameters.
     *
     * @param layer the layer it stands for
     * @param network its network
     * @param name its path
     * @param options what its evaluation is planned by
     * @return the block
     */
    public static TensorialBlock tensorial(
            KernelLayer layer, TensorNetwork network, String name, PlannerOptions options) {
        TensorFormat format = TensorFormats.of(network);
        if (layer.geometry().numDimensions() == 0) {
            return TensorialLinear.builder()
                    .setFormat(format)
                    .setUnits(layer.spec().outputChannels())
                    .optBias(layer.bias())
                    .optName(name)
                    .optPlannerOptions(options)
                    .build();
        }
        return switch (layer.geometry().numDimensions()) {
            case 1 -> settings(TensorialConv1d.builder(), layer, format, name, options).build();
            case 2 -> settings(TensorialConv2d.builder(), layer, format, name, options).build();
            default -> settings(TensorialConv3d.builder(), layer, format, name, options).build();
        };
    }

    private static <T extends TensorialConvolution.ConvolutionBuilder<T>> T settings(
            T builder,
            KernelLayer layer,
            TensorFormat format,
            String name,
            PlannerOptions options) {
        ConvolutionGeometry geometry = layer.geometry();
        return builder.setFormat(format)
                .setKernelShape(geometry.kernel())
                .setFilters(Math.toIntExact(layer.spec().outputChannels()))
                .optStride(geometry.stride())
                .optPadding(geometry.padding())
                .optDilation(geometry.dilation())
                .optGroups(Math.toIntExact(layer.spec().groups()))
                .optBias(layer.bias())
                .optName(name)
                .optPlannerOptions(options);
    }

    /**
     * Makes a tensorial layer of a trained dense one, with its bias, its data type and its frozen
     * flags.
     *
     * @param layer the settings of the dense layer
     * @param name its path
     * @param found its decomposed kernel
     * @param options what the evaluation is planned by
     * @param dense the dense layer, whose manager takes the cores
     * @param in the shape of the input
     * @return the initialised block
     */
    public static TensorialBlock decomposed(
            KernelLayer layer,
            String name,
            Decomposition found,
            PlannerOptions options,
            Block dense,
            Shape in) {
        TensorialBlock block = tensorial(layer, found.network(), name, options);
        Parameter weight = dense.getDirectParameters().get("weight");
        NDArray array = weight.getArray();
        NDList arrays = found.toNDArrays(array.getManager(), array.getDataType());
        try {
            NDArray bias = bias(dense);
            if (bias != null) {
                arrays.add(bias);
            }
            NDList cores = new NDList(arrays.subList(0, found.network().cores().size()));
            block.setCores(found.network(), cores, bias, in);
        } catch (RuntimeException e) {
            arrays.close();
            throw e;
        }
        takeOver(block, dense, weight);
        return block;
    }

    /**
     * Makes a tensorial layer with fresh cores in the place of a dense one. If that is initialised,
     * so is the new one, with its bias.
     *
     * @param layer the settings of the dense layer
     * @param name its path
     * @param network the network
     * @param initializer draws the cores
     * @param options what the evaluation is planned by
     * @param dense the dense layer
     * @param in the shape of the input
     * @return the block
     */
    public static TensorialBlock fresh(
            KernelLayer layer,
            String name,
            TensorNetwork network,
            TensorialInitializer initializer,
            PlannerOptions options,
            Block dense,
            Shape in) {
        TensorialBlock block = tensorial(layer, network, name, options);
        block.setInitializer(initializer, Parameter.Type.WEIGHT);
        Parameter weight = dense.getDirectParameters().get("weight");
        if (!weight.isInitialized()) {
            return block;
        }
        try {
            NDManager manager = weight.getArray().getManager();
            block.initialize(manager, weight.getArray().getDataType(), in);
            NDArray bias = bias(dense);
            if (bias != null) {
                block.setCores(block.getNetwork(), block.getCores(), bias, in);
            }
        } catch (RuntimeException e) {
            close(block);
            throw e;
        }
        takeOver(block, dense, null);
        return block;
    }

    /**
     * Makes the dense layer that a tensorial one stands for, with the contracted kernel.
     *
     * @param block the tensorial layer
     * @param layer its settings
     * @param in the shape of the input
     * @return a convolution or linear layer of DJL; initialised if the block is
     */
    public static Block dense(TensorialBlock block, KernelLayer layer, Shape in) {
        Block dense = newDense(layer);
        if (!block.isInitialized()) {
            return dense;
        }
        NDList cores = block.getCores();
        NDManager manager = cores.head().getManager();
        Parameter weight = dense.getDirectParameters().get("weight");
        try {
            NDArray kernel =
                    KernelContraction.contract(
                            block.getNetwork(), layer.geometry().numDimensions(), cores, manager);
            try (kernel;
                    NDArray rowMajor = kernel.flatten();
                    NDArray copy = duplicate(rowMajor)) { // no part of a graph of gradients
                weight.setArray(copy.reshape(kernel.getShape()));
            }
            NDArray bias = bias(block);
            if (bias != null) {
                dense.getDirectParameters().get("bias").setArray(bias);
            }
            dense.initialize(manager, cores.head().getDataType(), in);
        } catch (RuntimeException e) {
            close(dense);
            throw e;
        }
        takeOver(dense, block, block.getDirectParameters().valueAt(0));
        return dense;
    }

    /**
     * Freezes what was frozen, and asks for gradients where they were asked for: a model that was
     * loaded for predictions stays one.
     *
     * @param block the new layer
     * @param old the layer it stands for
     * @param weight what its kernel takes the flag from; null if it is to train
     */
    private static void takeOver(Block block, Block old, Parameter weight) {
        for (Parameter parameter : block.getDirectParameters().values()) {
            Parameter like =
                    parameter.getType() == Parameter.Type.BIAS
                            ? old.getDirectParameters().get("bias")
                            : weight;
            if (like != null) {
                parameter.freeze(!like.requiresGradient());
                parameter.getArray().setRequiresGradient(like.getArray().hasGradient());
            }
        }
    }

    private static void close(Block block) {
        block.getDirectParameters().values().forEach(Parameter::close);
    }

    /** A copy of the bias of a layer; null if it has none. */
    private static NDArray bias(Block block) {
        ParameterList parameters = block.getDirectParameters();
        return parameters.contains("bias") ? duplicate(parameters.get("bias").getArray()) : null;
    }

    /** Makes a dense layer without parameters. */
    public static Block newDense(KernelLayer layer) {
        if (layer.geometry().numDimensions() == 0) {
            return Linear.builder()
                    .setUnits(layer.spec().outputChannels())
                    .optBias(layer.bias())
                    .build();
        }
        return switch (layer.geometry().numDimensions()) {
            case 1 -> configure(Conv1d.builder(), layer).build();
            case 2 -> configure(Conv2d.builder(), layer).build();
            default -> configure(Conv3d.builder(), layer).build();
        };
    }

    /** DJL declares the builder's own type raw, so its setters are called for their effect. */
    private static <T extends Convolution.ConvolutionBuilder<?>> T configure(
            T builder, KernelLayer layer) {
        ConvolutionGeometry geometry = layer.geometry();
        builder.setKernelShape(geometry.kernel());
        builder.setFilters(Math.toIntExact(layer.spec().outputChannels()));
        builder.optStride(geometry.stride());
        builder.optPadding(geometry.padding());
        builder.optDilation(geometry.dilation());
        builder.optGroups(Math.toIntExact(layer.spec().groups()));
        builder.optBias(layer.bias());
        return builder;
    }

    private static NDArray duplicate(NDArray array) {
        NDArray copy = array.duplicate();
        copy.setRequiresGradient(false);
        return copy;
    }
}
