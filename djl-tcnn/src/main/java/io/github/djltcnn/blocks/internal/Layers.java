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
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import io.github.djltcnn.contraction.KernelContraction;
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
import java.util.Iterator;

/** Makes single layers: tensorial ones of dense ones, and dense ones of tensorial ones. */
public final class Layers {

    private Layers() {}

    /**
     * Makes a tensorial layer without parameters.
     *
     * @param layer the layer it stands for
     * @param network its network
     * @param name its path
     * @return the block
     */
    public static TensorialBlock tensorial(KernelLayer layer, TensorNetwork network, String name) {
        TensorFormat format = TensorFormats.of(network);
        if (layer.geometry().numDimensions() == 0) {
            return TensorialLinear.builder()
                    .setFormat(format)
                    .setUnits(layer.spec().outputChannels())
                    .optBias(layer.bias())
                    .optName(name)
                    .build();
        }
        return switch (layer.geometry().numDimensions()) {
            case 1 -> settings(TensorialConv1d.builder(), layer, format, name).build();
            case 2 -> settings(TensorialConv2d.builder(), layer, format, name).build();
            default -> settings(TensorialConv3d.builder(), layer, format, name).build();
        };
    }

    private static <T extends TensorialConvolution.ConvolutionBuilder<T>> T settings(
            T builder, KernelLayer layer, TensorFormat format, String name) {
        ConvolutionGeometry geometry = layer.geometry();
        return builder.setFormat(format)
                .setKernelShape(geometry.kernel())
                .setFilters(Math.toIntExact(layer.spec().outputChannels()))
                .optStride(geometry.stride())
                .optPadding(geometry.padding())
                .optDilation(geometry.dilation())
                .optGroups(Math.toIntExact(layer.spec().groups()))
                .optBias(layer.bias())
                .optName(name);
    }

    /**
     * Fills a tensorial layer with decomposed weights and the bias of the dense layer.
     *
     * @param block the tensorial layer
     * @param found its cores
     * @param dense the dense layer, whose manager, data type and frozen flags it takes over
     * @param in the shape of the input
     */
    public static void fill(TensorialBlock block, Decomposition found, Block dense, Shape in) {
        Parameter weight = dense.getDirectParameters().get("weight");
        NDArray array = weight.getArray();
        NDManager manager = array.getManager();
        Iterator<NDArray> cores = found.toNDArrays(manager, array.getDataType()).iterator();
        block.setInitializer((m, shape, type) -> cores.next(), Parameter.Type.WEIGHT);
        block.getDirectParameters().values().forEach(p -> p.freeze(!weight.requiresGradient()));
        initialize(block, dense, manager, array, in);
        block.setInitializer(TensorialInitializer.fanIn(), Parameter.Type.WEIGHT);
    }

    /**
     * Starts a tensorial layer afresh in the place of a dense one.
     *
     * @param block the tensorial layer
     * @param initializer draws its cores
     * @param dense the dense layer; if it is not initialised, nor will the other be
     * @param in the shape of the input
     */
    public static void start(
            TensorialBlock block, TensorialInitializer initializer, Block dense, Shape in) {
        block.setInitializer(initializer, Parameter.Type.WEIGHT);
        Parameter weight = dense.getDirectParameters().get("weight");
        if (weight.isInitialized()) {
            initialize(block, dense, weight.getArray().getManager(), weight.getArray(), in);
        }
    }

    private static void initialize(
            Block block, Block dense, NDManager manager, NDArray like, Shape in) {
        Parameter bias = dense.getDirectParameters().get("bias");
        if (bias != null) {
            Parameter copy = block.getDirectParameters().get("bias");
            copy.setInitializer((m, shape, type) -> duplicate(bias.getArray()));
            copy.freeze(!bias.requiresGradient());
        }
        block.initialize(manager, like.getDataType(), in);
        if (bias != null) {
            block.getDirectParameters()
                    .get("bias")
                    .setInitializer(Parameter.Type.BIAS.getInitializer());
        }
    }

    /**
     * Makes the dense layer that a tensorial one stands for, with the contracted kernel.
     *
     * @param block the tensorial layer
     * @param layer its settings
     * @param in the shape of the input
     * @return a convolution or linear layer of DJL
     */
    public static Block dense(TensorialBlock block, KernelLayer layer, Shape in) {
        Block dense = newDense(layer);
        if (!block.isInitialized()) {
            return dense;
        }
        NDList cores = new NDList();
        boolean frozen = true;
        for (Parameter parameter : block.getDirectParameters().values()) {
            if (parameter.getType() == Parameter.Type.WEIGHT) {
                cores.add(parameter.getArray());
                frozen &= !parameter.requiresGradient();
            }
        }
        NDManager manager = cores.get(0).getManager();
        NDArray kernel =
                KernelContraction.contract(
                        block.getNetwork(), layer.geometry().numDimensions(), cores, manager);
        try (kernel;
                NDArray rowMajor = kernel.flatten();
                NDArray copy = duplicate(rowMajor)) { // no part of a graph of gradients
            Parameter weight = dense.getDirectParameters().get("weight");
            weight.setArray(copy.reshape(kernel.getShape()));
            weight.freeze(frozen);
        }
        Parameter bias = block.getDirectParameters().get("bias");
        if (bias != null) {
            Parameter copy = dense.getDirectParameters().get("bias");
            copy.setArray(duplicate(bias.getArray()));
            copy.freeze(!bias.requiresGradient());
        }
        dense.initialize(manager, cores.get(0).getDataType(), in);
        return dense;
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
