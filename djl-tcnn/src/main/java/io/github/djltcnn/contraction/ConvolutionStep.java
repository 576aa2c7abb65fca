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
package io.github.djltcnn.contraction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import java.util.Arrays;

/**
 * Passes the activation through a tensor made of cores, as one convolution. Of the channel modes of
 * the activation, those that the tensor lacks join the batch, those that both have and that stay
 * are the groups, and those that are summed are the channels within a group.
 *
 * @param source the slot of the activation
 * @param weight the slot of the tensor
 * @param target the slot of the result
 * @param modeView the activation with one axis per mode, (batch, modes.., spatial..)
 * @param modeOrder brings these axes into the order batch, free, groups, summed, spatial
 * @param inputShape the activation as the convolution takes it
 * @param weightAxes brings the axes of the tensor into the order groups, new, summed, kernel
 * @param weightShape the tensor as the convolution takes it
 * @param stride the stride
 * @param padding the padding
 * @param dilation the dilation
 * @param groups the number of groups
 * @param withBias whether the bias is added here
 * @param macs the multiply-adds
 */
record ConvolutionStep(
        int source,
        int weight,
        int target,
        Shape modeView,
        AxisOrder modeOrder,
        Shape inputShape,
        AxisOrder weightAxes,
        Shape weightShape,
        Shape stride,
        Shape padding,
        Shape dilation,
        int groups,
        boolean withBias,
        double macs)
        implements Step {

    @Override
    public void run(Workspace work, Arguments arguments) {
        NDArray x = work.get(source);
        if (!modeOrder.isSame()) {
            x = work.own(x.reshape(modeView));
        }
        x = modeOrder.arrange(work, x, inputShape);
        NDArray w = weightAxes.arrange(work, work.get(weight), weightShape);
        NDArray bias = withBias ? arguments.bias() : null;
        work.put(target, convolve(x, w, bias));
        work.drop(source);
        work.drop(weight);
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

    @Override
    public String toString() {
        return "convolution " + inputShape + " * " + Arrays.toString(weightShape.getShape());
    }
}
