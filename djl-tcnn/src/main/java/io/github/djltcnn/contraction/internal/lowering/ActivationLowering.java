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
package io.github.djltcnn.contraction.internal.lowering;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.CopyStep;
import io.github.djltcnn.contraction.internal.search.ActivationLayout;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.network.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns a contraction path into steps with the shapes of their calls: copies where the order of
 * axes changes, and what the operations write.
 */
public final class ActivationLowering {

    private final List<PlanOperation> operations;
    private final ModeTable table;
    private final SpatialSchedule schedule;
    private final WeightLowering weights;
    private final boolean training;
    private final List<ActivationStep> steps = new ArrayList<>();
    private final List<Integer> outputs;
    private ActivationLayout now;
    private boolean biasAdded;

    /** Creates an empty list of steps. */
    public ActivationLowering(
            List<PlanOperation> operations,
            ModeTable table,
            SpatialSchedule schedule,
            WeightLowering weights,
            boolean training) {
        this.operations = operations;
        this.training = training;
        this.table = table;
        this.schedule = schedule;
        this.weights = weights;
        outputs = Arrays.stream(table.ordered(Role.GROUP, Role.OUTPUT)).boxed().toList();
    }

    /** The steps so far. */
    public List<ActivationStep> steps() {
        return steps;
    }

    /** Whether the last step adds the bias. */
    public boolean isBiasAdded() {
        return biasAdded;
    }

    /** Writes the steps of a path from an input in a given order of axes. */
    public void lower(PathSearch.Path path, ActivationLayout start) {
        now = start;
        List<PathSearch.PathStep> all = path.steps();
        for (int n = 0; n < all.size(); n++) {
            PathSearch.PathStep step = all.get(n);
            copyTo(step.option().source(), step.option().copy(), step.contraction().before());
            PlanOperation operation = operation(step.option().work().operation());
            // The bias is one number per output channel: a step can add it that has all of them
            // as its channels, in order, and none in its batch.
            biasAdded =
                    n == all.size() - 1
                            && step.contraction().free() == 0
                            && operation.addsBias()
                            && step.option().result().modes().equals(outputs);
            steps.add(
                    operation.lower(
                            step,
                            new LoweringContext(
                                    table, schedule, weights, training, now, biasAdded)));
            now = step.option().result();
        }
        copyTo(path.end(), path.lastCopy(), schedule.sizes(table.allCores()));
    }

    private PlanOperation operation(Operation row) {
        for (PlanOperation operation : operations) {
            if (operation.rows().contains(row)) {
                return operation;
            }
        }
        throw new IllegalStateException("No operation of plans writes steps of " + row);
    }

    private void copyTo(ActivationLayout wanted, Work work, long[] spatial) {
        if (work == null) {
            return;
        }
        int[] from = names(now, spatial.length);
        int[] to = names(wanted, spatial.length);
        Shape axes =
                new Shape(schedule.batch())
                        .addAll(sizes(now.lead()))
                        .addAll(new Shape(spatial))
                        .addAll(sizes(now.trail()));
        steps.add(new CopyStep(axes, AxisOrder.between(from, to), work));
        now = wanted;
    }

    /** The axes of an activation: modes by their number, batch and spatial axes below zero. */
    private static int[] names(ActivationLayout activation, int numSpatial) {
        List<Integer> names = new ArrayList<>();
        names.add(-1);
        names.addAll(activation.lead());
        for (int axis = 0; axis < numSpatial; axis++) {
            names.add(-2 - axis);
        }
        names.addAll(activation.trail());
        return names.stream().mapToInt(Integer::intValue).toArray();
    }

    private Shape sizes(List<Integer> modes) {
        return new Shape(table.sizes(LoweringContext.array(modes)));
    }
}
