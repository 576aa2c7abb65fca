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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.nn.LayerPass;
import java.util.Map;

/** Hands out parameters as constants of a recording. */
final class TracingStore extends ParameterStore {

    private final Trace trace;
    private final Map<Parameter, String> names;

    private TracingStore(Trace trace, Map<Parameter, String> names) {
        super(trace.values(), false);
        this.trace = trace;
        this.names = names;
    }

    /** The parameters of a recorded pass, whose tensorial layers follow their plans. */
    static ParameterStore of(Trace trace, Map<Parameter, String> names, LayerPlans plans) {
        return LayerPass.evaluating(
                new TracingStore(trace, names),
                (planner, input, cores, bias) ->
                        plans.plan(planner, input).execute(plans.arranged(input), cores, bias));
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
}
