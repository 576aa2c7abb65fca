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
package io.github.djltcnn.contraction.internal.operations;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.Workspace;
import io.github.djltcnn.contraction.internal.lowering.LoweringContext;
import io.github.djltcnn.contraction.internal.lowering.WeightLowering;
import io.github.djltcnn.contraction.internal.search.ActivationContraction;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.runtime.internal.LibtorchQuirks;
import java.util.Arrays;
import java.util.List;

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
record ConvolutionStep(
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

    /**
     * Writes the convolution of a step of a path.
     *
     * @param view the activation as it is seen
     * @param call window, stride, padding and dilation along the axes of the view
     * @param channelsLast whether its channels lie last
     */
    static ConvolutionStep of(
            PathSearch.PathStep step,
            LoweringContext context,
            Shape view,
            SpatialSchedule.Call call,
            boolean channelsLast) {
        ActivationContraction contraction = step.contraction();
        List<Integer> groups = context.groups(step);
        List<Integer> summed = context.summed(step);
        List<Integer> fresh = context.fresh(step);
        List<Integer> kernel =
                Arrays.stream(context.schedule().kernelModes())
                        .filter(mode -> (contraction.kernel() >> mode & 1) != 0)
                        .boxed()
                        .toList();
        Shape window = new Shape(call.kernel());
        Shape out = new Shape(context.size(groups) * context.size(fresh));
        Shape in = new Shape(context.size(summed));
        // With one tap, or one channel in, both orders are the same in memory.
        boolean turned = channelsLast && window.size() > 1 && in.size() > 1;
        int weight =
                turned
                        ? context.weights()
                                .weight(
                                        step.tensor(),
                                        new WeightLowering.Wanted(
                                                LoweringContext.array(
                                                        groups, fresh, kernel, summed),
                                                out.addAll(window).addAll(in),
                                                AxisOrder.lastToSecond(window.dimension() + 2)))
                        : context.weight(
                                step,
                                LoweringContext.array(groups, fresh, summed, kernel),
                                out.addAll(in).addAll(window));
        return new ConvolutionStep(
                weight,
                view,
                channelsLast,
                new Shape(call.stride()),
                new Shape(call.padding()),
                new Shape(call.dilation()),
                Math.toIntExact(context.size(groups)),
                context.withBias(),
                step.option().work());
    }

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
