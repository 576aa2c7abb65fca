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

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;

/**
 * Makes the layers with weights of a {@link TensorialResNet}: DJL's own, or tensorial ones of one
 * format. Convolutions have no bias, since batch normalisation follows them.
 */
interface ConvolutionFactory {

    /**
     * Makes a convolution padded to keep the size of the image (at stride 1).
     *
     * @param name the path of the layer
     * @param size the height and width of the kernel, an odd number
     * @param filters the number of output channels
     * @param stride the stride along both axes
     * @return the block
     */
    Block convolution(String name, int size, int filters, int stride);

    /**
     * Makes a linear layer with bias.
     *
     * @param name the path of the layer
     * @param units the number of outputs
     * @return the block
     */
    Block linear(String name, int units);

    /**
     * Returns DJL's own layers.
     *
     * @return a factory of {@link Conv2d} and {@link Linear}
     */
    static ConvolutionFactory dense() {
        return new ConvolutionFactory() {

            @Override
            public Block convolution(String name, int size, int filters, int stride) {
                return Conv2d.builder()
                        .setKernelShape(new Shape(size, size))
                        .setFilters(filters)
                        .optStride(new Shape(stride, stride))
                        .optPadding(new Shape(size / 2, size / 2))
                        .optBias(false)
                        .build();
            }

            @Override
            public Block linear(String name, int units) {
                return Linear.builder().setUnits(units).build();
            }
        };
    }

    /**
     * Returns tensorial layers.
     *
     * @param format the format of their kernels
     * @param options what their evaluation is planned by
     * @return a factory of {@link TensorialConv2d} and {@link TensorialLinear}
     */
    static ConvolutionFactory tensorial(TensorFormat format, PlannerOptions options) {
        return new ConvolutionFactory() {

            @Override
            public Block convolution(String name, int size, int filters, int stride) {
                return TensorialConv2d.builder()
                        .setFormat(format)
                        .setKernelShape(new Shape(size, size))
                        .setFilters(filters)
                        .optStride(new Shape(stride, stride))
                        .optPadding(new Shape(size / 2, size / 2))
                        .optBias(false)
                        .optName(name)
                        .optPlannerOptions(options)
                        .build();
            }

            @Override
            public Block linear(String name, int units) {
                return TensorialLinear.builder()
                        .setFormat(format)
                        .setUnits(units)
                        .optName(name)
                        .optPlannerOptions(options)
                        .build();
            }
        };
    }
}
