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
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.contraction.internal.search.StepOffers;
import java.util.List;
import java.util.Set;

/**
 * One convolution of libtorch, plain, grouped or depthwise, of an activation whose channels lie
 * before the spatial axes.
 */
final class ConvolutionFirst implements PlanOperation {

    @Override
    public Set<Operation> rows() {
        return Set.of(
                Operation.CONVOLUTION_FIRST,
                Operation.POINTWISE_FIRST,
                Operation.GROUPED_FIRST,
                Operation.DEPTHWISE_FIRST);
    }

    @Override
    public List<Operation> operations(ActivationContraction contraction) {
        return List.of(row(contraction));
    }

    private static Operation row(ActivationContraction contraction) {
        if (contraction.isProduct()) {
            return Operation.POINTWISE_FIRST;
        }
        if (contraction.groups() == 0) {
            return Operation.CONVOLUTION_FIRST;
        }
        return contraction.isPerChannel() ? Operation.DEPTHWISE_FIRST : Operation.GROUPED_FIRST;
    }

    @Override
    public void offer(StepOffers offers, List<Integer> fresh) {
        offers.add(
                offers.channelsFirst(),
                row(offers.contraction()),
                offers.channelsFirstResult(fresh));
    }

    @Override
    public ActivationStep lower(PathSearch.PathStep step, LoweringContext context) {
        ActivationContraction contraction = step.contraction();
        LoweringContext.Cut cut = context.cut(contraction);
        long[] before = contraction.before();
        SpatialSchedule.Call call = contraction.call();
        if (cut.extra() > 1 || before.length == 0) {
            // Only a 1x1 convolution gets here, to which all positions are alike.
            before = new long[] {SpatialSchedule.count(before) * cut.extra()};
            call =
                    new SpatialSchedule.Call(
                            new long[] {1}, new long[] {1}, new long[1], new long[] {1});
        }
        Shape view = new Shape(cut.batch(), cut.channels()).addAll(new Shape(before));
        return ConvolutionStep.of(step, context, view, call, false);
    }
}
