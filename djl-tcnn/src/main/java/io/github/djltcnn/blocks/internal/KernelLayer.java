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

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialConvolution;
import io.github.djltcnn.nn.TensorialLinear;

/**
 * A layer that multiplies by a kernel: a convolution or a linear layer, dense or tensorial.
 *
 * @param spec the dense kernel
 * @param geometry how it slides; of no dimension for a linear layer
 * @param bias whether the layer adds a bias
 * @param input the input as a contraction takes it: (batch, channels, spatial...), all leading axes
 *     of a linear layer's input being its batch
 */
public record KernelLayer(
        KernelSpec spec, ConvolutionGeometry geometry, boolean bias, Shape input) {

    /**
     * Reads a layer.
     *
     * @param block a block
     * @param in the shape of its input
     * @return the layer, or null if the block is none, or one with a forward pass of its own
     */
    public static KernelLayer of(Block block, Shape in) {
        if (block instanceof Convolution c && BlockTree.declares(block, Convolution.class)) {
            return new KernelLayer(
                    new KernelSpec(in.get(1), c.getFilters(), c.getKernelShape(), c.getGroups()),
                    new ConvolutionGeometry(
                            c.getKernelShape(), c.getStride(), c.getPadding(), c.getDilation()),
                    c.isIncludeBias(),
                    plain(in));
        }
        if (block instanceof TensorialConvolution c) {
            return new KernelLayer(
                    new KernelSpec(in.get(1), c.getFilters(), c.getKernelShape(), c.getGroups()),
                    c.getGeometry(),
                    c.isIncludeBias(),
                    plain(in));
        }
        boolean linear = block instanceof Linear && BlockTree.declares(block, Linear.class);
        if (linear || block instanceof TensorialLinear) {
            Shape out = block.getOutputShapes(new Shape[] {in})[0];
            long features = last(in);
            return new KernelLayer(
                    KernelSpec.linear(features, last(out)),
                    ConvolutionGeometry.of(new Shape()),
                    block.getDirectParameters().contains("bias"),
                    new Shape(in.size() / features, features));
        }
        return null;
    }

    /** The same layer with a bias. */
    public KernelLayer withBias() {
        return new KernelLayer(spec, geometry, true, input);
    }

    /** The network of a tensorial block, also of one that is not initialised. */
    public TensorNetwork network(TensorialBlock block) {
        return block.isInitialized()
                ? block.getNetwork()
                : TensorFormats.network(block.getFormat(), spec);
    }

    /** The way in which a network in the place of this kernel would be evaluated. */
    public ContractionPlan plan(TensorNetwork network, PlannerOptions options) {
        return ContractionPlanner.create(network, geometry, options).plan(input, false);
    }

    /** The parameters of the dense kernel, without bias. */
    public long denseParameters() {
        return spec.denseParameterCount();
    }

    /** The multiply-adds of the dense layer for the whole batch. */
    public long denseMacs() {
        long positions = geometry.outputShape(input.slice(2)).size();
        return Math.multiplyExact(Math.multiplyExact(input.get(0), positions), denseParameters());
    }

    /** The multiply-adds of a block, dense or tensorial, as it would evaluate its kernel. */
    public long macs(Block block) {
        return block instanceof TensorialBlock tensorial
                ? plan(network(tensorial), tensorial.getPlannerOptions()).macs()
                : denseMacs();
    }

    private static Shape plain(Shape in) {
        return new Shape(in.getShape());
    }

    private static long last(Shape shape) {
        return shape.get(shape.dimension() - 1);
    }
}
