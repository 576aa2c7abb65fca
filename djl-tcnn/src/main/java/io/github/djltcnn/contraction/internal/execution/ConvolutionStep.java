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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.runtime.internal.LibtorchQuirks;

/**
 * One convolution of libtorch.
 *
 * @param weight the number of the kernel
 * @param view the activation in the order of memory: (batch, channels, axes..), or (batch, axes..,
 *     channels) if they lie last
 * @param channelsLast whether they do
 * @param stride the stride
 * @param padding the padding
 * @param dilation the dilation
 * @param groups the number of groups
 * @param withBias whether the bias is added here
 * @param work how much it is
 */
public record ConvolutionStep(
        int weight,
        Shape view,
        boolean channelsLast,
        Shape stride,
        Shape padding,
        Shape dilation,
        int groups,
        boolean withBias,
        Work work)
        implements ActivationStep {

    @Override
    public Passage passage(Shape kernel) {
        return new Passage(view, null, channelsLast);
    }

    @Override
    public void run(Workspace space) {
        NDArray x = channelsLast ? space.activationChannelsLast(view) : space.activation(view);
        if (!channelsLast && LibtorchQuirks.mistakesStrides(view.get(1))) {
            // Flattened and cut again it has the usual strides.
            x = space.own(space.reshape(x, new Shape(view.size())).reshape(view));
        }
        NDArray result = convolve(x, space.weight(weight), withBias ? space.bias() : null);
        space.next(result, channelsLast);
        space.dropWeight(weight);
    }

    private NDArray convolve(NDArray x, NDArray w, NDArray bias) {
        NDList result =
                switch (stride.dimension()) {
                    case 1 -> Conv1d.conv1d(x, w, bias, stride, padding, dilation, groups);
                    case 2 -> Conv2d.conv2d(x, w, bias, stride, padding, dilation, groups);
                    case 3 -> Conv3d.conv3d(x, w, bias, stride, padding, dilation, groups);
                    default -> throw new IllegalStateException("No convolution over " + stride);
                };
        return result.singletonOrThrow();
    }
}
