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
package io.github.djltcnn.examples.initialization;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.initializer.Initializer;
import io.github.djltcnn.calibration.VarianceProbe;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.nn.TensorialConv2d;
import java.util.List;

/**
 * A stack of convolutions and ReLU on batches of noise, from one draw of its weights to the next.
 */
final class DepthRun {

    static final int CHANNELS = 32;
    private static final int SIDE = 8;
    private static final int BATCH = 4;

    private final int layers;
    private final Block stack;

    /**
     * Builds a stack.
     *
     * @param format the format of its kernels
     * @param layers the number of convolutions
     * @param periodic whether images wrap around at the border; padded with zeros if not
     */
    DepthRun(TensorFormat format, int layers, boolean periodic) {
        this.layers = layers;
        stack = stack(format, layers, periodic);
    }

    /**
     * Decades that a signal gains or loses on its way.
     *
     * @param features log10 of the second moment of each layer's output, relative to what the rule
     *     promises, twice that of the input
     * @param gradients log10 of the second moment of the gradient there, relative to the last
     *     layer's
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Profile(double[] features, double[] gradients) {}

    /**
     * Draws the weights anew and measures.
     *
     * @param start where the weights come from
     * @param seed the seed of batch and error, and of the weights
     * @return the profile over depth
     */
    Profile measure(NamedInitializer start, int seed) {
        return measure(start.create(seed), start, seed);
    }

    /**
     * Draws the weights anew and measures.
     *
     * @param initializer where the weights come from
     * @param seed the seed of batch and error
     * @return the profile over depth
     */
    Profile measure(Initializer initializer, int seed) {
        return measure(initializer, null, seed);
    }

    private Profile measure(Initializer initializer, NamedInitializer start, int seed) {
        Engine.getInstance().setRandomSeed(seed);
        // The layers stay, and with them their plans.
        stack.getParameters().values().forEach(Parameter::close);
        stack.setInitializer(initializer, Parameter.Type.WEIGHT);
        try (NDManager manager = NDManager.newBaseManager()) {
            Shape shape = new Shape(BATCH, CHANNELS, SIDE, SIDE);
            stack.initialize(manager, DataType.FLOAT64, shape);
            NDArray noise = manager.randomNormal(0, 1, shape, DataType.FLOAT64);
            NDList batch = new NDList(noise);
            double input = noise.square().mean().getDouble();
            if (start != null) {
                start.finish(stack, batch, seed);
            }
            List<VarianceProbe.Layer> probe = VarianceProbe.of(stack, batch).layers();
            double[] features = new double[layers];
            double[] gradients = new double[layers];
            for (int n = 0; n < layers; n++) {
                features[n] = Math.log10(probe.get(n).feature() / (2 * input));
                gradients[n] =
                        Math.log10(probe.get(n).gradient() / probe.get(layers - 1).gradient());
            }
            return new Profile(features, gradients);
        }
    }

    private static Block stack(TensorFormat format, int layers, boolean periodic) {
        SequentialBlock stack = new SequentialBlock();
        for (int layer = 0; layer < layers; layer++) {
            if (layer > 0) {
                stack.add(Activation.reluBlock());
            }
            if (periodic) {
                stack.add(LambdaBlock.singleton(DepthRun::wrap));
            }
            int padding = periodic ? 0 : 1;
            stack.add(
                    TensorialConv2d.builder()
                            .setFormat(format)
                            .setKernelShape(new Shape(3, 3))
                            .setFilters(CHANNELS)
                            .optPadding(new Shape(padding, padding))
                            .optBias(false)
                            .build());
        }
        return stack;
    }

    /** Continues images by one pixel beyond each border with the pixels of the other side. */
    private static NDArray wrap(NDArray x) {
        NDArray rows = NDArrays.concat(new NDList(x.get(":, :, -1:"), x, x.get(":, :, :1")), 2);
        return NDArrays.concat(
                new NDList(rows.get(":, :, :, -1:"), rows, rows.get(":, :, :, :1")), 3);
    }
}
