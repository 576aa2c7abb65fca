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
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.Workspace;
import io.github.djltcnn.contraction.internal.lowering.LoweringContext;
import io.github.djltcnn.contraction.internal.lowering.PlanOperation;
import io.github.djltcnn.contraction.internal.search.ActivationContraction;
import io.github.djltcnn.contraction.internal.search.ActivationLayout;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.contraction.internal.search.StepOffers;
import java.util.List;
import java.util.Set;

/**
 * A 1x1 convolution of an activation whose channels lie first, as a matrix product per image.
 * libtorch reorders the input of a 1x1 convolution, which here would take longer than the
 * arithmetic.
 */
final class BatchProduct implements PlanOperation {

    @Override
    public Set<Operation> rows() {
        return Set.of(Operation.PRODUCT_FIRST);
    }

    @Override
    public List<Operation> operations(ActivationContraction contraction) {
        return contraction.isProduct() ? List.of(Operation.PRODUCT_FIRST) : List.of();
    }

    @Override
    public void offer(StepOffers offers, List<Integer> fresh) {
        if (offers.contraction().isProduct()) {
            ActivationLayout result = offers.channelsFirstResult(fresh);
            offers.add(offers.channelsFirst(), Operation.PRODUCT_FIRST, result);
        }
    }

    @Override
    public ActivationStep lower(PathSearch.PathStep step, LoweringContext context) {
        List<Integer> summed = context.summed(step);
        List<Integer> fresh = context.fresh(step);
        int weight =
                context.weight(
                        step,
                        LoweringContext.array(fresh, summed),
                        new Shape(1, context.size(fresh), context.size(summed)));
        LoweringContext.Cut cut = context.cut(step.contraction());
        Shape view =
                new Shape(
                        cut.batch(),
                        cut.channels(),
                        SpatialSchedule.count(step.contraction().before()) * cut.extra());
        return new BatchProductStep(weight, view, context.withBias(), step.option().work());
    }

    /**
     * The step.
     *
     * @param weight the number of the matrix, (1, new channels, summed channels)
     * @param view the activation as (batch, summed channels, positions)
     * @param withBias whether the bias is added here
     * @param work how much it is
     */
    record BatchProductStep(int weight, Shape view, boolean withBias, Work work)
            implements ActivationStep {

        @Override
        public Passage passage(Shape matrix) {
            return new Passage(
                    view.add(1), new Shape(view.get(0), matrix.get(1), view.get(2), 1), false);
        }

        @Override
        public void run(Workspace space) {
            NDArray x = space.activation(view);
            NDArray w = space.weight(weight);
            Shape perImage = new Shape(view.get(0)).addAll(w.getShape().slice(1));
            NDArray repeated = view.get(0) == 1 ? w : space.own(w.broadcast(perImage));
            NDArray result = space.own(repeated.batchMatMul(x));
            if (withBias && space.bias() != null) {
                result.addi(space.reshape(space.bias(), new Shape(w.getShape().get(1), 1)));
            }
            space.next(result, false);
            if (repeated != w) {
                repeated.close();
            }
            space.dropWeight(weight);
        }
    }
}
