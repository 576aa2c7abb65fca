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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.PathFilter;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;

/** Many plans for one layer, each of another order. */
final class Plans {

    private Plans() {}

    /** Plans by every objective, kernel first and core by core, for either layout. */
    static List<ContractionPlan> of(
            TensorNetwork network, ConvolutionGeometry geometry, Shape inputShape) {
        List<ContractionPlan> plans = new ArrayList<>();
        for (Layout layout : Layout.values()) {
            for (boolean training : new boolean[] {false, true}) {
                for (Objective objective : Objective.values()) {
                    plans.add(
                            ContractionPlanner.create(
                                            network,
                                            geometry,
                                            PlannerOptions.standard().withObjective(objective))
                                    .plan(inputShape, training, layout));
                }
            }
            ContractionPlanner planner = ContractionPlanner.create(network, geometry);
            PlanRequest request = new PlanRequest(inputShape, layout, true);
            plans.addAll(planner.candidates(request));
            planner.search(request, oneByOne(network)).ifPresent(plans::add);
        }
        return plans;
    }

    private static PathFilter oneByOne(TensorNetwork network) {
        return new PathFilter() {
            @Override
            public boolean allowsContraction(long passed, long next) {
                return isSmall(network, next);
            }
        };
    }

    /** One core, or as many as share kernel modes: what cannot be passed one by one. */
    private static boolean isSmall(TensorNetwork network, long cores) {
        if (Long.bitCount(cores) == 1) {
            return true;
        }
        ModeTable table = new ModeTable(network);
        for (long rest = cores; rest != 0; rest &= rest - 1) {
            long core = Long.lowestOneBit(rest);
            if (table.ownsItsKernelModes(core)) {
                return false;
            }
        }
        return true;
    }
}
