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
package io.github.djltcnn.export.internal.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.network.Layout;

/**
 * How tensorial layers are evaluated in what is exported: as it is best for one batch size,
 * whatever batch size is recorded.
 *
 * @param batch the batch size to plan for
 * @param channelsFirst whether channels may not be moved behind the axes, for targets that lay out
 *     memory themselves
 */
public record LayerPlans(long batch, boolean channelsFirst) {

    /** The plan of a layer for an input that is recorded. */
    ContractionPlan plan(ContractionPlanner planner, NDArray input) {
        Shape shape = input.getShape();
        Shape planned = new Shape(batch).addAll(shape.slice(1));
        // libtorch goes by the layout that its own calls have left.
        Layout layout = ContractionEngine.layoutOf(((TracedArray) input).value());
        ContractionPlan plan =
                channelsFirst
                        ? planner.channelsFirstPlan(planned, input.getDevice())
                        : planner.plan(planned, false, layout, input.getDevice());
        return plan.withBatch(shape.get(0));
    }

    /**
     * The input as its plan takes it. Flattened and cut again it has its channels first in memory,
     * which libtorch needs to be right; both reshapes are dropped from what leaves.
     */
    NDArray arranged(NDArray input) {
        Shape shape = input.getShape();
        return channelsFirst && shape.dimension() > 2
                ? input.reshape(new Shape(shape.size())).reshape(shape)
                : input;
    }
}
