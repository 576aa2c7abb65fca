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
package io.github.djltcnn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a state is one of this optimizer and of a model's parameters, before anything is changed.
 *
 * @param kinds the names of what the optimizer remembers of a parameter
 */
record StateCheck(List<String> kinds) {

    /** Refuses the first name, type, shape or number that does not fit. */
    void check(Map<String, Parameter> parameters, Map<String, NDArray> state) {
        Set<String> unknown = new LinkedHashSet<>(state.keySet());
        parameters.forEach(
                (path, parameter) -> {
                    if (unknown.stream().noneMatch(name -> name.startsWith(path + "/"))) {
                        return;
                    }
                    if (!parameter.isInitialized()) {
                        throw new IllegalArgumentException(
                                path + " is not initialised; initialise the model first");
                    }
                    NDArray count = required(state, path, "updates");
                    if (count.getDataType() != DataType.INT64
                            || count.size() != 1
                            || count.getLong() < 1
                            || count.getLong() > Integer.MAX_VALUE) {
                        throw new IllegalArgumentException(
                                path
                                        + "/updates is one number of type int64, at least 1; got "
                                        + count);
                    }
                    unknown.remove(path + "/updates");
                    for (String kind : kinds) {
                        NDArray array = required(state, path, kind);
                        NDArray weight = parameter.getArray();
                        if (!array.getShape().equals(weight.getShape())
                                || array.getDataType() != weight.getDataType()) {
                            throw new IllegalArgumentException(
                                    path
                                            + "/"
                                            + kind
                                            + " has shape and type of the parameter, "
                                            + weight.getShape()
                                            + " "
                                            + weight.getDataType()
                                            + "; got "
                                            + array.getShape()
                                            + " "
                                            + array.getDataType());
                        }
                        unknown.remove(path + "/" + kind);
                    }
                });
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    unknown
                            + " is not of this model and optimizer, which remembers "
                            + kinds
                            + " and updates of each parameter");
        }
    }

    private static NDArray required(Map<String, NDArray> state, String path, String kind) {
        NDArray array = state.get(path + "/" + kind);
        if (array == null) {
            throw new IllegalArgumentException(
                    path + "/" + kind + " is missing; was the state made by another optimizer?");
        }
        return array;
    }
}
