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

/** Multiplies every channel by a factor of its own, or all by one. */
final class Scaling implements PlanOperation {

    @Override
    public Set<Operation> rows() {
        return Set.of(Operation.SCALE);
    }

    @Override
    public List<Operation> operations(ActivationContraction contraction) {
        return contraction.isScaling() ? List.of(Operation.SCALE) : List.of();
    }

    @Override
    public void offer(StepOffers offers, List<Integer> fresh) {
        if (offers.contraction().isScaling() && offers.groupsAreABlock()) {
            offers.add(offers.now(), Operation.SCALE, offers.now());
        }
    }

    @Override
    public boolean addsBias() {
        return false;
    }

    @Override
    public ActivationStep lower(PathSearch.PathStep step, LoweringContext context) {
        ActivationContraction contraction = step.contraction();
        ActivationLayout now = context.now();
        List<Integer> groups = context.groups(step);
        boolean leads = ActivationLayout.pick(now.lead(), contraction.groups()).size() > 0;
        List<Integer> side = leads ? now.lead() : now.trail();
        int from = groups.isEmpty() ? 0 : side.indexOf(groups.get(0));
        long positions = SpatialSchedule.count(contraction.before());
        long before = context.schedule().batch() * context.size(side.subList(0, from));
        long behind = context.size(side.subList(from + groups.size(), side.size()));
        if (leads) {
            behind *= positions * context.size(now.trail());
        } else {
            before *= positions * context.size(now.lead());
        }
        long channels = context.size(groups);
        int weight = context.weight(step, LoweringContext.array(groups), new Shape(channels, 1));
        Shape view = new Shape(before, channels, behind);
        return new ScaleStep(weight, view, step.option().work());
    }

    /**
     * Multiplies every channel by a factor of its own, or all by one.
     *
     * @param weight the number of the factors, (channels, 1)
     * @param view the activation as (what is before the channels, channels, what is behind)
     * @param work how much it is
     */
    record ScaleStep(int weight, Shape view, Work work) implements ActivationStep {

        @Override
        public Passage passage(Shape shape) {
            return new Passage(view, null, false);
        }

        @Override
        public void run(Workspace space) {
            NDArray x = space.activation(view);
            space.next(x.mul(space.weight(weight)), false);
            space.dropWeight(weight);
        }
    }
}
