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
package io.github.djltcnn.zoo;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.djltcnn.nn.StatelessBlock;
import io.github.djltcnn.nn.TensorialBlock;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.function.BooleanSupplier;

/**
 * Turns images so that the channels of a pixel lie side by side in memory (NHWC), which on a CPU
 * makes most layers faster; the shape stays (batch, channels, height, width), and what lies so
 * already is not copied. Every layer of a residual network keeps the layout of its input.
 *
 * <p>Images of one channel stay as they are: libtorch 2.7.1 computes wrong convolutions of them
 * when they are marked as turned. On a GPU images are turned for predictions of a dense network
 * alone: its convolutions were measured to be 1.2 to 1.7 times faster so (docs/gpu.md). Tensorial
 * layers turn them there by themselves where a plan gains by it, since the library cannot see how
 * an array lies in the memory of a GPU.
 *
 * <p>It stands in no file of parameters, so that a file fits networks with and without it.
 */
final class ChannelsLast extends AbstractBlock {

    private final BooleanSupplier dense;

    /**
     * Creates the block.
     *
     * @param dense whether the layers of the network it is part of are all dense now
     */
    ChannelsLast(BooleanSupplier dense) {
        this.dense = dense;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        boolean turned = turns(x.getShape(), x.getDevice(), training, dense);
        return new NDList(turned ? turn(x) : x);
    }

    /** Whether images are turned. */
    static boolean turns(Shape shape, Device device, boolean training, BooleanSupplier dense) {
        return shape.get(1) > 1 && (!device.isGpu() || (!training && dense.getAsBoolean()));
    }

    /** Whether a network has no tensorial layer. */
    static boolean isDense(Block block) {
        return !(block instanceof TensorialBlock)
                && block.getChildren().values().stream().allMatch(ChannelsLast::isDense);
    }

    private static NDArray turn(NDArray x) {
        try (NDArray last = x.transpose(0, 2, 3, 1);
                // The one copy; a view if the channels lie last already.
                NDArray flat = last.reshape(new Shape(last.size()));
                NDArray rows = flat.reshape(last.getShape())) {
            return rows.transpose(0, 3, 1, 2);
        }
    }

    /**
     * Returns the mean of every channel over all pixels, as {@link
     * ai.djl.nn.pooling.Pool#globalAvgPool2dBlock()} does, but with gradients that lie as the
     * activations of a turned network do. Gradients in another layout than the activations make the
     * backward pass of every layer before it slower, by up to ten times.
     *
     * @return the block
     */
    static Block globalAveragePool() {
        return StatelessBlock.of(ChannelsLast::mean, "globalAvgPool2d");
    }

    private static NDArray mean(NDArray x) {
        Shape shape = x.getShape();
        Shape pixels = new Shape(shape.get(0), shape.get(2) * shape.get(3), shape.get(1));
        try (NDArray last = x.transpose(0, 2, 3, 1);
                NDArray rows = last.reshape(pixels)) {
            return rows.mean(new int[] {1});
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return inputShapes;
    }

    @Override
    public void saveParameters(DataOutputStream os) {
        // nothing to save
    }

    @Override
    public void loadParameters(NDManager manager, DataInputStream is) {
        // nothing to load
    }
}
