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
package io.github.djltcnn.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.djltcnn.contraction.ContractionEngine;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One way to compute a layer.
 *
 * @param name its name in the tables
 * @param channelsLast whether it gets its input with channels last in memory
 * @param weights computes from the cores what depends on them alone; done once for predictions
 * @param apply computes the output from the input and these weights
 */
record Contestant(
        String name,
        boolean channelsLast,
        Function<NDList, NDList> weights,
        BiFunction<NDArray, NDList, NDArray> apply) {

    /** An engine, which computes its weights itself. */
    static Contestant of(String name, ContractionEngine engine, boolean training) {
        return new Contestant(
                name,
                false,
                cores -> cores,
                (x, w) -> training ? engine.train(x, w, null, null) : engine.predict(x, w, null));
    }

    /** A convolution with a kernel that is not made of the cores, in both layouts. */
    static List<Contestant> dense(NDArray kernel) {
        Contestant dense =
                new Contestant(
                        "dense",
                        false,
                        cores -> new NDList(kernel),
                        (x, w) -> HandOrders.wide(x, w.get(0), 1));
        return List.of(dense, dense.withChannelsLast());
    }

    /** The same with its input in the other layout. */
    Contestant withChannelsLast() {
        return new Contestant(name + " (last)", true, weights, apply);
    }
}
