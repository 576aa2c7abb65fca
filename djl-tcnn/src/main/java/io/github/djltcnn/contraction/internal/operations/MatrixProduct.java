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
import ai.djl.nn.core.Linear;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.Workspace;
import io.github.djltcnn.contraction.internal.lowering.LoweringContext;
import io.github.djltcnn.contraction.internal.lowering.PlanOperation;
import io.github.djltcnn.contraction.internal.lowering.WeightLowering;
import io.github.djltcnn.contraction.internal.search.ActivationContraction;
import io.github.djltcnn.contraction.internal.search.ActivationLayout;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.contraction.internal.search.StepOffers;
import java.util.List;
import java.util.Set;

/** A 1x1 convolution of an activation whose channels lie last, as one matrix product. */
final class MatrixProduct implements PlanOperation {

    /** So many columns are few. */
    private static final int MAX_THIN_COLUMNS = 12;

    /** Measured: how much more a better order gains where they are few. */
    private static final double THIN_GAIN = 5;

    /** Multiply-adds from which the better order gains more than it takes, there and back. */
    private static final double MIN_MACS_TO_REORDER = 6e6;

    @Override
    public Set<Operation> rows() {
        return Set.of(Operation.PRODUCT_LAST);
    }

    @Override
    public List<Operation> operations(ActivationContraction contraction) {
        return contraction.isProduct() ? List.of(Operation.PRODUCT_LAST) : List.of();
    }

    @Override
    public void offer(StepOffers offers, List<Integer> fresh) {
        if (!offers.contraction().isProduct()) {
            return;
        }
        for (ActivationLayout source : offers.matrix()) {
            ActivationLayout result = offers.channelsLastResult(source, fresh);
            offers.add(source, Operation.PRODUCT_LAST, result);
        }
    }

    @Override
    public ActivationStep lower(PathSearch.PathStep step, LoweringContext context) {
        ActivationContraction contraction = step.contraction();
        int weight = weight(step, context);
        List<Integer> free = ActivationLayout.pick(context.now().modes(), contraction.free());
        long rows =
                context.schedule().batch()
                        * SpatialSchedule.count(contraction.before())
                        * context.size(free);
        Shape view = new Shape(rows, context.size(context.summed(step)));
        return new ProductStep(weight, view, context.withBias(), step.option().work());
    }

    /**
     * The weight of a matrix product, (fresh, summed). The fewer of both lie outside: libtorch's
     * matrix product is several times slower where its result, here the gradient of the weight, has
     * few columns than where it has few rows. Where little is multiplied, though, it takes longer
     * to bring the weight into that order.
     */
    private static int weight(PathSearch.PathStep step, LoweringContext context) {
        List<Integer> summed = context.summed(step);
        List<Integer> fresh = context.fresh(step);
        long in = context.size(summed);
        long out = context.size(fresh);
        WeightLowering.Wanted straight =
                new WeightLowering.Wanted(
                        LoweringContext.array(fresh, summed), new Shape(out, in), AxisOrder.SAME);
        WeightLowering.Wanted turned =
                new WeightLowering.Wanted(
                        LoweringContext.array(summed, fresh),
                        new Shape(in, out),
                        AxisOrder.transposed(2));
        long few = Math.min(out, in);
        double worth = step.option().work().macs() * (few <= MAX_THIN_COLUMNS ? THIN_GAIN : 1);
        boolean same = out == in;
        if (same || (context.training() && worth < MIN_MACS_TO_REORDER)) {
            return context.weights().weight(step.tensor(), straight, turned);
        }
        return context.weights().weight(step.tensor(), out < in ? straight : turned);
    }

    /**
     * The step.
     *
     * @param weight the number of the matrix, (new channels, summed channels)
     * @param view the activation as (positions, summed channels)
     * @param withBias whether the bias is added here
     * @param work how much it is
     */
    record ProductStep(int weight, Shape view, boolean withBias, Work work)
            implements ActivationStep {

        @Override
        public Passage passage(Shape matrix) {
            long rows = view.get(0);
            return new Passage(
                    new Shape(1, rows, 1, view.get(1)), new Shape(1, rows, 1, matrix.get(0)), true);
        }

        @Override
        public void run(Workspace space) {
            NDArray x = space.activation(view);
            NDArray bias = withBias ? space.bias() : null;
            space.next(Linear.linear(x, space.weight(weight), bias).singletonOrThrow(), false);
            space.dropWeight(weight);
        }
    }
}
