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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.lowering.LoweringContext;
import io.github.djltcnn.contraction.internal.lowering.PlanOperation;
import io.github.djltcnn.contraction.internal.search.ActivationContraction;
import io.github.djltcnn.contraction.internal.search.ActivationLayout;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.contraction.internal.search.StepOffers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * One convolution of libtorch, plain, grouped or depthwise, of an activation whose channels lie
 * behind the spatial axes.
 */
final class ConvolutionLast implements PlanOperation {

    @Override
    public Set<Operation> rows() {
        return Set.of(
                Operation.CONVOLUTION_LAST,
                Operation.CONVOLUTION_LAST_EXTRA,
                Operation.POINTWISE_LAST,
                Operation.GROUPED_LAST,
                Operation.GROUPED_LAST_EXTRA,
                Operation.DEPTHWISE_LAST,
                Operation.DEPTHWISE_LAST_EXTRA);
    }

    @Override
    public List<Operation> operations(ActivationContraction contraction) {
        List<Operation> operations = new ArrayList<>();
        operations.add(row(contraction, false));
        if (contraction.free() != 0 && !contraction.isProduct()) {
            operations.add(row(contraction, true));
        }
        return operations;
    }

    private static Operation row(ActivationContraction contraction, boolean extra) {
        if (contraction.isProduct()) {
            return Operation.POINTWISE_LAST;
        }
        if (contraction.groups() == 0) {
            return extra ? Operation.CONVOLUTION_LAST_EXTRA : Operation.CONVOLUTION_LAST;
        }
        if (contraction.isPerChannel()) {
            return extra ? Operation.DEPTHWISE_LAST_EXTRA : Operation.DEPTHWISE_LAST;
        }
        return extra ? Operation.GROUPED_LAST_EXTRA : Operation.GROUPED_LAST;
    }

    @Override
    public void offer(StepOffers offers, List<Integer> fresh) {
        for (ActivationLayout source : offers.channelsLast()) {
            boolean extra = !offers.extra(source).isEmpty();
            offers.add(
                    source,
                    row(offers.contraction(), extra),
                    offers.channelsLastResult(source, fresh));
        }
    }

    @Override
    public ActivationStep lower(PathSearch.PathStep step, LoweringContext context) {
        ActivationContraction contraction = step.contraction();
        ActivationLayout now = context.now();
        List<Integer> extra = ActivationLayout.pick(now.trail(), contraction.free());
        long channels = context.size(now.trail()) / context.size(extra);
        long[] before = contraction.before();
        SpatialSchedule.Call call = contraction.call();
        if (!extra.isEmpty() || before.length == 0) {
            before = append(before, context.size(extra));
            call =
                    new SpatialSchedule.Call(
                            append(call.kernel(), 1),
                            append(call.stride(), 1),
                            append(call.padding(), 0),
                            append(call.dilation(), 1));
        }
        long batch = context.schedule().batch() * context.size(now.lead());
        Shape view = new Shape(batch).addAll(new Shape(before)).addAll(new Shape(channels));
        return ConvolutionStep.of(step, context, view, call, true);
    }

    private static long[] append(long[] values, long last) {
        long[] more = Arrays.copyOf(values, values.length + 1);
        more[values.length] = last;
        return more;
    }
}
