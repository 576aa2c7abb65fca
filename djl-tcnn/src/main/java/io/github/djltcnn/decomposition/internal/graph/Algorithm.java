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
package io.github.djltcnn.decomposition.internal.graph;

import io.github.djltcnn.algebra.internal.Tensor;

/** A way to find the cores of a network whose ranks are known. */
public interface Algorithm {

    /**
     * Returns whether it can do a network.
     *
     * @param graph the network
     * @return whether it can
     */
    boolean fits(Graph graph);

    /**
     * Finds cores.
     *
     * @param graph the network
     * @param kernel the kernel, finite and not all zero; it is not changed
     * @param limits the bounds of the work
     * @return the cores
     */
    Fit fit(Graph graph, Tensor kernel, Limits limits);
}
