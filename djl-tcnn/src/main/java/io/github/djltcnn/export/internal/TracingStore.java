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
package io.github.djltcnn.export.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.nn.LayerEvaluator;
import java.util.Map;

/** Hands out parameters as constants of a recording, and plans for tensorial layers. */
final class TracingStore extends ParameterStore implements LayerEvaluator {

    private final Trace trace;
    private final Map<Parameter, String> names;
    private final LayerPlans plans;

    TracingStore(Trace trace, Map<Parameter, String> names, LayerPlans plans) {
        super(trace.values(), false);
        this.trace = trace;
        this.names = names;
        this.plans = plans;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
        if (parameter == null) {
            return null;
        }
        NDArray array =
                trace.constant(
                        names.getOrDefault(parameter, parameter.getName()), parameter.getArray());
        array.attach(trace.manager());
        return array;
    }

    @Override
    public NDArray evaluate(ContractionPlanner planner, NDArray input, NDList cores, NDArray bias) {
        return plans.plan(planner, input).execute(input, cores, bias);
    }
}
