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
package io.github.djltcnn.decomposition.internal.svd;

import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.algebra.internal.Workspace;

/** Where singular vectors of a kernel are computed. */
public final class LeftBases {

    private LeftBases() {}

    /**
     * Chooses the place for the unfoldings of a kernel.
     *
     * @param kernel the kernel
     * @return the heap for a small one, to be closed
     */
    public static Workspace place(Tensor kernel) {
        // What the Gram matrix of a square unfolding takes.
        double entries = kernel.data().length;
        return Workspace.forWork(entries * Math.sqrt(entries));
    }
}
